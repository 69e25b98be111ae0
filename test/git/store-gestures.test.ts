/** What a person's gesture in the editor may do, and how two folders are known to be of one store. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ModeError } from "../../src/core/errors.ts";
import { labelFor } from "../../src/core/stores.ts";
import { addMemory, importMemories } from "../../src/core/verbs.ts";
import { claim, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

describe("in a mode that lets agents store nothing", () => {
  test.each(["read-only", "off"] as const)("a person's import is stored, and no other (%s)", async (mode) => {
    const store = await scratch.start();
    await store.setMode(mode);
    const caller = { channel: "import", actor: "human:alice", trust: "user" } as const;
    const act = { subject: "Start with the rules", reason: "Picked in the editor." };
    await expect(importMemories(store, [claim(1)], { ...act, caller })).rejects.toThrow(ModeError);
    const written = await importMemories(store, [claim(1)], { ...act, caller: { ...caller, gesture: true } });
    expect(written.memories.map(({ title }) => title)).toEqual(["Claim number 1"]);
    const tool = { channel: "tool", actor: "copilot/gpt-5.2", trust: "agent" } as const;
    await expect(addMemory(store, claim(2), { caller: tool, reason: "Learned." })).rejects.toThrow(ModeError);
  });
});

describe("the identity of a store", () => {
  test("is one for all worktrees, folders and names of a repository, and another for a clone", async () => {
    const worktree = path.join(scratch.root, "beside");
    scratch.git("worktree", "add", "--quiet", "--detach", worktree);
    fs.mkdirSync(scratch.path("packages/api"), { recursive: true });
    const link = path.join(scratch.root, "link");
    fs.symlinkSync(scratch.folder, link, "dir");
    const clone = path.join(scratch.root, "clone");
    scratch.git("clone", "--quiet", scratch.folder, clone);
    const identity = async (folder: string): Promise<string> => (await scratch.open(folder)).repository.identity;
    const own = await identity(scratch.folder);
    for (const folder of [worktree, scratch.path("packages/api"), link]) expect(await identity(folder)).toBe(own);
    expect(await identity(clone)).not.toBe(own);
  });
});

test("a claim belongs to the person where it is a preference for everything, else to the project, unless the caller says", () => {
  expect(labelFor({ type: "Preference" })).toBe("personal");
  expect(labelFor({ type: "Preference", scope: [] })).toBe("personal");
  expect(labelFor({ type: "Preference", scope: ["src/**"] })).toBe("project");
  expect(labelFor({ type: "Fact" })).toBe("project");
  expect(labelFor({ type: "Fact" }, "personal")).toBe("personal");
  expect(labelFor({ type: "Preference" }, "project")).toBe("project");
});
