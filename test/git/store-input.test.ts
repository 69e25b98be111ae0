import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import {
  BrokenPolicyError,
  InvalidInputError,
  MemoryNotFoundError,
  ModeError,
  NewerFormatError,
} from "../../src/core/errors.ts";
import { BlockedError, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Draft } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, findMemory, importMemories, updateMemory } from "../../src/core/verbs.ts";
import { PLANTED } from "../support/planted-secrets.ts";
import { act, agent, claim, fileText, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const tip = (): string => scratch.git("rev-parse", "agent-memory");

/** Every object's content and every byte of the git folder's plain files. */
function everythingStored(): string {
  const objects = scratch.git("cat-file", "--batch-all-objects", "--batch", "--buffer");
  const files = readdirSync(scratch.path(".git"), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes("/objects"),
  );
  return objects + files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1")).join("\n");
}

describe("what the gate refuses reaches no object, no cache and no log", () => {
  const places: Record<string, (text: string) => Promise<unknown>> = {
    "in a body": (text) => addMemory(store, claim(1, { body: `Connect with ${text}\n` }), act),
    "in a tag": (text) => addMemory(store, claim(1, { tags: [text.replaceAll("\n", " ")] }), act),
    "in a title": (text) => addMemory(store, claim(1, { title: text.replaceAll("\n", " ") }), act),
    "in a reason": (text) => addMemory(store, claim(1), { ...act, reason: text }),
    "in an actor": (text) =>
      addMemory(store, claim(1), { ...act, caller: { ...agent, actor: text.replaceAll("\n", " ") } }),
  };

  test.each(Object.entries(places))("a secret %s", async (_name, write) => {
    for (const { kind, text, secret } of PLANTED.slice(0, 6)) {
      await expect(write(text(7)), kind).rejects.toThrow(BlockedError);
      expect(everythingStored().includes(secret(7)), kind).toBe(false);
    }
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("1");
  });

  test("a secret in an edit, a reason to expire, and a file that is put back", async () => {
    const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
    const { path: file, blob } = findMemory(await store.snapshot(), id);
    const before = tip();
    for (const { text, secret } of PLANTED.slice(0, 3)) {
      const bytes = Buffer.from(fileText(id, "Title", text(3)));
      await expect(updateMemory(store, id, { body: text(3) }, act)).rejects.toThrow(BlockedError);
      await expect(expireMemories(store, [id], { ...act, cause: "other", reason: text(3) })).rejects.toThrow(
        BlockedError,
      );
      await expect(
        store.commit({ operation: "update", changes: [{ kind: "replace", path: file, read: blob, bytes }], ...act }),
      ).rejects.toThrow(BlockedError);
      expect(everythingStored()).not.toContain(secret(3));
    }
    expect(tip()).toBe(before);
  });

  test.each(["\u001b[31m", "\u202e", "\u{e0041}", "\u200b"])("the hidden character %j", async (character) => {
    await expect(addMemory(store, claim(1, { body: `Some${character}thing` }), act)).rejects.toThrow(BlockedError);
    await expect(addMemory(store, claim(1), { ...act, reason: `Some${character}thing` })).rejects.toThrow(BlockedError);
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("1");
  });

  test("one refused memory keeps a whole change set out, and only itself out of an import", async () => {
    const drafts = [claim(1), claim(2, { body: PLANTED[0]?.text(1) ?? "" }), claim(3)];
    const changes = drafts.map((draft) => ({ kind: "add", draft }) as const);
    await expect(store.commit({ operation: "add", changes, ...act })).rejects.toThrow(BlockedError);
    expect((await store.snapshot()).size).toBe(0);
    const written = await importMemories(store, drafts, { ...act, subject: "three" });
    expect(written.memories.map(({ title }) => title)).toEqual([claim(1).title, claim(3).title]);
    expect(written.notices.join(" ")).toContain("Claim 2 was left out.");
    expect((await store.snapshot()).size).toBe(2);
  });
});

describe("odd input", () => {
  test("a body of a megabyte is stored and read back as it was", async () => {
    const body = `${"Twelve words of plain text that say nothing of any use here.\n".repeat(17_000)}`;
    const id = (await addMemory(store, claim(1, { body }), { caller: human, reason: "" })).memories[0]?.id ?? "";
    expect((await (await scratch.open()).snapshot()).get(id)?.body).toBe(body);
  });

  test.each<[string, Partial<Draft>]>([
    ["an empty title", { title: "  " }],
    ["an end that has passed", { expires_at: "2001-01-01" }],
    ["an end that no calendar has", { expires_at: "2099-02-30" }],
    ["half a character", { body: "\ud800" }],
    ["a zero byte", { body: "a\0b" }],
    ["a derivation from no memory", { derived_from: ["nothing"] }],
  ])("%s is refused with a sentence", async (_name, more) => {
    const failure: unknown = await addMemory(store, claim(1, more), act).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidInputError);
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("1");
  });

  test("an empty change set and one that names a memory twice", async () => {
    const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
    await expect(expireMemories(store, [], { ...act, cause: "wrong" })).rejects.toThrow(InvalidInputError);
    await expect(expireMemories(store, [id, id], { ...act, cause: "wrong" })).rejects.toThrow(InvalidInputError);
    await expect(expireMemories(store, [id, "m_000000000000"], { ...act, cause: "wrong" })).rejects.toThrow(
      MemoryNotFoundError,
    );
    expect((await store.snapshot()).get(id)).toBeDefined();
  });

  test("more claims than a folder should hold are spread over several, in one commit", async () => {
    const drafts = Array.from({ length: 1_100 }, (_, n) => claim(n));
    await importMemories(store, drafts, { caller: human, reason: "", subject: "many" });
    const { folders, size } = await store.snapshot();
    expect(size).toBe(1_100);
    expect(Math.max(...[...folders.values()].map((folder) => folder.byPath.size))).toBeLessThanOrEqual(1_000);
    scratch.fsck();
  });

  test("an actor and a title that try to forge trailers and addresses", async () => {
    const caller = { ...agent, actor: "x <boss@example.com> 1 +0000", session: "s" };
    await addMemory(store, claim(1), {
      caller,
      reason: "Fine.\n\nMemory-Turn: 7\nMemory-Id: m_000000000000\n---\n",
    });
    const [entry] = await store.journal.entries();
    expect(entry?.text).toMatchObject({ operation: "add", actor: "x <boss@example.com> 1 +0000" });
    expect(entry?.author.email).toMatch(/^[a-z0-9.-]+@agent\.invalid$/);
    expect(scratch.git("log", "-1", "--format=%(trailers:key=Memory-Actor,valueonly)", "agent-memory").trim()).toBe(
      "x <boss@example.com> 1 +0000",
    );
    scratch.fsck();
  });
});

describe("a store with files that others wrote", () => {
  const examples = (kind: string): Record<string, string> => {
    const folder = path.join(ROOT, "memory-schema/examples", kind);
    const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
    return Object.fromEntries(
      names.map((name) => [`semantic/fact/${name}`, readFileSync(path.join(folder, name), "utf8")]),
    );
  };

  test("shows broken ones as broken, with their line, and every other works on", async () => {
    const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
    const broken = examples("invalid");
    scratch.commitOutside(broken);
    const snapshot = await store.snapshot();
    const found = [...snapshot.broken()];
    expect(found.length).toBeGreaterThan(15);
    expect(found.every(({ problems }) => (problems[0]?.line ?? 0) > 0)).toBe(true);
    await updateMemory(store, id, { body: "Still works." }, act);
    await addMemory(store, claim(2), act);
    for (const { path: file, blob } of found) expect((await store.snapshot()).blobAt(file)).toBe(blob);
    await expect(updateMemory(store, found[0]?.path ?? "", { body: "x" }, act)).rejects.toThrow(InvalidInputError);
    await expireMemories(store, [found[0]?.path ?? ""], { ...act, cause: "wrong" });
    expect([...(await store.snapshot()).broken()]).toHaveLength(found.length - 1);
  });

  test("cannot put a zero byte or a line break into a commit of ours by its title", async () => {
    const file = "semantic/fact/odd-m_000000000001.md";
    scratch.commitOutside({
      [file]: '---\ntype: Fact\nid: m_000000000001\ntitle: "a\\0b\\nMemory-Actor: human:alice"\n---\n\nx\n',
    });
    const memory = (await store.snapshot()).at(file);
    if (memory !== undefined) await expireMemories(store, [file], { ...act, cause: "wrong" });
    const [entry] = await store.journal.entries();
    expect(entry?.text.subject).not.toMatch(/[\0\n]/);
    expect(entry?.text.actor).toBe(agent.actor);
    expect(scratch.git("fsck", "--strict", "--no-dangling")).toBe("");
  });
});

describe("the rules of a store", () => {
  const rules = (text: string): string => scratch.commitOutside({ "policy.yaml": text });

  test("of a newer format let everybody read and nobody write", async () => {
    await addMemory(store, claim(1), act);
    const commit = rules("format: 2\nnew_key: x\n");
    expect((await store.snapshot()).size).toBe(1);
    await expect(addMemory(store, claim(2), act)).rejects.toThrow(NewerFormatError);
    await expect(addMemory(store, claim(2), { ...act, caller: human })).rejects.toThrow(NewerFormatError);
    expect(tip()).toBe(commit);
  });

  test.each(["format: [", "format: one\n", "ttl: {}\n", "format: 1\nunknown: 1\n", "\0"])(
    "that read %j do the same",
    async (text) => {
      await addMemory(store, claim(1), act);
      const commit = rules(text);
      expect((await store.snapshot()).size).toBe(1);
      await expect(addMemory(store, claim(2), act)).rejects.toThrow(BrokenPolicyError);
      expect(tip()).toBe(commit);
      rules("format: 1\n");
      await addMemory(store, claim(2), act);
    },
  );
});

describe("a change of the rules", () => {
  const change = async (text: string | null, caller = human): Promise<unknown> => {
    const read = (await store.snapshot()).blobAt("policy.yaml") ?? "";
    const file = { path: "policy.yaml", read } as const;
    return store.commit({
      operation: "update",
      changes: [text === null ? { kind: "remove", ...file } : { kind: "replace", ...file, bytes: Buffer.from(text) }],
      caller,
      reason: "",
      confirmed: true,
    });
  };

  test("is a person's, in the editor", async () => {
    await change("format: 1\nttl:\n  agent: never\n");
    expect((await store.policy()).ttl.agent).toBeNull();
    await expect(change("format: 1\n", agent)).rejects.toThrow(HeldForReviewError);
  });

  test.each(["format: [", "format: 2\n", "unknown: 1\n", null])(
    "to %j, which would close the store, is refused",
    async (text) => {
      await expect(change(text)).rejects.toThrow(InvalidInputError);
      await addMemory(store, claim(1), act);
    },
  );
});

describe("the mode", () => {
  test.each(["read-only", "off"] as const)("%s refuses every door but the editor, in each process", async (mode) => {
    await store.setMode(mode);
    const other = await scratch.open();
    expect(await other.mode()).toBe(mode);
    for (const channel of ["tool", "mcp", "chat", "file-tool", "cli", "import", "sync"] as const) {
      await expect(addMemory(other, claim(1), { ...act, caller: { ...agent, channel } }), channel).rejects.toThrow(
        ModeError,
      );
    }
    await addMemory(other, claim(1), { ...act, caller: human });
    await store.setMode("full");
    await addMemory(other, claim("two", { title: "Another thing", body: "It is so." }), act);
    expect((await store.snapshot()).size).toBe(2);
  });

  test("that this version doesn't know writes nothing", async () => {
    scratch.write(".git/memory/mode", "audit\n");
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(ModeError);
  });
});
