/** Under which name a key is allowed, so that nobody has to type it. */

/**
 * The first name that `allowed_signers` gives a public key (its base64 part); null where the key is not there.
 * The format is that of ssh-keygen(1), "ALLOWED SIGNERS".
 */
export function principalOf(allowed: Uint8Array, key: string): string | null {
  for (const line of new TextDecoder().decode(allowed).split(/\r?\n/)) {
    if (line.trim() === "" || line.startsWith("#") || !line.split(/\s+/).includes(key)) continue;
    const [principals = ""] = (/^"([^"]+)"|^(\S+)/.exec(line) ?? []).slice(1).filter((part) => part !== undefined);
    const name = principals.split(",").find((one) => one !== "" && !/[*?!]/.test(one));
    if (name !== undefined) return name;
  }
  return null;
}
