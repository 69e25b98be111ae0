/**
 * The past against plain git, in one run: the history of one memory, blame, a snapshot and a difference, each cold (a new
 * process without any cache of ours), warm (a new process with the journal in local state) and in an open store.
 * `npm run bench:history [-- MEMORIES COMMITS]`
 */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { blameMemory } from "../../src/core/provenance/blame.ts";
import { beliefDifferences } from "../../src/core/review/difference.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { Scratch } from "../support/scratch.ts";
import { fillStore, paired, report } from "./support/bench-store.ts";

const memories = Number(process.argv[2] ?? 10_000);
const commits = Number(process.argv[3] ?? 10_000);
const REF = "refs/heads/agent-memory";

const scratch = new Scratch();
try {
  await fillStore(scratch, memories);
  editMany();
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
      plain: "git diff",
      floor: () => git("diff", old, REF),
      ours: async (store: MemoryStore) =>
        void (await beliefDifferences(store, await store.snapshotAt(old), await store.snapshot())),
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

/** One commit after the other, each editing one memory; written by one process, because making them is not what is measured. */
function editMany(): void {
  const files = scratch
    .git("ls-tree", "-r", REF, "semantic")
    .trim()
    .split("\n")
    .map((line) => ({ blob: line.split(/\s+/)[2] ?? "", path: line.split("\t")[1] ?? "" }));
  const input = files
    .slice(0, 2_000)
    .map(({ blob }) => blob)
    .join("\n");
  const texts = new Map<string, string>();
  const output = spawnSync("git", ["cat-file", "--batch"], {
    cwd: scratch.folder,
    input: `${input}\n`,
    maxBuffer: 1 << 30,
  }).stdout;
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [blob = "", , size = "0"] = output.toString("utf8", at, end).split(" ");
    texts.set(blob, output.toString("utf8", end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  const used = files.slice(0, 2_000);
  const stream: string[] = [];
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  for (let i = 0; i < commits; i++) {
    const { path: file, blob } = used[(i * 7) % used.length] ?? { path: "", blob: "" };
    const id = /m_[0-9a-z]{12}/.exec(file)?.[0] ?? "";
    const message = `memory(update): edit ${i}\n\nA change for a benchmark.\n\nMemory-Op: update\nMemory-Id: ${id}\nMemory-Session: s_bench${String(i % 1000).padStart(3, "0")}\nMemory-Actor: bench\nMemory-Channel: cli\nMemory-Gate: allow\n`;
    stream.push(
      `commit ${REF}\ncommitter B <b@example.com> ${1_790_000_000 + i} +0000\n${data(message)}${i === 0 ? `from ${REF}^0\n` : ""}M 100644 inline ${file}\n${data(`${texts.get(blob) ?? ""}\nSeen ${i} times.\n`)}`,
    );
  }
  execFileSync("git", ["fast-import", "--quiet", "--date-format=raw", "--force"], {
    cwd: scratch.folder,
    input: stream.join(""),
    maxBuffer: 1 << 30,
  });
}
