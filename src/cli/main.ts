/** The program `git-memory`: this process as the host of `run`. */
import type { Host } from "./context.ts";
import { run } from "./run.ts";

const host: Host = {
  env: process.env,
  cwd: process.cwd(),
  columns: process.stdout.isTTY ? process.stdout.columns : null,
  errorsToTerminal: process.stderr.isTTY,
  program: new URL(import.meta.url),
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  async input() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  },
};

async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

// Whoever reads us may stop early (`git memory list | head -3`); that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Setting the code, and not exiting, lets what was written reach a pipe first.
void run(process.argv.slice(2), host).then((exit) => {
  process.exitCode = exit;
});
