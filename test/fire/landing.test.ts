/** Kills, torn writes and a full disk while writes land on the checked-out branch, and while a store moves. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { POLICY_FILE } from "../../src/core/memory/policy.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { land, onBranch, startOnBranch } from "../git/support/branch.ts";
import { act, claim, Scratch } from "../support/scratch.ts";
import { allFaults, chance, type Fault, sample, type Step } from "./faults.ts";
import { World } from "./world.ts";

const SCENARIOS = ["landing", "move to branch", "move to dedicated", "locked key"] as const;
type Scenario = (typeof SCENARIOS)[number];

/** How many of each; `FIRE_FAULTS=Infinity` tries every fault at every step. */
const FAULTS = Number(process.env["FIRE_FAULTS"] ?? 4);
const SEED = 20_261_123;
const LIVED = ["Claim number 1", "Claim number 2"];

const built = fs.mkdtempSync(path.join(os.tmpdir(), "memory-fire-landing-"));
const prepared = new Map<Scenario, Scratch>();
beforeAll(async () => {
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  for (const name of ["landing-actor", "inject"])
    buildSync({
      entryPoints: [path.join(ROOT, `test/fire/${name}.ts`)],
      outfile: path.join(built, `${name}.mjs`),
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: banner },
    });
  for (const scenario of SCENARIOS) prepared.set(scenario, await prepare(scenario));
});
afterAll(async () => {
  for (const scratch of prepared.values()) await scratch.remove();
  fs.rmSync(built, { recursive: true, force: true });
});

async function prepare(scenario: Scenario): Promise<Scratch> {
  const scratch = new Scratch();
  fs.mkdirSync(scratch.data, { recursive: true });
  scratch.write("other.ts", "one\n");
  scratch.git("add", "other.ts");
  const isApart = scenario === "move to branch" || scenario === "locked key";
  const store = isApart ? await scratch.start() : await startOnBranch(scratch);
  for (const n of [1, 2]) await addMemory(store, claim(n), act);
  if (!isApart) await land(store);
  if (scenario === "locked key") {
    const policy = scratch.git("show", `agent-memory:${POLICY_FILE}`);
    scratch.commitOutside({ [POLICY_FILE]: `${policy}\ncommits: { sign: always }\n` });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(scratch.root, "key")]);
  }
  await store.dispose();
  // The developer is in the middle of something.
  scratch.write("other.ts", "two\n");
  scratch.write("staged.ts", "staged\n");
  scratch.git("add", ".");
  scratch.write("staged.ts", "staged and edited\n");
  scratch.write("notes.txt", "untracked\n");
  return scratch;
}

function copyOf(scenario: Scenario): World {
  const scratch = prepared.get(scenario);
  if (scratch === undefined) throw new Error("nothing was prepared");
  const world = new World(fs.mkdtempSync(path.join(os.tmpdir(), "memory-fire-")));
  fs.cpSync(scratch.root, world.root, { recursive: true, preserveTimestamps: true });
  if (scenario === "locked key") lockKey(world);
  // A copied file is another file for git until it looks again.
  world.git("update-index", "-q", "--refresh");
  const then = Date.now() / 1000 - 60;
  for (const name of ["index", "HEAD", "logs/HEAD", "COMMIT_EDITMSG"]) {
    const file = path.join(world.folder, ".git", name);
    if (fs.existsSync(file)) fs.utimesSync(file, then, then);
  }
  return world;
}

/** The signer refuses until the actor opens the lock. */
function lockKey(world: World): void {
  const signer = path.join(world.root, "signer");
  const script = `#!/bin/sh\n[ -e '${world.root}/unlocked' ] || { echo 'the key is locked' >&2; exit 1; }\nexec ssh-keygen "$@"\n`;
  fs.writeFileSync(signer, script, { mode: 0o755 });
  world.git("config", "gpg.format", "ssh");
  world.git("config", "gpg.ssh.program", signer);
  world.git("config", "user.signingKey", path.join(world.root, "key"));
}

interface Said {
  readonly believed?: string;
  readonly gone?: string;
  readonly changing?: string;
  readonly unclear?: string;
  readonly ended?: true;
}

async function run(world: World, scenario: Scenario, env: NodeJS.ProcessEnv): Promise<Said[]> {
  const words = ["--import", path.join(built, "inject.mjs"), path.join(built, "landing-actor.mjs")];
  const child = spawn(path.join(ROOT, "node_modules/.bin/node"), [...words, world.folder, world.data, scenario], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...env },
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return said
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Said);
}

/** The developer's work, as git and the disk tell of it. */
function work(world: World): string {
  const files = ["other.ts", "staged.ts", "notes.txt"].map((file) =>
    fs.readFileSync(path.join(world.folder, file), "utf8"),
  );
  return [world.git("status", "--porcelain"), world.git("diff", "--cached"), world.git("diff"), ...files].join("\n");
}

/**
 * What is wrong, in words.
 * @param before the developer's work; null where the developer has gone on with it meanwhile
 */
async function judge(
  world: World,
  scenario: Scenario,
  before: string | null,
  said: readonly Said[],
): Promise<string[]> {
  const wrong = said.flatMap(({ unclear }) => (unclear === undefined ? [] : [unclear]));
  const stores = await openStores({ folder: world.folder, dataDirectory: world.data });
  const store = stores.project;
  if (store === null) throw new Error("the repository is gone");
  try {
    const titles = new Set(Array.from((await store.snapshot()).memories(), ({ title }) => title));
    const facts = new Map<string, boolean>();
    for (const { believed, gone, changing } of said) {
      if (changing !== undefined) facts.delete(changing);
      if (believed !== undefined) facts.set(believed, true);
      if (gone !== undefined) facts.set(gone, false);
    }
    for (const title of LIVED) facts.set(title, true);
    for (const [title, is] of facts)
      if (titles.has(title) !== is) wrong.push(`"${title}" is ${is ? "lost" : "still there"}`);
    if ([...(await store.snapshot()).broken()].length > 0) wrong.push("a memory is broken");
    fs.writeFileSync(path.join(world.root, "unlocked"), "");
    await addMemory(store, claim("next"), act);
    const { why, aside } = await onBranch(store).land(true);
    if (scenario === "locked key") wrong.push(...unsignedIn(world));
    if (why !== null) wrong.push(`it waits: ${why}`);
    if (aside.length > 0) wrong.push(`${aside.length} set aside`);
    const adds = (await store.journal.entries()).flatMap(({ text, changes }) =>
      text.operation === "add" ? [changes.length] : [],
    );
    if (adds.some((count) => count !== 1)) wrong.push(`commits that add ${adds.join()} memories`);
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await stores.project?.dispose();
    await stores.personal.dispose();
  }
  if (before !== null && work(world) !== before)
    wrong.push(`the developer's work is another: ${world.git("status", "--porcelain")}`);
  const fsck = world.git("fsck", "--strict", "--full", "--no-dangling");
  if (fsck !== "") wrong.push(`git fsck: ${fsck}`);
  return [...wrong, ...locksIn(world).map((name) => `${name} was left`)];
}

/** The commits that the branch got since it wants signatures, and that have none. */
function unsignedIn(world: World): string[] {
  const since = world.git("log", "-1", "--format=%H", "agent-memory", "--", POLICY_FILE);
  return world
    .git("rev-list", `${since}..agent-memory`)
    .split("\n")
    .filter((commit) => !world.git("cat-file", "commit", commit).includes("\ngpgsig "))
    .map((commit) => `${commit} is on the branch without a signature`);
}

/** Locks of git's own kind, below the git folder. */
function locksIn(world: World): string[] {
  const names = fs.readdirSync(path.join(world.folder, ".git"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /^(?:index|HEAD|packed-refs|refs\/.+)\.lock$|^packed-refs\.new$/.test(name));
}

async function steps(scenario: Scenario): Promise<Step[]> {
  const world = copyOf(scenario);
  const log = path.join(world.root, "steps");
  const before = work(world);
  const said = await run(world, scenario, { FIRE_LOG: log });
  const wrong = await judge(world, scenario, before, said);
  if (wrong.length > 0) throw new Error(`${scenario} fails by itself: ${wrong.join("\n")}`);
  const lines = fs.readFileSync(log, "utf8").trimEnd().split("\n");
  world.remove();
  return lines.map((line) => {
    const [kind = "", ...label] = line.split(" ");
    return { kind: kind as Step["kind"], label: label.join(" ").replaceAll(world.root, "") };
  });
}

async function fire(scenario: Scenario, fault: Fault): Promise<string[]> {
  const world = copyOf(scenario);
  const before = work(world);
  const said = await run(world, scenario, {
    FIRE_STEP: String(fault.step),
    FIRE_FAULT: fault.kind,
    FIRE_DELAY: String(fault.delay),
  });
  const wrong = await judge(world, scenario, before, said);
  if (wrong.length === 0 || process.env["FIRE_KEEP"] === undefined) world.remove();
  return wrong.map((text) => `${scenario}, ${fault.kind} at step ${fault.step} (${fault.label}): ${text}`);
}

test.each(SCENARIOS)(
  "%s: whatever goes wrong, nothing acknowledged is lost and the developer's work is as it was",
  async (scenario) => {
    const random = chance(SEED);
    const faults = sample(allFaults(await steps(scenario), random), FAULTS, random);
    const wrong: string[] = [];
    for (const fault of faults) wrong.push(...(await fire(scenario, fault)));
    console.log(`${scenario}: ${faults.length} faults, ${wrong.length} problems`);
    expect(wrong).toEqual([]);
  },
  3_600_000,
);

/** The faults that can leave an `index.lock` behind, which git tells its user to remove, as it does of the refs' own. */
function whileLocked(all: readonly Step[], random: () => number): Fault[] {
  const from = all.findIndex(({ label }) => /^link .*landing-[^/]*\/index$/.test(label));
  const to = all.findIndex(({ label }, i) => i > from && /^(?:rm|unlink) .*\/index\.lock$/.test(label));
  return allFaults(all, random).filter(
    ({ step, kind }) => step > from && step <= to + 1 && /^(?:kill|torn)/.test(kind),
  );
}

test.each(["", "--all"])(
  "who removes the lock of a killed landing by hand and goes on with git commit %s takes nothing off the branch",
  async (how) => {
    const random = chance(SEED);
    const faults = sample(whileLocked(await steps("landing"), random), 2 * FAULTS, random);
    const wrong: string[] = [];
    let removed = 0;
    for (const fault of faults) {
      const world = copyOf("landing");
      const plan = { FIRE_STEP: String(fault.step), FIRE_FAULT: fault.kind, FIRE_DELAY: String(fault.delay) };
      const said = await run(world, "landing", plan);
      removed += locksIn(world).filter((name) => name === "index.lock").length;
      for (const name of locksIn(world)) fs.rmSync(path.join(world.folder, ".git", name));
      world.git("commit", ...(how === "" ? [] : [how]), "--quiet", "--message=mine");
      const found = await judge(world, "landing", null, said);
      if (found.length === 0) world.remove();
      wrong.push(...found.map((text) => `${fault.kind} at step ${fault.step} (${fault.label}): ${text}`));
    }
    console.log(`git commit ${how}: ${faults.length} faults, ${removed} locks removed, ${wrong.length} problems`);
    expect(wrong).toEqual([]);
    expect(removed).toBeGreaterThan(0);
  },
  3_600_000,
);
