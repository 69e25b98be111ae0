import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CliWorld, firstOf, PROGRAM } from "../support/cli-world.ts";

const ESCAPE = "\u001b";
const ROOT = path.resolve(import.meta.dirname, "../..");

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

describe("as a process", () => {
  test("exit codes, stdout and stderr are those that are documented", async () => {
    expect(await world.spawn(["list"])).toMatchObject({
      exit: 1,
      out: "",
      err: expect.stringContaining("git memory init"),
    });
    expect(await world.spawn(["lsit"])).toMatchObject({
      exit: 2,
      out: "",
      err: expect.stringContaining("Did you mean list?"),
    });
    expect(await world.spawn(["init"])).toMatchObject({ exit: 0, err: "" });
    const words = ["add", "--title", "A", "--type", "Fact", "--reason", "R", "--json"];
    const added = await world.spawn([...words, "--body", "-"], { input: "- from\n- stdin\n" });
    expect(added).toMatchObject({ exit: 0, err: "" });
    const { id }: { id: string } = JSON.parse(added.out).memories[0];
    expect((await world.spawn(["show", id])).out).toContain("- from\n- stdin\n");
    expect((await world.spawn([...words, "--body", `${ESCAPE}[31m`])).exit).toBe(3);
    const { blob } = (await world.json(["show", id])).answer;
    await world.json(["update", id, "--title", "B", "--reason", "R"]);
    expect((await world.spawn(["update", id, "--title", "C", "--reason", "R", "--read", blob])).exit).toBe(4);
  });

  test("writers at the same time all succeed, and each write is one commit", async () => {
    await world.init();
    const writers = Array.from({ length: 4 }, (_, i) =>
      world.spawn(["add", "--title", `Claim ${i}`, "--type", "Fact", "--body", "B", "--reason", "R"]),
    );
    expect((await Promise.all(writers)).map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    expect((await world.json(["list"])).answer.memories.map(({ title }) => title).toSorted()).toEqual([
      "Claim 0",
      "Claim 1",
      "Claim 2",
      "Claim 3",
    ]);
    expect(world.git("rev-list", "--count", "agent-memory")).toBe("5");
  });

  test("a reader that stops early is no failure", async () => {
    await world.init();
    const child = spawn(process.execPath, [PROGRAM, "help"], {
      cwd: world.code,
      env: { ...process.env, ...world.env },
    });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
    const exit = await new Promise((resolve) => child.once("close", resolve));
    expect([exit, err]).toEqual([0, ""]);
  });

  test("in a hook of the code's repository it still finds the right store", async () => {
    await world.init();
    const index = path.join(world.code, ".git/index");
    const called = await world.spawn(["list", "--json"], {
      env: { GIT_DIR: path.join(world.code, ".git"), GIT_INDEX_FILE: index, GIT_WORK_TREE: world.code },
    });
    expect(called).toMatchObject({ exit: 0, err: "" });
  });

  test("variables that VS Code's terminal, git itself and users of ssh set do not stop it", async () => {
    await world.init();
    const env = {
      GIT_ASKPASS: "/nowhere/askpass.sh",
      SSH_ASKPASS: "/nowhere/askpass",
      GIT_SSH_COMMAND: "ssh -v",
      GIT_SSH: "ssh",
      GIT_EDITOR: "code --wait",
      GIT_PAGER: "less",
      GIT_TEMPLATE_DIR: "/nowhere",
      GIT_EXEC_PATH: world.git("--exec-path"),
    };
    const words = ["add", "--title", "A", "--type", "Fact", "--body", "B", "--reason", "R"];
    expect(await world.spawn(words, { env })).toMatchObject({ exit: 0, err: "" });
    expect(await world.spawn(["history"], { env })).toMatchObject({ exit: 0, err: "" });
  });

  test("the developer's index, HEAD and work tree stay as they are", async () => {
    await world.init();
    writeFileSync(path.join(world.code, "staged.txt"), "work");
    world.git("add", "staged.txt");
    writeFileSync(path.join(world.code, "staged.txt"), "more work");
    const before = [world.git("status", "--porcelain=v2", "--branch"), world.git("rev-parse", "HEAD")];
    const id = await world.add("One");
    await world.json(["expire", id, "--cause", "wrong"]);
    await world.json(["revert", id]);
    expect([world.git("status", "--porcelain=v2", "--branch"), world.git("rev-parse", "HEAD")]).toEqual(before);
  });
});

describe("hostile text", () => {
  test("no escape, control or bidirectional character of a memory or a commit reaches a terminal, by any command", async () => {
    await world.init();
    const file = "semantic/fact/hostile-m_7k3q9f2d4cxw.md";
    const title = 'title: "\\e]0;owned\\a\\e[2J\\u202Egnp \\u009b31m\\r\\nforged"';
    world.commitFile(
      file,
      `---\ntype: "Fa\\ect"\nid: m_7k3q9f2d4cxw\n${title}\ntags: ["\\e[5m"]\ngenerated: { by: "\\e[31mme", at: 2026-11-23T09:12:00Z }\n---\n\nBody ${ESCAPE}[31m red \u009b2J \u202e.\n`,
    );
    const tip = execFileSync("git", ["commit-tree", "agent-memory^{tree}", "-p", "agent-memory", "-F", "-"], {
      cwd: world.code,
      encoding: "utf8",
      input: `memory(update): ${ESCAPE}[2Jsubject\n\nreason ${ESCAPE}]8;;x${ESCAPE}\\ \u202e\n\nMemory-Op: update\nMemory-Actor: ${ESCAPE}[7mx\n`,
      env: { ...process.env, GIT_AUTHOR_NAME: `${ESCAPE}[7mx` },
    }).trim();
    world.git("update-ref", "refs/heads/agent-memory", tip);
    const id = "m_7k3q9f2d4cxw";
    const commands = [
      ["list"],
      ["list", "--past"],
      ["show", id],
      ["show", file],
      ["history"],
      ["history", id],
      ["blame", id],
      ["revert", id, "--dry-run"],
      ["doctor"],
      ["recall", "body red"],
    ];
    for (const args of [
      ...commands,
      ["expire", id, "--cause", "wrong"],
      ["list", "--past"],
      ["show", `${ESCAPE}[31m`],
      [`${ESCAPE}[31m`],
    ]) {
      for (const columns of [40, 200]) {
        const { out, err } = await world.call(args, { columns, env: { FORCE_COLOR: "0" } });
        expect([args, (out + err).match(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u)]).toEqual([args, null]);
      }
      const { out } = await world.call([...args, "--json"]);
      expect([args, out.trimEnd().match(/\p{Cc}|\p{Bidi_Control}/u)]).toEqual([args, null]);
      expect(() => JSON.parse(out)).not.toThrow();
    }
  });

  test("colour is ours alone, and only on a terminal", async () => {
    await world.init();
    await world.add("One");
    const coloured = await world.call(["list"], { columns: 80, env: { NO_COLOR: "", TERM: "xterm" } });
    expect(coloured.out).toContain(`${ESCAPE}[36m`);
    const plain = await world.call(["list"], { env: { NO_COLOR: "", TERM: "xterm" } });
    expect(plain.out).not.toContain(ESCAPE);
  });

  test("a line never grows past the terminal", async () => {
    await world.init();
    await world.add(`A title that goes on ${"and on ".repeat(20)}日本語`);
    const { out } = await world.call(["list"], { columns: 60 });
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe("the mode", () => {
  test("read-only refuses writes and lets reading go on", async () => {
    await world.init();
    const id = await world.add("One");
    mkdirSync(path.join(world.code, ".git/memory"), { recursive: true });
    writeFileSync(path.join(world.code, ".git/memory/mode"), "read-only\n");
    const { exit, answer } = await world.json(["expire", id, "--cause", "wrong"]);
    expect([exit, answer.error.code]).toEqual([1, "mode"]);
    expect((await world.json(["list"])).answer.memories).toHaveLength(1);
    expect((await world.json(["doctor"])).answer.findings.find(({ check }) => check === "mode")?.level).toBe("notice");
  });
});

describe("doctor", () => {
  const problems = async () => {
    const { exit, answer } = await world.json(["doctor"]);
    const found = answer.findings.filter(({ level }) => level === "problem").map(({ check }) => check);
    expect([exit, answer.healthy]).toEqual(found.length === 0 ? [0, true] : [1, false]);
    return found;
  };
  const notices = async () =>
    (await world.json(["doctor"])).answer.findings.filter(({ level }) => level === "notice").map(({ check }) => check);

  test("finds nothing wrong with a new store, and a missing one is only worth a notice", async () => {
    expect([await problems(), await notices()]).toEqual([[], ["store"]]);
    await world.init();
    await world.add("One");
    expect([await problems(), await notices()]).toEqual([[], []]);
  });

  test("names each broken file with its line", async () => {
    await world.init();
    world.commitFile("semantic/fact/broken.md", "---\ntype: Fact\ntitle: A\ntitle: B\n---\n\nText.\n");
    expect(await problems()).toEqual(["broken-file"]);
    const { out } = await world.call(["doctor"]);
    expect(out).toContain("semantic/fact/broken.md, line 4");
    expect(out).toContain("1 problem.");
  });

  test("finds two files of one id, and memories that nobody reads or finds", async () => {
    await world.init();
    const id = await world.add("One");
    const { text } = (await world.json(["show", id])).answer;
    world.commitFile("semantic/fact/copy.md", text);
    world.commitFile("semantic/pitfall/misplaced.md", "---\ntype: Fact\ntitle: A\n---\n\nText.\n");
    world.commitFile("notes/lost.md", "---\ntype: Fact\n---\n\nText.\n");
    expect([await problems(), (await notices()).toSorted()]).toEqual([["duplicate-id"], ["folder", "unread-file"]]);
  });

  test("says that a store of a newer format is read and not written", async () => {
    await world.init();
    world.commitFile("policy.yaml", "format: 2\n");
    expect(await problems()).toEqual(["newer-format"]);
    expect(
      (await world.json(["add", "--title", "A", "--type", "Fact", "--body", "B", "--reason", "R"])).answer.error.code,
    ).toBe("newer-format");
  });

  test("finds a lock that a dead git left behind, and not one of this moment", async () => {
    await world.init();
    const lock = path.join(world.code, ".git/refs/heads/agent-memory.lock");
    writeFileSync(lock, "");
    expect(await problems()).toEqual([]);
    utimesSync(lock, new Date(0), new Date(0));
    expect(await problems()).toEqual(["lock"]);
  });

  test("notices what in git's configuration keeps memory from arriving or looks odd", async () => {
    await world.init();
    const clone = path.join(world.root, "clone");
    world.git("clone", "--quiet", "--single-branch", "--depth", "1", `file://${world.code}`, clone);
    world.git("-C", clone, "config", "commit.gpgSign", "true");
    const { exit, answer } = await world.json(["doctor"], { cwd: clone });
    const checks = answer.findings.map(({ check }) => check);
    expect(exit).toBe(0);
    expect(checks).toEqual(expect.arrayContaining(["fetch", "shallow", "signing"]));
    world.git("worktree", "add", "--quiet", path.join(world.root, "memory"), "agent-memory");
    expect(await notices()).toEqual(["checkout"]);
  });

  test("outside a repository it looks at the personal store alone", async () => {
    const { exit, answer } = await world.json(["doctor"], { cwd: world.root });
    expect([exit, answer.findings.map(({ check, level }) => [check, level])]).toEqual([
      0,
      [
        ["git-version", "ok"],
        ["repository", "notice"],
      ],
    ]);
  });
});

describe("the bundle", () => {
  const folder = path.join(ROOT, "out/cli-test");
  // The project's own recipe, with the results laid elsewhere.
  const BUILD = `
    import { build } from "esbuild";
    const { bundles } = await import(process.argv[1] + "/esbuild.mjs");
    for (const options of bundles().filter(({ outfile }) => /(cli|mcp)\\.cjs$/.test(outfile))) {
      await build({ ...options, outfile: process.argv[2] + "/" + options.outfile });
    }`;
  beforeAll(() => {
    mkdirSync(path.join(folder, "bin"), { recursive: true });
    execFileSync(process.execPath, ["--input-type=module", "-e", BUILD, ROOT, folder], { cwd: ROOT });
    execFileSync("cp", [path.join(ROOT, "package.json"), folder]);
    execFileSync("cp", [path.join(ROOT, "bin/git-memory"), path.join(folder, "bin")]);
  });
  afterAll(() => execFileSync("rm", ["-rf", folder]));

  const shell = (command: string, env: Readonly<Record<string, string>>) =>
    execFileSync("sh", ["-c", command], {
      cwd: world.code,
      encoding: "utf8",
      env: { ...process.env, ...world.env, ...env },
    });

  test("git finds it on the PATH as git memory, also by a symbolic link, and with another Node", () => {
    const PATH = `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
    shell("git memory init", { PATH });
    shell('git memory add --title A --type Fact --body "- b" --reason R', { PATH });
    expect(shell("git -C . memory list", { PATH })).toContain("Fact");
    const links = path.join(world.root, "links");
    mkdirSync(links);
    symlinkSync(path.join(folder, "bin/git-memory"), path.join(links, "git-memory"));
    expect(
      shell("git memory --version; git memory help | head -1", { PATH: `${links}:${process.env["PATH"] ?? ""}` }),
    ).toMatch(/^git-memory \d+\.\d+\.\d+\ngit memory: /);
    const other = path.join(world.root, "other node");
    symlinkSync(process.execPath, other);
    expect(shell("git memory list", { PATH, COMMIT_TO_MEMORY_NODE: other })).toContain("Fact");
  });

  test("serves the Model Context Protocol until stdin ends", async () => {
    await world.init();
    for (const program of [path.join(folder, "dist/cli.cjs"), PROGRAM]) {
      const child = spawn(process.execPath, [program, "mcp"], {
        cwd: world.code,
        env: { ...process.env, ...world.env },
      });
      let out = "";
      const answered = new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          out += chunk.toString("utf8");
          if (out.includes("\n")) resolve();
        });
      });
      const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
      await answered;
      const { result }: { result: { serverInfo: { name: string } } } = JSON.parse(firstOf(out.split("\n")));
      expect(result.serverInfo.name).not.toBe("");
      child.stdin.end();
      expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    }
  });
});
