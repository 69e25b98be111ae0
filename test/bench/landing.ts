/**
 * Landing one write on the checked-out branch, and a whole write with it, against `git commit --allow-empty` in the same run.
 * `npm run bench:landing [-- MEMORIES CODE_FILES]`
 */
import fs from "node:fs";
import path from "node:path";
import { initialiseStore } from "../../src/core/initialise.ts";
import { addMemory, importMemories } from "../../src/core/verbs.ts";
import { ProjectRepository } from "../../src/git/branch/project-repository.ts";
import { human, Scratch } from "../support/scratch.ts";
import { draft, paired, report } from "./support/bench-store.ts";

/** A person, whom no limit on the number of writes holds up. */
const act = { caller: human, reason: "A write for a benchmark.", confirmed: true as const };
const [memories, code] = process.argv.slice(2).map(Number);
const sizes: readonly (readonly [memories: number, code: number])[] =
  memories === undefined
    ? [
        [1_000, 100],
        [10_000, 10_000],
      ]
    : [[memories, code ?? 0]];

for (const [count, files] of sizes) await measure(count, files);

async function measure(count: number, codeFiles: number): Promise<void> {
  const scratch = new Scratch();
  try {
    for (let i = 0; i < codeFiles; i++) {
      const file = path.join(scratch.folder, `src/part-${Math.floor(i / 500)}`, `file-${i}.ts`);
      if (i % 500 === 0) fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, `export const n${i} = ${i};\n`);
    }
    scratch.git("add", "--all");
    scratch.git("commit", "--quiet", "--allow-empty", "--message=code");
    const store = await scratch.open();
    const { repository } = store;
    if (!(repository instanceof ProjectRepository)) throw new Error("no work tree");
    repository.beginIn("branch");
    await initialiseStore(store, act);
    for (let from = 0; from < count; from += 500)
      await importMemories(
        store,
        Array.from({ length: Math.min(500, count - from) }, (_, i) => draft(from + i)),
        { ...act, subject: `memories from ${from}` },
      );
    await repository.branch.land(true);
    scratch.git("gc", "--quiet");
    scratch.git("status", "--short");
    let next = count;
    // A squashed merge keeps the write from landing by itself, and holds up no commit.
    const write = async (): Promise<void> => {
      scratch.write(".git/SQUASH_MSG", "");
      await addMemory(store, draft(next++), act);
    };
    const commit = (): string => scratch.git("commit", "--quiet", "--allow-empty", "--message=x");
    const land = async (): Promise<void> => {
      fs.rmSync(scratch.path(".git/SQUASH_MSG"));
      const { landed, why } = await repository.branch.land(true);
      if (landed !== 1) throw new Error(`nothing landed: ${why}`);
    };
    const name = `at ${count} memories beside ${codeFiles} files of code`;
    report(`landing ${name}`, "git commit --allow-empty", await paired(40, commit, land, write));
    await store.dispose();
  } finally {
    await scratch.remove();
  }
}
