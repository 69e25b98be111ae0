/**
 * One write through gate, store and index against `git commit --allow-empty` in the same run: in the code's repository, and in
 * a checkout of the same memories, which is what keeping them as files in a work tree costs. For stores of several sizes and
 * inside a code repository with many files. `npm run bench:write [-- 1000 10000]`
 */
import fs from "node:fs";
import path from "node:path";
import { addMemory } from "../../src/core/verbs.ts";
import { benchCaller, draft, fillStore, paired, report, sessionOf } from "./support/bench-store.ts";
import { Scratch } from "../support/scratch.ts";

const CODE_FILES = 50_000;
const sizes = process.argv.slice(2).map(Number);

for (const size of sizes.length > 0 ? sizes : [1_000, 10_000]) await measure(`${size} memories`, size, 0);
if (sizes.length === 0)
  await measure(`10000 memories in a code repository with ${CODE_FILES} files`, 10_000, CODE_FILES);

async function measure(name: string, size: number, codeFiles: number): Promise<void> {
  const scratch = new Scratch();
  try {
    if (codeFiles > 0) addCode(scratch.folder, codeFiles, scratch.git);
    await fillStore(scratch, size);
    const store = await scratch.open();
    await store.snapshot();
    let next = size;
    const write = async (): Promise<void> => {
      const caller = { ...benchCaller, session: sessionOf(next) };
      await addMemory(store, draft(next++), { caller, reason: "A write for a benchmark." });
    };
    for (let i = 0; i < 20; i++) await write();
    const commitIn = (folder: string) => () =>
      scratch.gitIn(folder, "commit", "--quiet", "--allow-empty", "--message=x");
    const floor = "git commit --allow-empty";
    report(`write at ${name}`, floor, await paired(60, commitIn(scratch.folder), write));
    // A clone, because a work tree of this repository would follow each write.
    const checkout = path.join(scratch.root, "checkout");
    scratch.git("clone", "--quiet", "--branch=agent-memory", ".", checkout);
    scratch.gitIn(checkout, "config", "user.name", "Bench");
    scratch.gitIn(checkout, "config", "user.email", "bench@example.com");
    report(`write at ${name}`, `${floor} in a checkout of them`, await paired(30, commitIn(checkout), write));
    await store.dispose();
  } finally {
    await scratch.remove();
  }
}

function addCode(folder: string, count: number, git: (...args: string[]) => string): void {
  for (let i = 0; i < count; i++) {
    const file = path.join(folder, `src/part-${Math.floor(i / 500)}`, `file-${i}.ts`);
    if (i % 500 === 0) fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `export const n${i} = ${i};\n`);
  }
  git("add", "--all");
  git("commit", "--quiet", "--message=code");
}
