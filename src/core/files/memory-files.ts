/** What stands in the virtual folder: the beliefs that a recall might give this session, by their paths. */
import { MemoryError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory, Trust } from "../memory/model.ts";
import { compareTrust, effectiveTrust } from "../memory/trust.ts";
import { presentViews, type View } from "../recall/ask.ts";
import { isOpinion } from "../recall/candidates.ts";
import type { Session } from "../session.ts";
import type { MemoryStore } from "../store.ts";
import { noStore } from "../stores.ts";
import type { ToolContext } from "../tools/context.ts";
import { endedMemory } from "../tools/past.ts";
import { type FilePath, handleOf, pathOf, ROOT } from "./paths.ts";

/** Nothing that this session may be shown is at a path. */
export class NoSuchFileError extends MemoryError {
  readonly code = "no-such-file";
}

export interface MemoryFile {
  readonly store: MemoryStore;
  readonly memory: Memory;
  readonly trust: Trust;
  readonly path: string;
}

/** Why a memory is not shown. */
type Hidden = "ended" | "unreviewed" | "opinion";

/** The stores as one folder, at one moment. */
export class MemoryFiles {
  readonly #views: readonly View[];
  readonly #session: Session;
  readonly #superseded = new Map<View, ReadonlyMap<string, readonly Memory[]>>();

  private constructor(views: readonly View[], session: Session) {
    this.#views = views;
    this.#session = session;
  }

  /** @throws NoStoreError where there is no store yet. */
  static async of({ stores, session }: ToolContext): Promise<MemoryFiles> {
    const existing = await stores.existing();
    if (existing.length === 0) throw noStore();
    return new MemoryFiles(await presentViews(existing), session);
  }

  get labels(): readonly string[] {
    return this.#views.map(({ store }) => store.label);
  }

  /**
   * Those that may be shown as far as it can be told without reading them, newest first; `withheld` counts those that wait
   * for a person. Each that is shown has to be admitted first.
   */
  all(): { readonly files: readonly MemoryFile[]; readonly withheld: number } {
    const files: MemoryFile[] = [];
    let withheld = 0;
    for (const view of this.#views) {
      for (const memory of view.snapshot.memories()) {
        const trust = trustIn(view, memory);
        const hidden = this.#hidden(view, memory, trust);
        if (hidden === null) files.push(fileOf(view, memory, trust));
        else if (hidden === "unreviewed") withheld += 1;
      }
    }
    const age = ({ memory }: MemoryFile): string => memory.front.generated?.at ?? "";
    return { files: files.toSorted((a, b) => age(b).localeCompare(age(a)) || (a.path < b.path ? -1 : 1)), withheld };
  }

  /** Whether the gate lets the words of a memory that was found in the tree be shown. */
  admits({ store, memory, trust }: MemoryFile): boolean {
    return this.#views.some((view) => view.store === store && view.admits(memory, trust));
  }

  /** Keeps what the gate was asked, for the next time. */
  async close(): Promise<void> {
    await Promise.all(this.#views.map(({ store }) => store.admissions.save()));
  }

  /** The memory at a path, or null where none ever was. Throws NoSuchFileError where one is that isn't shown. */
  find({ path, label, handle }: FilePath): MemoryFile | null {
    for (const view of this.#views) {
      if (handle === undefined || (label !== undefined && label !== view.store.label)) continue;
      const memory = memoryBy(handle, view);
      if (memory === undefined) continue;
      const file = fileOf(view, memory, trustIn(view, memory));
      const hidden = this.#hidden(view, memory, file.trust) ?? (this.admits(file) ? null : "unreviewed");
      if (hidden !== null) throw new NoSuchFileError(HIDDEN[hidden](path));
      return file;
    }
    return null;
  }

  #hidden(view: View, memory: Memory, trust: Trust): Hidden | null {
    const now = view.store.environment.now();
    if (!lifecycle(memory, now).inForce) return "ended";
    if (trust === "untrusted") return "unreviewed";
    const successors = this.#successors(view).get(memory.id) ?? [];
    const isReplaced = successors.some(
      (other) =>
        other.blob !== memory.blob && lifecycle(other, now).inForce && compareTrust(trustIn(view, other), trust) >= 0,
    );
    if (isReplaced) return "ended";
    return this.#session.intent === "explore" && isOpinion(memory, trust) ? "opinion" : null;
  }

  #successors(view: View): ReadonlyMap<string, readonly Memory[]> {
    const known = this.#superseded.get(view);
    if (known !== undefined) return known;
    const successors = new Map<string, Memory[]>();
    for (const memory of view.snapshot.memories())
      for (const id of memory.front.supersedes ?? []) successors.set(id, [...(successors.get(id) ?? []), memory]);
    this.#superseded.set(view, successors);
    return successors;
  }
}

const HIDDEN: Readonly<Record<Hidden, (path: string) => string>> = {
  ended: (path) => `${path} has ended: it is not believed any more, or another memory took its place.`,
  unreviewed: (path) => `${path} waits for a person's review, so its words are not shown. Go on without it.`,
  opinion: (path) => `${path} is another session's opinion, which is withheld while this one explores.`,
};

/** The sentence for a path at which nothing is, with how it ended where something was. */
export async function missing({ stores }: ToolContext, { path, handle }: FilePath): Promise<NoSuchFileError> {
  const folders = [ROOT, `${ROOT}/project`, `${ROOT}/personal`];
  if (folders.includes(path)) return new NoSuchFileError(`${path} is a folder. Name one of the files in it.`);
  const ended = handle?.startsWith("m_") === true ? await endedMemory(stores, handle) : undefined;
  const text =
    ended === undefined ? `The path ${path} does not exist. View ${ROOT} to see what there is.` : HIDDEN.ended(path);
  return new NoSuchFileError(text);
}

function fileOf({ store }: View, memory: Memory, trust: Trust): MemoryFile {
  return { store, memory, trust, path: pathOf(store.label, memory) };
}

function trustIn({ snapshot, isReviewed }: View, memory: Memory): Trust {
  return effectiveTrust(memory, (id) => snapshot.get(id), isReviewed);
}

function memoryBy(handle: string, { snapshot }: View): Memory | undefined {
  if (handle.startsWith("m_")) return snapshot.get(handle);
  for (const memory of snapshot.memories()) if (handleOf(memory) === handle) return memory;
  return undefined;
}
