/** All that a store is for, done once in a repository: written, taken back, recalled, explained, and read by another process. */
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { run } from "../../../src/cli/run.ts";
import { blameMemory } from "../../../src/core/provenance/blame.ts";
import { planRevertOfMemory, revert } from "../../../src/core/provenance/revert.ts";
import { Session } from "../../../src/core/session.ts";
import { addMemory, expireMemories, updateMemory } from "../../../src/core/verbs.ts";
import { initialiseStore } from "../../../src/core/initialise.ts";
import { checkAnswer, PROGRAM } from "../../support/cli-world.ts";
import { act, agent, claim, human, type Scratch } from "../../support/scratch.ts";

export interface MainJob {
  readonly titles: readonly string[];
  readonly history: readonly string[];
  readonly blame: readonly unknown[];
  readonly recalled: readonly string[];
  /** The titles that a process of its own lists. */
  readonly elsewhere: readonly string[];
  /** The checks of the doctor's that found a problem. */
  readonly problems: readonly string[];
}

export const DONE: MainJob = {
  titles: ["Claim number 2", "Claim number one"],
  history: ["revert", "expire", "update", "add", "add", "init"],
  blame: ["add", "update"],
  recalled: ["Claim number one"],
  elsewhere: ["Claim number 2", "Claim number one"],
  problems: [],
};

export async function doMainJob(scratch: Scratch, folder = scratch.folder): Promise<MainJob> {
  const stores = await scratch.stores(folder);
  const store = stores.project;
  if (store === null) throw new Error(`${folder} is in no repository`);
  await initialiseStore(store, { caller: human, reason: "" });
  const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
  const second = (await addMemory(store, claim(2), act)).memories[0]?.id ?? "";
  await updateMemory(store, id, { title: "Claim number one" }, act);
  await expireMemories(store, [second], { ...act, cause: "outdated" });
  await revert(store, await planRevertOfMemory(store, second), act);
  const snapshot = await store.snapshot();
  const session = new Session(agent, store.environment);
  const recall = await stores.recall({ text: "claim number one", limit: 1 }, session);
  const lines = await blameMemory(store, { path: snapshot.get(id)?.path ?? "" });
  const [elsewhere, doctor] = await Promise.all([listElsewhere(scratch, folder), doctorIn(scratch, folder)]);
  return {
    titles: [...snapshot.memories()].map(({ title }) => title).sort(),
    history: (await store.journal.entries()).map(({ text }) => text.operation ?? "none"),
    blame: [...new Set(lines.map(({ entry }) => entry?.text.operation))],
    recalled: recall.chosen.map(({ id: chosen }) => snapshot.get(chosen)?.title ?? chosen),
    elsewhere,
    problems: doctor.filter(({ level }) => level === "problem").map(({ check, message }) => `${check}: ${message}`),
  };
}

export async function listElsewhere(
  scratch: Scratch,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, "-C", folder, "list", "--json"], {
    cwd: scratch.root,
    env: { ...process.env, COMMIT_TO_MEMORY_DATA: scratch.data, ...env },
  });
  const { memories }: { memories: { title: string }[] } = JSON.parse(stdout);
  return memories.map(({ title }) => title).sort();
}

export interface DoctorFinding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly advice: string | null;
  readonly fixable: boolean;
}

export interface DoctorAnswer {
  readonly healthy: boolean;
  readonly findings: readonly DoctorFinding[];
  readonly repairs: readonly { readonly check: string; readonly done: boolean; readonly message: string }[];
  readonly report?: object;
}

/** What `git memory doctor --json` answers in a folder, checked against its schema. */
export async function doctorSays(scratch: Scratch, folder: string, ...more: readonly string[]): Promise<DoctorAnswer> {
  let out = "";
  await run(["doctor", "--json", ...more], {
    env: { COMMIT_TO_MEMORY_DATA: scratch.data, NO_COLOR: "1" },
    cwd: folder,
    columns: null,
    errorsToTerminal: false,
    program: pathToFileURL(PROGRAM),
    out: (text) => (out += text),
    error: (text) => (out += text),
    input: async () => new Uint8Array(),
  });
  const answer: DoctorAnswer = JSON.parse(out);
  checkAnswer("doctor", answer);
  return answer;
}

export async function doctorIn(scratch: Scratch, folder: string): Promise<readonly DoctorFinding[]> {
  return (await doctorSays(scratch, folder)).findings;
}
