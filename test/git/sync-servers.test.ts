/** Servers that refuse, are away, hold somebody else's branch, or were rewritten: nothing is lost and nothing comes back. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import { expireMemories } from "../../src/core/verbs.ts";
import { propose } from "../../src/git/sync/propose.ts";
import { syncSentence } from "../../src/git/sync/words.ts";
import { human } from "../support/scratch.ts";
import { type Mate, syncer, TeamWorld } from "../support/team.ts";

let world: TeamWorld;
let alice: Mate;
beforeEach(async () => {
  world = new TeamWorld();
  alice = await world.founder();
});
afterEach(async () => world.remove());

const byPerson = { caller: human, reason: "A person said so." };
const SECRET = "The staging host listens on port 4417 behind the old proxy";

async function synced(name: string): Promise<Mate> {
  const mate = world.clone(name);
  await mate.sync();
  return mate;
}

/** Whether a text is in any object that the memory branch of a repository reaches. */
function reaches(folder: string, text: string): boolean {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  return git("log", "-p", "--format=%B", "refs/heads/agent-memory").includes(text);
}

describe("a server that is away", () => {
  test("is no failure: what waits is counted and goes later", async () => {
    await alice.add(1);
    const away = `${world.server}-away`;
    fs.renameSync(world.server, away);
    alice.git("remote", "set-url", "origin", "ssh://nobody@127.0.0.1:1/server.git");
    const offline = await alice.sync();
    expect(offline).toMatchObject({ status: "offline", went: 1, came: 0 });
    expect(syncSentence(offline)).toBe("origin can't be reached. 1 change waits here and goes with the next sync.");
    fs.renameSync(away, world.server);
    alice.git("remote", "set-url", "origin", world.server);
    expect(await alice.sync()).toMatchObject({ status: "synced", went: 1 });
  });

  test("at an address without a repository is told apart from one that is away", async () => {
    alice.git("remote", "set-url", "origin", path.join(world.root, "nowhere.git"));
    await expect(alice.sync()).rejects.toMatchObject({ code: "remote", trouble: "missing" });
  });
});

test("a server whose address counts from the work tree is reached from there, as git reaches it", async () => {
  alice.git("remote", "set-url", "origin", path.relative(alice.folder, world.server));
  await alice.add(1);
  expect(await alice.sync()).toMatchObject({ status: "synced", went: 1 });
});

describe("a server that refuses", () => {
  test("an unsigned commit says what it wants, and everything stays here", async () => {
    world.hook("pre-receive", "echo 'GH006: commits must have verified signatures.' >&2; exit 1");
    await alice.add(1);
    await expect(alice.sync()).rejects.toMatchObject({ code: "remote", trouble: "unsigned" });
    expect(await alice.titles()).toEqual(["Claim number 1"]);
  });

  test("by a rule of its own is quoted", async () => {
    world.hook("update", "echo 'Not on a Friday.' >&2; exit 1");
    await alice.add(1);
    await expect(alice.sync()).rejects.toThrow(/has a rule that refused the push\. It said: .*Not on a Friday\./);
  });

  test("the branch but takes others leads to a branch for review, which grows until it is merged", async () => {
    world.hook(
      "update",
      '[ "$1" = refs/heads/agent-memory ] || exit 0\necho "GitLab: You are not allowed to push code to protected branches on this project." >&2; exit 1',
    );
    const before = world.tip();
    await alice.add(1);
    const proposed = await alice.sync();
    expect(proposed).toMatchObject({
      status: "proposed",
      went: 1,
      proposed: {
        branch: "agent-memory-review/alice",
        base: "agent-memory",
        url: null,
        title: "Memory: 1 change by alice",
      },
    });
    expect(world.tip()).toBe(before);
    await alice.add(2);
    expect(await alice.sync()).toMatchObject({ status: "proposed", went: 2 });
    expect(world.gitThere("rev-parse", "agent-memory-review/alice")).toBe(alice.tip());
    // Merged as one commit, as forges like to do.
    const squashed = world.gitThere(
      "-c",
      "user.name=Forge",
      "-c",
      "user.email=forge@example.com",
      "commit-tree",
      `${alice.tip()}^{tree}`,
      "-p",
      before,
      "-m",
      "Squashed",
    );
    world.gitThere("update-ref", "refs/heads/agent-memory", squashed);
    expect(await alice.sync()).toMatchObject({ status: "synced", came: 0, went: 0, proposed: null });
    expect(await alice.sync()).toMatchObject({ status: "unchanged" });
  });

  test("any push to what another clone of the same person put up gets a branch of its own", async () => {
    const other = world.clone("other");
    other.git("config", "user.name", "alice");
    await other.sync();
    await alice.add(1);
    await other.add(2);
    const options = { ...syncer };
    const first = await propose(await alice.store(), options);
    const second = await propose(await other.store(), options);
    expect(first.proposed?.branch).toBe("agent-memory-review/alice");
    expect(second.proposed?.branch).toMatch(/^agent-memory-review\/alice-[0-9a-f]{9}$/);
    expect(world.gitThere("rev-parse", first.proposed?.branch ?? "")).toBe(alice.tip());
    await expect(propose(await other.store(), { ...options, topic: "alice" })).rejects.toMatchObject({
      code: "team-remote",
    });
  });
});

describe("the branch on the server", () => {
  test("that is somebody's own is neither merged nor pushed to", async () => {
    const foreign = world.gitThere("rev-parse", "main");
    world.gitThere("update-ref", "refs/heads/agent-memory", foreign);
    await alice.add(1);
    const before = alice.tip();
    await expect(alice.sync()).rejects.toThrow(/no policy\.yaml, so it is somebody's own branch/);
    expect([alice.tip(), world.tip()]).toEqual([before, foreign]);
  });

  test("whose rules can't be read is named as the server's, with what to do, and yours stays", async () => {
    const bob = await synced("bob");
    await alice.add(1);
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: alice.folder,
      input: "format: 1\nformat: 1\n",
      encoding: "utf8",
    }).trim();
    const index = { ...process.env, GIT_INDEX_FILE: path.join(world.root, "index") };
    const git = (...args: readonly string[]): string =>
      execFileSync("git", args, { cwd: alice.folder, env: index, encoding: "utf8" }).trim();
    git("read-tree", world.tip());
    git("update-index", "--cacheinfo", `100644,${blob},policy.yaml`);
    const broken = git("commit-tree", git("write-tree"), "-p", world.tip(), "-m", "Twice");
    git("push", "--quiet", "origin", `${broken}:refs/heads/agent-memory`);
    const before = alice.tip();
    const refused = alice.sync();
    await expect(refused).rejects.toMatchObject({ code: "broken-policy" });
    await expect(refused).rejects.toThrow(
      /^The file policy\.yaml on the branch agent-memory of .*line 2.*nothing of it was kept here.*Mend that file/,
    );
    expect([alice.tip(), world.tip()]).toEqual([before, broken]);
    // Who has nothing of his own to merge takes what came, and can still read.
    const came = await bob.sync();
    expect([came.status, bob.tip()]).toEqual(["synced", broken]);
    const said = [expect.stringMatching(/^The store's policy\.yaml can't be read, so nothing is written\. Line 2: /)];
    expect(came.notices).toEqual(said);
    expect((await bob.sync()).notices).toEqual(said);
  });

  test("here that is somebody's own is left alone too", async () => {
    const bob = world.clone("bob");
    bob.git("branch", "agent-memory", "main");
    await expect(bob.sync()).rejects.toMatchObject({ code: "not-a-store" });
    expect(bob.tip()).toBe(bob.git("rev-parse", "main"));
  });

  test("that was put back is not filled up again, and a person chooses", async () => {
    const [bob, older] = [await synced("bob"), world.tip()];
    await alice.add("unwanted");
    await alice.sync();
    await bob.sync();
    await bob.add("b");
    world.gitThere("update-ref", "refs/heads/agent-memory", older);
    await expect(bob.sync()).rejects.toMatchObject({ code: "rewritten" });
    expect(world.tip()).toBe(older);
    const kept = await bob.sync({ keep: "server" });
    expect(kept).toMatchObject({ status: "synced", went: 1 });
    expect(kept.notices[0]).toMatch(/^The history on origin goes on, with 1 write of the other made anew on top\.$/);
    expect(await bob.titles()).toEqual(["Claim number b"]);
    expect(world.tip()).toBe(bob.tip());
    expect(bob.git("log", "-1", "--format=%an", "agent-memory")).toBe("bob");
  });
});

describe("what was erased", () => {
  test("here does not come back from the server, which gets the new history and keeps its newer writes", async () => {
    const memory = await alice.add("erased", { body: SECRET });
    await alice.sync();
    const bob = await synced("bob");
    const store = await alice.store();
    await eraseMemory(store, await planErase(store, memory), { ...byPerson, pushedToo: true });
    await bob.add("of bob");
    await bob.sync();
    await expect(alice.sync()).rejects.toThrow(/origin still has what was erased here/);
    expect(await alice.sync({ keep: "here" })).toMatchObject({ status: "synced", came: 1 });
    expect(await alice.titles()).toEqual(["Claim number of bob"]);
    expect(alice.git("log", "-1", "--format=%an", "agent-memory")).toBe("bob");
    for (const folder of [alice.folder, world.server]) expect(reaches(folder, SECRET)).toBe(false);
    // Bob's clone has it still, and can't bring it back.
    await bob.add("later");
    await expect(bob.sync()).rejects.toMatchObject({ code: "rewritten" });
    expect(await bob.sync({ keep: "server" })).toMatchObject({ status: "synced", went: 1 });
    expect(await bob.titles()).toEqual(["Claim number later", "Claim number of bob"]);
    for (const folder of [bob.folder, world.server]) expect(reaches(folder, SECRET)).toBe(false);
    await alice.sync();
    expect(alice.tree()).toBe(bob.tree());
  });

  test("without a trace is known by the commits that had it", async () => {
    const memory = await alice.add("erased", { body: SECRET });
    await alice.sync();
    const store = await alice.store();
    const plan = await planErase(store, memory);
    await eraseMemory(store, plan, { ...byPerson, pushedToo: true, withoutTombstone: true });
    await expect(alice.sync()).rejects.toThrow(/origin still has what was erased here/);
    expect(reaches(alice.folder, SECRET)).toBe(false);
    await alice.sync({ keep: "here" });
    expect(reaches(world.server, SECRET)).toBe(false);
  });

  test("there does not come back from a clone that never synced before", async () => {
    const memory = await alice.add("erased", { body: SECRET });
    await alice.sync();
    const bob = world.clone("bob");
    bob.git("branch", "agent-memory", "origin/agent-memory");
    const store = await alice.store();
    await eraseMemory(store, await planErase(store, memory), { ...byPerson, pushedToo: true });
    await alice.sync({ keep: "here" });
    bob.git("fetch", "--quiet", "origin");
    await bob.add("b");
    await expect(bob.sync()).rejects.toThrow(/this clone still has it/);
    expect(reaches(world.server, SECRET)).toBe(false);
  });

  test("is not brought back by somebody who merged with plain git, without being told", async () => {
    const memory = await alice.add("erased", { body: SECRET });
    await alice.sync();
    const bob = await synced("bob");
    const store = await alice.store();
    await eraseMemory(store, await planErase(store, memory), { ...byPerson, pushedToo: true });
    await alice.sync({ keep: "here" });
    bob.git("fetch", "--quiet", "origin");
    bob.git("worktree", "add", "--quiet", path.join(world.root, "tree"), "agent-memory");
    const tree = path.join(world.root, "tree");
    bob.git("-C", tree, "merge", "--quiet", "-X", "theirs", "--allow-unrelated-histories", "origin/agent-memory");
    bob.git("-C", tree, "push", "--quiet", "origin", "agent-memory");
    await expect(alice.sync()).rejects.toThrow(/origin still has what was erased here/);
    expect(reaches(alice.folder, SECRET)).toBe(false);
  });
});

describe("the user's own git", () => {
  test("asks for no password where nobody could answer", async () => {
    const asked = path.join(world.root, "asked");
    const askpass = path.join(world.root, "askpass");
    fs.writeFileSync(askpass, `#!/bin/sh\ntouch ${asked}\nsleep 60\n`, { mode: 0o755 });
    alice.git("config", "core.askPass", askpass);
    alice.git("remote", "set-url", "origin", "ssh://nobody@127.0.0.1:1/x.git");
    expect(await alice.sync()).toMatchObject({ status: "offline" });
    expect(fs.existsSync(asked)).toBe(false);
  });

  test("keeps its pre-push hook to itself, and that is said", async () => {
    const ran = path.join(world.root, "ran");
    fs.mkdirSync(path.join(alice.folder, ".git/hooks"), { recursive: true });
    fs.writeFileSync(path.join(alice.folder, ".git/hooks/pre-push"), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    await alice.add(1);
    expect((await alice.sync()).notices).toEqual([expect.stringMatching(/pre-push hook was not run/)]);
    expect(fs.existsSync(ran)).toBe(false);
  });

  test("has several remotes, and a person says once which one", async () => {
    alice.git("remote", "rename", "origin", "work");
    alice.git("remote", "add", "spare", path.join(world.root, "spare.git"));
    const before = alice.git("config", "--local", "--list");
    await expect(alice.sync()).rejects.toMatchObject({ code: "team-remote" });
    const asked: string[][] = [];
    const ask = async (names: readonly string[]): Promise<string> => {
      asked.push([...names]);
      return "work";
    };
    expect(await alice.sync({ ask })).toMatchObject({ status: "unchanged", remote: "work" });
    expect(await alice.sync({ ask })).toMatchObject({ remote: "work" });
    expect(asked).toEqual([["spare", "work"]]);
    expect(alice.git("config", "--local", "--list")).toBe(before);
  });
});

test("the history that a person chose keeps what both sides ended", async () => {
  const memory = await alice.add(1);
  await alice.sync();
  const bob = await synced("bob");
  const older = world.tip();
  await alice.add("unwanted");
  await alice.sync();
  await bob.sync();
  await expireMemories(await bob.store(), [memory.id], { ...byPerson, cause: "wrong" });
  world.gitThere("update-ref", "refs/heads/agent-memory", older);
  await bob.sync({ keep: "server" });
  expect(await bob.titles()).toEqual([]);
});
