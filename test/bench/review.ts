/**
 * The review of ten changed beliefs in a large store, as CI would wait for it, against the very same change in a store of
 * ten, in the same run: what the size of the store costs. `npm run build && npm run bench:review [-- COUNT]`
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { memoryText, pathOf, PullRequests } from "../support/pull-requests.ts";
import { draft, paired, report } from "./support/bench-store.ts";

const CLI = path.join(import.meta.dirname, "../../dist/cli.cjs");
const count = Number(process.argv[2] ?? 10_000);
const CHANGED = 10;
const FOLDER = 1_000;

function claim(n: number): { readonly file: string; readonly text: string } {
  const { title, body } = draft(n);
  const memory = { id: `m_${String(n).padStart(12, "0")}`, title, body };
  return { file: pathOf(memory, `fact/${String(Math.floor(n / FOLDER)).padStart(2, "0")}`), text: memoryText(memory) };
}

function worldOf(size: number): PullRequests {
  const world = new PullRequests();
  const files = (from: number, to: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: to - from }, (_, i) => claim(from + i)).map(({ file, text }) => [file, text]),
    );
  const base = world.commit("agent-memory", world.base, [{ files: files(0, size) }]);
  world.commit("head", base, [{ files: files(size, size + CHANGED) }]);
  world.scratch.git("gc", "--quiet");
  return world;
}

const [small, large] = [worldOf(10), worldOf(count)];
const review = ({ scratch }: PullRequests): Buffer =>
  execFileSync(process.execPath, [CLI, "review", "--base", "agent-memory", "--head", "head", "--format", "markdown"], {
    cwd: scratch.folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
try {
  const result = await paired(
    9,
    () => review(small),
    () => review(large),
  );
  report(`review of ${CHANGED} among ${count}`, `of ${CHANGED} among 10`, result);
} finally {
  await Promise.all([small.remove(), large.remove()]);
}
