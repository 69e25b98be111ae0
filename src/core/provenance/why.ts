/**
 * Root cause: from a symptom to the beliefs that could have caused it, and for each to the write that brought the claim in
 * and the way from there back to where it came from.
 */
import { InvalidInputError } from "../errors.ts";
import type { Memory, MemoryId, ObjectId, Source, Trust } from "../memory/model.ts";
import { compareTrust, lowerOf, stampedTrust } from "../memory/trust.ts";
import { tokenize } from "../recall/tokenize.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { claimLines, Versions } from "./versions.ts";

/** A belief to look at, with how well it fits the symptom (0 to 1). */
export interface Hint {
  readonly memory: Memory;
  readonly fit: number;
}

/** One stop on the way from a belief back to its origin. */
export interface Step {
  readonly id: MemoryId;
  readonly title: string;
  /** How the stop before it rests on this one; null at the belief itself. */
  readonly by: "derived_from" | "supersedes" | "context" | null;
  /** The write that brought the words in; null where history has none (a squash, a shallow clone). */
  readonly entry: JournalEntry | null;
  readonly change: BeliefChange | null;
  /** What its door vouched for. */
  readonly trust: Trust;
  readonly sources: readonly Source[];
}

export interface Suspect {
  readonly memory: Memory;
  /** Whether it is in the store now. */
  readonly present: boolean;
  /** Its fit, weighed by how little vouches for it. */
  readonly score: number;
  /** The least that any stop vouches for, or `reviewed` where a person approved the belief itself. */
  readonly trust: Trust;
  /** From the belief to the origin. */
  readonly path: readonly Step[];
}

/** How much likelier a belief is the cause, by the least trusted stop of its way. */
const WEIGHT: Readonly<Record<Trust, number>> = { untrusted: 2, agent: 1.3, user: 1, reviewed: 0.7 };
/** A way back is cut after so many stops: a longer one is a loop in all but name. */
const MOST_STOPS = 100;

/** The beliefs of a snapshot whose words fit a text, best first. */
export async function hintsFor(store: MemoryStore, snapshot: Snapshot, text: string, limit: number): Promise<Hint[]> {
  const shelf = snapshot.commit === (await store.snapshot()).commit ? store.index : store.pastIndex;
  const { memories, index } = await shelf.at(snapshot);
  const { hits } = index.search(text, { limit });
  const best = hits[0]?.score ?? 1;
  const byBlob = new Map(memories.map((memory) => [memory.blob, memory]));
  return hits.flatMap(({ blob, score }) => {
    const memory = byBlob.get(blob);
    return memory === undefined ? [] : [{ memory, fit: score / best }];
  });
}

/** Ranks the hints and follows each back. `text`: the symptom's words, which tell the guilty line of a claim from the others. */
export async function suspectsOf(store: MemoryStore, hints: readonly Hint[], text: string): Promise<Suspect[]> {
  const tracing = new Tracing(store, await store.journal.entries(), text);
  const snapshot = await store.snapshot();
  const suspects: Suspect[] = [];
  for (const { memory, fit } of hints) {
    const path = await tracing.pathOf(memory);
    const least = path.reduce<Trust>((trust, step) => lowerOf(trust, step.trust), "user");
    const trust = (await store.isReviewed(memory)) ? "reviewed" : least;
    suspects.push({ memory, path, trust, present: snapshot.get(memory.id) !== undefined, score: fit * WEIGHT[trust] });
  }
  return suspects.toSorted((a, b) => b.score - a.score || (a.memory.path < b.memory.path ? -1 : 1));
}

/** The last stop of a suspect's way: where the claim came from. */
export function originOf(suspect: Suspect): Step {
  const last = suspect.path.at(-1);
  if (last === undefined) throw new InvalidInputError("A suspect without a way back has no origin.");
  return last;
}

interface Version {
  readonly id: MemoryId;
  readonly path: string;
  readonly blob: ObjectId;
  /** Position of the entry at which it stood, counted from the newest: what it rests on is older. */
  readonly until: number;
}

class Tracing {
  readonly #store: MemoryStore;
  readonly #versions: Versions;
  readonly #terms: ReadonlySet<string>;
  readonly #position: ReadonlyMap<ObjectId, number>;

  constructor(store: MemoryStore, entries: readonly JournalEntry[], text: string) {
    this.#store = store;
    this.#versions = new Versions(store.repository);
    this.#terms = new Set(tokenize(text));
    this.#position = new Map(entries.map(({ commit }, i) => [commit, i]));
  }

  async pathOf(memory: Memory): Promise<Step[]> {
    const path: Step[] = [];
    const seen = new Set<MemoryId>();
    let wanted = this.#terms;
    let next: { version: Version | null; id: MemoryId; by: Step["by"] } | null = {
      id: memory.id,
      by: null,
      version: { id: memory.id, path: memory.path, blob: memory.blob, until: 0 },
    };
    while (next !== null && path.length < MOST_STOPS) {
      const { version, id, by }: { version: Version | null; id: MemoryId; by: Step["by"] } = next;
      seen.add(id);
      if (version === null) {
        path.push({ id, title: id, by, entry: null, change: null, trust: "agent", sources: [] });
        break;
      }
      const stop = await this.#stop(version, wanted, by);
      path.push(stop.step);
      // Without words of a symptom, a claim is followed by its own.
      if (wanted.size === 0) wanted = new Set(tokenize([...stop.lines].join("\n")));
      next = await this.#parent(stop, wanted, seen);
    }
    return path;
  }

  /** Which write brought in the words that fit best, and what the file was then. */
  async #stop(
    version: Version,
    wanted: ReadonlySet<string>,
    by: Step["by"],
  ): Promise<{ step: Step; memory: Memory | null; lines: ReadonlySet<string>; at: number }> {
    const now = claimLines(await this.#versions.text(version.blob));
    const history = (await this.#store.journal.of(version.id, version.path)).filter(
      ({ commit }) => (this.#position.get(commit) ?? 0) >= version.until,
    );
    const changes = history.flatMap((entry) =>
      entry.changes
        .filter((change) => change.id === version.id && change.after !== null)
        .map((change) => ({ entry, change })),
    );
    await this.#versions.load(changes.flatMap(({ change }) => [change.before, change.after]));
    let best: { entry: JournalEntry; change: BeliefChange; fit: number; trust: Trust; lines: Set<string> } | null =
      null;
    const explained = new Set<string>();
    // Oldest first: a line that came back after an end was first said before it.
    for (const { entry, change } of changes.toReversed()) {
      const lines = new Set(
        [...(await this.#versions.newLines(change))].filter((line) => now.has(line) && !explained.has(line)),
      );
      for (const line of lines) explained.add(line);
      if (lines.size === 0) continue;
      const said = new Set(tokenize([...lines].join("\n")));
      const fit = wanted.size === 0 ? lines.size : [...wanted].filter((term) => said.has(term)).length;
      const memory = await this.#versions.memory(change.after, change.path);
      const trust = memory === null ? "agent" : stampedTrust(memory);
      const better = best === null || (wanted.size === 0 ? compareTrust(trust, best.trust) < 0 : fit > best.fit);
      if (better) best = { entry, change, fit, trust, lines };
    }
    const blob = best?.change.after ?? version.blob;
    const memory = await this.#versions.memory(blob, version.path);
    const present = await this.#versions.memory(version.blob, version.path);
    const step: Step = {
      id: version.id,
      title: memory?.title ?? version.path,
      by,
      entry: best?.entry ?? null,
      change: best?.change ?? null,
      trust: memory === null ? "agent" : stampedTrust(memory),
      sources: memory?.front.sources ?? [],
    };
    // A later squash or edit may have named more parents than the version that brought the words in.
    return {
      step,
      memory: present ?? memory,
      lines: best?.lines ?? now,
      at: best === null ? version.until : (this.#position.get(best.entry.commit) ?? 0),
    };
  }

  /** What the words most likely came from: what they were made from before what they replaced, and that before what was only read. */
  async #parent(
    { memory, at }: { memory: Memory | null; at: number },
    wanted: ReadonlySet<string>,
    seen: ReadonlySet<MemoryId>,
  ): Promise<{ version: Version | null; id: MemoryId; by: Step["by"] } | null> {
    const { derived_from, supersedes, origin } = memory?.front ?? {};
    const groups = [
      { by: "derived_from", ids: derived_from, least: 0 },
      { by: "supersedes", ids: supersedes, least: 1 },
      // What had only been read explains nothing unless it says much the same, or came from outside.
      { by: "context", ids: origin?.context, least: Math.max(3, wanted.size / 2) },
    ] as const;
    for (const { by, ids, least } of groups) {
      let best: { version: Version | null; id: MemoryId; by: Step["by"]; fit: number } | null = null;
      for (const id of ids ?? []) {
        if (seen.has(id)) continue;
        const version = await this.#versionBefore(id, at);
        const parent = version === null ? null : await this.#versions.memory(version.blob, version.path);
        const said = new Set(parent === null ? [] : tokenize(`${parent.title}\n${parent.body}`));
        const shared = [...wanted].filter((term) => said.has(term)).length;
        const outside = parent !== null && stampedTrust(parent) === "untrusted";
        if (shared < least) continue;
        const fit = shared + (outside ? wanted.size : 0);
        if (best === null || fit > best.fit) best = { version, id, by, fit };
      }
      if (best !== null) return best;
    }
    return null;
  }

  /** A memory as it stood when an entry was written, the entry's own change of it left out where it ended it. */
  async #versionBefore(id: MemoryId, at: number): Promise<Version | null> {
    for (const entry of await this.#store.journal.of(id)) {
      const position = this.#position.get(entry.commit) ?? 0;
      if (position < at) continue;
      const change = entry.changes.find((one) => one.id === id);
      const blob = change?.after ?? change?.before ?? null;
      if (change !== undefined && blob !== null) return { id, path: change.path, blob, until: position };
    }
    return null;
  }
}
