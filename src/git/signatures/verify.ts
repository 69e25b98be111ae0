/** Signatures checked by the programs that made them: `ssh-keygen -Y verify` and `gpg --verify`, against given keys alone. */
import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { SignatureAnswer, SignatureVerifier } from "../../core/ports.ts";
import { SIGNATURE_NAMESPACE } from "../../core/trust/signed-approval.ts";

type Question = Parameters<SignatureVerifier["verify"]>[0];

/** A check that takes longer hangs. Milliseconds. */
const PATIENCE = 20_000;

/** What a program said; null: it isn't there. */
interface Said {
  readonly code: number | null;
  readonly out: string;
}

export class ProgramVerifier implements SignatureVerifier {
  async verify(question: Question): Promise<SignatureAnswer> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "agent-memory-"));
    try {
      const isSsh = question.armor.startsWith("-----BEGIN SSH");
      return await (isSsh ? verifySsh(question, folder) : verifyGpg(question, folder));
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  }
}

async function verifySsh({ payload, armor, by, at, signers }: Question, folder: string): Promise<SignatureAnswer> {
  if (signers.ssh === null) return "unknown-signer";
  const [signature, allowed] = [path.join(folder, "signature"), path.join(folder, "allowed_signers")];
  await Promise.all([fs.writeFile(signature, armor), fs.writeFile(allowed, signers.ssh)]);
  const about = ["-n", SIGNATURE_NAMESPACE, "-s", signature];
  // Without a zone, which older programs don't know; ours run in UTC.
  const moment = new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  const said = await run(
    "ssh-keygen",
    ["-Y", "verify", "-f", allowed, "-I", by, ...about, `-Overify-time=${moment}`],
    payload,
  );
  if (said === null) return "unavailable";
  if (said.code === 0) return "valid";
  // Good, but of a key that is not allowed, or not for this name or time.
  const fits = await run("ssh-keygen", ["-Y", "check-novalidate", ...about], payload);
  return fits?.code === 0 ? "unknown-signer" : "bad";
}

async function verifyGpg({ payload, armor, by, signers }: Question, folder: string): Promise<SignatureAnswer> {
  if (signers.gpg === null) return "unknown-signer";
  const [signature, keys, home] = [
    path.join(folder, "signature"),
    path.join(folder, "keys.asc"),
    path.join(folder, "home"),
  ];
  await Promise.all([
    fs.writeFile(signature, armor),
    fs.writeFile(keys, signers.gpg),
    // Keys of the user's own ring are not the team's.
    fs.mkdir(home, { mode: 0o700 }),
  ]);
  const options = [
    "--homedir",
    home,
    "--batch",
    "--no-autostart",
    "--no-tty",
    "--trust-model",
    "always",
    "--status-fd",
    "1",
  ];
  if ((await run("gpg", [...options, "--import", keys])) === null) return "unavailable";
  const said = await run("gpg", [...options, "--verify", signature, "-"], payload);
  if (said === null) return "unavailable";
  const status = said.out.split("\n").map((line) => line.replace(/^\[GNUPG:\] /, ""));
  const good = status.find((line) => line.startsWith("GOODSIG "));
  if (said.code === 0 && good !== undefined && status.some((line) => line.startsWith("VALIDSIG "))) {
    const name = /^GOODSIG \S+ (.*)$/.exec(good)?.[1] ?? "";
    return name === by || name.endsWith(`<${by}>`) ? "valid" : "unknown-signer";
  }
  // Of a key that is not there (NO_PUBKEY), has ended or was revoked.
  return status.some((line) => /^(?:NO_PUBKEY|EXPKEYSIG|REVKEYSIG) /.test(line)) ? "unknown-signer" : "bad";
}

async function run(program: string, args: readonly string[], input?: Uint8Array): Promise<Said | null> {
  const { SSH_AUTH_SOCK: _agent, ...env } = process.env;
  const child = spawn(program, args, { env: { ...env, LC_ALL: "C", TZ: "UTC" }, windowsHide: true, timeout: PATIENCE });
  const out: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.resume();
  // A program that ends early closes its input; its exit code tells why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      if ("code" in error && error.code === "ENOENT") resolve(null);
      else reject(error);
    });
    child.once("close", (code) => resolve({ code, out: Buffer.concat(out).toString("utf8") }));
  });
}
