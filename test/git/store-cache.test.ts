import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isBroken } from "../../src/core/memory/model.ts";
import { FolderView, Snapshot } from "../../src/core/snapshot.ts";
import { encodeSnapshot } from "../../src/core/snapshot-cache.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, importMemories, updateMemory } from "../../src/core/verbs.ts";
import { claim, fileText, human, Scratch } from "../support/scratch.ts";
import { startOnBranch } from "./support/branch.ts";

/** More than the number of parsed files after which the cache is written. */
const MANY = 300;

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const mine = { caller: human, reason: "" };
const cache = (): string => scratch.path(".git/memory/snapshot");
const textsOf = (snapshot: Snapshot): unknown[] =>
  [...snapshot.memories()].map(({ id, title, path, blob, front, body }) => ({ id, title, path, blob, front, body }));
async function opened(): Promise<Snapshot> {
  return (await scratch.open()).snapshot();
}

describe("the snapshot cache", () => {
  beforeEach(async () => {
    await importMemories(
      store,
      Array.from({ length: MANY }, (_, n) => claim(n)),
      { ...mine, subject: "many" },
    );
    await store.dispose();
  });

  test("is written once it saves more than it costs, and used from then on", async () => {
    const snapshot = await opened();
    const forged = new Map(
      [...snapshot.folders].map(([path, folder]) => {
        const files = [...folder.byPath].map(
          ([file, memory]) =>
            [
              file,
              isBroken(memory)
                ? memory
                : {
                    ...memory,
                    id: memory.id,
                    path: file,
                    blob: memory.blob,
                    front: memory.front,
                    body: "From the cache.",
                    title: memory.title,
                  },
            ] as const,
        );
        return [path, new FolderView(path, folder.tree, new Map(files), folder.others)];
      }),
    );
    expect(fs.existsSync(cache())).toBe(true);
    fs.writeFileSync(cache(), encodeSnapshot(new Snapshot(snapshot.commit, snapshot.tree, forged)) ?? "");
    expect(new Set([...(await opened()).memories()].map(({ body }) => body))).toEqual(new Set(["From the cache."]));
  });

  test("of an older commit saves the reading of what did not change since", async () => {
    const bytes = fs.readFileSync(cache());
    const later = await scratch.open();
    const { memories } = await addMemory(later, claim("new"), mine);
    await updateMemory(later, [...(await later.snapshot()).memories()][0]?.id ?? "", { body: "Changed." }, mine);
    expect(fs.readFileSync(cache()).equals(bytes)).toBe(true);
    const snapshot = await opened();
    expect(snapshot.get(memories[0]?.id ?? "")?.title).toBe("Claim number new");
    expect(textsOf(snapshot)).toEqual(textsOf(await later.snapshot()));
  });

  test.each<[string, (bytes: Buffer) => Buffer | null]>([
    ["missing", () => null],
    ["empty", () => Buffer.alloc(0)],
    ["cut short", (bytes) => bytes.subarray(0, bytes.length >> 1)],
    [
      "changed in a byte",
      (bytes) =>
        Buffer.concat([bytes.subarray(0, 5_000), Buffer.from([(bytes[5_000] ?? 0) ^ 1]), bytes.subarray(5_001)]),
    ],
    ["of another format", () => Buffer.from("SQLite format 3\0".repeat(100))],
  ])("that is %s is made again", async (_name, damage) => {
    const before = await opened();
    const damaged = damage(fs.readFileSync(cache()));
    if (damaged === null) fs.rmSync(cache());
    else fs.writeFileSync(cache(), damaged);
    const again = await scratch.open();
    expect(textsOf(await again.snapshot())).toEqual(textsOf(before));
    await again.dispose();
    expect(textsOf(await opened())).toEqual(textsOf(before));
    expect(fs.statSync(cache()).size).toBeGreaterThan(10_000);
  });
});

test("a large store is read as its blobs are, though attributes in it ask for other bytes", async () => {
  const odd = '---\ntype: Fact\ntitle: "$Format:%H$"\n---\n\nOne.\nTwo.\n';
  const files = Object.fromEntries(
    Array.from({ length: 520 }, (_, n) => [`semantic/fact/by-hand-${n}.md`, `${odd}${n}\n`]),
  );
  const names = {
    "semantic/fact/ein Käse 記憶.md": odd,
    [`semantic/${"x".repeat(120)}/${"y".repeat(120)}.md`]: fileText("m_000000000001", "Long"),
  };
  scratch.commitOutside({
    ...files,
    ...names,
    ".gitattributes": "*.md export-subst eol=crlf\nby-hand-7.md export-ignore\n",
  });
  const snapshot = await store.snapshot();
  expect(snapshot.size).toBe(522);
  expect([...snapshot.broken()]).toEqual([]);
  expect(snapshot.get("path:semantic/fact/by-hand-7.md")).toMatchObject({
    title: "$Format:%H$",
    body: "One.\nTwo.\n7\n",
  });
  expect(snapshot.at("semantic/fact/ein Käse 記憶.md")).toMatchObject({ body: "One.\nTwo.\n" });
  expect(snapshot.get("m_000000000001")?.title).toBe("Long");
});

test("a large store in the code's branch is read whole, and nothing beside its folder", async () => {
  const other = new Scratch();
  try {
    await startOnBranch(other);
    for (let n = 0; n < 520; n++)
      other.write(`.memory/semantic/fact/by-hand-${n}.md`, `---\ntype: Fact\n---\n\n${n}\n`);
    other.write("semantic/fact/not-a-memory.md", "---\ntype: Fact\n---\n\nCode.\n");
    other.git("add", "--all");
    other.git("commit", "--quiet", "--message=many");
    const snapshot = await (await other.open()).snapshot();
    expect(snapshot.size).toBe(520);
    expect([...snapshot.broken()]).toEqual([]);
    expect(snapshot.get("path:semantic/fact/by-hand-519.md")?.body).toBe("519\n");
  } finally {
    await other.remove();
  }
});
