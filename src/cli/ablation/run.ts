/** A person's own command, run with each context: only its exit code counts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { AblationCase } from "./questions.ts";

export interface Task {
  readonly command: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One after the other, so that tasks don't disturb each other. */
export async function runEach(cases: readonly AblationCase[], task: Task): Promise<AblationCase[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "memory-ablate-"));
  try {
    const done: AblationCase[] = [];
    for (const one of cases) {
      const succeeds = (kind: string, context: string): Promise<boolean> => runOnce(task, one, kind, context, folder);
      const none = await succeeds("none", "");
      const recall = await succeeds("recall", one.context);
      const all = await succeeds("all", one.allContext);
      done.push({ ...one, success: { none, recall, all } });
    }
    return done;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOnce(
  task: Task,
  { question }: AblationCase,
  kind: string,
  context: string,
  folder: string,
): Promise<boolean> {
  const file = path.join(folder, "context.md");
  await writeFile(file, context);
  const child = spawn(task.command, {
    cwd: task.folder,
    shell: true,
    stdio: ["pipe", "ignore", "inherit"],
    env: { ...task.env, MEMORY_CONTEXT_FILE: file, MEMORY_QUESTION: question.text, MEMORY_CONDITION: kind },
  });
  // A command that doesn't read its input may close it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(context);
  const [status] = await once(child, "close");
  return status === 0;
}
