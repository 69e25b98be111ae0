/**
 * What a person waits for: from the start of the MCP server to its first answer, and of the command line to its end, against
 * `node -e 0` in the same run. `npm run build && npm run bench:spawn [-- COUNT]`
 */
import { execFileSync, spawn } from "node:child_process";
import path from "node:path";
import { fillStore, paired, report } from "./support/bench-store.ts";
import { Scratch } from "../support/scratch.ts";

const DIST = path.join(import.meta.dirname, "../../dist");
const count = Number(process.argv[2] ?? 1_000);
const scratch = new Scratch();
const env = { ...process.env, COMMIT_TO_MEMORY_DATA: scratch.data };
const run = (...args: string[]): Buffer =>
  execFileSync(process.execPath, args, { cwd: scratch.folder, env, stdio: ["ignore", "pipe", "ignore"] });
const bareNode = (): Buffer => run("-e", "0");
const cli = (...args: string[]): Buffer => run(path.join(DIST, "cli.cjs"), ...args);

const INITIALIZE = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "1" } };
const RECALL = { name: "memory_recall", arguments: { question: "where are the limits of the payments service?" } };

/** Speaks to a fresh server until the answer with this id has come. */
async function server(messages: readonly object[], until: number): Promise<void> {
  const child = spawn(process.execPath, [path.join(DIST, "mcp.cjs")], {
    cwd: scratch.folder,
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const answered = new Promise<void>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.includes(`"id":${until}`)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it answered`)));
  });
  for (const message of messages) child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  await answered;
  child.removeAllListeners("exit");
  child.kill();
}

const initialize = { id: 1, method: "initialize", params: INITIALIZE };
const recall = { id: 2, method: "tools/call", params: RECALL };

try {
  await fillStore(scratch, count);
  cli("recall", "warm the caches");
  const rounds = 15;
  const floor = "node -e 0";
  report("cli --version", floor, await paired(rounds, bareNode, () => cli("--version")));
  report(`cli list, ${count} memories`, floor, await paired(rounds, bareNode, () => cli("list")));
  report(
    `cli recall, ${count} memories`,
    floor,
    await paired(rounds, bareNode, () => cli("recall", "where are the limits of the payments service?")),
  );
  report("mcp, initialize answered", floor, await paired(rounds, bareNode, () => server([initialize], 1)));
  report(
    `mcp, first recall answered, ${count} memories`,
    floor,
    await paired(rounds, bareNode, () => server([initialize, { method: "notifications/initialized" }, recall], 2)),
  );
} finally {
  await scratch.remove();
}
