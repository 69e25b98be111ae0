import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkAnswer, CliWorld, PROGRAM } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
});
afterEach(() => world.remove());

/** The answer as plain data, checked against its schema. */
async function ask<T>(args: readonly string[], exit = 0, env: Record<string, string> = {}): Promise<T> {
  const called = await world.call([...args, "--json"], { env });
  expect([called.exit, called.err], called.out).toEqual([exit, ""]);
  const answer: T = JSON.parse(called.out);
  if (exit === 0) checkAnswer(args[0] ?? "", answer);
  return answer;
}

const session = (name: string): Record<string, string> => ({
  COMMIT_TO_MEMORY_SESSION: name,
  COMMIT_TO_MEMORY_ACTOR: "copilot/gpt-5.2",
});

async function add(
  title: string,
  env: Record<string, string> = {},
  ...more: string[]
): Promise<{ id: string; commit: string }> {
  const answer = await ask<{ commit: string; memories: { id: string }[] }>(
    ["add", "--title", title, "--type", "Fact", "--body", `${title}.`, "--reason", "Seen.", ...more],
    0,
    env,
  );
  return { id: answer.memories[0]?.id ?? "", commit: answer.commit };
}

describe("history", () => {
  test("is narrowed down by session, writer, door, kind and date, and all must hold", async () => {
    const one = await add("One", session("s_aaaaaaaa"));
    await add("Two", session("s_bbbbbbbb"));
    await ask(["expire", one.id, "--cause", "wrong"], 0, session("s_bbbbbbbb"));
    const count = async (...options: string[]): Promise<number> =>
      (await ask<{ entries: unknown[] }>(["history", ...options])).entries.length;
    expect(await count("--session", "s_bbbbbbbb")).toBe(2);
    expect(await count("--session", "s_bbbbbbbb", "--operation", "add")).toBe(1);
    expect(await count("--actor", "copilot")).toBe(3);
    expect(await count("--actor", "copi")).toBe(0);
    expect(await count("--channel", "mcp")).toBe(0);
    expect(await count("--since", "1d")).toBe(4);
    expect(await count("--until", "2020-01-01")).toBe(0);
    expect(await count(one.id, "--operation", "expire")).toBe(1);
    expect((await world.call(["history", "--since", "soon"])).exit).toBe(2);
  });

  test("finds in a squash what one session brought in", async () => {
    const base = world.git("rev-parse", "agent-memory");
    await add("One", session("s_aaaaaaaa"));
    await add("Two", session("s_bbbbbbbb"));
    const squashed = world.git(
      "commit-tree",
      "agent-memory^{tree}",
      "-p",
      base,
      "-m",
      world.git("log", "--reverse", "--format=%B", `${base}..agent-memory`),
    );
    world.git("update-ref", "refs/heads/agent-memory", squashed);
    const { entries } = await ask<{ entries: { commit: string; trailers_match: boolean }[] }>([
      "history",
      "--session",
      "s_aaaaaaaa",
    ]);
    expect(entries).toMatchObject([{ commit: squashed, trailers_match: false }]);
  });
});

test("blame tells for each key and line who, through which door, in which session, having read what", async () => {
  const { id, commit } = await add("One", session("s_aaaaaaaa"));
  const updated = await ask<{ commit: string }>(
    ["update", id, "--tag", "build", "--reason", "Sorted."],
    0,
    session("s_bbbbbbbb"),
  );
  const { keys, commits } = await ask<{
    keys: { key: string; commit: string }[];
    commits: { session: string; context: string[] }[];
  }>(["blame", id]);
  expect(keys.find(({ key }) => key === "title")?.commit).toBe(commit);
  expect(keys.find(({ key }) => key === "tags")?.commit).toBe(updated.commit);
  expect(commits.map((one) => one.session).toSorted()).toEqual(["s_aaaaaaaa", "s_bbbbbbbb"]);
  expect((await world.call(["blame", id])).out).toContain("by cli, in s_bbbbbbbb");
});

describe("states of the store", () => {
  test("are named, listed, looked at, compared and restored", async () => {
    const one = await add("One value is three");
    await ask(["snapshot", "friday"]);
    expect((await world.call(["snapshot", "friday"])).exit).toBe(0);
    const two = await add("Two");
    await ask(["update", one.id, "--body", "One value is four.", "--reason", "Counted."]);
    expect((await world.call(["snapshot", "friday"])).exit).toBe(2);
    const { snapshots } = await ask<{ snapshots: { name: string; automatic: boolean }[] }>(["snapshots"]);
    expect(snapshots).toMatchObject([{ name: "friday", automatic: false }]);
    expect(world.git("tag", "--list")).toBe("memory/friday");
    expect((await ask<{ memories: unknown[] }>(["list", "--at", "friday"])).memories).toHaveLength(1);
    expect((await ask<{ body: string }>(["show", one.id, "--at", "friday"])).body).toContain("three");

    const { differences } = await ask<{
      differences: { kind: string; id: string; words: { kind: string; text: string }[] }[];
    }>(["diff", "friday"]);
    expect(Object.fromEntries(differences.map(({ id, kind }) => [id, kind]))).toEqual({
      [one.id]: "changed",
      [two.id]: "added",
    });
    expect(differences.find(({ id }) => id === one.id)?.words.filter(({ kind }) => kind !== "same")).toEqual([
      { kind: "gone", text: "three" },
      { kind: "new", text: "four" },
    ]);
    expect((await world.call(["diff", "friday"])).out).toContain("[-three-]{+four+}");

    const tree = world.git("rev-parse", "refs/tags/memory/friday^{tree}");
    const planned = await ask<{ status: string }>(["restore", "friday", "--dry-run"]);
    expect([planned.status, world.git("rev-parse", "agent-memory^{tree}") === tree]).toEqual(["planned", false]);
    const restored = await ask<{ status: string }>(["restore", "friday", "--reason", "That was better."]);
    expect([restored.status, world.git("rev-parse", "agent-memory^{tree}")]).toEqual(["stored", tree]);
    expect(world.git("log", "-1", "--format=%B", "agent-memory")).toContain(
      `This restores commit ${world.git("rev-parse", "refs/tags/memory/friday")}.`,
    );
    expect((await ask<{ status: string }>(["restore", "friday"])).status).toBe("unchanged");
    await ask(["snapshot", "--remove", "friday"]);
    expect((await world.call(["list", "--at", "friday"])).exit).toBe(2);
  });

  test("are found by date: the last commit of that day, along the store's own line", async () => {
    const at = (date: string): Record<string, string> => ({ GIT_COMMITTER_DATE: date });
    const calls: string[] = [];
    for (const [title, date] of [
      ["Monday", "2026-11-16T10:00:00Z"],
      ["Tuesday", "2026-11-17T23:00:00Z"],
      ["Wednesday", "2026-11-18T01:00:00Z"],
    ] as const) {
      const { exit, err } = await world.spawn(
        ["add", "--title", title, "--type", "Fact", "--body", title, "--expires", "60d", "--reason", "Seen."],
        { env: at(date) },
      );
      calls.push(`${exit}${err}`);
    }
    expect(calls).toEqual(["0", "0", "0"]);
    // The store itself was started now, so the line is oldest at its end.
    const titles = async (when: string): Promise<number> =>
      (await ask<{ memories: unknown[] }>(["list", "--at", when])).memories.length;
    expect(await titles("2026-11-17")).toBe(2);
    expect(await titles("2026-11-17T12:00:00Z")).toBe(1);
    expect(await titles("2026-11-18")).toBe(3);
    expect((await world.call(["list", "--at", "yesterdayish"])).exit).toBe(2);
  });

  test("differ by what ended, and how", async () => {
    const [one, two] = [await add("One"), await add("Two")];
    const from = world.git("rev-parse", "agent-memory");
    await ask(["expire", one.id, "--cause", "outdated"]);
    await ask(["revert", two.commit]);
    const { differences } = await ask<{ differences: { kind: string; id: string }[] }>(["diff", from]);
    expect(Object.fromEntries(differences.map(({ id, kind }) => [id, kind]))).toEqual({
      [one.id]: "expired",
      [two.id]: "reverted",
    });
    const back = await ask<{ differences: { kind: string }[] }>(["diff", "agent-memory", from]);
    expect(back.differences.map(({ kind }) => kind)).toEqual(["added", "added"]);
  });
});

describe("root cause", () => {
  const poisoned = session("s_p01s0n00");

  async function haunted(): Promise<{ poison: { id: string; commit: string }; other: { id: string; commit: string } }> {
    await add("The build takes four minutes");
    const poison = await add("Install packages with yarnix", poisoned);
    const other = await add("The search service has two replicas", poisoned);
    await add("Logs go to the journal");
    return { poison, other };
  }

  test("why ranks the beliefs behind a text and names the write, its session and the way back", async () => {
    const { poison } = await haunted();
    const { suspects } = await ask<{
      suspects: { id: string; origin: { commit: string; session: string; actor: string } }[];
    }>(["why", "it used yarnix to install the packages"]);
    expect(suspects[0]).toMatchObject({
      id: poison.id,
      origin: { commit: poison.commit, session: "s_p01s0n00", actor: "copilot/gpt-5.2" },
    });
    const { out } = await world.call(["why", poison.id]);
    expect(out).toContain("Install packages with yarnix");
    expect(out).toContain(`git memory revert ${poison.commit.slice(0, 9)} --with-derived --dry-run`);
  });

  test("why takes the receipt of a wrong answer", async () => {
    const { poison } = await haunted();
    const { receipt } = await ask<{ receipt: string }>(["recall", "how to install packages"]);
    await ask(["expire", poison.id, "--cause", "wrong"]);
    const { suspects } = await ask<{ suspects: { id: string; present: boolean }[] }>(["why", receipt]);
    expect(suspects[0]).toMatchObject({ id: poison.id, present: false });
  });

  test("bisect finds the first commit at which a command fails, in few steps, and the code stays as it is", async () => {
    for (let i = 0; i < 12; i++) await add(`Ordinary fact ${i}`);
    const { poison } = await haunted();
    const counter = path.join(world.root, "count");
    const head = world.git("rev-parse", "HEAD");
    const command = `echo x >> ${counter}; ! grep -rq yarnix "$MEMORY_STORE_DIR"`;
    const found = await ask<{
      first: { commit: string; session: string };
      tested: unknown[];
      differences: { id: string }[];
    }>(["bisect", "--run", command]);
    expect(found.first).toMatchObject({ commit: poison.commit, session: "s_p01s0n00" });
    expect(found.differences.map(({ id }) => id)).toEqual([poison.id]);
    const runs = readFileSync(counter, "utf8").length / 2;
    expect(runs).toBe(found.tested.length);
    expect(runs).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(17)));
    expect([world.git("rev-parse", "HEAD"), world.git("status", "--porcelain")]).toEqual([head, ""]);
  });

  test("bisect gives the command what would have been recalled, and goes on after it was stopped", async () => {
    for (let i = 0; i < 5; i++) await add(`Ordinary fact ${i}`);
    const { poison } = await haunted();
    const gate = path.join(world.root, "gate");
    const log = path.join(world.root, "log");
    // Dies at the third look until the gate is open.
    const command = `echo x >> ${log}; if [ ! -e ${gate} ] && [ "$(wc -l < ${log})" -gt 2 ]; then kill -9 $$; fi; ! grep -q yarnix "$MEMORY_CONTEXT_FILE"`;
    const words = ["bisect", "--question", "how to install packages", "--run", command];
    // Not 2: that means that nothing was tried.
    expect((await world.call(words)).exit).toBe(1);
    const tried = readFileSync(log, "utf8").length / 2;
    writeFileSync(gate, "");
    const found = await ask<{ first: { commit: string }; resumed: number; tested: unknown[] }>(words);
    expect(found.first.commit).toBe(poison.commit);
    expect(found.resumed).toBe(tried - 1);
    expect(readFileSync(log, "utf8").length / 2 - tried).toBe(found.tested.length - found.resumed);
  });

  test("bisect goes on after the program itself was killed, and looks at nothing twice", async () => {
    for (let i = 0; i < 12; i++) await add(`Ordinary fact ${i}`);
    const { poison } = await haunted();
    const log = path.join(world.root, "log");
    // The shell's parent is the program.
    const command = `echo x >> ${log}; if [ "$(wc -l < ${log})" -eq 4 ]; then kill -9 $PPID; exit 1; fi; ! grep -rq yarnix "$MEMORY_STORE_DIR"`;
    const words = ["bisect", "--run", command];
    expect((await world.spawn(words)).exit).not.toBe(0);
    const found = await ask<{ first: { commit: string }; resumed: number; tested: unknown[] }>(words);
    expect(found.first.commit).toBe(poison.commit);
    expect(found.resumed).toBe(3);
    // The look that the kill cut short is made again, and no other.
    expect(readFileSync(log, "utf8").length / 2).toBe(found.tested.length + 1);
    expect(found.tested.length).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(17)));
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "bisect that %s ends leaves neither a copy of the store nor its command behind",
    async (signal) => {
      await add("An ordinary fact");
      const [temporary, note] = [path.join(world.root, "tmp"), path.join(world.root, "note")];
      mkdirSync(temporary);
      const program = spawn(
        process.execPath,
        [PROGRAM, "bisect", "--run", `echo $$ > ${note}.new; mv ${note}.new ${note}; exec sleep 60`],
        { cwd: world.code, env: { ...process.env, ...world.env, TMPDIR: temporary }, stdio: "ignore" },
      );
      const ended = once(program, "exit");
      await vi.waitFor(() => expect(existsSync(note)).toBe(true), { timeout: 20_000 });
      expect(readdirSync(temporary)).toHaveLength(1);
      program.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(readdirSync(temporary)).toEqual([]);
      const command = Number(readFileSync(note, "utf8"));
      await vi.waitFor(() => expect(() => process.kill(command, 0)).toThrow("ESRCH"), { timeout: 5_000 });
    },
  );

  test("bisect says when there is nothing to find, and passes over commits that can't be told", async () => {
    const { poison } = await haunted();
    expect((await world.call(["bisect", "--run", "true"])).err).toContain("does not fail at the bad end");
    expect((await world.call(["bisect", "--run", "false"])).err).toContain("fails at the good end already");
    expect((await world.call(["bisect", "--run", "exit 125"])).err).toContain("can't tell at the bad end");
    const untold = `[ "$MEMORY_COMMIT" = ${world.git("rev-parse", "agent-memory")} ] || exit 125; exit 1`;
    expect((await world.call(["bisect", "--run", untold])).err).toContain("can't tell at the good end");
    expect(await world.call(["bisect", "--run", " "])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^--run is empty/),
    });
    expect((await world.call(["bisect", "--reset"])).exit).toBe(0);
    const before = world.git("rev-parse", `${poison.commit}~1`);
    const command = `[ "$MEMORY_COMMIT" = ${before} ] && exit 125; ! grep -rq yarnix "$MEMORY_STORE_DIR"`;
    const { first, unsure } = await ask<{ first: { commit: string }; unsure: string[] }>(["bisect", "--run", command]);
    expect([first.commit, unsure]).toEqual([poison.commit, [before]]);
  });

  test("lineage tells what followed, and revert takes it back with that in one commit, showing it first", async () => {
    const { poison, other } = await haunted();
    const text = world.git("show", `agent-memory:${(await ask<{ path: string }>(["show", poison.id])).path}`);
    const derived = text
      .replace(poison.id, "m_0dervd000000")
      .replace(/^title: .*$/m, 'title: "The lock file is yarnix.lock"')
      .replace(/^origin: .*$/m, `derived_from: [${poison.id}]`);
    world.commitFile("semantic/fact/lock-m_0dervd000000.md", `${derived}\n`);
    const { nodes } = await ask<{
      nodes: { id: string; relation: string; because: { kind: string; from: string }[] }[];
    }>(["lineage", poison.id]);
    expect(nodes).toMatchObject([
      { id: poison.id, relation: "root", because: [] },
      { id: "m_0dervd000000", relation: "derived", because: [{ kind: "derived_from", from: poison.id }] },
    ]);
    expect((await world.call(["lineage", poison.id])).out).toContain(
      "└─ The lock file is yarnix.lock  m_0dervd000000  derived from it",
    );
    expect((await ask<{ nodes: unknown[] }>(["lineage", "s_p01s0n00"])).nodes).toHaveLength(3);

    const tip = world.git("rev-parse", "agent-memory");
    const planned = await ask<{
      status: string;
      files: { id: string; action: string }[];
      left: { id: string; why: string }[];
    }>(["revert", poison.id, "--with-derived", "--dry-run"]);
    expect(planned).toMatchObject({
      status: "planned",
      files: [
        { id: "m_0dervd000000", action: "goes" },
        { id: poison.id, action: "goes" },
      ],
      left: [],
    });
    expect(world.git("rev-parse", "agent-memory")).toBe(tip);
    const alone = await ask<{ left: { id: string; why: string }[] }>([
      "revert",
      "--session",
      "s_p01s0n00",
      "--dry-run",
    ]);
    expect(alone.left).toMatchObject([{ id: "m_0dervd000000", why: "derived" }]);
    const done = await ask<{ status: string; commits: string[] }>([
      "revert",
      "--session",
      "s_p01s0n00",
      "--with-derived",
      "--reason",
      "Poison.",
    ]);
    expect([done.status, done.commits.length]).toEqual(["stored", 3]);
    const message = world.git("log", "-1", "--format=%B", "agent-memory");
    for (const { commit } of [poison, other]) expect(message).toContain(`This reverts commit ${commit}.`);
    expect(
      (await ask<{ memories: { title: string }[] }>(["list"])).memories.map(({ title }) => title).toSorted(),
    ).toEqual(["Logs go to the journal", "The build takes four minutes"]);
    expect((await world.json(["revert", "--session", "s_nobody00"])).exit).toBe(1);
    expect((await world.json(["revert", poison.id, "--session", "s_p01s0n00"])).exit).toBe(2);
  });

  test("revert names a conflict and changes nothing, unless it is to be left out", async () => {
    const { id } = await add("One");
    const poisoning = await ask<{ commit: string }>(
      ["update", id, "--body", "Poison.", "--reason", "Read."],
      0,
      poisoned,
    );
    const more = await add("Two", poisoned);
    await ask(["update", id, "--body", "Poison, corrected by hand.", "--reason", "Better."]);
    const words = ["revert", "--session", "s_p01s0n00"];
    const tip = world.git("rev-parse", "agent-memory");
    const refused = await world.json(words);
    expect([refused.exit, refused.answer.error.code, world.git("rev-parse", "agent-memory")]).toEqual([
      4,
      "conflict",
      tip,
    ]);
    await ask([...words, "--leave-conflicts"]);
    expect(world.git("log", "-1", "--format=%B", "agent-memory")).toContain(`This reverts commit ${more.commit}.`);
    expect(world.git("log", "-1", "--format=%B", "agent-memory")).not.toContain(poisoning.commit);
    expect((await ask<{ body: string }>(["show", id])).body).toContain("corrected by hand");
    // What is left is the conflict alone: it is there, and it is not what was asked for.
    const { exit, answer } = await world.json([...words, "--leave-conflicts"]);
    expect([exit, answer.error.code]).toEqual([4, "conflict"]);
    expect(answer.error.message).toContain("nothing else to take back");
    const { out } = await world.call([...words, "--dry-run"]);
    expect(out).toContain(`Two  ${more.id}  is gone already`);
  });
});

describe("erase", () => {
  test("says first what would go, then takes it out of the history and says what is out of reach", async () => {
    const { id } = await add("The vault opens with quokka", {}, "--tag", "vault");
    const planned = await ask<{ status: string; versions: number }>(["erase", id]);
    expect(planned).toMatchObject({ status: "planned", versions: 1 });
    expect(world.git("log", "--format=%s", "agent-memory")).toContain("quokka");
    const { out, exit, err } = await world.call(["erase", id, "--yes", "--reason", "It should not be here."]);
    expect([exit, out, err]).toEqual([0, expect.stringContaining("If it was a secret, change it."), ""]);
    expect(world.git("log", "-p", "agent-memory")).not.toContain("quokka");
    expect(world.git("cat-file", "--batch-all-objects", "--batch")).not.toContain("quokka");
    expect((await world.call(["erase", id, "--yes"])).exit).toBe(1);
  });

  test("of what was pushed asks for a word more", async () => {
    const { id } = await add("The vault opens with quokka");
    const remote = path.join(world.root, "remote.git");
    mkdirSync(remote);
    world.git("init", "--quiet", "--bare", remote);
    world.git("remote", "add", "origin", remote);
    world.git("push", "--quiet", "origin", "agent-memory");
    const refused = await world.json(["erase", id, "--yes"]);
    expect([refused.exit, refused.answer.error.code]).toEqual([1, "erase-pushed"]);
    const { out } = await world.call(["erase", id, "--yes", "--pushed-too"]);
    expect(out).toContain("git memory sync --keep here");
    expect((await world.call(["sync"])).err).toMatch(/still has what was erased here/);
    expect((await world.json(["sync", "--keep", "here"])).answer.status).toBe("unchanged");
    for (const folder of [remote, world.code]) {
      expect(world.git("-C", folder, "log", "-p", "agent-memory")).not.toContain("quokka");
    }
    // It was not even fetched again for that.
    expect(world.git("cat-file", "--batch-all-objects", "--batch")).not.toContain("quokka");
  });
});
