/**
 * What a store's history weighs and how long a clone of it takes, after some number of edits and git's own packing: the numbers
 * behind docs/teams.md. `npm run bench:growth [-- MEMORIES COMMITS...]`
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { Scratch } from "../support/scratch.ts";
import { editMany, fillStore, median } from "./support/bench-store.ts";

const [memories = 1_000, ...given] = process.argv.slice(2).map(Number);
const steps = given.length > 0 ? given : [10_000];
const CLONES = 3;

const scratch = new Scratch();
const objects = path.join(scratch.folder, ".git/objects");
const kilobytes = (): number => Number(execFileSync("du", ["-sk", objects], { encoding: "utf8" }).split("\t")[0]);
const timed = (work: () => unknown): number => {
  const start = performance.now();
  work();
  return performance.now() - start;
};
const clone = (name: string): number =>
  timed(() => {
    const folder = path.join(scratch.root, name);
    scratch.git(
      "clone",
      "--quiet",
      "--bare",
      "--single-branch",
      "-b",
      "agent-memory",
      `file://${scratch.folder}`,
      folder,
    );
  });

try {
  await fillStore(scratch, memories);
  scratch.git("gc", "--quiet");
  let [commits, size] = [0, kilobytes()];
  console.log(`${memories} memories: ${size} kB, a clone ${clone("before").toFixed(0)} ms`);
  for (const more of steps) {
    editMany(scratch, more);
    scratch.git("gc", "--quiet");
    const now = kilobytes();
    commits += more;
    const times = Array.from({ length: CLONES }, (_, i) => clone(`after-${commits}-${i}`));
    const each = ((now - size) / more).toFixed(2);
    console.log(`${commits} edits later: ${now} kB (${each} kB an edit), a clone ${median(times).toFixed(0)} ms`);
    size = now;
  }
} finally {
  await scratch.remove();
}
