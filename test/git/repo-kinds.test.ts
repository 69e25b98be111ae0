/** The main job in every kind of repository that git knows, done for real and checked by `git fsck --strict`. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { StoreBusyError } from "../../src/core/errors.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { act, claim, type Scratch } from "../support/scratch.ts";
import { land, startOnBranch } from "./support/branch.ts";
import { doMainJob, DONE } from "./support/main-job.ts";
import { scratches } from "./support/scratches.ts";

const scratchOf = scratches();
afterEach(() => {
  vi.unstubAllEnvs();
});

const gitKnowsReftable = /--ref-format|--\[no-\]ref-format/.test(
  execFileSync("sh", ["-c", "git init -h 2>&1 || true"], { encoding: "utf8" }),
);

/** What came of the main job, what it did to HEAD, the index and the files, and what `git fsck` says of the objects. */
async function jobIn(scratch: Scratch, folder = scratch.folder): Promise<object> {
  const isBare = scratch.gitIn(folder, "rev-parse", "--is-bare-repository") === "true";
  const state = (): string =>
    isBare ? "" : scratch.gitIn(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=all");
  const before = state();
  const job = await doMainJob(scratch, folder);
  const fsck = scratch.gitIn(folder, "fsck", "--strict", "--full", "--no-dangling").split("\n");
  return {
    ...job,
    undisturbed: state() === before,
    damage: fsck.filter((line) => /error|missing|broken|warning/.test(line)),
  };
}

const WORKS = { ...DONE, undisturbed: true, damage: [] };

/** A hook that would fail, or tell that it ran. */
function plantHooks(folder: string, told: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const hook of ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"])
    fs.writeFileSync(path.join(folder, hook), `#!/bin/sh\necho ${hook} >> '${told}'\nexit 1\n`, { mode: 0o755 });
}

describe("the main job is done", () => {
  test("in a linked worktree, also one whose main work tree is bare", async () => {
    const scratch = scratchOf();
    const linked = path.join(scratch.root, "linked");
    scratch.git("worktree", "add", "--quiet", "-b", "topic", linked);
    expect(await jobIn(scratch, linked)).toEqual(WORKS);
    const bare = path.join(scratch.root, "bare.git");
    scratch.gitIn(scratch.root, "clone", "--quiet", "--bare", "--branch=main", "--single-branch", scratch.folder, bare);
    scratch.gitIn(bare, "worktree", "add", "--quiet", path.join(scratch.root, "of-bare"), "main");
    expect(await jobIn(scratch, path.join(scratch.root, "of-bare"))).toEqual(WORKS);
  });

  test("in a bare repository", async () => {
    expect(await jobIn(scratchOf({ init: ["--bare"], empty: true }))).toEqual(WORKS);
  });

  test("where the git directory is elsewhere (--separate-git-dir)", async () => {
    const scratch = scratchOf({ init: ["--separate-git-dir=../elsewhere"] });
    expect(fs.statSync(scratch.path(".git")).isFile()).toBe(true);
    expect(await jobIn(scratch)).toEqual(WORKS);
    fs.mkdirSync(scratch.path("sub"));
    expect((await scratch.open(scratch.path("sub"))).repository.location).toBe(scratch.folder);
  });

  test("in a submodule, and the repository around it has nothing to do with it", async () => {
    const [inner, outer] = [scratchOf(), scratchOf()];
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "part");
    outer.git("commit", "--quiet", "-m", "part");
    expect(await jobIn(outer, outer.path("part"))).toEqual(WORKS);
    expect(outer.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    expect(await jobIn(outer)).toEqual(WORKS);
  });

  test("with SHA-256", async () => {
    expect(await jobIn(scratchOf({ init: ["--object-format=sha256"] }))).toEqual(WORKS);
  });

  describe.skipIf(!gitKnowsReftable).each(["sha1", "sha256"])(
    "with refs in a reftable and %s (skipped where git is older than 2.45)",
    (hash) => {
      const tables = (): Scratch => scratchOf({ init: ["--ref-format=reftable", `--object-format=${hash}`] });

      test("on a branch of its own, also from a linked worktree", async () => {
        expect(await jobIn(tables())).toEqual(WORKS);
        const scratch = tables();
        const linked = path.join(scratch.root, "linked");
        scratch.git("worktree", "add", "--quiet", "-b", "topic", linked);
        expect(await jobIn(scratch, linked)).toEqual(WORKS);
      });

      test("in the checked-out branch, where a write waits for a cherry-pick and then lands", async () => {
        const scratch = tables();
        const store = await startOnBranch(scratch);
        scratch.git("branch", "side");
        for (const branch of ["main", "side"]) {
          scratch.git("checkout", "--quiet", branch);
          scratch.write("code.txt", `${branch}\n`);
          scratch.git("commit", "--quiet", "--all", `--message=${branch}`);
        }
        expect(() => scratch.git("cherry-pick", "main")).toThrow("Command failed");
        const written = await addMemory(store, claim(1), act);
        expect(written).toMatchObject({
          status: "waiting",
          notices: [expect.stringMatching(/cherry-pick is in progress/)],
        });
        scratch.git("cherry-pick", "--abort");
        await land(store);
        expect(scratch.git("status", "--porcelain")).toBe("");
        expect(scratch.git("log", "-1", "--format=%s")).toBe("memory(add): Claim number 1");
        scratch.fsck();
      });

      test("with a checkout that follows, and a lock of a killed git's", async () => {
        const scratch = tables();
        const store = await scratch.start();
        const linked = path.join(scratch.root, "linked");
        scratch.git("worktree", "add", "--quiet", linked, "agent-memory");
        const [memory] = (await addMemory(store, claim(1), act)).memories;
        expect(fs.existsSync(path.join(linked, memory?.path ?? ""))).toBe(true);
        const lock = scratch.path(".git/reftable/tables.list.lock");
        fs.writeFileSync(lock, "");
        await expect(addMemory(store, claim(2), act)).rejects.toThrow(StoreBusyError);
        fs.utimesSync(lock, 1_000_000, 1_000_000);
        expect((await addMemory(store, claim(2), act)).status).toBe("stored");
        expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
      });
    },
  );

  test("where hooks fail, in the repository and by core.hooksPath, and none of them is run", async () => {
    const scratch = scratchOf();
    const told = path.join(scratch.root, "told");
    plantHooks(scratch.path(".git/hooks"), told);
    expect(await jobIn(scratch)).toEqual(WORKS);
    const other = scratchOf();
    plantHooks(path.join(scratch.root, "hooks"), told);
    other.git("config", "core.hooksPath", path.join(scratch.root, "hooks"));
    expect(await jobIn(other)).toEqual(WORKS);
    expect(fs.existsSync(told)).toBe(false);
  });

  test("where a file system monitor is set, and it is not run", async () => {
    const scratch = scratchOf();
    const told = path.join(scratch.root, "told");
    const monitor = path.join(scratch.root, "monitor");
    fs.writeFileSync(monitor, `#!/bin/sh\necho ran >> '${told}'\nexit 1\n`, { mode: 0o755 });
    scratch.git("config", "core.fsmonitor", monitor);
    expect(await doMainJob(scratch)).toEqual(DONE);
    expect(fs.existsSync(told)).toBe(false);
  });

  test.each([
    ["spaces, quotes and a dollar", 'it\'s a "folder" with $HOME and `ls` & more'],
    ["other scripts", "Gedächtnis 記憶 ذاكرة 🧠"],
    ["decomposed letters (NFD)", "Gedächtnis".normalize("NFD")],
    ["brackets and a star, as in a pattern", "[a]*?{b}"],
    ["a dash at the beginning", "-C"],
    ["a percent sign and a hash", "100%25#1"],
    ["a line break", "two\nlines"],
  ])("in a folder whose name has %s", async (_, name) => {
    expect(await jobIn(scratchOf({ name }))).toEqual(WORKS);
  });

  test("where case is ignored, where names are precomposed, and where work tree settings are apart", async () => {
    const scratch = scratchOf();
    for (const setting of [
      "core.ignorecase",
      "core.precomposeUnicode",
      "core.protectNTFS",
      "extensions.worktreeConfig",
    ])
      scratch.git("config", setting, "true");
    const linked = path.join(scratch.root, "linked");
    scratch.git("worktree", "add", "--quiet", "--detach", linked);
    scratch.gitIn(linked, "config", "--worktree", "core.hooksPath", "/nowhere");
    scratch.gitIn(linked, "config", "--worktree", "core.sparseCheckout", "true");
    expect(await jobIn(scratch, linked)).toEqual(WORKS);
  });

  test.each(["none", "all", "committed,loose-object", "derived-metadata", "default,-reference"])(
    "with core.fsync=%s",
    async (fsync) => {
      const scratch = scratchOf();
      scratch.git("config", "core.fsync", fsync);
      expect(await jobIn(scratch)).toEqual(WORKS);
    },
  );

  test("where all refs are packed", async () => {
    const scratch = scratchOf();
    scratch.git("pack-refs", "--all", "--prune");
    expect(await jobIn(scratch)).toEqual(WORKS);
    scratch.git("pack-refs", "--all", "--prune");
    expect(fs.existsSync(scratch.path(".git/refs/heads/agent-memory"))).toBe(false);
    expect((await (await scratch.open()).snapshot()).size).toBe(2);
  });

  test("in a hook: with variables that point git at another index, work tree and repository", async () => {
    const [scratch, other] = [scratchOf(), scratchOf()];
    vi.stubEnv("GIT_DIR", other.path(".git"));
    vi.stubEnv("GIT_WORK_TREE", other.folder);
    vi.stubEnv("GIT_INDEX_FILE", other.path(".git/index.lock"));
    vi.stubEnv("GIT_OBJECT_DIRECTORY", other.path(".git/objects"));
    vi.stubEnv("GIT_NAMESPACE", "elsewhere");
    expect(await doMainJob(scratch)).toEqual(DONE);
    vi.unstubAllEnvs();
    Object.assign(process.env, { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" });
    expect(other.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    scratch.fsck();
  });
});
