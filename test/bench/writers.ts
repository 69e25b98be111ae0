/**
 * Four processes that write to one store at the same time against one process alone, in turn in the same run; every write that
 * was acknowledged is looked for afterwards. `npm run bench:writers [-- MEMORIES WRITES ROUNDS]`
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { openStores } from "../../src/git/open.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { Scratch } from "../support/scratch.ts";
import { benchCaller, draft, fillStore, median, sessionOf } from "./support/bench-store.ts";

const WRITERS = 4;
const REF = "refs/heads/agent-memory";

/** To a writer: which memories to add now. */
interface Order {
  readonly from: number;
  readonly count: number;
}
/** From a writer: what was acknowledged, and what was refused with which words. */
interface Done {
  readonly commits: readonly string[];
  readonly refused: readonly string[];
}

const [role, folder, data] = process.argv.slice(2);
if (role === "--writer") await beWriter(folder ?? "", data ?? "");
else await measure();

async function beWriter(at: string, dataDirectory: string): Promise<void> {
  const { project } = await openStores({ folder: at, dataDirectory });
  if (project === null) throw new Error("no store");
  await project.snapshot();
  process.on("message", (order: Order) => {
    void (async () => {
      const commits: string[] = [];
      const refused: string[] = [];
      for (let i = order.from; i < order.from + order.count; i++) {
        const caller = { ...benchCaller, session: sessionOf(i) };
        await addMemory(project, draft(i), { caller, reason: "A write for a benchmark." }).then(
          ({ commit }) => commits.push(commit),
          (error: unknown) => refused.push(String(error)),
        );
      }
      process.send?.({ commits, refused } satisfies Done);
    })();
  });
  process.once("disconnect", () => void project.dispose());
  process.send?.("ready");
}

async function measure(): Promise<void> {
  const [memories = 1_000, writes = 40, rounds = 5] = process.argv.slice(2).map(Number);
  const scratch = new Scratch();
  const writers: ChildProcess[] = [];
  try {
    await fillStore(scratch, memories);
    for (let i = 0; i < WRITERS; i++)
      writers.push(fork(import.meta.filename, ["--writer", scratch.folder, scratch.data]));
    await Promise.all(writers.map((writer) => once(writer, "message")));
    let next = memories;
    const acknowledged: string[] = [];
    const refused: string[] = [];
    /** Writes acknowledged per second. */
    const rate = async (some: readonly ChildProcess[]): Promise<number> => {
      const start = performance.now();
      const answers = await Promise.all(
        some.map(async (writer) => {
          const answer = once(writer, "message");
          writer.send({ from: next, count: writes } satisfies Order);
          next += writes;
          const [done] = (await answer) as [Done];
          return done;
        }),
      );
      const seconds = (performance.now() - start) / 1000;
      for (const done of answers) {
        acknowledged.push(...done.commits);
        refused.push(...done.refused);
      }
      return answers.reduce((sum, { commits }) => sum + commits.length, 0) / seconds;
    };
    for (const writer of writers) await rate([writer]);
    const alone: number[] = [];
    const together: number[] = [];
    for (let i = 0; i < rounds; i++) {
      alone.push(await rate(writers.slice(i % WRITERS, (i % WRITERS) + 1)));
      together.push(await rate(writers));
    }
    const there = new Set(scratch.git("rev-list", REF).split("\n"));
    const lost = acknowledged.filter((commit) => !there.has(commit)).length;
    const files = scratch.git("ls-tree", "-r", "--name-only", REF, "semantic", "procedural").split("\n").length;
    const [one, four] = [median(alone), median(together)];
    console.log(
      [
        `${WRITERS} writers at ${memories} memories: ${four.toFixed(0)} writes/s, one alone: ${one.toFixed(0)} writes/s, ratio ${(four / one).toFixed(2)}`,
        `  acknowledged ${acknowledged.length}, lost ${lost}, refused ${refused.length}, files ${files} of ${memories + acknowledged.length}`,
        ...new Set(refused),
      ].join("\n"),
    );
    scratch.fsck();
  } finally {
    for (const writer of writers) if (writer.connected) writer.disconnect();
    await Promise.all(writers.map((writer) => (writer.exitCode === null ? once(writer, "exit") : undefined)));
    await scratch.remove();
  }
}
