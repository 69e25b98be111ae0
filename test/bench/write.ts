/**
 * One write through gate, store and index against `git commit --allow-empty` in the same run: in the code's repository, and in
 * a checkout of the same memories, which is what keeping them as files in a work tree costs. For stores of several sizes and
 * inside a code repository with many files, with a long history if asked; at the end the largest against the first.
 * `npm run bench:write [-- 1000 10000 --code FILES --commits COUNT]`
 */
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { addMemory } from "../../src/core/verbs.ts";
import { benchCaller, draft, editMany, fillStore, paired, report, sessionOf } from "./support/bench-store.ts";
import { Scratch } from "../support/scratch.ts";

const CODE_FILES = 50_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { code: { type: "string", default: "0" }, commits: { type: "string", default: "0" } },
});
const sizes = positionals.map(Number);
const [code, commits] = [Number(values.code), Number(values.commits)];

interface Place {
  readonly name: string;
  readonly scratch: Scratch;
  readonly write: () => Promise<void>;
}

const places: Place[] = [];
try {
  for (const size of sizes.length > 0 ? sizes : [1_000, 10_000]) places.push(await make(size, code));
  if (sizes.length === 0) places.push(await make(10_000, CODE_FILES));
  for (const place of places) await measure(place);
  const [first, last] = [places[0], places.at(-1)];
  // In turn, so that what else the machine does hits both alike.
  if (first !== undefined && last !== undefined && first !== last)
    report(`growth: ${last.name}`, `write at ${first.name}`, await paired(60, first.write, last.write));
} finally {
  for (const { scratch } of places) await scratch.remove();
}

async function make(size: number, codeFiles: number): Promise<Place> {
  const scratch = new Scratch();
  if (codeFiles > 0) addCode(scratch.folder, codeFiles, scratch.git);
  await fillStore(scratch, size);
  if (commits > 0) editMany(scratch, commits);
  const store = await scratch.open();
  await store.snapshot();
  let next = size;
  const write = async (): Promise<void> => {
    const caller = { ...benchCaller, session: sessionOf(next) };
    await addMemory(store, draft(next++), { caller, reason: "A write for a benchmark." });
  };
  const beside = [
    ...(codeFiles > 0 ? [` in a code repository with ${codeFiles} files`] : []),
    ...(commits > 0 ? [` and ${commits} commits`] : []),
  ].join("");
  return { name: `${size} memories${beside}`, scratch, write };
}

async function measure({ name, scratch, write }: Place): Promise<void> {
  for (let i = 0; i < 20; i++) await write();
  const commitIn = (folder: string) => () => scratch.gitIn(folder, "commit", "--quiet", "--allow-empty", "--message=x");
  const floor = "git commit --allow-empty";
  report(`write at ${name}`, floor, await paired(60, commitIn(scratch.folder), write));
  // A clone, because a work tree of this repository would follow each write.
  const checkout = path.join(scratch.root, "checkout");
  scratch.git("clone", "--quiet", "--branch=agent-memory", ".", checkout);
  scratch.gitIn(checkout, "config", "user.name", "Bench");
  scratch.gitIn(checkout, "config", "user.email", "bench@example.com");
  report(`write at ${name}`, `${floor} in a checkout of them`, await paired(30, commitIn(checkout), write));
}

function addCode(folder: string, count: number, git: (...args: string[]) => string): void {
  for (let i = 0; i < count; i++) {
    const file = path.join(folder, `src/part-${Math.floor(i / 500)}`, `file-${i}.ts`);
    if (i % 500 === 0) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `export const n${i} = ${i};\n`);
  }
  git("add", "--all");
  // One that git starts by itself would stand in the way of ours.
  git("-c", "gc.auto=0", "-c", "maintenance.auto=false", "commit", "--quiet", "--message=code");
}
