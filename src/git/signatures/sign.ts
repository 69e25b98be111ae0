/** Signing at a terminal, with a key that needs the person who sits there. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { GestureNeededError } from "../../core/errors.ts";
import { SIGNATURE_NAMESPACE } from "../../core/trust/signed-approval.ts";
import { GitCommand } from "../git-command.ts";
import { personKey, type PersonKey } from "./person-key.ts";
import { hasCode } from "../system-error.ts";

/** The key that is named, else git's own signing key. Throws GestureNeededError where there is none that proves a person. */
export async function signingKey(folder: string, named: string | undefined): Promise<PersonKey> {
  if (named !== undefined) return personKey(named, folder);
  const git = new GitCommand({ folder });
  const [format, key] = await Promise.all([setting(git, "gpg.format"), setting(git, "user.signingKey")]);
  if (format !== "ssh" || key === "")
    throw new GestureNeededError(
      "Git has no ssh key to sign with here (gpg.format, user.signingKey). Name one with --key, or open the editor to approve.",
    );
  return personKey(key, folder);
}

/**
 * The armored signature over a payload. What it is for is shown at the terminal, where the passphrase or the touch is then
 * asked for, never by another program.
 *
 * @param shown what the person approves, without anything that a terminal would obey
 * Throws GestureNeededError where there is no terminal or the person did not go through with it.
 */
export async function signAtTerminal({ file }: PersonKey, payload: Uint8Array, shown: string): Promise<string> {
  if (!showAtTerminal(shown))
    throw new GestureNeededError(
      "There is no terminal at which a person could unlock the key. Run this in a terminal, or open the editor to approve.",
    );
  // Neither an agent nor a helper may answer in the person's place.
  const { SSH_AUTH_SOCK: _agent, SSH_ASKPASS: _helper, DISPLAY: _display, ...env } = process.env;
  const child = spawn("ssh-keygen", ["-q", "-Y", "sign", "-n", SIGNATURE_NAMESPACE, "-f", file], {
    env: { ...env, SSH_ASKPASS_REQUIRE: "never", LC_ALL: "C" },
    stdio: ["pipe", "pipe", "inherit"],
    windowsHide: true,
  });
  const out: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  // A program that ends early closes its input; its exit code tells why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(payload);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  });
  if (code === null)
    throw new GestureNeededError(
      "ssh-keygen was not found, so nothing can be signed here. Open the editor to approve.",
    );
  const armor = Buffer.concat(out).toString("utf8");
  if (code !== 0 || !armor.includes("-----BEGIN SSH SIGNATURE-----"))
    throw new GestureNeededError("The key was not unlocked. Nothing was approved.");
  return armor;
}

/** Whether this process has a terminal that can be asked, whatever its input and output are; if so, it shows the text. */
function showAtTerminal(text: string): boolean {
  if (process.platform === "win32" && !process.stdin.isTTY) return false;
  try {
    fs.writeFileSync(process.platform === "win32" ? "CONOUT$" : "/dev/tty", text, { flag: "r+" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

async function setting(git: GitCommand, name: string): Promise<string> {
  const answer = await git.run(["config", "--get", name]);
  return answer.ok ? answer.stdout.toString("utf8").trim() : "";
}
