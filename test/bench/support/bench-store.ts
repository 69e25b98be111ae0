/** Stores of a given size for benchmarks, made by the product itself, in a scratch folder that is gone afterwards. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { initialiseStore } from "../../../src/core/initialise.ts";
import { newMemoryId } from "../../../src/core/memory/id.ts";
import { memoryPath } from "../../../src/core/memory/location.ts";
import { importMemories } from "../../../src/core/verbs.ts";
import { POLICY_FILE } from "../../../src/core/memory/policy.ts";
import type { MemoryStore } from "../../../src/core/store.ts";
import type { Caller, Draft } from "../../../src/core/proposal.ts";
import type { Scratch } from "../../support/scratch.ts";

export const benchCaller: Caller = { channel: "cli", actor: "bench", trust: "agent" };
const person: Caller = { channel: "editor", actor: "human:bench", trust: "user", gesture: true };
const BATCH = 500;
const STORE_REF = "refs/heads/agent-memory";

/** So many at most are written by the product itself; the rest are copies of those under other names, by one process. */
const MOST_WRITTEN = 10_000;

/** Fills a store with `size` memories of about 450 bytes, packed as git would have them after a while. */
export async function fillStore(scratch: Scratch, size: number): Promise<void> {
  const count = size > MOST_WRITTEN ? BATCH : size;
  const store = await scratch.open();
  const act = { caller: person, reason: "A store for a benchmark." };
  await initialiseStore(store, act);
  await allowLargeImports(store);
  for (let from = 0; from < count; from += BATCH) {
    const drafts = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => draft(from + i));
    const caller = { ...benchCaller, session: sessionOf(from) };
    await importMemories(store, drafts, { ...act, caller, subject: `memories from ${from}` });
  }
  await store.dispose();
  if (count < size) copyMany(scratch, count, size);
  scratch.git("gc", "--quiet");
}

/** Memories `from` to `to`, worded as `draft` would word them, and each in the folder where the product would put it. */
function copyMany(scratch: Scratch, from: number, to: number): void {
  const originals = storedTexts(scratch, from).map(({ path, text }) => ({
    path,
    text,
    n: Number(/ number (\d+) /.exec(text)?.[1] ?? 0),
    id: /m_[0-9a-z]{12}/.exec(path)?.[0] ?? "",
  }));
  const files: string[] = [];
  const inFolder = new Map<string, number>();
  const count = (path: string): void => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    inFolder.set(folder, (inFolder.get(folder) ?? 0) + 1);
  };
  for (const { path } of originals) count(path);
  for (let i = from; i < to; i++) {
    const { text, n, id } = originals[i % originals.length] ?? { text: "", n: 0, id: "" };
    const number = i - (i % originals.length) + n;
    const fresh = newMemoryId((length) => createHash("sha256").update(`memory ${number}`).digest().subarray(0, length));
    const content = text
      .replaceAll(` number ${n} `, ` number ${number} `)
      .replaceAll(`worker ${n}.`, `worker ${number}.`)
      .replaceAll(id, fresh);
    const { type, title } = draft(number);
    const name = memoryPath({ type, title, id: fresh, at: new Date() }, (folder) => inFolder.get(folder) ?? 0);
    count(name);
    files.push(`M 100644 inline ${name}\n${data(content)}`);
  }
  const message = "memory(import): copies\n\nA store for a benchmark.\n";
  const head = `commit ${STORE_REF}\ncommitter B <b@example.com> 1790000000 +0000\n${data(message)}from ${STORE_REF}^0\n`;
  fastImport(scratch, [head, ...files]);
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function fastImport(scratch: Scratch, stream: readonly string[]): void {
  execFileSync("git", ["fast-import", "--quiet", "--date-format=raw", "--force"], {
    cwd: scratch.folder,
    input: stream.join(""),
    maxBuffer: 1 << 30,
  });
}

/** The first so many memories of the store, with their bytes as text. */
function storedTexts(scratch: Scratch, most: number): readonly { readonly path: string; readonly text: string }[] {
  const files = scratch
    .git("ls-tree", "-r", STORE_REF, "semantic")
    .trim()
    .split("\n")
    .slice(0, most)
    .map((line) => ({ blob: line.split(/\s+/)[2] ?? "", path: line.split("\t")[1] ?? "" }));
  const input = files.map(({ blob }) => blob).join("\n");
  const texts = new Map<string, string>();
  const output = spawnSync("git", ["cat-file", "--batch"], {
    cwd: scratch.folder,
    input: `${input}\n`,
    maxBuffer: 1 << 30,
  }).stdout;
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [blob = "", , length = "0"] = output.toString("utf8", at, end).split(" ");
    texts.set(blob, output.toString("utf8", end + 1, end + 1 + Number(length)));
    at = end + 1 + Number(length) + 1;
  }
  return files.map(({ path, blob }) => ({ path, text: texts.get(blob) ?? "" }));
}

/** A session for each write, so that no burst is seen where a benchmark writes as fast as it can. */
export function sessionOf(n: number): string {
  return `s_bench${n.toString(36).padStart(6, "0")}`;
}

/** Else each batch of a thousand would wait for review, and a named snapshot would be kept before it. */
async function allowLargeImports(store: MemoryStore): Promise<void> {
  const read = (await store.snapshot()).blobAt(POLICY_FILE);
  const bytes = new TextEncoder().encode(
    "format: 1\ngate:\n  limits: { files: 10000, burst: 10000 }\nsnapshots: never\n",
  );
  await store.commit({
    operation: "update",
    changes: [{ kind: "replace", path: POLICY_FILE, read: read ?? "", bytes }],
    caller: person,
    confirmed: true,
    reason: "A store for a benchmark.",
  });
}

const AREAS = ["payments", "search", "login", "billing", "reports", "queue", "cache", "mailer", "uploads", "audit"];
const TYPES = ["Convention", "Fact", "Decision", "Procedure", "Pitfall"];

export function draft(n: number): Draft {
  const area = AREAS[n % AREAS.length] ?? "";
  return {
    type: TYPES[n % TYPES.length] ?? "Fact",
    title: `The ${area} service number ${n} keeps its limits in settings ${n % 97}`,
    tags: [area, `team-${n % 13}`],
    scope: [`services/${area}/**`],
    body: `Change a limit of ${area} in settings/${area}-${n % 97}.yaml and restart worker ${n}.\n\n**Why:** a limit in code was overlooked ${n % 7} times.`,
  };
}

/** Runs both in turn, so that what else the machine does hits both alike; medians in milliseconds. */
export async function paired(
  rounds: number,
  floor: () => unknown,
  ours: () => unknown,
  /** Done before each of ours, outside the time that is taken. */
  before: () => unknown = () => undefined,
): Promise<{ floor: number; ours: number; ratio: number }> {
  const times: { floor: number[]; ours: number[] } = { floor: [], ours: [] };
  const timed = async (work: () => unknown): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  await floor();
  await before();
  await ours();
  for (let i = 0; i < rounds; i++) {
    times.floor.push(await timed(floor));
    await before();
    times.ours.push(await timed(ours));
  }
  const [a, b] = [median(times.floor), median(times.ours)];
  return { floor: a, ours: b, ratio: b / a };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function report(name: string, against: string, result: { floor: number; ours: number; ratio: number }): void {
  console.log(
    `${name}: ${result.ours.toFixed(2)} ms, ${against}: ${result.floor.toFixed(2)} ms, ratio ${result.ratio.toFixed(3)}`,
  );
}

/** As many as one text for `git fast-import` can hold. */
const COMMITS_AT_ONCE = 100_000;

/** One commit after the other, each editing one memory; written by one process, because making them is not what is measured. */
export function editMany(scratch: Scratch, commits: number): void {
  const used = storedTexts(scratch, 2_000);
  let stream: string[] = [];
  for (let i = 0; i < commits; i++) {
    const { path: file, text } = used[(i * 7) % used.length] ?? { path: "", text: "" };
    const id = /m_[0-9a-z]{12}/.exec(file)?.[0] ?? "";
    const message = `memory(update): edit ${i}\n\nA change for a benchmark.\n\nMemory-Op: update\nMemory-Id: ${id}\nMemory-Session: s_bench${String(i % 1000).padStart(3, "0")}\nMemory-Actor: bench\nMemory-Channel: cli\nMemory-Gate: allow\n`;
    stream.push(
      `commit ${STORE_REF}\ncommitter B <b@example.com> ${1_790_000_000 + i} +0000\n${data(message)}${stream.length === 0 ? `from ${STORE_REF}^0\n` : ""}M 100644 inline ${file}\n${data(`${text}\nSeen ${i} times.\n`)}`,
    );
    if (stream.length < COMMITS_AT_ONCE && i + 1 < commits) continue;
    fastImport(scratch, stream);
    stream = [];
  }
}
