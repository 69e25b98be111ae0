/** What must hold after a fault, asked by another process than the one it happened to. */
import fs from "node:fs";
import path from "node:path";
import { NoStoreError } from "../../src/core/errors.ts";
import { approveHeld, digestOfHeld, rejectHeld } from "../../src/core/review/decide.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import { hold } from "../support/held.ts";
import { act, claim, human } from "../support/scratch.ts";
import { ERASED, type Begun, type Fact } from "./scenarios.ts";
import { developersWork, type World } from "./world.ts";

/** What the actor told before it ended. */
export interface Told {
  readonly begun: readonly Begun[];
  /** What was acknowledged, without what a later act may have changed since. */
  readonly facts: readonly Fact[];
  /** How many acts were acknowledged. */
  readonly acknowledged: number;
  readonly refusals: readonly string[];
  readonly unclear: readonly string[];
  readonly ended: boolean;
}

export interface Before {
  readonly work: Readonly<Record<string, string>>;
  /** All commits of the memory branch. */
  readonly history: readonly string[];
}

export interface Problems {
  readonly lost: readonly string[];
  readonly torn: readonly string[];
  /** The developer was disturbed, git is unhappy, the next write was held up, a refusal was no sentence of ours. */
  readonly other: readonly string[];
}

const PERSONAL = "init personal";

/** The next writes must not wait for a lock that nobody holds; the lock's own patience is five seconds. */
const HELD_UP_MS = 4_000;

export function look(world: World, scenario: string): Before {
  const history = historyOf(world, scenario);
  return { work: developersWork(world), history: history.map(({ commit }) => commit) };
}

export function readTold(lines: readonly string[]): Told {
  const begun: Begun[] = [];
  let facts: Fact[] = [];
  const refusals: string[] = [];
  const unclear: string[] = [];
  let acknowledged = 0;
  let ended = false;
  for (const line of lines) {
    const said = JSON.parse(line) as {
      begun?: Begun;
      facts?: Fact[];
      refused?: string;
      message?: string;
      unclear?: string;
      ended?: true;
    };
    if (said.begun !== undefined) {
      const { touches = [] } = said.begun;
      begun.push(said.begun);
      facts = touches.includes("*") ? [] : facts.filter(({ subject }) => !touches.includes(subject));
    }
    if (said.facts !== undefined) {
      facts.push(...said.facts);
      acknowledged++;
    }
    if (said.refused !== undefined) refusals.push(`${said.refused}: ${said.message ?? ""}`);
    if (said.unclear !== undefined) unclear.push(said.unclear);
    ended ||= said.ended === true;
  }
  return { begun, facts, acknowledged, refusals, unclear, ended };
}

export async function judge(world: World, scenario: string, before: Before, told: Told): Promise<Problems> {
  const [lost, torn, other]: [string[], string[], string[]] = [[], [], []];
  const stores = await world.open();
  const store = scenario === PERSONAL ? stores.personal : stores.project;
  if (store === null) throw new Error("The repository is gone.");
  try {
    other.push(...told.unclear.map((text) => `a refusal that is no sentence of ours: ${text}`));
    const exists = await isThere(store);
    for (const fact of told.facts) if (!(await holds(store, world, scenario, fact))) lost.push(JSON.stringify(fact));
    if (exists) {
      const broken = [...(await store.snapshot()).broken()].map(({ path }) => path);
      torn.push(...broken.map((path) => `${path} is broken`));
      torn.push(...((await store.quarantine?.unreadable()) ?? []));
      await store.journal.entries();
    }
    torn.push(...tornCommits(world, scenario, before, told));
    const start = performance.now();
    if (!exists) await initialiseStore(store, { caller: human, reason: "" });
    const { commit } = await addMemory(store, claim("the next one"), act);
    if ((await store.repository.tip()) !== commit) other.push("the next write is not there");
    const undecided = told.facts.some(({ is }) => is === "decided") ? [] : await waitingIds(store);
    for (const id of undecided) await decideAgain(store, scenario, id);
    const held = await hold(store, { front: { id: "m_000000000009" } });
    if (!(await waitingIds(store)).includes(held.id)) other.push("what is held next does not wait");
    const took = performance.now() - start;
    // A busy machine makes each of them slow, a lock only the one that waits for it.
    const acts = (exists ? 0 : 1) + 1 + undecided.length + 1;
    const again = performance.now();
    for (let n = 1; n <= acts; n++) await addMemory(store, claim(`more ${n}`), act);
    const floor = performance.now() - again;
    if (took > floor + HELD_UP_MS)
      other.push(`the next ${acts} writes took ${Math.round(took - floor)} ms longer than as many others`);
  } catch (error) {
    other.push(`the store can't be used: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await stores.dispose();
  }
  other.push(...disturbed(world, before), ...unsound(world, scenario), ...leftLocks(world, scenario));
  return { lost, torn, other };
}

async function isThere(store: MemoryStore): Promise<boolean> {
  try {
    await store.snapshot();
    return true;
  } catch (error) {
    if (error instanceof NoStoreError) return false;
    throw error;
  }
}

async function holds(store: MemoryStore, world: World, scenario: string, fact: Fact): Promise<boolean> {
  const snapshot = await store.snapshot();
  switch (fact.is) {
    case "believed":
      return snapshot.get(fact.subject)?.title === fact.title;
    case "gone":
      return snapshot.get(fact.subject) === undefined;
    case "committed":
      return historyOf(world, scenario).some(({ commit }) => commit === fact.subject);
    case "named":
      return world.git("rev-parse", `refs/tags/memory/${fact.subject}`) === fact.commit;
    case "waiting":
      return (await waitingIds(store)).includes(fact.subject);
    case "decided":
      return !(await waitingIds(store)).includes(fact.subject);
    case "erased":
      return !everyWord(world).includes(fact.subject);
  }
}

/** What a killed process left waiting can be decided on as if nothing had been. */
async function decideAgain(store: MemoryStore, scenario: string, id: string): Promise<void> {
  const [held] = ((await store.quarantine?.waiting(null)) ?? []).filter((one) => one.id === id);
  if (held === undefined) return;
  const act = { caller: human, reason: "Looked at again." };
  if (scenario === "approve") await approveHeld(store, id, { ...act, shown: digestOfHeld(held) });
  if (scenario === "reject") await rejectHeld(store, id, act);
}

async function waitingIds(store: MemoryStore): Promise<string[]> {
  return ((await store.quarantine?.waiting(null)) ?? []).map(({ id }) => id);
}

/** Each commit that is new is one that was begun, whole, and at most once. */
function tornCommits(world: World, scenario: string, before: Before, told: Told): string[] {
  const history = historyOf(world, scenario);
  const kept = new Set(history.map(({ commit }) => commit));
  const gone = before.history.filter((commit) => !kept.has(commit));
  const isErased = told.begun.some(({ op }) => op === "erase");
  if (gone.length > 0 && !isErased) return [`${gone.length} commits of before are gone`];
  if (gone.length > 0 && everyWord(world).includes(ERASED))
    return ["the history is new, and what was erased is still there"];
  // Erasing writes them anew, so they are told by their place.
  const fresh = history.slice(0, history.length - before.history.length);
  const problems: string[] = [];
  const open = [...told.begun];
  for (const { commit, op, files } of fresh.toReversed()) {
    const at = open.findIndex((begun) => begun.op === op && begun.files === files);
    if (at < 0) problems.push(`${commit} (${op}, ${files} files) was begun by nobody, or is not whole`);
    else open.splice(at, 1);
  }
  return problems;
}

interface Past {
  readonly commit: string;
  readonly op: string;
  readonly files: number;
}

/** Newest first, with the number of files that each changed. */
function historyOf(world: World, scenario: string): Past[] {
  const place = gitDirOf(world, scenario);
  if (!fs.existsSync(path.join(place, "HEAD"))) return [];
  const isBorn = world.git(`--git-dir=${place}`, "for-each-ref", "refs/heads/agent-memory") !== "";
  if (!isBorn) return [];
  const text = world.git(
    `--git-dir=${place}`,
    "log",
    "--root",
    "--no-renames",
    "--name-only",
    "--format=%x01%H %(trailers:key=Memory-Op,valueonly,separator=%x20)",
    "agent-memory",
  );
  return text
    .split("\u0001")
    .slice(1)
    .map((part) => {
      const [head = "", ...files] = part.split("\n").filter((line) => line !== "");
      const [commit = "", op = ""] = head.split(" ");
      return { commit, op, files: files.length };
    });
}

function gitDirOf(world: World, scenario: string): string {
  return scenario === PERSONAL ? path.join(world.data, "personal.git") : path.join(world.folder, ".git");
}

/** All text that the object database has, for looking whether something is still said in it. */
function everyWord(world: World): string {
  return world.git("cat-file", "--batch-all-objects", "--batch", "--unordered");
}

function disturbed(world: World, before: Before): string[] {
  const now = developersWork(world);
  return Object.keys(now)
    .filter((what) => now[what] !== before.work[what])
    .map((what) => `the developer's ${what} is another`);
}

function unsound(world: World, scenario: string): string[] {
  try {
    const said = world.git(`--git-dir=${gitDirOf(world, scenario)}`, "fsck", "--strict", "--full", "--no-dangling");
    return /error|missing|broken|warning/.test(said) ? [`git fsck: ${said}`] : [];
  } catch (error) {
    return [`git fsck: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** After the next write there is no lock in the refs, nor our own, nor what git writes beside one. */
function leftLocks(world: World, scenario: string): string[] {
  const places = new Set([path.join(world.folder, ".git"), gitDirOf(world, scenario)]);
  return [...places].filter(fs.existsSync).flatMap((place) =>
    fs
      .readdirSync(place, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".lock") || name === "packed-refs.new")
      .map((name) => `${name} was left behind`),
  );
}
