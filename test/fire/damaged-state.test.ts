/** What lies beside the repository is derived, or says how to read: damage to it must change no answer and stop no write. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Session } from "../../src/core/session.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { act, claim, fileText, Scratch } from "../support/scratch.ts";
import { chance } from "./faults.ts";

/** Enough of both that every cache is written. */
const COMMITS = 300;
const FLIPS = 3;

let scratch: Scratch;
let answers: unknown;
beforeAll(async () => {
  scratch = new Scratch();
  await scratch.start();
  scratch.commitsOutside(
    Array.from({ length: COMMITS }, (_, n) => {
      const id = `m_${String(n).padStart(12, "0")}`;
      return { [`semantic/fact/claim-${id}.md`]: fileText(id, `Claim ${n}`, `The value of setting ${n} is read.`) };
    }),
  );
  await read(scratch.folder);
  answers = await read(scratch.folder);
}, 60_000);
afterAll(async () => scratch.remove());

/** What a new process answers: all that is believed, the history, and a recall's text. */
async function read(folder: string): Promise<unknown> {
  const environment = {
    now: () => new Date("2026-12-01T00:00:00Z"),
    random: (length: number) => new Uint8Array(length),
  };
  const stores = await openStores({ folder, dataDirectory: scratch.data, environment });
  try {
    const { project } = stores;
    if (project === null) throw new Error("There is no repository.");
    const memories = [...(await project.snapshot()).memories()];
    const recalled = await stores.recall(
      { text: "setting 17" },
      new Session({ channel: "cli", actor: "reader", trust: "agent" }, environment),
    );
    return {
      memories: memories.map(({ title, body, front }) => [title, body, front]),
      history: (await project.journal.entries()).map(({ commit, text }) => [commit, text.subject]),
      recalled: recalled.text,
    };
  } finally {
    await stores.dispose();
  }
}

/** What is answered in a copy of the repository after something was done to the state in it, and whether a write is stored. */
async function after(damage: (state: string) => void): Promise<unknown> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "memory-damaged-"));
  try {
    fs.cpSync(scratch.folder, folder, { recursive: true, preserveTimestamps: true });
    damage(path.join(folder, ".git/memory"));
    const answered = await read(folder);
    const stores = await openStores({ folder, dataDirectory: scratch.data });
    const store = stores.project;
    const written = store === null ? null : await addMemory(store, claim("after"), act);
    const isStored = written !== null && (await store?.repository.tip()) === written.commit;
    await stores.dispose();
    return { answered, isStored };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const filesIn = (state: string): string[] =>
  fs
    .readdirSync(state)
    .map((name) => path.join(state, name))
    .filter((file) => fs.statSync(file).isFile() && fs.statSync(file).size > 0);

function flipBit(file: string, random: () => number): void {
  const bytes = fs.readFileSync(file);
  const at = Math.floor(random() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  fs.writeFileSync(file, bytes);
}

const DAMAGE: Record<string, (state: string) => void> = {
  "a folder that is gone": (state) => fs.rmSync(state, { recursive: true }),
  "empty files": (state) => filesIn(state).forEach((file) => fs.truncateSync(file)),
  "files cut in half": (state) => filesIn(state).forEach((file) => fs.truncateSync(file, fs.statSync(file).size >> 1)),
  "files of other bytes": (state) => filesIn(state).forEach((file) => fs.writeFileSync(file, Buffer.alloc(4_000, "{"))),
  "folders in place of caches": (state) =>
    CACHES.forEach((name) => {
      fs.rmSync(path.join(state, name));
      fs.mkdirSync(path.join(state, name));
    }),
};
for (let n = 1; n <= FLIPS; n++) {
  const random = chance(n);
  DAMAGE[`files with another bit in each (${n})`] = (state) => filesIn(state).forEach((file) => flipBit(file, random));
}

const CACHES = ["snapshot", "index", "journal"];

test("every cache is there to be damaged", () => {
  expect(fs.readdirSync(scratch.path(".git/memory"))).toEqual(expect.arrayContaining(CACHES));
});

test.each(Object.entries(DAMAGE))("%s change no answer and stop no write", async (_what, damage) => {
  expect(await after(damage)).toEqual({ answered: answers, isStored: true });
});
