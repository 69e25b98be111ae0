/**
 * `npm test`: every level in order, a line for each, and `N passed, N failed` over all of them at the end. Arguments pick
 * levels by name; `--slow` adds the slow ones. A check that has no tests of its own counts as one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Level {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Reads the level's own figures after it ran; a level without is one check. */
  readonly count?: (output: string) => Count;
  readonly env?: Readonly<Record<string, string>>;
  readonly slow?: boolean;
}

const RESULTS = join(ROOT, "out/test-results");
const script = (name: string): [string, ...string[]] => ["npm", "run", "--silent", name];

function vitestLevel(name: string, ...options: string[]): Level {
  const file = join(RESULTS, `${name}.json`);
  return {
    name,
    command: ["vitest", "run", ...options, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    count: () => {
      const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, "utf8"));
      return { passed: numPassedTests, failed: numFailedTests };
    },
  };
}

/** The host suite's own last line; what the editor prints around it is no matter. */
function countLine(output: string): Count {
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) };
}

const LEVELS: readonly Level[] = [
  { name: "generate", command: script("generate") },
  { name: "typecheck", command: script("typecheck") },
  { name: "lint", command: script("lint") },
  { name: "format", command: script("format:check") },
  { name: "knip", command: script("knip") },
  { name: "build", command: script("build") },
  vitestLevel("unit"),
  { name: "host", command: script("test:host"), count: countLine },
  vitestLevel("e2e", "--config", "vitest.e2e.config.ts"),
  { name: "start", command: ["npm", "start", "--silent", "--", "--check"] },
  { name: "fire", command: script("test:fire"), count: countLine, slow: true },
  {
    name: "host-oldest",
    command: script("test:host"),
    count: countLine,
    env: { VSCODE_OFFLINE: "1", VSCODE_BUNDLED_RELEASE: "4.110.0" },
    slow: true,
  },
];

async function runLevel(level: Level): Promise<Count> {
  const started = Date.now();
  const [command, ...args] = level.command;
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...level.env },
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [status] = await once(child, "close");
  const count = countOf(level, status === 0, output);
  const mark = count.failed === 0 ? "ok    " : "FAILED";
  if (count.failed > 0) console.log(output.trimEnd());
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${mark} ${level.name.padEnd(12)} ${seconds.padStart(6)} s  ${count.passed} passed, ${count.failed} failed`,
  );
  return count;
}

function countOf(level: Level, ended: boolean, output: string): Count {
  if (level.count === undefined) return ended ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const counted = readCount(level.count, output);
  // A level that broke down beside its tests, or ran none, has failed whatever its tests say.
  const broken = counted.failed === 0 && (!ended || counted.passed === 0);
  return broken ? { ...counted, failed: 1 } : counted;
}

function readCount(count: (output: string) => Count, output: string): Count {
  try {
    return count(output);
  } catch (error) {
    console.log(`No result could be read: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = names.filter((name) => LEVELS.every((level) => level.name !== name));
if (unknown.length > 0) {
  throw new Error(
    `Unknown level ${unknown.join(", ")}; the levels are ${LEVELS.map((level) => level.name).join(", ")}.`,
  );
}
const slow = process.argv.includes("--slow");
const chosen = LEVELS.filter((level) => (names.length > 0 ? names.includes(level.name) : slow || level.slow !== true));

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
let passed = 0;
let failed = 0;
for (const level of chosen) {
  const count = await runLevel(level);
  passed += count.passed;
  failed += count.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
