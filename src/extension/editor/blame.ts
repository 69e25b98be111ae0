/** Which commit put each line of an open memory there, kept for as long as the file stays the same. */
import { isBroken, type Memory, type ObjectId } from "../../core/memory/model.ts";
import { type BeliefKey, type BeliefLine, blameKeys, blameMemory } from "../../core/provenance/blame.ts";
import { storedLines } from "../../core/provenance/stored-lines.ts";
import type { TextDocument } from "vscode";
import type { OpenStore, Workspace } from "../workspace.ts";
import { MEMORY_SCHEME, placeOf } from "./uris.ts";

/** Files whose blame is kept; the oldest goes first. */
const MOST_KEPT = 50;

export interface LineBlame {
  readonly store: OpenStore;
  readonly memory: Memory;
  /** Null for a line that is not stored yet. */
  readonly line: BeliefLine | null;
  /** The front matter key that the line belongs to, with the newest write among its lines. */
  readonly key: BeliefKey | null;
}

export class Blame {
  readonly #workspace: Workspace;
  readonly #kept = new Map<ObjectId, Promise<readonly BeliefLine[]>>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** The memory that a document is, as it is stored now; null for any other document and for a broken file. */
  memoryOf(document: Pick<TextDocument, "uri">): { readonly store: OpenStore; readonly memory: Memory } | null {
    const place = document.uri.scheme === MEMORY_SCHEME ? placeOf(document.uri) : null;
    const store = place === null ? undefined : this.#workspace.byKey(place.key);
    const file = place === null ? undefined : store?.snapshot.at(place.path);
    return store === undefined || file === undefined || isBroken(file) ? null : { store, memory: file };
  }

  /** @param line 0-based, as the editor counts. */
  async at(document: TextDocument, line: number): Promise<LineBlame | null> {
    const found = this.memoryOf(document);
    if (found === null) return null;
    const stored = await this.#linesOf(found.store, found.memory);
    const text = document.getText().split(/\r?\n/);
    const own =
      storedLines(
        stored.map((one) => one.text.replace(/\r$/, "")),
        text,
      )[line] ?? null;
    // The empty line after the last line break is no line of the file.
    if (own === null && line === text.length - 1 && text[line] === "") return null;
    return {
      ...found,
      line: own === null ? null : (stored[own] ?? null),
      key: own === null ? null : keyAt(stored, own),
    };
  }

  #linesOf(store: OpenStore, memory: Memory): Promise<readonly BeliefLine[]> {
    const known = this.#kept.get(memory.blob);
    if (known !== undefined) return known;
    const reading = blameMemory(store.store, memory);
    this.#kept.set(memory.blob, reading);
    reading.catch(() => this.#kept.delete(memory.blob));
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    return reading;
  }
}

/** @param at 0-based line of the stored file. */
function keyAt(stored: readonly BeliefLine[], at: number): BeliefKey | null {
  const fence = stored.findIndex(({ text }, i) => i > 0 && text.replace(/\r$/, "") === "---");
  return at === 0 || at >= fence ? null : (blameKeys(stored).findLast(({ line }) => line <= at + 1) ?? null);
}
