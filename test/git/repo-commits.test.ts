/** What a policy can ask of each commit: the user's signature, and the repository's hooks. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { HookError, SigningError } from "../../src/core/errors.ts";
import { POLICY_FILE } from "../../src/core/memory/policy.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { signedCommit } from "../../src/git/commits/signed.ts";
import { GitCommand } from "../../src/git/git-command.ts";
import { acceptRules } from "../support/rules.ts";
import { act, claim, human, Scratch } from "../support/scratch.ts";
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
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "person@example.com", "-f", key]);
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

  test("a key that is locked is an error that says what to do, and nothing is stored, at once", async () => {
    const { scratch, store } = await storeWith("{ sign: always }");
    const key = sshKey(scratch, "a passphrase");
    vi.stubEnv("SSH_AUTH_SOCK", "");
    vi.stubEnv("DISPLAY", ":0");
    vi.stubEnv("SSH_ASKPASS", "/bin/true");
    const before = scratch.git("rev-parse", "agent-memory");
    const failure = await addMemory(store, claim(1), act).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SigningError);
    expect(String(failure)).toMatch(/nothing was stored: .*(passphrase|key).*git commit -S.*try again/is);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(before);
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "a passphrase", "-N", "", "-f", key]);
    await addMemory(store, claim(1), act);
    scratch.git("verify-commit", "agent-memory");
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

  test("a program that fails is an error that says what to check", async () => {
    const { scratch, store } = await storeWith("{ sign: always }");
    const program = path.join(scratch.root, "gpg");
    fs.writeFileSync(program, "#!/bin/sh\necho 'gpg: signing failed: Inappropriate ioctl for device' >&2\nexit 2\n", {
      mode: 0o755,
    });
    scratch.git("config", "gpg.program", program);
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(
      // git hands the program's own words on since 2.41.
      /nothing was stored: (?:gpg failed to sign|.*Inappropriate ioctl).*`git commit -S`/,
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
