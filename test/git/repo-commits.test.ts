/** What a policy can ask of each commit: the user's signature, and the repository's hooks. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { run } from "../../src/cli/run.ts";
import { HookError } from "../../src/core/errors.ts";
import { POLICY_FILE } from "../../src/core/memory/policy.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import type { ProjectRepository } from "../../src/git/branch/project-repository.ts";
import { signedCommit } from "../../src/git/commits/signed.ts";
import { GitCommand } from "../../src/git/git-command.ts";
import { syncStore } from "../../src/git/sync/sync.ts";
import { type Called, PROGRAM } from "../support/cli-world.ts";
import { acceptRules } from "../support/rules.ts";
import { syncer } from "../support/team.ts";
import { act, claim, fileText, human, Scratch } from "../support/scratch.ts";
import { doctorIn } from "./support/main-job.ts";

const made: Scratch[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  Object.assign(process.env, { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: os.devNull });
  await Promise.all(made.splice(0).map((scratch) => scratch.remove()));
});

/** A store whose policy has an entry for commits. */
async function storeWith(
  commits: string,
  options: ConstructorParameters<typeof Scratch>[0] = {},
): Promise<{ scratch: Scratch; store: MemoryStore }> {
  const scratch = new Scratch(options);
  made.push(scratch);
  const store = await scratch.start();
  const policy = scratch.git("show", `agent-memory:${POLICY_FILE}`);
  scratch.commitOutside({ [POLICY_FILE]: `${policy}\ncommits: ${commits}\n` });
  await acceptRules(store);
  return { scratch, store };
}

const inPath = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** A key for ssh signatures, set as the user's, and known to `git verify-commit`. */
function sshKey(scratch: Scratch, passphrase = ""): string {
  const key = path.join(scratch.root, "key");
  const words = ["-q", "-a", "1", "-t", "ed25519", "-N", passphrase, "-C", "person@example.com", "-f", key];
  execFileSync("ssh-keygen", words);
  const signers = path.join(scratch.root, "signers");
  fs.writeFileSync(signers, `person@example.com ${fs.readFileSync(`${key}.pub`, "utf8")}`);
  scratch.git("config", "gpg.format", "ssh");
  scratch.git("config", "user.signingKey", key);
  scratch.git("config", "gpg.ssh.allowedSignersFile", signers);
  return key;
}

async function allVerbs(store: MemoryStore): Promise<void> {
  const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
  await updateMemory(store, id, { title: "Claim number one" }, act);
  await expireMemories(store, [id], { ...act, cause: "wrong" });
}

async function callIn(scratch: Scratch, args: readonly string[]): Promise<Called> {
  let [out, err] = ["", ""];
  const exit = await run(args, {
    env: { COMMIT_TO_MEMORY_DATA: scratch.data, NO_COLOR: "1" },
    cwd: scratch.folder,
    columns: null,
    errorsToTerminal: false,
    program: pathToFileURL(PROGRAM),
    out: (text) => (out += text),
    error: (text) => (err += text),
    input: async () => new Uint8Array(),
  });
  return { exit, out, err };
}

describe.skipIf(!inPath("ssh-keygen"))("with `commits: { sign: always }` and an ssh key", () => {
  test.each([
    ["SHA-1", []],
    ["SHA-256", ["--object-format=sha256"]],
  ])("each commit carries a signature that git verifies (%s)", async (_, init) => {
    const { scratch, store } = await storeWith("{ sign: always }", init.length === 0 ? {} : { init });
    sshKey(scratch);
    await allVerbs(store);
    const commits = scratch.git("rev-list", "--max-count=3", "agent-memory").split("\n");
    for (const commit of commits) scratch.git("verify-commit", commit);
    expect(scratch.git("log", "-1", "--format=%G? %an <%ae> %cn", "agent-memory")).toBe(
      "G copilot/gpt-5.2 <copilot@agent.invalid> Test Person",
    );
    expect((await store.journal.entries()).slice(0, 3).map(({ text }) => text.operation)).toEqual([
      "expire",
      "update",
      "add",
    ]);
    scratch.fsck();
  });

  test("apart from the signature the bytes are those of an unsigned commit", async () => {
    const { scratch, store } = await storeWith("{ sign: always }");
    sshKey(scratch);
    const at = new Date("2026-02-03T04:05:06Z");
    const timed = await scratch.open(scratch.folder, () => at);
    await addMemory(timed, claim("ü 記"), { ...act, reason: "Because it is so.\n\nAnd so on." });
    const signed = scratch.git("cat-file", "commit", "agent-memory");
    const message = signed.slice(signed.indexOf("\n\n"));
    expect(message).toContain("Claim number ü 記");
    expect(message).toMatch(/Memory-Gate: .*$/);
    expect(signed).toContain(`author copilot/gpt-5.2 <copilot@agent.invalid> ${at.getTime() / 1000} +0000\n`);
    expect(signed.slice(0, signed.indexOf("\n\n")).match(/^[a-z]\S*/gm)).toEqual([
      "tree",
      "parent",
      "author",
      "committer",
      "gpgsig",
    ]);
    expect(await store.exists()).toBe(true);
  });

  describe("and while that key is locked, a write", () => {
    let scratch: Scratch;
    let store: MemoryStore;
    let key: string;
    let before: string;
    beforeEach(async () => {
      ({ scratch, store } = await storeWith("{ sign: always }"));
      key = sshKey(scratch, "a passphrase");
      vi.stubEnv("SSH_AUTH_SOCK", "");
      vi.stubEnv("DISPLAY", ":0");
      vi.stubEnv("SSH_ASKPASS", "/bin/true");
      before = scratch.git("rev-parse", "agent-memory");
    });
    const unlock = (): void => void execFileSync("ssh-keygen", ["-q", "-p", "-P", "a passphrase", "-N", "", "-f", key]);
    const titles = async (one: MemoryStore): Promise<string[]> =>
      Array.from((await one.snapshot()).memories(), ({ title }) => title).toSorted();
    /** Every commit that the branch got since is signed by the key, and says nothing of having waited. */
    const allSigned = (): void => {
      for (const commit of scratch.git("rev-list", `${before}..agent-memory`).split("\n"))
        scratch.git("verify-commit", commit);
      expect(scratch.git("for-each-ref", "refs/memory/pending")).toBe("");
      scratch.fsck();
    };

    test("waits at once, is recalled in every process, shown, and signed and landed by itself", async () => {
      const written = await addMemory(store, claim(1), act);
      expect(written).toMatchObject({
        status: "waiting",
        notices: [expect.stringMatching(/^It is recalled already, and waits to be signed: .*(?:passphrase|key)/)],
      });
      expect(scratch.git("rev-parse", "agent-memory")).toBe(before);
      expect(await titles(await scratch.open())).toEqual(["Claim number 1"]);
      const finding = (await doctorIn(scratch, scratch.folder)).find(({ check }) => check === "waiting");
      expect(finding).toMatchObject({ level: "notice", message: expect.stringMatching(/^1 write waits to be signed/) });
      await updateMemory(store, written.memories[0]?.id ?? "", { title: "Claim number one" }, act);
      await addMemory(store, claim(2), act);
      unlock();
      await vi.waitFor(() => expect(scratch.git("for-each-ref", "refs/memory/pending")).toBe(""), { timeout: 15_000 });
      expect(scratch.git("rev-list", "--count", `${before}..agent-memory`)).toBe("3");
      allSigned();
      expect(scratch.git("log", "-1", "--format=%an %cn", "agent-memory")).toBe("copilot/gpt-5.2 Test Person");
      expect(await titles(store)).toEqual(["Claim number 2", "Claim number one"]);
      expect((await store.journal.entries()).slice(0, 3).map(({ text }) => text.operation)).toEqual([
        "add",
        "update",
        "add",
      ]);
      expect((await addMemory(await scratch.open(), claim(3), act)).status).toBe("stored");
      allSigned();
    }, 30_000);

    test("lands at once where a person asks for it, and can be dropped", async () => {
      const [first, second] = [await addMemory(store, claim(1), act), await addMemory(store, claim(2), act)];
      // An open window lands what waits by itself, at times before the command is there.
      await store.dispose();
      const cli = async (...args: string[]): Promise<Called> => callIn(scratch, args);
      expect(await cli("land")).toMatchObject({
        exit: 5,
        out: expect.stringMatching(/2 writes wait: the key that signs it can't be used now/),
      });
      expect(await cli("land", "--drop", second.commit)).toMatchObject({ exit: 0 });
      unlock();
      expect(await cli("land")).toMatchObject({
        exit: 0,
        out: expect.stringMatching(/^Landed 1 write on agent-memory\./),
      });
      expect(await cli("land")).toMatchObject({ exit: 0, out: expect.stringMatching(/^Nothing waits/) });
      allSigned();
      expect(await titles(await scratch.open())).toEqual(["Claim number 1"]);
      expect(scratch.git("log", "-1", "--format=%s", "agent-memory")).toBe("memory(add): Claim number 1");
      expect(first.status).toBe("waiting");
    });

    test("follows what somebody else puts on the branch meanwhile", async () => {
      await addMemory(store, claim(1), act);
      scratch.commitOutside({ "semantic/fact/by-hand-m_aaaaaaaaaaaa.md": fileText("m_aaaaaaaaaaaa", "By hand") });
      expect(await titles(store)).toEqual(["By hand", "Claim number 1"]);
      await addMemory(await scratch.open(), claim(2), act);
      unlock();
      before = scratch.git("rev-parse", "agent-memory");
      await (store.repository as ProjectRepository).land(true);
      allSigned();
      expect(await titles(store)).toEqual(["By hand", "Claim number 1", "Claim number 2"]);
    });

    test("is read and lands after a landing that was killed with its git, which had locked the refs", async () => {
      await addMemory(store, claim(1), act);
      await store.dispose();
      scratch.commitOutside({ "semantic/fact/by-hand-m_aaaaaaaaaaaa.md": fileText("m_aaaaaaaaaaaa", "By hand") });
      const pending = "refs/memory/pending/agent-memory";
      const locks = [`${pending}.lock`, "packed-refs.lock"].map((name) => scratch.path(".git", name));
      for (const lock of locks) fs.writeFileSync(lock, "");
      const { pid } = spawnSync(process.execPath, ["--version"]);
      fs.writeFileSync(scratch.path(".git/memory/agent-memory.lock"), `${pid} ${os.hostname()} abc\n${pending}=\n`);
      const next = await scratch.open();
      expect(await titles(next)).toEqual(["By hand", "Claim number 1"]);
      expect(locks.filter((lock) => fs.existsSync(lock))).toEqual([]);
      unlock();
      before = scratch.git("rev-parse", "agent-memory");
      await (next.repository as ProjectRepository).land(true);
      allSigned();
      // What its landing was about to move, it had noted in its lock.
      const folder = scratch.path(".git/memory");
      const marks = fs.readdirSync(folder).filter((name) => name.startsWith("agent-memory.lock."));
      expect(marks.map((name) => fs.readFileSync(path.join(folder, name), "utf8")).join()).toContain(`${pending}=\n`);
    });

    test("waits for the same reason in the code's own branch, and is landed there signed", async () => {
      await (store.repository as ProjectRepository).moveTo("branch", new Date());
      const project = store.repository as ProjectRepository;
      expect((await project.land(true)).why).toBeNull();
      before = scratch.git("rev-parse", "HEAD");
      await addMemory(store, claim(1), act);
      expect(await project.land(true)).toMatchObject({
        landed: 0,
        why: expect.stringMatching(/the key that signs it/),
      });
      expect([scratch.git("rev-parse", "HEAD"), scratch.git("status", "--porcelain")]).toEqual([before, ""]);
      expect(await titles(await scratch.open())).toEqual(["Claim number 1"]);
      unlock();
      expect(await project.land(true)).toMatchObject({ landed: 1, why: null });
      expect(scratch.git("rev-list", "--count", `${before}..HEAD`)).toBe("1");
      scratch.git("verify-commit", "HEAD");
      expect(scratch.git("status", "--porcelain")).toBe("");
      scratch.fsck();
    });

    test("is not sent by a sync, which says so, and goes with the next one once it is signed", async () => {
      const server = path.join(scratch.root, "server.git");
      scratch.gitIn(scratch.root, "init", "--quiet", "--bare", server);
      scratch.git("remote", "add", "origin", server);
      await addMemory(store, claim(1), act);
      const { notices } = await syncStore(store, syncer);
      expect(notices).toContain("1 more here waits for the key that signs, and will go once signed.");
      expect(scratch.gitIn(server, "rev-parse", "agent-memory")).toBe(before);
      unlock();
      expect(await syncStore(store, syncer)).toMatchObject({ status: "synced", went: 1 });
      expect(scratch.gitIn(server, "rev-parse", "agent-memory")).toBe(scratch.git("rev-parse", "agent-memory"));
      allSigned();
    });

    test("keeps an erasure and a move waiting, which say what to do", async () => {
      const { memories } = await addMemory(store, claim(1), act);
      const project = store.repository as ProjectRepository;
      await expect(project.moveTo("branch", new Date())).rejects.toThrow(/git memory land/);
      const [memory] = memories;
      const plan = await planErase(store, { id: memory?.id ?? "", path: memory?.path ?? "" });
      await expect(eraseMemory(store, plan, { caller: human, reason: "It is to go." })).rejects.toThrow(
        /git memory land/,
      );
    });
  });

  test("a store that is started with signatures has them from its first commit on", async () => {
    const scratch = new Scratch();
    made.push(scratch);
    const key = sshKey(scratch, "a passphrase");
    vi.stubEnv("SSH_AUTH_SOCK", "");
    expect(await callIn(scratch, ["init", "--sign"])).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/nothing was stored/),
    });
    expect(scratch.git("for-each-ref", "refs/heads/agent-memory", "refs/memory")).toBe("");
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "a passphrase", "-N", "", "-f", key]);
    expect(await callIn(scratch, ["init", "--sign"])).toMatchObject({ exit: 0 });
    scratch.git("verify-commit", "agent-memory");
    expect((await addMemory(await scratch.open(), claim(1), act)).status).toBe("stored");
    expect(scratch.git("log", "--format=%G?", "agent-memory")).toBe("G\nG");
  });

  test("without a key the error names the setting", async () => {
    const { scratch, store } = await storeWith("{ sign: always }");
    scratch.git("config", "gpg.format", "ssh");
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(/user\.signingkey/);
  });

  test("a signer that never answers is ended, with what it started", async () => {
    const { scratch } = await storeWith("{ sign: always }");
    sshKey(scratch);
    const [signer, started] = [path.join(scratch.root, "signer"), path.join(scratch.root, "started")];
    fs.writeFileSync(signer, `#!/bin/sh\nsleep 1000 &\necho $! > '${started}'\nwait\n`, { mode: 0o755 });
    scratch.git("config", "gpg.ssh.program", signer);
    const commit = execFileSync("git", ["cat-file", "commit", "agent-memory"], { cwd: scratch.folder });
    await expect(signedCommit(new GitCommand({ folder: scratch.folder }), commit, 1_000)).rejects.toThrow(
      /did not answer in time/,
    );
    const pid = fs.readFileSync(started, "utf8").trim();
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"), { timeout: 5_000 });
  });
});

describe.skipIf(!inPath("gpg"))("with `commits: { sign: always }` and a gpg key", () => {
  let home: string;
  beforeAll(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "gpg-"));
    fs.chmodSync(home, 0o700);
    const env = { ...process.env, GNUPGHOME: home };
    const quick = [
      "--batch",
      "--passphrase",
      "",
      "--quick-generate-key",
      "Test Person <person@example.com>",
      "ed25519",
    ];
    execFileSync("gpg", [...quick, "sign", "never"], { env, stdio: "ignore" });
    return () => {
      execFileSync("gpgconf", ["--kill", "all"], { env });
      fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    };
  }, 60_000);

  test("each commit carries a signature that git verifies, by the committer's own key where none is named", async () => {
    vi.stubEnv("GNUPGHOME", home);
    const { scratch, store } = await storeWith("{ sign: always }");
    await allVerbs(store);
    expect(scratch.git("log", "-3", "--format=%G? %GS", "agent-memory").split("\n")).toEqual(
      Array.from({ length: 3 }, () => "G Test Person <person@example.com>"),
    );
  });

  test("a write waits for a program that fails, and one that is not there is an error that says what to check", async () => {
    const { scratch, store } = await storeWith("{ sign: always }");
    const program = path.join(scratch.root, "gpg");
    fs.writeFileSync(program, "#!/bin/sh\necho 'gpg: signing failed: Inappropriate ioctl for device' >&2\nexit 2\n", {
      mode: 0o755,
    });
    scratch.git("config", "gpg.program", program);
    expect(await addMemory(store, claim(1), act)).toMatchObject({
      status: "waiting",
      // git hands the program's own words on since 2.41.
      notices: [expect.stringMatching(/waits to be signed: .*(?:gpg failed to sign|Inappropriate ioctl)/)],
    });
    scratch.git("config", "gpg.program", "/nowhere/gpg");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await expect(addMemory(store, claim(2), act)).rejects.toThrow(
      /nothing was stored: .*\/nowhere\/gpg.*`git commit -S`/,
    );
  });
});

test("without the policy commits are unsigned whatever the user's configuration says, and the doctor tells", async () => {
  const { scratch, store } = await storeWith("{}");
  scratch.git("config", "commit.gpgSign", "true");
  scratch.git("config", "gpg.program", "/nowhere/gpg");
  await addMemory(store, claim(1), act);
  expect(scratch.git("cat-file", "commit", "agent-memory")).not.toContain("gpgsig");
  const finding = (await doctorIn(scratch, scratch.folder)).find(({ check }) => check === "signing");
  expect(finding).toMatchObject({ level: "notice", advice: expect.stringContaining("commits: { sign: always }") });
});

describe("with `commits: { hooks: run }`", () => {
  function hook(scratch: Scratch, name: string, script: string, folder = scratch.path(".git/hooks")): void {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  test("hooks see the store's files and the change, and the developer's work is left alone", async () => {
    const { scratch, store } = await storeWith("{ hooks: run }");
    const seen = path.join(scratch.root, "seen");
    hook(
      scratch,
      "pre-commit",
      `git diff --cached --name-only > '${seen}'; ls >> '${seen}'; git status --short >> '${seen}'`,
    );
    hook(scratch, "commit-msg", 'echo "Change-Id: I123" >> "$1"');
    scratch.write("staged.txt", "work");
    scratch.git("add", "staged.txt");
    scratch.write("loose.txt", "more");
    const before = [scratch.git("status", "--porcelain=v2", "--branch"), scratch.git("worktree", "list")];
    const index = fs.readFileSync(scratch.path(".git/index"));
    const written = await addMemory(store, claim(1), act);
    const [memory] = written.memories;
    expect(fs.readFileSync(seen, "utf8").split("\n")).toEqual([
      memory?.path ?? "",
      "README.md",
      POLICY_FILE,
      "semantic",
      `A  ${memory?.path ?? ""}`,
      "",
    ]);
    expect([scratch.git("status", "--porcelain=v2", "--branch"), scratch.git("worktree", "list")]).toEqual(before);
    expect(fs.readFileSync(scratch.path(".git/index")).equals(index)).toBe(true);
    expect(scratch.git("log", "-1", "--format=%B", "agent-memory")).toMatch(/Memory-Op: add[\s\S]*Change-Id: I123/);
    expect((await store.journal.entries())[0]?.text).toMatchObject({ operation: "add", actor: "copilot/gpt-5.2" });
    expect(scratch.git("log", "-1", "--format=%an %cn", "agent-memory")).toBe("copilot/gpt-5.2 Test Person");
    scratch.fsck();
  });

  test("a hook that fails refuses the write in its own words", async () => {
    const { scratch, store } = await storeWith("{ hooks: run }");
    hook(scratch, "pre-commit", "echo 'No memories on a Friday.' >&2; exit 1");
    const before = scratch.git("rev-parse", "agent-memory");
    const failure = await addMemory(store, claim(1), act).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HookError);
    expect(String(failure)).toContain("It said: No memories on a Friday.");
    expect(scratch.git("rev-parse", "agent-memory")).toBe(before);
  });

  test("a hook that changes what was judged is refused", async () => {
    const { scratch, store } = await storeWith("{ hooks: run }");
    hook(scratch, "pre-commit", "echo more >> README.md; git add README.md");
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(/changed what was to be stored/);
  });

  test("a relative core.hooksPath is the code's, and a signature is added too", async () => {
    const { scratch, store } = await storeWith("{ hooks: run, sign: always }");
    sshKey(scratch);
    scratch.git("config", "core.hooksPath", ".hooks");
    hook(scratch, "commit-msg", 'echo "Checked: yes" >> "$1"', scratch.path(".hooks"));
    await addMemory(store, claim(1), { ...act, caller: human });
    expect(scratch.git("log", "-1", "--format=%B", "agent-memory")).toContain("Checked: yes");
    scratch.git("verify-commit", "agent-memory");
  });
});
