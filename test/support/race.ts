/** Clones of one server whose people write and sync at once, until all have the same. */
import { initialiseStore } from "../../src/core/initialise.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { human } from "./scratch.ts";
import { type Mate, TeamWorld } from "./team.ts";

export interface Race {
  readonly clones: number;
  /** Writes of each clone; every fifth rewords a memory that all share, the others are new. */
  readonly writes: number;
  /** Writes between two syncs of a clone. */
  readonly every: number;
}

export interface RaceResult {
  readonly writes: number;
  readonly syncs: number;
  /** Rewordings that met another's, and wait in the queue of their clone. */
  readonly conflicts: number;
  /** Acknowledged commits that the server's branch does not have, and new memories that its tree does not have. */
  readonly lostCommits: number;
  readonly lostMemories: number;
  /** Different trees among the clones and the server, at the end. */
  readonly trees: number;
  /** The most rounds that one sync needed. */
  readonly rounds: number;
  /** Merges on the server's branch. */
  readonly merges: number;
  /** Milliseconds from the first write to the end of the last one's sync, and from there until all were the same. */
  readonly racing: number;
  readonly converging: number;
}

const SHARED = 5;

export async function race(
  { clones, writes, every }: Race,
  prepare: (world: TeamWorld, first: Mate) => Promise<void> = async () => undefined,
): Promise<RaceResult> {
  const world = new TeamWorld();
  try {
    const first = world.clone("mate-0");
    await initialiseStore(await first.store(), { caller: human, reason: "" });
    const shared: string[] = [];
    for (let i = 0; i < SHARED; i++) shared.push((await first.add(`shared ${i}`)).id);
    await prepare(world, first);
    await first.sync();
    const mates = [first, ...Array.from({ length: clones - 1 }, (_, i) => world.clone(`mate-${i + 1}`))];
    for (const mate of mates) await mate.sync();

    const acknowledged: { commit: string; path: string | null }[] = [];
    let [syncs, conflicts, rounds] = [0, 0, 0];
    const sync = async (mate: Mate): Promise<boolean> => {
      const result = await mate.sync();
      syncs += 1;
      conflicts += result.conflicts.length;
      rounds = Math.max(rounds, result.rounds);
      return result.status === "unchanged";
    };
    const work = async (mate: Mate, who: number): Promise<void> => {
      const store = await mate.store();
      for (let n = 1; n <= writes; n++) {
        const act = { caller: human, reason: "A write in a race.", confirmed: true as const };
        const words = `Value ${n} of clone ${who} was read from its settings`;
        const id = shared[(who + n) % SHARED] ?? "";
        const written =
          n % 5 === 0
            ? await updateMemory(store, id, { title: words }, act)
            : await addMemory(store, { type: "Fact", title: words, body: `${words}.` }, act);
        acknowledged.push({ commit: written.commit, path: n % 5 === 0 ? null : (written.memories[0]?.path ?? null) });
        if (n % every === 0) await sync(mate);
      }
    };
    const start = performance.now();
    await Promise.all(mates.map(work));
    const raced = performance.now();
    // As a timer in the background would: each again and again, until nobody has anything new.
    for (let quiet = false; !quiet;) quiet = (await Promise.all(mates.map(sync))).every((same) => same);
    const converged = performance.now();

    const there = new Set(world.gitThere("rev-list", "agent-memory").split("\n"));
    const files = new Set(world.gitThere("ls-tree", "-r", "--name-only", "agent-memory").split("\n"));
    return {
      writes: acknowledged.length,
      syncs,
      conflicts,
      rounds,
      lostCommits: acknowledged.filter(({ commit }) => !there.has(commit)).length,
      lostMemories: acknowledged.filter(({ path }) => path !== null && !files.has(path)).length,
      trees: new Set([world.tree(), ...mates.map((mate) => mate.tree())]).size,
      merges: Number(world.gitThere("rev-list", "--count", "--merges", "agent-memory")),
      racing: raced - start,
      converging: converged - raced,
    };
  } finally {
    await world.remove();
  }
}
