/**
 * Ten clones and one bare remote on this machine: concurrent writes and syncs until all have the same tree; and what one sync
 * costs beside a large store, against plain `git fetch` and `git push` of one commit in the same run.
 * `npm run bench:clones [-- CLONES WRITES EVERY MEMORIES]`
 */
import { importMemories } from "../../src/core/verbs.ts";
import { human } from "../support/scratch.ts";
import { race } from "../support/race.ts";
import { type Mate, TeamWorld } from "../support/team.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import { draft } from "./support/bench-store.ts";

const [clones = 10, writes = 20, every = 5, memories = 10_000] = process.argv.slice(2).map(Number);
const act = { caller: human, reason: "A write for a benchmark.", confirmed: true as const };

const result = await race({ clones, writes, every });
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
process.stdout.write(
  [
    `${clones} clones, ${result.writes} writes, ${result.syncs} syncs (at most ${result.rounds} rounds), ${result.merges} merges`,
    `  writing and syncing   ${seconds(result.racing)}, ${(result.writes / (result.racing / 1000)).toFixed(1)} writes/s shared`,
    `  until all are the same ${seconds(result.converging)} after the last write`,
    `  reworded by several   ${result.conflicts} wait for review`,
    `  lost                  ${result.lostCommits} commits, ${result.lostMemories} memories`,
    `  different trees       ${result.trees - 1}`,
    "",
  ].join("\n"),
);

await oneSync();

/** One write's sync, and the arrival of one, beside a large store; the floor is git's own fetch and push of an empty commit. */
async function oneSync(): Promise<void> {
  const world = new TeamWorld();
  try {
    const alice = world.clone("alice");
    const store = await alice.store();
    await initialiseStore(store, act);
    for (let from = 0; from < memories; from += 500)
      await importMemories(
        store,
        Array.from({ length: Math.min(500, memories - from) }, (_, i) => draft(from + i)),
        { ...act, subject: `memories from ${from}` },
      );
    await alice.sync();
    world.gitThere("gc", "--quiet");
    const bob = world.clone("bob");
    const first = await timed(async () => void (await bob.sync()));
    const [floor, going, coming, nothing, merging]: number[][] = [[], [], [], [], []];
    for (let i = 0; i < 15; i++) {
      floor?.push(await timed(async () => plainGit(world, bob, i)));
      await alice.add(`alone ${i}`);
      going?.push(await timed(async () => void (await alice.sync())));
      coming?.push(await timed(async () => void (await bob.sync())));
      nothing?.push(await timed(async () => void (await bob.sync())));
      await alice.add(`meets ${i}`);
      await bob.add(`met ${i}`);
      await alice.sync();
      merging?.push(await timed(async () => void (await bob.sync())));
      await alice.sync();
    }
    const base = median(floor ?? []);
    const line = (name: string, times: readonly number[]): string =>
      `  ${name.padEnd(22)}${median(times).toFixed(0)} ms, ${(median(times) / base).toFixed(1)} times git fetch and git push\n`;
    process.stdout.write(
      [
        `one sync beside ${memories} memories (git fetch and git push of one commit: ${base.toFixed(0)} ms)\n`,
        line("first, all arrives", [first]),
        line("nothing new", nothing ?? []),
        line("one write goes", going ?? []),
        line("one write comes", coming ?? []),
        line("merge of both", merging ?? []),
      ].join(""),
    );
  } finally {
    await world.remove();
  }
}

async function plainGit(world: TeamWorld, mate: Mate, n: number): Promise<void> {
  const commit = mate.git("commit-tree", "main^{tree}", "-p", "main", "-m", `plain ${n}`);
  mate.git("fetch", "--quiet", "--no-tags", world.server, "refs/heads/main");
  mate.git("push", "--quiet", world.server, `+${commit}:refs/heads/plain`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
