/** People who sign approvals, with real keys. Their keys are open here, as a test has nobody to unlock them. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Memory } from "../../src/core/memory/model.ts";
import { payloadOf, statementFor } from "../../src/core/trust/signed-approval.ts";

export class Signer {
  readonly by: string;
  readonly #folder: string;

  constructor(folder: string, by: string) {
    this.by = by;
    this.#folder = folder;
    fs.mkdirSync(folder, { recursive: true });
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", by, "-f", this.file]);
  }

  get file(): string {
    return path.join(this.#folder, `key-${this.by}`);
  }

  /** The line that allows this person. */
  get line(): string {
    return `${this.by} namespaces="agent-memory" ${fs.readFileSync(`${this.file}.pub`, "utf8").trim()}\n`;
  }

  sign(payload: Uint8Array, namespace = "agent-memory"): string {
    const { SSH_AUTH_SOCK: _agent, ...env } = process.env;
    return execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f", this.file], {
      input: payload,
      env,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
  }

  /** The text of an approval; `as` signs in another's name. */
  approval(memory: Memory, at: string, options: { readonly as?: string; readonly namespace?: string } = {}): string {
    const payload = payloadOf(statementFor(memory, options.as ?? this.by, at));
    return `${new TextDecoder().decode(payload)}${this.sign(payload, options.namespace)}`;
  }
}
