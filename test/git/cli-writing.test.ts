import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld, firstOf } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

describe("before there is a store", () => {
  test("reading and writing fail with a sentence that says who can start one", async () => {
    for (const args of [
      ["list"],
      ["show", "m_1"],
      ["history"],
      ["recall", "anything"],
      ["add", "--title", "A", "--type", "Fact", "--body", "B", "--reason", "R"],
    ]) {
      const { exit, answer } = await world.json(args);
      expect([args[0], exit, answer.error.code]).toEqual([args[0], 1, "no-store"]);
      expect(answer.error.message).toContain("git memory init");
    }
    expect(world.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  });

  test("a folder that is in no repository is named as the reason", async () => {
    const { exit, answer } = await world.json(["list"], {
      cwd: world.root,
      env: { GIT_CEILING_DIRECTORIES: world.root },
    });
    expect([exit, answer.error.code]).toEqual([1, "no-repository"]);
    expect(answer.error.message).toContain("no git repository");
  });

  test("a folder that does not exist is wrong usage", async () => {
    const { exit, answer } = await world.json(["list", "-C", "nowhere"]);
    expect([exit, answer.error.code]).toEqual([2, "usage"]);
  });
});

describe("init", () => {
  test("says first what it would create, then creates it and nothing else", async () => {
    const planned = await world.json(["init", "--dry-run"]);
    expect([planned.exit, planned.answer.status]).toEqual([0, "planned"]);
    expect(world.git("branch", "--list", "agent-memory")).toBe("");
    writeFileSync(path.join(world.code, "staged.txt"), "work");
    world.git("add", "staged.txt");
    const { exit, answer } = await world.json(["init"]);
    expect([exit, answer.status, answer.commit]).toEqual([0, "stored", world.git("rev-parse", "agent-memory")]);
    expect(world.git("ls-tree", "-r", "--name-only", "agent-memory").split("\n")).toEqual(["README.md", "policy.yaml"]);
    expect(world.git("status", "--porcelain")).toBe("A  staged.txt");
    expect(world.git("log", "-1", "--format=%(trailers:key=Memory-Actor,valueonly)", "agent-memory")).toBe("cli");
  });

  test("a store that is there is left alone", async () => {
    await world.init();
    const before = world.git("rev-parse", "agent-memory");
    const { exit, answer } = await world.json(["init"]);
    expect([exit, answer.error.code, world.git("rev-parse", "agent-memory")]).toEqual([1, "store-exists", before]);
  });

  test("a branch of that name which is no store is left alone", async () => {
    world.git("branch", "agent-memory");
    const { exit, answer } = await world.json(["init"]);
    expect([exit, answer.error.code]).toEqual([1, "not-a-store"]);
    expect(world.git("rev-parse", "agent-memory")).toBe(world.git("rev-parse", "main"));
  });

  test("the personal store is made outside the repository", async () => {
    const { exit, answer } = await world.json(["init", "--placement", "personal"], {
      cwd: world.root,
      env: { GIT_CEILING_DIRECTORIES: world.root },
    });
    expect([exit, answer.store]).toEqual([0, "personal"]);
    expect(world.git("branch", "--list", "agent-memory")).toBe("");
  });

  test("a teammate's clone reads the team's memory, and init makes the local branch from it", async () => {
    await world.init();
    const id = await world.add("The team knows this");
    const clone = path.join(world.root, "clone");
    world.git("clone", "--quiet", world.code, clone);
    expect((await world.json(["show", id], { cwd: clone })).answer.present).toBe(true);
    const { exit, answer } = await world.json(["init"], { cwd: clone });
    expect([exit, answer.status]).toEqual([0, "adopted"]);
    expect((await world.json(["init"], { cwd: clone })).answer.error.code).toBe("store-exists");
    const branch = (folder: string) => world.git("-C", folder, "rev-parse", "refs/heads/agent-memory");
    expect(branch(clone)).toBe(branch(world.code));
  });
});

describe("add", () => {
  beforeEach(() => world.init());

  test("stores one commit that says who, through which door, and why", async () => {
    const session = "s_9d2k4m00";
    const args = [
      "add",
      "--title",
      "Use pnpm",
      "--type",
      "convention",
      "--body",
      "Run scripts through pnpm.",
      "--reason",
      "CI broke.",
      "--tag",
      "tooling",
      "--scope",
      "packages/**",
      "--expires",
      "30d",
    ];
    const { exit, answer } = await world.json(args, {
      env: { COMMIT_TO_MEMORY_ACTOR: "claude-code/2.1", COMMIT_TO_MEMORY_SESSION: session },
    });
    expect([exit, answer.status, answer.store]).toEqual([0, "stored", "project"]);
    const listed = firstOf((await world.json(["list"])).answer.memories);
    expect(listed).toMatchObject({
      type: "Convention",
      title: "Use pnpm",
      tags: ["tooling"],
      scope: ["packages/**"],
      trust: "agent",
      by: "claude-code/2.1",
    });
    expect(listed.expires_at).toBe(firstOf(answer.memories).expires_at);
    const entry = firstOf((await world.json(["history", listed.id])).answer.entries);
    expect(entry).toMatchObject({
      operation: "add",
      actor: "claude-code/2.1",
      channel: "cli",
      session,
      reason: "CI broke.",
      author: { name: "claude-code/2.1" },
    });
  });

  test("is at most an agent's, and untrusted where the words came from elsewhere", async () => {
    const words = ["add", "--type", "Fact", "--body", "It is so.", "--reason", "Read."];
    for (const source of ["web", "dependency", "tool", "other-agent"]) {
      const { exit, answer } = await world.json([...words, "--title", `From ${source}`, "--source", source]);
      expect([exit, answer.status]).toEqual([5, "held"]);
    }
    const cited = await world.json([...words, "--title", "Cites a page", "--cite", "https://example.com/limits"]);
    expect([cited.exit, cited.answer.status]).toEqual([5, "held"]);
    await world.add("Our own");
    const { memories } = (await world.json(["list"])).answer;
    expect(memories.map(({ title, trust }) => [title, trust])).toEqual([["Our own", "agent"]]);
  });

  test("a terminal can't claim to be a person", async () => {
    const { exit, answer } = await world.json([
      "add",
      "--title",
      "A",
      "--type",
      "Fact",
      "--body",
      "B",
      "--reason",
      "R",
      "--actor",
      "human:alice",
    ]);
    expect([exit, answer.error.code]).toEqual([2, "usage"]);
  });

  test.each([
    [{ CLAUDECODE: "1" }, "claude-code"],
    [{ CODEX_THREAD_ID: "1" }, "codex"],
    [{ CURSOR_AGENT: "1" }, "cursor"],
    [{ CLAUDECODE: "1", COMMIT_TO_MEMORY_ACTOR: "mine/1" }, "mine/1"],
    [{}, "cli"],
  ])("in the environment %j the actor is %s", async (env, actor) => {
    const args = ["add", "--title", "A", "--type", "Fact", "--body", "B", "--reason", "R"];
    await world.call(args, { env });
    expect(firstOf((await world.json(["list"])).answer.memories).by).toBe(actor);
  });

  test("a claim that is believed already is not stored twice, whatever its case and spacing", async () => {
    const words = ["add", "--title", "Use pnpm", "--type", "Fact", "--reason", "R", "--body"];
    const first = await world.json([...words, "Run scripts with pnpm."]);
    const again = await world.json([...words, "run  scripts with PNPM."]);
    expect([again.exit, again.answer.status, again.answer.commit]).toEqual([0, "unchanged", null]);
    expect(firstOf(again.answer.memories).id).toBe(firstOf(first.answer.memories).id);
    expect((await world.json(["list"])).answer.memories).toHaveLength(1);
  });

  test("the body comes from stdin or a file as it is", async () => {
    const body = "Steps:\n\n- one\n- two  \n";
    writeFileSync(path.join(world.code, "body.md"), body);
    const words = ["add", "--title", "A", "--type", "Procedure", "--reason", "R"];
    for (const [more, input] of [
      [["--body", "-"], body],
      [["--body-file", "-"], body],
      [["--body-file", "body.md"], ""],
    ] as const) {
      const { answer } = await world.json([...words, ...more], { input });
      const shown = (await world.json(["show", firstOf(answer.memories).id])).answer;
      expect(shown.body.trim()).toBe(body.trim());
    }
  });

  test.each([
    [["--title", "A", "--type", "Fact", "--body", "B"], "usage"],
    [["--title", "A", "--type", "Fact", "--reason", "R"], "usage"],
    [["--title", "A", "--type", "Conventoin", "--body", "B", "--reason", "R"], "invalid-input"],
    [["--title", " ", "--type", "Fact", "--body", "B", "--reason", "R"], "invalid-input"],
    [["--title", "A", "--type", "Fact", "--body", "B", "--reason", "R", "--expires", "2026-13-45"], "invalid-input"],
    [["--title", "A", "--type", "Fact", "--body-file", "missing.md", "--reason", "R"], "invalid-input"],
    [["--title", "A", "--type", "Fact", "--body", "B", "--body-file", "b.md", "--reason", "R"], "invalid-input"],
    [["--title", "A", "--type", "Fact", "--body", "B", "--reason", "R", "--cite", "../outside.ts"], "invalid-input"],
  ])("%j is refused with exit code 2 and stores nothing", async (words, code) => {
    const before = world.git("rev-parse", "agent-memory");
    const { exit, answer } = await world.json(["add", ...words]);
    expect([exit, answer.error.code, world.git("rev-parse", "agent-memory")]).toEqual([2, code, before]);
  });

  test("a secret and a terminal escape are blocked with exit code 3, and the secret is never repeated", async () => {
    const secret = ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dcABCDEFGH"].join("_");
    for (const body of [`The key is ${secret}.`, "red \u001b[31m"]) {
      const words = ["add", "--title", "A", "--type", "Fact", "--body", body, "--reason", "R"];
      const { exit, answer } = await world.json(words);
      expect([exit, answer.error.code]).toEqual([3, "blocked"]);
      const { exit: again, out, err } = await world.call(words);
      expect([again, out]).toEqual([3, ""]);
      expect(err + JSON.stringify(answer)).not.toContain(secret);
      expect(err).not.toContain("\u001b");
    }
    expect((await world.json(["list"])).answer.memories).toEqual([]);
  });

  test("a preference goes to the personal store, and every answer names its store", async () => {
    const { answer } = await world.json([
      "add",
      "--title",
      "Short answers",
      "--type",
      "Preference",
      "--body",
      "Command first.",
      "--reason",
      "Said twice.",
    ]);
    expect(answer.store).toBe("personal");
    const id = firstOf(answer.memories).id;
    expect((await world.json(["list", "--store", "project"])).answer.memories).toEqual([]);
    expect((await world.json(["show", id])).answer.store).toBe("personal");
    expect((await world.call(["list"])).out).toContain("personal");
  });

  test("a new claim ends those that it supersedes in the same commit", async () => {
    const old = await world.add("Use npm");
    const fresh = await world.add("Use pnpm", "--supersedes", old);
    const { memories } = (await world.json(["list"])).answer;
    expect(memories.map(({ id }) => id)).toEqual([fresh]);
    expect(world.git("rev-list", "--count", "agent-memory")).toBe("3");
  });
});

describe("update", () => {
  let id: string;
  beforeEach(async () => {
    await world.init();
    id = await world.add("Use npm", "--tag", "a", "--tag", "b", "--scope", "src/**");
  });

  test("changes what is named and nothing else", async () => {
    const before = (await world.json(["show", id])).answer.text;
    const { exit } = await world.json(["update", id, "--title", "Use pnpm", "--reason", "Moved."]);
    const after = (await world.json(["show", id])).answer.text;
    expect([exit, after]).toEqual([0, before.replace('title: "Use npm"', 'title: "Use pnpm"')]);
  });

  test.each([["--everywhere"], ["--scope", "**"], ["--expires", "2126-01-31"], ["--expires", "never"]])(
    "what would make it count for more waits for a person: %s %s",
    async (...words) => {
      const { exit, answer } = await world.json(["update", id, "--reason", "R", ...words]);
      expect([exit, answer.status]).toEqual([5, "held"]);
      expect((await world.json(["show", id])).answer.front).toMatchObject({ scope: ["src/**"] });
    },
  );

  test("adds and removes tags, narrows the scope, moves the end", async () => {
    const front = async (...words: readonly string[]) => {
      const { exit, answer } = await world.json(["update", id, "--reason", "R", ...words]);
      expect([exit, answer.error]).toEqual([0, undefined]);
      return (await world.json(["show", id])).answer.front;
    };
    expect(await front("--tag", "c", "--untag", "a")).toMatchObject({ tags: ["b", "c"] });
    const narrower = ["src/lib/**", "src/bin/**"];
    expect(await front("--scope", "src/lib/**", "--scope", "src/bin/**")).toMatchObject({ scope: narrower });
    const end = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    expect(await front("--expires", end)).toMatchObject({ expires_at: expect.stringContaining(end) });
    expect(await front("--type", "pitfall", "--description", "D")).toMatchObject({ type: "Pitfall", description: "D" });
    expect(await front("--untag", "b", "--untag", "c")).not.toHaveProperty("tags");
  });

  test("a version that is no longer there is a conflict with all three texts, exit code 4", async () => {
    const { blob, front } = (await world.json(["show", id])).answer;
    await world.json(["update", id, "--title", "Theirs", "--reason", "R"]);
    const { exit, answer } = await world.json(["update", id, "--title", "Mine", "--reason", "R", "--read", blob]);
    expect([exit, answer.error.code]).toEqual([4, "conflict"]);
    expect(answer.error.base).toContain(String(front["title"]));
    expect(answer.error.theirs).toContain('"Theirs"');
    expect(answer.error.mine).toContain('"Mine"');
    const shown = await world.call(["update", id, "--title", "Mine", "--reason", "R", "--read", blob.slice(0, 8)]);
    expect([shown.exit, shown.out]).toEqual([4, ""]);
    expect(shown.err).toMatch(/What you had read:[^]*What is there now[^]*What you wanted to store:/);
    expect((await world.json(["show", id])).answer.front).toMatchObject({ title: "Theirs" });
  });

  test("a version that never was is wrong usage", async () => {
    const { exit, answer } = await world.json([
      "update",
      id,
      "--title",
      "Mine",
      "--reason",
      "R",
      "--read",
      "0123456789",
    ]);
    expect([exit, answer.error.code]).toEqual([2, "usage"]);
  });

  test("what says the same already makes no commit", async () => {
    const { exit, answer } = await world.json(["update", id, "--title", "Use npm", "--reason", "R"]);
    expect([exit, answer.status, world.git("rev-list", "--count", "agent-memory")]).toEqual([0, "unchanged", "2"]);
  });

  test.each([
    [["--reason", "R"]],
    [["--title", "A"]],
    [["--untag", "zzz", "--reason", "R"]],
    [["--scope", "a", "--everywhere", "--reason", "R"]],
  ])("%j is wrong usage", async (words) => {
    expect((await world.json(["update", id, ...words])).exit).toBe(2);
  });
});
