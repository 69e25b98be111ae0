/** The main job in every kind of repository that git knows, done for real and checked by `git fsck --strict`. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Scratch } from "../support/scratch.ts";
import { doMainJob, DONE } from "./support/main-job.ts";

const made: Scratch[] = [];
function scratchOf(options: ConstructorParameters<typeof Scratch>[0] = {}): Scratch {
  const scratch = new Scratch(options);
  made.push(scratch);
  return scratch;
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(made.splice(0).map((scratch) => scratch.remove()));
});

const gitKnowsReftable = /--ref-format|--\[no-\]ref-format/.test(
  execFileSync("sh", ["-c", "git init -h 2>&1 || true"], { encoding: "utf8" }),
);

/** The main job leaves HEAD, the index and the files as they were, and the objects in order. */
async function expectDone(scratch: Scratch, folder = scratch.folder): Promise<void> {
  const isBare = scratch.gitIn(folder, "rev-parse", "--is-bare-repository") === "true";
  const state = (): string =>
    isBare ? "" : scratch.gitIn(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=all");
  const before = state();
  expect(await doMainJob(scratch, folder)).toEqual(DONE);
  expect(state()).toBe(before);
  const fsck = scratch.gitIn(folder, "fsck", "--strict", "--full", "--no-dangling");
  expect(fsck.split("\n").filter((line) => /error|missing|broken|warning/.test(line))).toEqual([]);
}

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
    await expectDone(scratch, linked);
    const bare = path.join(scratch.root, "bare.git");
    scratch.gitIn(scratch.root, "clone", "--quiet", "--bare", "--branch=main", "--single-branch", scratch.folder, bare);
    scratch.gitIn(bare, "worktree", "add", "--quiet", path.join(scratch.root, "of-bare"), "main");
    await expectDone(scratch, path.join(scratch.root, "of-bare"));
  });

  test("in a bare repository", async () => {
    await expectDone(scratchOf({ init: ["--bare"], empty: true }));
  });

  test("where the git directory is elsewhere (--separate-git-dir)", async () => {
    const scratch = scratchOf({ init: ["--separate-git-dir=../elsewhere"] });
    expect(fs.statSync(scratch.path(".git")).isFile()).toBe(true);
    await expectDone(scratch);
    fs.mkdirSync(scratch.path("sub"));
    expect((await scratch.open(scratch.path("sub"))).repository.location).toBe(scratch.folder);
  });

  test("in a submodule, and the repository around it has nothing to do with it", async () => {
    const [inner, outer] = [scratchOf(), scratchOf()];
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "part");
    outer.git("commit", "--quiet", "-m", "part");
    await expectDone(outer, outer.path("part"));
    expect(outer.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    await expectDone(outer);
  });

  test("with SHA-256", async () => {
    await expectDone(scratchOf({ init: ["--object-format=sha256"] }));
  });

  test.skipIf(!gitKnowsReftable)("with refs in a reftable (skipped where this git has none)", async () => {
    await expectDone(scratchOf({ init: ["--ref-format=reftable"] }));
  });

  test("where hooks fail, in the repository and by core.hooksPath, and none of them is run", async () => {
    const scratch = scratchOf();
    const told = path.join(scratch.root, "told");
    plantHooks(scratch.path(".git/hooks"), told);
    await expectDone(scratch);
    const other = scratchOf();
    plantHooks(path.join(scratch.root, "hooks"), told);
    other.git("config", "core.hooksPath", path.join(scratch.root, "hooks"));
    await expectDone(other);
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
    ["spaces, quotes and a dollar", "it's a \"folder\" with $HOME and `ls` & more"],
    ["other scripts", "Gedächtnis 記憶 ذاكرة 🧠"],
    ["decomposed letters (NFD)", "Gedächtnis".normalize("NFD")],
    ["brackets and a star, as in a pattern", "[a]*?{b}"],
    ["a dash at the beginning", "-C"],
    ["a percent sign and a hash", "100%25#1"],
    ["a line break", "two\nlines"],
  ])("in a folder whose name has %s", async (_, name) => {
    await expectDone(scratchOf({ name }));
  });

  test("where case is ignored, where names are precomposed, and where work tree settings are apart", async () => {
    const scratch = scratchOf();
    for (const setting of ["core.ignorecase", "core.precomposeUnicode", "core.protectNTFS", "extensions.worktreeConfig"])
      scratch.git("config", setting, "true");
    const linked = path.join(scratch.root, "linked");
    scratch.git("worktree", "add", "--quiet", "--detach", linked);
    scratch.gitIn(linked, "config", "--worktree", "core.hooksPath", "/nowhere");
    scratch.gitIn(linked, "config", "--worktree", "core.sparseCheckout", "true");
    await expectDone(scratch, linked);
  });

  test.each(["none", "all", "committed,loose-object", "derived-metadata", "default,-reference"])(
    "with core.fsync=%s",
    async (fsync) => {
      const scratch = scratchOf();
      scratch.git("config", "core.fsync", fsync);
      await expectDone(scratch);
    },
  );

  test("where all refs are packed", async () => {
    const scratch = scratchOf();
    scratch.git("pack-refs", "--all", "--prune");
    await expectDone(scratch);
    scratch.git("pack-refs", "--all", "--prune");
    expect(fs.existsSync(scratch.path(".git/refs/heads/agent-memory"))).toBe(false);
    await scratch.open().then((store) => store.snapshot());
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
