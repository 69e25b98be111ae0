import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BrokenMemory, Memory } from "../../src/core/memory/model.ts";
import { isBroken } from "../../src/core/memory/model.ts";
import { isMemoryPath, readMemory } from "../../src/core/memory/parse.ts";
import type { ChangedFolder, StoreTree } from "../../src/core/ports.ts";
import { nextSnapshot, Snapshot } from "../../src/core/snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/core/snapshot-cache.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

const digest = (content: string | Uint8Array): string => createHash("sha1").update(content).digest("hex");

/** A tree as git would name it: equal content, equal ids. */
function treeOf(files: Files): StoreTree {
  const paths = Object.keys(files).sort();
  const parents = (path: string): string[] =>
    path
      .split("/")
      .slice(0, -1)
      .map((_, i, parts) => parts.slice(0, i + 1).join("/"));
  const folders = [...new Set(["", ...paths.flatMap(parents)])].sort();
  const inside = (folder: string): string[] =>
    paths.filter((path) => parents(path).at(-1) === folder || (folder === "" && !path.includes("/")));
  return {
    tree: digest(JSON.stringify(paths.map((path) => [path, digest(files[path] ?? "")]))),
    folders: folders.map((path) => {
      const found = inside(path).map((file) => ({ path: file, blob: digest(files[file] ?? "") }));
      const below = paths.filter((file) => path === "" || file.startsWith(`${path}/`));
      return {
        path,
        tree: digest(JSON.stringify(below.map((file) => [file, digest(files[file] ?? "")]))),
        files: found,
      };
    }),
  };
}

/** The same beside a snapshot's folders: one that is known stands for all below it. */
function besideOf(files: Files, { folders: known }: Snapshot): StoreTree<ChangedFolder> {
  const { tree, folders } = treeOf(files);
  const isKnown = ({ path, tree: own }: { path: string; tree: string }): boolean => known.get(path)?.tree === own;
  const isBelowKnown = (path: string): boolean =>
    folders.some(
      (above) => isKnown(above) && path !== above.path && (above.path === "" || path.startsWith(`${above.path}/`)),
    );
  const seen = folders.filter(({ path }) => !isBelowKnown(path));
  return {
    tree,
    folders: seen.map((folder) => (isKnown(folder) ? { ...folder, files: "as known" as const } : folder)),
  };
}

/** The snapshot of some files, and which of them had to be read for it. */
async function read(
  files: Files,
  previous = Snapshot.empty,
  tree: StoreTree<ChangedFolder> = treeOf(files),
): Promise<{ snapshot: Snapshot; looked: string[] }> {
  const looked: string[] = [];
  const snapshot = await nextSnapshot(previous, digest(tree.tree), tree, async (missing) => {
    looked.push(...missing.map(({ path }) => path));
    return new Map(
      missing.map(({ path, blob }) => [path, () => readMemory(path, blob, Buffer.from(files[path] ?? ""))]),
    );
  });
  return { snapshot, looked };
}

/** All that a snapshot says, in the open. */
function contentOf(snapshot: Snapshot): unknown {
  const plain = (file: Memory | BrokenMemory): unknown =>
    isBroken(file)
      ? { ...file }
      : { id: file.id, title: file.title, path: file.path, blob: file.blob, front: file.front, body: file.body };
  const folders = [...snapshot.folders.values()].map((folder) => ({
    path: folder.path,
    tree: folder.tree,
    files: [...folder.byPath].map(([path, file]) => [path, plain(file)]),
    others: [...folder.others],
  }));
  return { commit: snapshot.commit, tree: snapshot.tree, folders };
}

const memory = (title: string, id = "m_000000000001"): string =>
  `---\ntype: Fact\nid: ${id}\ntitle: "${title}"\n---\n\nBody of ${title}.\n`;

const odd = fc.oneof(
  fc
    .string({ unit: "binary", maxLength: 60 })
    .map((title) => `---\ntype: Fact\ntitle: ${JSON.stringify(title)}\nown: { a: [1, "#", ~] }\n---\n\n${title}`),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom(
    "",
    "---\n",
    "---\ntype: Fact\n---",
    "---\r\ntype: Fact\r\n---\r\nWindows.\r\n",
    "\ufeff---\ntype: Fact\n---\nBOM\n",
    memory("Plain"),
  ),
);
const oddPath = fc.constantFrom(
  "policy.yaml",
  "README.md",
  "semantic/fact/a.md",
  "semantic/fact/b.md",
  "semantic/index.md",
  "semantic/other/ü.md",
  "episodic/2026-11/x.md",
  "tombstones/t.md",
);
const oddStore: fc.Arbitrary<Files> = fc.dictionary(oddPath, odd, { noNullPrototype: true });

describe("a snapshot from the cache", () => {
  test("says what a cold read says, whatever the files hold", async () => {
    await fc.assert(
      fc.asyncProperty(oddStore, async (files) => {
        const { snapshot } = await read(files);
        const decoded = decodeSnapshot(encodeSnapshot(snapshot) ?? new Uint8Array());
        expect(decoded && contentOf(decoded)).toEqual(contentOf(snapshot));
      }),
      { numRuns: 200 },
    );
  });

  test("is none where a byte was changed, lost or added", async () => {
    const { snapshot } = await read({ "semantic/fact/a.md": memory("A"), "semantic/fact/b.md": "broken" });
    const whole = Buffer.from(encodeSnapshot(snapshot) ?? []);
    expect(decodeSnapshot(whole)).not.toBeNull();
    for (let at = 0; at < whole.length; at += 7) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(decodeSnapshot(changed), `byte ${at}`).toBeNull();
      expect(decodeSnapshot(whole.subarray(0, at)), `cut at ${at}`).toBeNull();
    }
    expect(decodeSnapshot(Buffer.concat([whole, Buffer.from([0])]))).toBeNull();
  });

  test("is none where another version wrote it", async () => {
    const { snapshot } = await read({ "semantic/fact/a.md": memory("A") });
    const content = Buffer.from(encodeSnapshot(snapshot) ?? [])
      .subarray(20)
      .toString("latin1")
      .replace("memory snapshot 2", "memory snapshot 1");
    const bytes = Buffer.from(content, "latin1");
    expect(decodeSnapshot(Buffer.concat([createHash("sha1").update(bytes).digest(), bytes]))).toBeNull();
  });

  test("isn't made of a store that was never read", () => {
    expect(encodeSnapshot(Snapshot.empty)).toBeNull();
  });
});

describe("the next snapshot", () => {
  test("is the same where folders that are known were not looked at, also beside one from the cache", async () => {
    await fc.assert(
      fc.asyncProperty(oddStore, oddStore, fc.boolean(), async (before, after, isCached) => {
        const { snapshot } = await read(before);
        const bytes = isCached ? encodeSnapshot(snapshot) : null;
        const known = (bytes === null ? null : decodeSnapshot(bytes)) ?? snapshot;
        const next = await read(after, known, besideOf(after, known));
        expect(contentOf(next.snapshot)).toEqual(contentOf((await read(after)).snapshot));
      }),
      { numRuns: 300 },
    );
  });

  test("says what a cold read says, and reads only memories that are new", async () => {
    await fc.assert(
      fc.asyncProperty(oddStore, oddStore, async (before, after) => {
        const { snapshot } = await read(before);
        const next = await read(after, snapshot);
        expect(contentOf(next.snapshot)).toEqual(contentOf((await read(after)).snapshot));
        const isNew = (path: string): boolean =>
          isMemoryPath(path) && digest(after[path] ?? "") !== (path in before ? digest(before[path] ?? "") : "");
        expect(next.looked.sort()).toEqual(Object.keys(after).filter(isNew).sort());
      }),
      { numRuns: 200 },
    );
  });

  test("shares the folders that did not change", async () => {
    const first = await read({
      "semantic/fact/a.md": memory("A"),
      "semantic/other/b.md": memory("B", "m_000000000002"),
    });
    const second = await read(
      { "semantic/fact/a.md": memory("A2"), "semantic/other/b.md": memory("B", "m_000000000002") },
      first.snapshot,
    );
    expect(second.looked).toEqual(["semantic/fact/a.md"]);
    expect(second.snapshot.folders.get("semantic/other")).toBe(first.snapshot.folders.get("semantic/other"));
    expect(first.snapshot.get("m_000000000001")?.title).toBe("A");
  });
});

describe("a snapshot", () => {
  test("finds by id and by path, counts broken files, and shows other files as blobs alone", async () => {
    const files = {
      "policy.yaml": "format: 1\n",
      "semantic/fact/a.md": memory("A"),
      "semantic/fact/b.md": "no front matter",
      "semantic/fact/c.md": "---\ntype: Fact\n---\n\nNo id.\n",
    };
    const { snapshot } = await read(files);
    expect(snapshot.get("m_000000000001")?.path).toBe("semantic/fact/a.md");
    expect(snapshot.get("path:semantic/fact/c.md")?.title).toBe("No id.");
    expect(snapshot.get("path:semantic/fact/b.md")).toBeUndefined();
    expect([...snapshot.broken()].map(({ path }) => path)).toEqual(["semantic/fact/b.md"]);
    expect(snapshot.size).toBe(3);
    expect(snapshot.at("policy.yaml")).toBeUndefined();
    expect(snapshot.blobAt("policy.yaml")).toBe(digest("format: 1\n"));
    expect(snapshot.blobAt("semantic/fact/none.md")).toBeNull();
  });

  test("of two files with one id lets the first answer to it", async () => {
    const { snapshot } = await read({ "semantic/fact/b.md": memory("Second"), "semantic/fact/a.md": memory("First") });
    expect(snapshot.get("m_000000000001")?.title).toBe("First");
    expect([...snapshot.memories()]).toHaveLength(2);
  });
});
