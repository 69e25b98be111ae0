/** No door has a private way around the gate: what moves a store's ref, or writes objects, is listed here with its reason. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { BlockedError } from "../../src/core/gate/verdict.ts";
import { CHANNELS } from "../../src/core/memory/model.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { claim, Scratch } from "../support/scratch.ts";

const WAYS: Readonly<Record<string, { readonly sign: RegExp; readonly allowed: Readonly<Record<string, string>> }>> = {
  "a commit on a store's ref": {
    sign: /epository\.commit\(/,
    allowed: {
      "core/store.ts": "the one way in, behind the gate",
      "core/review/quarantine.ts": "holds what the gate held, on a ref that nothing recalls from",
    },
  },
  "a ref that is set to a commit which is there": {
    sign: /\.setRef\(/,
    allowed: {
      "core/initialise.ts": "the local branch begins where the team's remote branch is, which is read from anyway",
      "git/branch/project-repository.ts": "hands it on to the place where the store is",
      "core/provenance/snapshots.ts": "names a commit of the store, and removes such a name",
    },
  },
  "a branch that moves to a history which came": {
    sign: /\.advance\(/,
    allowed: {
      "git/sync/integrate.ts":
        "what a server has, or its merge with what is here; judged when it came and when it is recalled",
      "git/sync/rewriting.ts": "one of two histories, as a person chose; what is made anew on top was in the other",
    },
  },
  "a commit on no ref": {
    sign: /\.draft\(/,
    allowed: {
      "git/sync/integrate.ts": "joins two histories and has nothing that is in neither",
      "git/sync/carry.ts": "makes a write anew that was judged when it was written",
    },
  },
  "a rewritten history": {
    // A command of the editor by that name is none: it asks, and hands over to the core.
    sign: /(?<!#erasing)\.erase\(/,
    allowed: {
      "core/provenance/erase.ts": "only takes text out",
      "git/branch/project-repository.ts": "hands it on to the place where the store is",
    },
  },
  "a store that moves to another place": {
    sign: /\.moveTo\(/,
    allowed: { "cli/commands/move.ts": "the very claims that are there, with their history" },
  },
};

const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));
const text = (path: string): string => readFileSync(join(ROOT, "src", path), "utf8");

describe.each(Object.entries(WAYS))("%s", (_way, { sign, allowed }) => {
  test("is made only where this list says", () => {
    expect(files.filter((path) => sign.test(text(path))).toSorted()).toEqual(Object.keys(allowed).toSorted());
  });
});

test("no room but git's writes objects, moves refs or starts git's own writing commands", () => {
  const writing = /writeObject\(|update-ref|hash-object|commit-tree|fast-import|write-tree|\.swap\(/;
  const outside = files.filter(
    (path) => !path.startsWith("git/") && writing.test(text(path).replace(/`[^`]*`|\/\*[\s\S]*?\*\//g, "")),
  );
  expect(outside).toEqual([]);
});

describe("every channel", () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(async () => scratch.remove());

  test.each(CHANNELS)("%s passes the gate", async (channel) => {
    const store = await scratch.start();
    const caller = { channel, actor: "somebody", trust: "user", gesture: true } as const;
    const draft = claim(1, { body: `The key is AKIA${"Q3EGRIVIZRV4DXMB"}.` });
    await expect(addMemory(store, draft, { caller, reason: "" })).rejects.toThrow(BlockedError);
    expect((await store.snapshot()).size).toBe(0);
  });
});
