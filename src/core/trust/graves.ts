/**
 * What was rejected or erased in a store, and stays so though its file leaves the tree: whoever can commit to the branch could
 * take it out. So what was seen once is kept with the user until a person overrules it, here or on the team's branch.
 */
import { readTombstone, type Tombstone } from "../gate/tombstones.ts";
import { jsonOf } from "../json.ts";
import type { ObjectId } from "../memory/model.ts";
import type { LocalState, StoreRepository } from "../ports.ts";
import type { ProposedFile } from "../proposal.ts";
import type { FolderView, Snapshot } from "../snapshot.ts";
import type { Base } from "./base.ts";

export const TOMBSTONES = "tombstones";
const FILE = "tombstones";

/** A tombstone that no longer lies in the tree, and that nobody whose word counts took out. */
export interface LostTombstone {
  readonly path: string;
  readonly text: string;
}

export interface GravesParts {
  readonly repository: Pick<StoreRepository, "blobs" | "blobAt" | "log">;
  /** Outside the repository where there is such a place. */
  readonly state: LocalState;
  readonly team: { readonly base: Base } | null;
}

interface Standing {
  readonly tree: ObjectId | null;
  readonly kept: string;
  readonly base: ObjectId | null;
  readonly all: readonly Tombstone[];
  readonly lost: readonly LostTombstone[];
}

export class Graves {
  readonly #parts: GravesParts;
  /** What every write and recall asks for again. */
  #last: Standing | undefined;

  constructor(parts: GravesParts) {
    this.#parts = parts;
  }

  /** All that must not come back, at a snapshot. */
  async buried(snapshot: Snapshot): Promise<readonly Tombstone[]> {
    return (await this.#standing(snapshot)).all;
  }

  /** Those of them whose file is gone. */
  async lost(snapshot: Snapshot): Promise<readonly LostTombstone[]> {
    return (await this.#standing(snapshot)).lost;
  }

  /** A person takes it back: the claim may be stored again. Throws LocalStateError. */
  async overrule(path: string): Promise<void> {
    await this.#parts.state.append(FILE, JSON.stringify([path, null]));
  }

  /** It holds though it is in no tree. Throws LocalStateError. */
  async keep({ path, text }: LostTombstone): Promise<void> {
    await this.#parts.state.append(FILE, JSON.stringify([path, text]));
  }

  /** Takes in a write: only a person's own takes a rejection back. Throws LocalStateError. */
  async wrote(files: readonly ProposedFile[]): Promise<void> {
    for (const { path, bytes } of files) {
      if (!path.startsWith(`${TOMBSTONES}/`)) continue;
      if (bytes === null) await this.overrule(path);
      else await this.#seen({ path, text: new TextDecoder().decode(bytes) });
    }
  }

  /** A new store begins with nothing. Throws LocalStateError. */
  async forget(): Promise<void> {
    await this.#parts.state.remove(FILE);
  }

  async #standing(snapshot: Snapshot): Promise<Standing> {
    const { repository, state, team } = this.#parts;
    const folder = snapshot.folders.get(TOMBSTONES);
    const [bytes, rules] = await Promise.all([state.read(FILE), team?.base.rules() ?? null]);
    const kept = bytes === null ? "" : new TextDecoder().decode(bytes);
    // Only what the team's own server said of its branch is a teammate's word.
    const base = (rules?.arrived ?? null) === null ? null : (rules?.base?.commit ?? null);
    const tree = folder?.tree ?? null;
    if (this.#last?.tree === tree && this.#last.kept === kept && this.#last.base === base) return this.#last;
    const present = await textsIn(folder, repository);
    const known = keptIn(kept);
    for (const [path, text] of present) if (known.get(path) !== text) await this.#seen({ path, text });
    const lost: LostTombstone[] = [];
    for (const [path, text] of known)
      if (!present.has(path) && !(await this.#isOverruledBy(base, path))) lost.push({ path, text });
    const all = [...present.values(), ...lost.map(({ text }) => text)].flatMap((text) => tombstoneOf(text) ?? []);
    this.#last = { tree, kept, base, all, lost };
    return this.#last;
  }

  /** Where it can't be kept it holds as long as it lies there. */
  async #seen(tombstone: LostTombstone): Promise<void> {
    await this.keep(tombstone).catch(() => undefined);
  }

  /** The team's branch had it once, and has it no more. */
  async #isOverruledBy(base: ObjectId | null, path: string): Promise<boolean> {
    const { repository } = this.#parts;
    if (base === null || (await repository.blobAt(base, path)) !== null) return false;
    return (await repository.log({ from: base, paths: [path], limit: 1 })).length > 0;
  }
}

function tombstoneOf(text: string): Tombstone | null {
  return readTombstone(new TextEncoder().encode(text));
}

async function textsIn(
  folder: FolderView | undefined,
  repository: Pick<StoreRepository, "blobs">,
): Promise<ReadonlyMap<string, string>> {
  const files = [...(folder?.others ?? [])];
  const blobs = await repository.blobs(files.map(([, blob]) => blob));
  return new Map(
    files.flatMap(([path], i): [string, string][] => {
      const text = new TextDecoder().decode(blobs[i]);
      return tombstoneOf(text) === null ? [] : [[path, text]];
    }),
  );
}

type Entry = readonly [path: string, text: string | null];

/** By path, the newest line of each; a line that was cut short by a crash says nothing. */
function keptIn(lines: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const line of lines.split("\n")) {
    const entry = jsonOf(line, isEntry);
    if (entry === null) continue;
    const [path, text] = entry;
    if (text === null) known.delete(path);
    else known.set(path, text);
  }
  return known;
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value)) return false;
  const [path, text] = value as readonly unknown[];
  return typeof path === "string" && (text === null || typeof text === "string");
}
