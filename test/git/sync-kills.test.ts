/** A sync that is killed in the middle of each of its steps: whatever was stored stays, and the next sync finishes. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { updateMemory } from "../../src/core/verbs.ts";
import { PROGRAM } from "../support/cli-world.ts";
import { human } from "../support/scratch.ts";
import { type Mate, TeamWorld } from "../support/team.ts";

let world: TeamWorld;
beforeEach(() => {
  world = new TeamWorld();
});
afterEach(async () => world.remove());

const byPerson = { caller: human, reason: "A person said so." };
/** Long enough to be killed in. */
const STEP = "sleep 1";

/** Runs `git memory sync` and kills it as soon as a file appears. */
async function killedAt(mate: Mate, mark: string): Promise<void> {
  const env = { ...process.env, COMMIT_TO_MEMORY_DATA: mate.data };
  const child = spawn(process.execPath, [PROGRAM, "sync"], { cwd: mate.folder, env, stdio: "ignore" });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("close", (_code, signal) => resolve(signal)),
  );
  const timer = setInterval(() => {
    if (fs.existsSync(mark)) child.kill("SIGKILL");
  }, 5);
  expect(await ended).toBe("SIGKILL");
  clearInterval(timer);
}

/** Two clones that both wrote, and reworded one memory differently; Bob's sync has to fetch, merge, hold and push. */
async function apart(): Promise<{ alice: Mate; bob: Mate }> {
  const alice = await world.founder();
  const memory = await alice.add("shared");
  await alice.sync();
  const bob = world.clone("bob");
  await bob.sync();
  await alice.add("a");
  await bob.add("b");
  await updateMemory(await alice.store(), memory.id, { title: "Alice's words" }, byPerson);
  await updateMemory(await bob.store(), memory.id, { title: "Bob's words" }, byPerson);
  await alice.sync();
  await bob.dispose();
  return { alice, bob };
}

/** What is there after both have synced once more. */
async function afterwards({ alice, bob }: { alice: Mate; bob: Mate }): Promise<typeof ALL> {
  // What git was left to do alone by the kill has an end too.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await bob.sync();
  await alice.sync();
  const waiting = (await (await bob.store()).quarantine?.waiting(null)) ?? [];
  return {
    titles: [await alice.titles(), await bob.titles()],
    trees: new Set([alice.tree(), bob.tree(), world.tree()]).size,
    waiting: waiting.map(({ subject }) => subject),
    faults: [alice.git, bob.git, world.gitThere]
      .map((git) => git("fsck", "--strict", "--no-dangling"))
      .filter((answer) => /error|missing|broken/.test(answer)),
  };
}

const TITLES = ["Alice's words", "Claim number a", "Claim number b"];
const FAULTS: string[] = [];
const ALL = { titles: [TITLES, TITLES], trees: 1, waiting: ["Bob's words"], faults: FAULTS };

/** A git service of the server with something before or after it. */
function service(name: string, script: string): string {
  const file = path.join(world.root, name);
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test("while it fetches", async () => {
  const mates = await apart();
  const mark = path.join(world.root, "mark");
  // The first call answers what there is; the second brings it.
  const script = `if [ -e ${mark}-asked ]; then touch ${mark}; ${STEP}; fi; touch ${mark}-asked; exec git-upload-pack "$@"`;
  mates.bob.git("config", "remote.origin.uploadpack", service("upload", `PATH="$(git --exec-path):$PATH"; ${script}`));
  await killedAt(mates.bob, mark);
  mates.bob.git("config", "--unset", "remote.origin.uploadpack");
  expect(await afterwards(mates)).toEqual(ALL);
});

test("after it merged, before the server took anything", async () => {
  const mates = await apart();
  const mark = path.join(world.root, "mark");
  world.hook("pre-receive", `touch ${mark}; ${STEP}; exit 1`);
  await killedAt(mates.bob, mark);
  fs.rmSync(path.join(world.server, "hooks/pre-receive"));
  expect(await afterwards(mates)).toEqual(ALL);
});

test("after the server took all, before that was noted here", async () => {
  const mates = await apart();
  const mark = path.join(world.root, "mark");
  world.hook("post-receive", `touch ${mark}; ${STEP}`);
  await killedAt(mates.bob, mark);
  fs.rmSync(path.join(world.server, "hooks/post-receive"));
  // The server has Bob's writes, and Bob does not know that yet.
  world.gitThere("merge-base", "--is-ancestor", mates.bob.tip(), "agent-memory");
  expect(world.tip()).not.toBe(mates.bob.tip());
  expect(await afterwards(mates)).toEqual(ALL);
});

test("while it holds what both reworded", async () => {
  const mates = await apart();
  // The queue's ref is written before the branch moves; a kill right there must not hold the words twice.
  const ref = path.join(mates.bob.folder, ".git/refs/memory/quarantine");
  await killedAt(mates.bob, ref);
  expect(await afterwards(mates)).toEqual(ALL);
});
