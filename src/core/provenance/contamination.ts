/**
 * Contamination: everything that followed from some writes. Followed forwards through the history, from the files
 * themselves, because what a commit says of itself is lost in a squash. *Derived* and *merely in context* stay apart: the
 * first carries the claim on, the second only could have.
 */
import type { Memory, MemoryId, ObjectId } from "../memory/model.ts";
import type { MemoryStore } from "../store.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { rootsOf, type Suspicion } from "./roots.ts";
import { claimLines, common, Versions } from "./versions.ts";

/**
 * Why one change follows from another: it names it as what it was made from; took its place; is a new wording of it by a
 * program; ended another memory in favour of one that was infected; says the same in a session that had read it; or was
 * only written in such a session.
 */
export type EdgeKind = "derived_from" | "supersedes" | "reworded" | "made-way" | "repeats" | "context";

export interface Edge {
  readonly kind: EdgeKind;
  /** The memory that it came from. */
  readonly from: MemoryId;
  /** The change of it that had infected it; null where history no longer has one. */
  readonly node: Tainted | null;
}

/** One change of one memory that followed, or where it began. */
export interface Tainted {
  readonly entry: JournalEntry;
  readonly change: BeliefChange;
  readonly title: string;
  readonly relation: "root" | "derived" | "context";
  /** The strongest first; empty for a root. */
  readonly because: readonly Edge[];
}

/** A memory whose infected words a person has replaced since. */
export interface Washed {
  readonly id: MemoryId;
  readonly title: string;
  readonly by: JournalEntry;
}

export interface Contamination {
  /** Oldest first. */
  readonly nodes: readonly Tainted[];
  readonly washed: readonly Washed[];
  /** The memories that stand in the store now with infected words, and the change that infected each. */
  readonly present: ReadonlyMap<MemoryId, Tainted>;
}

/** What is known of one memory on one line of history. */
interface Taint {
  readonly node: Tainted | null;
  readonly relation: Tainted["relation"];
  /** The infected words; empty where the claim as a whole is unknown. */
  readonly lines: ReadonlySet<string>;
  /** The memories that it says it replaced. */
  readonly replaced: ReadonlySet<MemoryId>;
}

type State = ReadonlyMap<MemoryId, Taint>;

const CLEAN: State = new Map();
/** So many commits' files are read in one round trip. */
const AT_ONCE = 256;
/** The share of a claim's word triples that another must hold to repeat it. */
const REPEATS = 0.5;

const DERIVING: ReadonlySet<EdgeKind> = new Set(["derived_from", "supersedes", "reworded", "made-way", "repeats"]);

export async function contaminationOf(store: MemoryStore, suspicion: Suspicion): Promise<Contamination> {
  const entries = (await store.journal.entries()).toReversed();
  const versions = new Versions(store.repository);
  const roots = await rootsOf(store, suspicion, versions);
  const walk = new Walk(versions, roots.isRoot);
  const tip = await walk.through(entries, roots.unseen);
  const snapshot = await store.snapshot();
  const present = new Map<MemoryId, Tainted>();
  for (const [id, taint] of tip) {
    const memory = snapshot.get(id);
    if (memory === undefined || taint.node === null) continue;
    const lines = claimLines(await versions.text(memory.blob));
    if (taint.lines.size === 0 || common(taint.lines, lines).size > 0) present.set(id, taint.node);
  }
  return { nodes: walk.nodes, washed: walk.washed, present };
}

class Walk {
  readonly nodes: Tainted[] = [];
  readonly washed: Washed[] = [];
  readonly #versions: Versions;
  readonly #isRoot: (entry: JournalEntry, change: BeliefChange) => boolean;
  /** Versions that are known to be infected: who brings one back brings the infection back. */
  readonly #blobs = new Map<ObjectId, Taint>();

  constructor(versions: Versions, isRoot: (entry: JournalEntry, change: BeliefChange) => boolean) {
    this.#versions = versions;
    this.#isRoot = isRoot;
  }

  /** @param entries oldest first. Returns what is infected at the last. */
  async through(entries: readonly JournalEntry[], unseen: MemoryId | null): Promise<State> {
    const begin: State =
      unseen === null
        ? CLEAN
        : new Map([[unseen, { node: null, relation: "root", lines: new Set(), replaced: new Set() }]]);
    const states = new Map<ObjectId, State>();
    let last = begin;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry === undefined) continue;
      const before = joined(
        entry.parents.map((parent) => states.get(parent) ?? begin),
        begin,
      );
      if (i % AT_ONCE === 0 && (before.size > 0 || this.nodes.length > 0))
        await this.#read(entries.slice(i, i + AT_ONCE));
      last = await this.#after(entry, before);
      states.set(entry.commit, last);
    }
    return last;
  }

  async #read(entries: readonly JournalEntry[]): Promise<void> {
    await this.#versions.load(
      entries.flatMap(({ changes }) => changes.flatMap(({ before, after }) => [before, after])),
    );
  }

  async #after(entry: JournalEntry, before: State): Promise<State> {
    const roots = entry.changes.filter((change) => this.#isRoot(entry, change));
    if (before.size === 0 && roots.length === 0 && this.#blobs.size === 0) return before;
    const state = new Map(before);
    const waiting = new Set(entry.changes.filter((change) => !roots.includes(change)));
    for (const change of roots)
      await this.#take(state, {
        entry,
        change,
        relation: "root",
        because: [],
        title: await this.#versions.titleOf(change),
      });
    // What came in by one commit may rest on each other in any order, so it is gone through until nothing more follows.
    for (let found = true; found;) {
      found = false;
      for (const change of waiting) {
        if (!(await this.#follow(state, entry, change))) continue;
        waiting.delete(change);
        found = true;
      }
    }
    // Commits that change nothing of it share one state, or a long history would fill the memory.
    return sameState(state, before) ? before : state;
  }

  /** Whether a change turned out to be infected by what is known so far. */
  async #follow(state: Map<MemoryId, Taint>, entry: JournalEntry, change: BeliefChange): Promise<boolean> {
    if (change.kind === "removed") {
      // A person who ends a memory in a commit of its own has a reason of their own.
      const heir = [...state].find(
        ([id, taint]) =>
          id !== change.id && taint.replaced.has(change.id) && (taint.node?.entry === entry || !isPerson(entry)),
      );
      return heir !== undefined && this.#add(state, entry, change, [this.#edge("made-way", heir[0], heir[1])]);
    }
    const memory = await this.#versions.memory(change.after, change.path);
    const own = memory === null ? [] : await this.#edgesOf(state, entry, change, memory);
    const wording = await this.#wording(state, entry, change);
    if (wording === "kept") return true;
    const edges = wording === null ? own : [wording, ...own];
    return edges.length > 0 && this.#add(state, entry, change, edges);
  }

  /** An edit of infected words: they are still there (`kept`), or a program has put them into others, or nothing is left. */
  async #wording(
    state: Map<MemoryId, Taint>,
    entry: JournalEntry,
    change: BeliefChange,
  ): Promise<Edge | "kept" | null> {
    const known = change.after === null ? undefined : this.#blobs.get(change.after);
    const taint = known ?? state.get(change.id);
    if (taint === undefined) return null;
    const left = common(taint.lines, claimLines(await this.#versions.text(change.after)));
    if (left.size > 0 || taint.lines.size === 0) {
      this.#remember(state, change, { ...taint, lines: left });
      return "kept";
    }
    if (change.kind === "added" && change.before === null) return null;
    if (!isPerson(entry)) return this.#edge("reworded", change.id, taint);
    state.delete(change.id);
    this.washed.push({ id: change.id, title: await this.#versions.titleOf(change), by: entry });
    return null;
  }

  async #edgesOf(state: State, entry: JournalEntry, change: BeliefChange, memory: Memory): Promise<Edge[]> {
    const named = await this.#versions.idsIn(change.after);
    const before = await this.#versions.idsIn(change.before);
    // What the file had named before this change is an older story.
    const fresh = (ids: readonly MemoryId[] | undefined): MemoryId[] =>
      (ids ?? []).filter((id) => id !== change.id && named.has(id) && !before.has(id) && state.has(id));
    const edges: Edge[] = [];
    const add = (kind: EdgeKind, id: MemoryId): void => {
      const taint = state.get(id);
      if (taint !== undefined && !edges.some((edge) => edge.from === id)) edges.push(this.#edge(kind, id, taint));
    };
    for (const id of fresh(memory.front.derived_from)) add("derived_from", id);
    // Whoever corrects a claim names it too; a person who does so has read it.
    if (!isPerson(entry)) for (const id of fresh(memory.front.supersedes)) add("supersedes", id);
    const said = entry.trusted ? entry.text.context.filter((id) => id !== change.id && state.has(id)) : [];
    for (const id of [...fresh(memory.front.origin?.context), ...said]) {
      const taint = state.get(id);
      if (taint !== undefined) add((await this.#repeats(change, taint)) ? "repeats" : "context", id);
    }
    return edges;
  }

  async #repeats(change: BeliefChange, { lines }: Taint): Promise<boolean> {
    const theirs = triples([...lines].join("\n"));
    if (theirs.size < 3) return false;
    const ours = triples([...(await this.#versions.newLines(change))].join("\n"));
    return [...theirs].filter((triple) => ours.has(triple)).length >= theirs.size * REPEATS;
  }

  #edge(kind: EdgeKind, from: MemoryId, { node }: Taint): Edge {
    return { kind, from, node };
  }

  async #add(
    state: Map<MemoryId, Taint>,
    entry: JournalEntry,
    change: BeliefChange,
    edges: readonly Edge[],
  ): Promise<true> {
    const derives = (edge: Edge): boolean => DERIVING.has(edge.kind) && edge.node?.relation !== "context";
    const because = edges.toSorted((a, b) => Number(derives(b)) - Number(derives(a)));
    const relation = because.some(derives) ? "derived" : "context";
    await this.#take(state, { entry, change, relation, because, title: await this.#versions.titleOf(change) });
    return true;
  }

  async #take(state: Map<MemoryId, Taint>, node: Tainted): Promise<void> {
    this.nodes.push(node);
    const { change, relation } = node;
    // What is gone can still be named by what comes later, and can be brought back.
    if (change.after === null) return;
    const memory = await this.#versions.memory(change.after, change.path);
    const replaced = new Set([...(memory?.front.supersedes ?? []), ...(memory?.front.derived_from ?? [])]);
    this.#remember(state, change, { node, relation, replaced, lines: await this.#versions.newLines(change) });
  }

  #remember(state: Map<MemoryId, Taint>, change: BeliefChange, taint: Taint): void {
    state.set(change.id, taint);
    if (change.after !== null) this.#blobs.set(change.after, taint);
  }
}

function sameState(a: State, b: State): boolean {
  return a.size === b.size && [...a].every(([id, taint]) => b.get(id) === taint);
}

function joined(states: readonly State[], begin: State): State {
  const [first = begin, ...others] = states;
  const more = others.filter((state) => state !== first && state.size > 0);
  return more.length === 0 ? first : new Map([...more.flatMap((state) => [...state]), ...first]);
}

/** A hint that anybody can type; what it spares is named in every preview. */
function isPerson({ trusted, text }: JournalEntry): boolean {
  return trusted && (text.actor ?? "").startsWith("human:");
}

function triples(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.slice(2).map((word, i) => `${words[i]} ${words[i + 1]} ${word}`));
}
