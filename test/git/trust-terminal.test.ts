/** Approving at a terminal: only with a key that needs the person who sits there. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Held } from "../../src/core/review/quarantine.ts";
import { lockOf } from "../../src/git/signatures/person-key.ts";
import { principalOf } from "../../src/git/signatures/principal.ts";
import { CliWorld, PROGRAM } from "../support/cli-world.ts";
import { HELD_ID, hold, type Waits } from "../support/held.ts";
import { human } from "../support/scratch.ts";

const PASSPHRASE = "correct horse";

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
});
afterEach(() => world.remove());

function makeKey(name: string, passphrase: string, type = "ed25519"): string {
  const file = path.join(world.root, name);
  // One round of what makes a passphrase slow to guess: nobody guesses here.
  execFileSync("ssh-keygen", ["-q", "-a", "1", "-t", type, "-N", passphrase, "-C", name, "-f", file]);
  return file;
}

/** A person in the editor trusts these keys. */
async function allow(...keys: readonly string[]): Promise<void> {
  const lines = keys.map((file) => `dana@example.com ${fs.readFileSync(`${file}.pub`, "utf8")}`);
  world.commitFile("allowed_signers", lines.join(""));
  await world.inStore(async (store) => store.team?.base.pin(human));
}

const waits = async (more: Waits = {}): Promise<Held> => world.inStore(async (store) => hold(store, more));

async function trustNow(id = HELD_ID): Promise<string | null> {
  return world.inStore(async (store) => {
    const snapshot = await store.snapshot();
    const memory = snapshot.get(id);
    return memory === undefined ? null : store.trustOf(snapshot, memory);
  });
}

/** The command in a terminal of its own, where somebody types the passphrase when it is asked for. */
async function atTerminal(
  args: readonly string[],
  typed: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ exit: number; seen: string; asked: boolean }> {
  const quoted = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qefc", quoted, "/dev/null"], {
    cwd: world.code,
    env: { ...process.env, ...world.env, ...env },
  });
  let [seen, asked] = ["", false];
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString("utf8");
    if (asked || !/passphrase[^\n]*: ?$/i.test(seen)) return;
    asked = true;
    child.stdin.write(`${typed}\n`);
  });
  const exit = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  return { exit, seen, asked };
}

// util-linux makes the terminals.
describe.skipIf(process.platform !== "linux")("at a terminal, with a key that has a passphrase", () => {
  test("what waits is shown, approved and stored with its signature, and counts for whoever trusts the key", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const { id } = await waits();
    const { exit, seen, asked } = await atTerminal(["queue", "approve", id, "--sign", "--key", key], PASSPHRASE);
    expect({ exit, asked }, seen).toEqual({ exit: 0, asked: true });
    // What is approved is seen before the passphrase is asked for.
    expect(seen.indexOf("It is so.")).toBeGreaterThan(-1);
    expect(seen.indexOf("It is so.")).toBeLessThan(seen.search(/passphrase/i));
    expect(seen).toContain("You approve this as dana@example.com.");
    expect(await trustNow()).toBe("reviewed");
    expect((await world.json(["queue"])).answer).toEqual({ waiting: [], unreadable: [] });
    expect(world.git("log", "-1", "--format=%B", "agent-memory")).toMatch(/^Memory-Actor: human:dana@example.com$/m);
    // The signature is the evidence: this user's own ledger has nothing.
    expect(fs.existsSync(path.join(world.env.COMMIT_TO_MEMORY_DATA, "approvals.jsonl"))).toBe(false);
  });

  test("a belief is approved in one commit that leaves its file alone", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    world.git("config", "gpg.format", "ssh");
    world.git("config", "user.signingKey", `${key}.pub`);
    const id = await world.add("The API lives on port 4100");
    expect(await trustNow(id)).toBe("agent");
    const { exit, seen } = await atTerminal(["approve", id.slice(0, 8), "--sign"], PASSPHRASE);
    expect(exit, seen).toBe(0);
    expect(await trustNow(id)).toBe("reviewed");
    expect(world.git("show", "--name-only", "--format=", "agent-memory")).toBe(`approvals/${id}.dana-example.com.sig`);
  });

  test("changed rules are shown key by key, and are in force from the signature on", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const rules = world.git("show", "agent-memory:policy.yaml");
    const asked = `${rules.replace("agent: 90d", "agent: never").replace("burst: 30", "burst: 3000")}\n`;
    world.commitFile("policy.yaml", asked);
    const burst = async (): Promise<number> => world.inStore(async (store) => (await store.policy()).gate.limits.burst);
    expect(await burst()).toBe(30);
    const [card, ...more] = (await world.json(["queue"])).answer.waiting;
    if (card === undefined || more.length > 0) throw new Error("Not one change waits.");
    const words = ["queue", "approve", card.id, "--sign", "--key", key];
    expect((await atTerminal(words, "wrong")).exit).toBe(1);
    expect(await burst()).toBe(30);
    const { exit, seen } = await atTerminal(words, PASSPHRASE);
    expect(exit, seen).toBe(0);
    const asks = seen.search(/passphrase/i);
    for (const line of ["│ ttl.agent: never, was 90d", "│ gate.limits.burst: 3000, was 30"]) {
      expect(seen.indexOf(line), line).toBeGreaterThan(-1);
      expect(seen.indexOf(line), line).toBeLessThan(asks);
    }
    expect(await burst()).toBe(3000);
    expect(world.git("show", "agent-memory:policy.yaml")).toBe(asked.trim());
    expect((await world.json(["queue"])).answer.waiting).toEqual([]);
  });

  test("nothing is approved with a wrong passphrase", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const { id } = await waits();
    const { exit, seen, asked } = await atTerminal(["queue", "approve", id, "--sign", "--key", key], "wrong");
    expect({ exit, asked }, seen).toEqual({ exit: 1, asked: true });
    expect(seen).toContain("The key was not unlocked. Nothing was approved.");
    expect(await trustNow()).toBeNull();
  });

  test("neither an ssh-agent nor a helper that knows the passphrase is asked", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const { id } = await waits();
    const helper = path.join(world.root, "askpass");
    const called = path.join(world.root, "called");
    fs.writeFileSync(helper, `#!/bin/sh\ntouch '${called}'\necho '${PASSPHRASE}'\n`, { mode: 0o755 });
    const env = { SSH_ASKPASS: helper, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0", SSH_AUTH_SOCK: "/nowhere" };
    const { exit, asked } = await atTerminal(["queue", "approve", id, "--sign", "--key", key], "wrong", env);
    expect({ exit, asked, helped: fs.existsSync(called) }).toEqual({ exit: 1, asked: true, helped: false });
  });

  test("what weakens security needs a reason and an end", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const { id } = await waits({ body: "Security checks are disabled for admins." });
    const words = ["queue", "approve", id, "--sign", "--key", key];
    expect(await world.call(words)).toMatchObject({ exit: 2 });
    const { exit, seen } = await atTerminal([...words, "--reason", "Until the audit.", "--expires", "7d"], PASSPHRASE);
    expect(exit, seen).toBe(0);
    expect(await trustNow()).toBe("reviewed");
  });
});

describe("is refused at once, in words, and nothing is stored", () => {
  async function refusal(args: readonly string[]): Promise<string> {
    const { id } = await waits();
    const before = world.git("rev-parse", "agent-memory");
    const { exit, err } = await world.spawn(["queue", "approve", id, "--sign", ...args]);
    expect(exit).toBe(1);
    expect(world.git("rev-parse", "agent-memory")).toBe(before);
    return err;
  }

  test.skipIf(process.platform !== "linux")("without a terminal, and never waits for one", async () => {
    const key = makeKey("key", PASSPHRASE);
    await allow(key);
    const { id } = await waits();
    // `setsid` takes the terminal away that the tests themselves may have.
    const run = (): string =>
      execFileSync("setsid", ["-w", process.execPath, PROGRAM, "queue", "approve", id, "--sign", "--key", key], {
        cwd: world.code,
        env: { ...process.env, ...world.env },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    expect(run).toThrow(/There is no terminal/);
    expect(await trustNow()).toBeNull();
  });

  test("with a key that has no passphrase", async () => {
    const key = makeKey("key", "");
    await allow(key);
    expect(await refusal(["--key", key])).toMatch(/has no passphrase and needs no touch/);
  });

  test("with a key that lies in an ssh-agent", async () => {
    world.git("config", "gpg.format", "ssh");
    world.git("config", "user.signingKey", "key::ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI");
    expect(await refusal([])).toMatch(/ssh-agent, which signs for whoever asks/);
  });

  test("with a key that nobody allowed, an agent's own for instance", async () => {
    await allow(makeKey("key", PASSPHRASE));
    expect(await refusal(["--key", makeKey("own", PASSPHRASE)])).toMatch(/not among the allowed signers/);
  });

  test("while no signers are trusted, though the branch lists the key", async () => {
    const key = makeKey("key", PASSPHRASE);
    world.commitFile("allowed_signers", `dana@example.com ${fs.readFileSync(`${key}.pub`, "utf8")}`);
    expect(await refusal(["--key", key])).toMatch(/No signers are trusted here yet/);
  });

  test("with no key at all, or one that is none", async () => {
    expect(await refusal([])).toMatch(/no ssh key to sign with/);
    fs.writeFileSync(path.join(world.root, "text"), "a text");
    expect(await refusal(["--key", path.join(world.root, "text")])).toMatch(/is not a private key/);
    expect(await refusal(["--key", path.join(world.root, "nothing")])).toMatch(
      /^There is no key file .*Name your private key with --key/,
    );
  });

  test("without --sign, and for a rejection, which the editor takes", async () => {
    const { id } = await waits();
    for (const act of ["approve", "reject"])
      expect(await world.call(["queue", act, id])).toMatchObject({ exit: 1, err: expect.stringMatching(/editor/) });
    const memory = await world.add("The API lives on port 4100");
    expect(await world.call(["approve", memory])).toMatchObject({ exit: 1, err: expect.stringMatching(/--sign/) });
  });
});

describe("what locks a key", () => {
  test.each([
    ["ed25519", PASSPHRASE, "passphrase"],
    ["ed25519", "", "none"],
    ["ecdsa", PASSPHRASE, "passphrase"],
    ["rsa", "", "none"],
  ])("is read from a key of type %s with the passphrase %j: %s", (type, passphrase, lock) => {
    expect(lockOf(fs.readFileSync(makeKey("key", passphrase, type), "latin1"))).toBe(lock);
  });

  test.each([
    ["pem", PASSPHRASE, "passphrase"],
    ["pem", "", "none"],
    ["pkcs8", PASSPHRASE, "passphrase"],
    ["pkcs8", "", "none"],
  ])("is read from a key in the form %s with the passphrase %j: %s", (form, passphrase, lock) => {
    const file = makeKey("key", "", "rsa");
    execFileSync("ssh-keygen", ["-q", "-p", "-m", form, "-P", "", "-N", passphrase, "-f", file]);
    expect(lockOf(fs.readFileSync(file, "latin1"))).toBe(lock);
  });

  test.each([
    [0x01, "touch"],
    [0x05, "touch"],
    [0x00, "none"],
  ])("is a device's touch only where its flags (%i) ask for one: %s", (flags, lock) => {
    const field = (bytes: string | Buffer): Buffer => {
      const content = Buffer.from(bytes);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(content.length);
      return Buffer.concat([length, content]);
    };
    const type = "sk-ssh-ed25519@openssh.com";
    const secret = [
      Buffer.alloc(8),
      field(type),
      field(Buffer.alloc(32)),
      field("ssh:"),
      Buffer.from([flags]),
      field("handle"),
    ];
    const fields = [
      field("none"),
      field("none"),
      field(""),
      Buffer.from([0, 0, 0, 1]),
      field("public"),
      field(Buffer.concat(secret)),
    ];
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), ...fields]).toString("base64");
    expect(lockOf(`-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`)).toBe(lock);
  });

  test("is unknown for a text that is cut short", () => {
    const text = fs.readFileSync(makeKey("key", PASSPHRASE), "latin1");
    expect(lockOf(text.slice(0, 60))).toBe("unknown");
    expect(lockOf("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----")).toBe("unknown");
  });
});

test("a key's name is the first that the allowed signers give it, never a pattern", () => {
  const allowed = new TextEncoder().encode(
    '# nobody@example.com ssh-ed25519 KEY1\n*@example.com,dana@example.com namespaces="agent-memory" ssh-ed25519 KEY1\n"erin,frank" ssh-rsa KEY2 a comment\n*@example.org ssh-rsa KEY3\n',
  );
  expect(["KEY1", "KEY2", "KEY3", "KEY4"].map((key) => principalOf(allowed, key))).toEqual([
    "dana@example.com",
    "erin",
    null,
    null,
  ]);
});
