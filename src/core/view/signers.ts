/** What a person is shown before the signers of a store count: each name with its key, and what that means. Plain text. */
import { createHash } from "node:crypto";
import type { AllowedSigners } from "../ports.ts";
import type { Confirmation } from "./confirmation.ts";
import { spelledLine } from "./spelled.ts";

/** What a dialog holds without growing past a small screen. */
const MOST_NAMED = 12;

/** @param address the remote's address, which is trusted along with them; null where there is none. */
export function confirmationOfSigners(signers: AllowedSigners, address: string | null): Confirmation {
  const named = signers.ssh === null ? [] : linesOf(signers.ssh);
  const shown = named.slice(0, MOST_NAMED);
  const keys = signers.gpg === null ? [] : [`All OpenPGP keys in allowed_keys.asc (${shortDigest(signers.gpg)})`];
  const more = named.length - shown.length;
  return {
    message: "Trust these signers?",
    detail: [
      "What they sign counts as reviewed here, as if you had approved it yourself.",
      [...shown, ...(more > 0 ? [`and ${more} more in allowed_signers; read the file first`] : []), ...keys].join("\n"),
      ...(address === null ? [] : [`The team's server is ${spelledLine(address)}.`]),
    ].join("\n\n"),
  };
}

/** Whether there is anybody to trust. */
export function namesNobody({ ssh, gpg }: AllowedSigners): boolean {
  return gpg === null && (ssh === null || linesOf(ssh).length === 0);
}

/** `alice@example.com: ssh-ed25519 SHA256:…`, the fingerprint as ssh-keygen prints it. */
function linesOf(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  return lines.flatMap((line) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const key = /\s((?:sk-)?(?:ssh|ecdsa)-\S+)\s+([A-Za-z0-9+/=]+)/.exec(line);
    const names = spelledLine(/^"[^"]*"|^\S+/.exec(line)?.[0] ?? line);
    if (key?.[1] === undefined || key[2] === undefined) return [`${names}: a line that can't be read`];
    const print = createHash("sha256").update(Buffer.from(key[2], "base64")).digest("base64").replace(/=+$/, "");
    return [`${names}: ${spelledLine(key[1])} SHA256:${print}`];
  });
}

function shortDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
