/** Files that claim one id. Only the first answers to it, so the others are in nobody's reach. */
import { newMemoryId } from "../../core/memory/id.ts";
import { isBroken, type MemoryId } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import type { Change } from "../../core/proposal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { MemoryStore } from "../../core/store.ts";
import { type Finding, problem, repairable } from "./finding.ts";

export function checkIds(store: MemoryStore, snapshot: Snapshot): Finding[] {
  const paths = new Map<MemoryId, string[]>();
  for (const { id, path } of snapshot.memories()) paths.set(id, [...(paths.get(id) ?? []), path]);
  return [...paths].flatMap(([id, files]) =>
    files.length < 2
      ? []
      : [
          repairable(
            problem(
              "duplicate-id",
              `${files.length} files of the ${store.label} store say that they are ${id}: ${files.join(", ")}.`,
              "Expire the copies by their paths, or give each newer one an id of its own.",
            ),
            () => renameNewer(store, id, files),
          ),
        ],
  );
}

/** The oldest file keeps the id, because what others derived from it and wrote about it means that one. */
async function renameNewer(store: MemoryStore, id: MemoryId, files: readonly string[]): Promise<string> {
  const oldest = await oldestOf(store, files);
  const snapshot = await store.snapshot();
  const changes: Change[] = [];
  for (const path of files) {
    const read = snapshot.blobAt(path);
    if (path !== oldest && read !== null) changes.push(...(await renamed(store, { path, read, id })));
  }
  if (changes.length === 0) return `Nothing was changed: the other files that say ${id} are gone, or need a person.`;
  const { commit } = await store.commit({
    operation: "update",
    changes,
    caller: { channel: "cli", actor: "git-memory", trust: "agent" },
    reason: `Several files said that they are ${id}; the oldest keeps it, and each other has an id of its own now.`,
    subject: "Give each memory an id of its own",
  });
  return `Gave each newer file that said ${id} an id of its own; ${oldest} keeps it (commit ${commit.slice(0, 9)}).`;
}

/** The file that was put there first. */
async function oldestOf(store: MemoryStore, files: readonly string[]): Promise<string> {
  const log = await store.repository.log({ paths: files });
  const added = log.flatMap(({ deltas }) =>
    deltas.filter(({ before, path }) => before === null && files.includes(path)),
  );
  const last = new Map(added.map(({ path }, at) => [path, at]));
  return files.toSorted((a, b) => (last.get(b) ?? -1) - (last.get(a) ?? -1))[0] ?? "";
}

async function renamed(
  store: MemoryStore,
  { path, read, id }: { readonly path: string; readonly read: string; readonly id: MemoryId },
): Promise<Change[]> {
  const [bytes = new Uint8Array()] = await store.repository.blobs([read]);
  const fresh = newMemoryId((length) => store.environment.random(length));
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const [line = ""] = /^id:.*$/m.exec(text) ?? [];
  const changed = new TextEncoder().encode(text.replace(line, line.replace(id, fresh)));
  const after = readMemory(path, read, changed);
  // An id that is written in another way than on a line of its own is for a person to change.
  if (isBroken(after) || after.id !== fresh) return [];
  if (!path.includes(id)) return [{ kind: "replace", path, read, bytes: changed }];
  return [
    { kind: "remove", path, read },
    { kind: "restore", path: path.replace(id, fresh), read: null, bytes: changed },
  ];
}
