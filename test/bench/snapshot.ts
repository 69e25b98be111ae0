/**
 * The past in an open store against plain git in the same run: one memory as it was, a revert, and what a hundred new commits
 * cost the journal; and the memory that a store takes. `npm run bench:snapshot [-- MEMORIES]`
 */
import path from "node:path";
import v8 from "node:v8";
import vm from "node:vm";
import { planRevertOfCommit, revert } from "../../src/core/provenance/revert.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { human, Scratch } from "../support/scratch.ts";
import { benchCaller, draft, editMany, fillStore, paired, report, sessionOf } from "./support/bench-store.ts";

const REF = "refs/heads/agent-memory";
const count = Number(process.argv[2] ?? 10_000);
const scratch = new Scratch();
try {
  await fillStore(scratch, count);
  editMany(scratch, 500);
  scratch.git("gc", "--quiet");
  const old = scratch.git("rev-parse", `${REF}~400`);
  const files = scratch.git("ls-tree", "-r", "--name-only", REF, "semantic").split("\n");

  const before = await used();
  const store = await scratch.open();
  const snapshot = await store.snapshot();
  const opened = await used();
  for (const memory of snapshot.memories()) void memory.front.generated;
  const read = await used();
  await store.index.at(snapshot);
  const indexed = await used();
  const perTenThousand = (bytes: number): string => ((bytes / 2 ** 20 / count) * 10_000).toFixed(1);
  console.log(
    `memory for 10000 memories: listed ${perTenThousand(opened - before)} MB, all read ${perTenThousand(read - before)} MB, with the index ${perTenThousand(indexed - before)} MB`,
  );

  let next = 0;
  const { repository } = store;
  const pastMemory = async (): Promise<void> => {
    const blob = await repository.blobAt(old, files[next++ * 7] ?? "");
    if (blob === null) throw new Error("the memory was not there");
    await repository.blobs([blob]);
  };
  const show = (): unknown => scratch.git("show", `${old}:${files[next * 7 + 3] ?? ""}`);
  report("one memory of the past", "git show", await paired(40, show, pastMemory));

  await store.journal.entries();
  const edits = async (): Promise<void> => {
    editMany(scratch, 100);
    await store.snapshot();
  };
  const log = (): unknown => scratch.git("log", "--raw", "-z", `${REF}~100..${REF}`);
  report(
    "100 new commits in the journal",
    "git log --raw",
    await paired(5, log, async () => void (await store.journal.entries()), edits),
  );

  // Where git's own revert works: a checkout, in a clone, since one of this repository would follow each write.
  const checkout = path.join(scratch.root, "checkout");
  scratch.git("clone", "--quiet", "--branch=agent-memory", ".", checkout);
  scratch.gitIn(checkout, "config", "user.name", "Bench");
  scratch.gitIn(checkout, "config", "user.email", "bench@example.com");
  let written = "";
  const add = async (): Promise<void> => {
    const caller = { ...benchCaller, session: sessionOf(next) };
    ({ commit: written } = await addMemory(store, draft(count + next++), {
      caller,
      reason: "A write for a benchmark.",
    }));
  };
  const takeBack = async (): Promise<void> => {
    const plan = await planRevertOfCommit(store, written);
    await revert(store, plan, { caller: human, reason: "A revert for a benchmark.", confirmed: true });
  };
  const gitRevert = (): unknown => scratch.gitIn(checkout, "revert", "--no-edit", "HEAD");
  report("a revert", "git revert", await paired(15, gitRevert, takeBack, add));
  await store.dispose();
} finally {
  await scratch.remove();
}

/** Bytes in use after full collections, buffers outside of the heap included; what one collection lets go, the next frees. */
async function used(): Promise<number> {
  v8.setFlagsFromString("--expose-gc");
  for (let i = 0; i < 3; i++) {
    vm.runInNewContext("gc")();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
