/** One look of a bisection: the command, with the store or a recall as it was at a commit. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { MemoryError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Verdict } from "../../core/provenance/bisect.ts";
import { pastOf } from "../../core/recall/as-of.ts";
import { ask } from "../../core/recall/ask.ts";
import type { MemoryStore } from "../../core/store.ts";
import { exitOfShell, inScratchFolder } from "../scratch-folder.ts";

/** The command said nothing of the commit; what was found out before is kept. */
export class TrialStoppedError extends MemoryError {
  readonly code = "stopped";
}

export interface Trial {
  readonly command: string;
  readonly question: string | null;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As `git bisect run`: 0 is good, 125 can't be told, 1 to 124 and 126 to 127 are bad, and all else stops the search. */
const SKIP = 125;
const LAST_BAD = 127;

/** The code stays as it is; only memory travels. Throws TrialStoppedError where the command says that the search must stop. */
export async function verdictAt(store: MemoryStore, commit: ObjectId, trial: Trial): Promise<Verdict> {
  return inScratchFolder("memory-bisect-", async (scratch) => {
    const folder = path.join(scratch, "store");
    await checkOut(store, commit, folder);
    const file = path.join(scratch, "context.md");
    const context = trial.question === null ? "" : await contextAt(store, commit, trial.question);
    await writeFile(file, context);
    const env = {
      ...trial.env,
      MEMORY_COMMIT: commit,
      MEMORY_STORE_DIR: folder,
      MEMORY_CONTEXT_FILE: file,
      ...(trial.question === null ? {} : { MEMORY_QUESTION: trial.question }),
    };
    const status = await exitOfShell({ command: trial.command, folder: trial.folder, env, input: context });
    if (status === 0) return "good";
    if (status === SKIP) return "skip";
    if (status !== null && status > 0 && status <= LAST_BAD) return "bad";
    throw new TrialStoppedError(
      `The command was stopped or ended with ${status ?? "a signal"}, which says nothing about this commit. Run the same bisect again to go on.`,
    );
  });
}

/** The files of a commit in a plain folder: no worktree, no branch, nothing that git knows of. */
async function checkOut(store: MemoryStore, commit: ObjectId, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const {
    tree: { folders },
    load,
  } = await store.repository.whole(commit);
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  await load(
    folders.flatMap((one) => one.files),
    ({ path: name }, bytes) => files.push({ name, bytes }),
  );
  for (const { name, bytes } of files) {
    const file = path.resolve(folder, name);
    // A tree made by hand can name anything.
    if (!file.startsWith(folder + path.sep)) continue;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** What would have been recalled then, with the policy of then. */
async function contextAt(store: MemoryStore, commit: ObjectId, question: string): Promise<string> {
  const { moment, views } = await pastOf([store], commit, store.environment.now());
  const { tokens, limit } = (await store.policyAt(await store.snapshotAt(commit))).budgets;
  return (await ask(views, { text: question, now: moment }, { budget: tokens, limit })).result.text;
}
