/**
 * The sample's store, written by the product itself at the times and by the hands that the history names, so that it is
 * always what the product really writes.
 */
import { createHash } from "node:crypto";
import { initialiseStore } from "../../src/core/initialise.ts";
import { newMemoryId } from "../../src/core/memory/id.ts";
import { planRevertOfMemory, revert } from "../../src/core/provenance/revert.ts";
import type { Environment } from "../../src/core/ports.ts";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { openStores } from "../../src/git/open.ts";
import { ALICE, BOB } from "./code.ts";
import { HISTORY, type SampleClaim, type SampleStep, WRITERS } from "./history.ts";

/** The blob and commit of a path of the code at a moment. */
export type Cite = (path: string, at: Date) => { readonly commit: string; readonly blob: string };

const DAY_MS = 86_400_000;

/** The same id for the same key, so that tests can name a memory. */
export function sampleId(key: string): string {
  return newMemoryId((length) => chance(key, length));
}

export async function fillSampleStore(folder: string, dataDirectory: string, now: Date, cite: Cite): Promise<void> {
  // Dates and ids are the history's, so that one `now` always gives one store.
  const world = { now: new Date(now.getTime() - 41 * DAY_MS), key: "" };
  const environment = { now: () => world.now, random: (length: number) => chance(world.key, length) };
  const people = {
    alice: await openAs(ALICE, folder, dataDirectory, environment),
    bob: await openAs(BOB, folder, dataDirectory, environment),
  };
  try {
    await initialiseStore(people.alice.store, {
      caller: callerOf({ by: "alice" }),
      reason: "So that agents stop asking the same questions.",
    });
    for (const [index, step] of HISTORY.entries()) {
      // Steps of one day are kept apart by minutes, in their order.
      world.now = new Date(Math.floor((now.getTime() - step.daysAgo * DAY_MS) / 1000) * 1000 + index * 60_000);
      world.key = "key" in step ? step.key : "";
      await take(people[step.by === "bob" ? "bob" : "alice"].store, step, world.now, now, cite);
    }
  } finally {
    await people.alice.dispose();
    await people.bob.dispose();
  }
}

/** The store as one of the two sees it: agents write in the editor of whoever they work for. */
async function openAs(
  person: string,
  folder: string,
  dataDirectory: string,
  environment: Environment,
): Promise<{ store: MemoryStore; dispose: () => Promise<void> }> {
  const [, name, email] = /^(.*) <(.*)>$/.exec(person) ?? [];
  process.env["GIT_COMMITTER_NAME"] = name;
  process.env["GIT_COMMITTER_EMAIL"] = email;
  try {
    const stores = await openStores({ folder, dataDirectory, environment });
    if (stores.project === null) throw new Error(`${folder} is no git repository`);
    // Read once and kept, so each store stays with its person.
    await stores.project.repository.committer();
    return { store: stores.project, dispose: () => stores.dispose() };
  } finally {
    delete process.env["GIT_COMMITTER_NAME"];
    delete process.env["GIT_COMMITTER_EMAIL"];
  }
}

async function take(store: MemoryStore, step: SampleStep, at: Date, now: Date, cite: Cite): Promise<void> {
  const act = { caller: callerOf(step), reason: step.reason };
  if (step.act === "by-hand") await commitByHand(store, step.path, step.text, step.reason, at);
  else if (step.act === "add") await addMemory(store, draftOf(step.claim, at, now, cite), act);
  else if (step.act === "update") await updateMemory(store, sampleId(step.key), { body: step.body }, act);
  else if (step.act === "expire") await expireMemories(store, [sampleId(step.key)], { ...act, cause: step.cause });
  else await revert(store, await planRevertOfMemory(store, sampleId(step.key)), act);
}

function callerOf(step: Pick<SampleStep, "by" | "session" | "turn" | "told">): Caller {
  const { actor, channel, trust } = WRITERS[step.by];
  return {
    actor,
    channel,
    trust: step.told === true ? "user" : trust,
    ...(step.session === undefined ? {} : { session: step.session }),
    ...(step.turn === undefined ? {} : { turn: step.turn }),
  };
}

function draftOf({ cites, endsInDays, ...claim }: SampleClaim, at: Date, now: Date, cite: Cite): Draft {
  return {
    ...claim,
    ...(cites === undefined
      ? {}
      : { sources: [{ resource: `repo:/${cites.path}`, lines: cites.lines, ...cite(cites.path, at) }] }),
    ...(endsInDays === undefined
      ? {}
      : { expires_at: new Date(now.getTime() + endsInDays * DAY_MS).toISOString().replace(/\.\d+Z$/, "Z") }),
  };
}

/** What a person with a checkout of the branch could commit: no trailers, and whatever the file holds. */
async function commitByHand(store: MemoryStore, path: string, text: string, message: string, at: Date): Promise<void> {
  const { repository } = store;
  const content = new TextEncoder().encode(text);
  const author = await repository.committer();
  await repository.commit({
    parent: await repository.tip(),
    changes: [{ path, content }],
    message: `${message}\n`,
    author,
    at,
  });
}

function chance(key: string, length: number): Uint8Array {
  return createHash("sha256").update(key).digest().subarray(0, length);
}
