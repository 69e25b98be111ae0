/** A person's own command, run with each context: only its exit code counts. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { exitOfShell, inScratchFolder } from "../scratch-folder.ts";
import type { AblationCase } from "./questions.ts";

export interface Task {
  readonly command: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One after the other, so that tasks don't disturb each other. */
export async function runEach(cases: readonly AblationCase[], task: Task): Promise<AblationCase[]> {
  return inScratchFolder("memory-ablate-", async (folder) => {
    const done: AblationCase[] = [];
    for (const one of cases) {
      const succeeds = (kind: string, context: string): Promise<boolean> => runOnce(task, one, kind, context, folder);
      const none = await succeeds("none", "");
      const recall = await succeeds("recall", one.context);
      const all = await succeeds("all", one.allContext);
      done.push({ ...one, success: { none, recall, all } });
    }
    return done;
  });
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
  const env = { ...task.env, MEMORY_CONTEXT_FILE: file, MEMORY_QUESTION: question.text, MEMORY_CONDITION: kind };
  return (await exitOfShell({ command: task.command, folder: task.folder, env, input: context })) === 0;
}
