/**
 * The past against plain git, in one run: the history of one memory, blame, a snapshot and a difference, each cold (a new
 * process without any cache of ours), warm (opened anew, with what was kept when the same was asked before) and in an open store.
 * `npm run bench:history [-- MEMORIES COMMITS]`
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { blameMemory } from "../../src/core/provenance/blame.ts";
import { beliefDifferences } from "../../src/core/review/difference.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { Scratch } from "../support/scratch.ts";
import { editMany, fillStore, paired, report } from "./support/bench-store.ts";

const memories = Number(process.argv[2] ?? 10_000);
const commits = Number(process.argv[3] ?? 10_000);
const REF = "refs/heads/agent-memory";

const scratch = new Scratch();
try {
  await fillStore(scratch, memories);
  editMany(scratch, commits);
  scratch.git("gc", "--quiet");
  const local = path.join(scratch.folder, ".git/memory");
  const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: scratch.folder, maxBuffer: 1 << 30 });
  const file = scratch.git("ls-tree", "-r", "--name-only", REF, "semantic").split("\n")[7] ?? "";
  const old = scratch.git("rev-parse", `${REF}~100`).trim();
  console.log(`${memories} memories, ${scratch.git("rev-list", "--count", REF).trim()} commits`);

  const id = /m_[0-9a-z]{12}/.exec(file)?.[0] ?? "";
  const parts = [
    {
      name: "history of one memory",
      plain: "git log -- path",
      floor: () => git("log", "--raw", REF, "--", file),
      ours: async (store: MemoryStore) => void (await store.journal.of(id, file)),
    },
    {
      name: "blame",
      plain: "git blame",
      floor: () => git("blame", "--porcelain", REF, "--", file),
      ours: async (store: MemoryStore) => void (await blameMemory(store, { path: file })),
    },
    {
      name: "snapshot of 100 commits ago",
      plain: "git archive",
      floor: () => git("archive", "--format=tar", old),
      ours: async (store: MemoryStore) => void (await store.snapshotAt(old)),
    },
    {
      name: "difference of 100 commits",
      // What ended is told apart by the commits that ended it, so both are needed.
      plain: "git diff and git log",
      floor: () => [git("diff", old, REF), git("log", "--raw", `${old}..${REF}`)],
      ours: async (store: MemoryStore) =>
        void (await beliefDifferences(store, await store.commitOf(old), await store.commitOf())),
    },
  ];
  const once = async (work: (store: MemoryStore) => Promise<void>): Promise<void> => {
    const store = await scratch.open();
    await work(store);
    await store.dispose();
  };

  const log = await paired(
    1,
    () => git("log", "--raw", "-z", "--no-abbrev", REF),
    async () => {
      fs.rmSync(local, { recursive: true, force: true });
      await once(async (store) => void (await store.journal.entries()));
    },
  );
  report("the journal of all, made", "git log --raw", log);
  for (const { name, plain, floor, ours } of parts) {
    report(
      `${name}, cold`,
      plain,
      await paired(
        2,
        floor,
        () => once(ours),
        () => fs.rmSync(local, { recursive: true, force: true }),
      ),
    );
    await once(async (store) => void (await Promise.all([store.snapshot(), store.journal.entries()])));
    report(`${name}, warm`, plain, await paired(5, floor, () => once(ours)));
    const store = await scratch.open();
    await store.snapshot();
    await ours(store);
    report(`${name}, in an open store`, plain, await paired(5, floor, () => ours(store)));
    await store.dispose();
  }
} finally {
  await scratch.remove();
}
