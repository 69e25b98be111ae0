/** Approving at a terminal: by a signature whose key needs the person who sits there. */
import { GestureNeededError } from "../core/errors.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Arguments } from "./arguments.ts";
import type { Options } from "./options.ts";
import type { Context } from "./context.ts";
import { type Line, render } from "./terminal.ts";

export const SIGN_OPTIONS: Options = {
  sign: { summary: "Approve by a signature, with an ssh key that has a passphrase or needs a touch." },
  key: { value: "FILE", summary: "The private key. Default: git's user.signingKey, where gpg.format is ssh." },
  reason: { value: "TEXT", summary: "Why, for the commit's message." },
};

export interface Signer {
  readonly by: string;
  readonly sign: (payload: Uint8Array) => Promise<string>;
}

/**
 * Who signs, and how. Everything that can be known is checked before anybody is asked for a passphrase. Throws
 * GestureNeededError where no signature from here could count.
 *
 * @param shown what is approved, as it is shown at the terminal first
 */
export async function signerFor(
  context: Context,
  store: MemoryStore,
  args: Arguments,
  shown: readonly Line[],
): Promise<Signer> {
  const [{ signAtTerminal, signingKey }, { principalOf }] = await Promise.all([
    import("../git/signatures/sign.ts"),
    import("../git/signatures/principal.ts"),
  ]);
  const key = await signingKey(context.folder, args.text("key"));
  const signers = (await store.team?.base.rules())?.signers.ssh ?? null;
  if (signers === null)
    throw new GestureNeededError(
      "No signers are trusted here yet, so a signature would prove nobody. `git memory fetch` trusts those of the team's branch; a person can trust this store's in the editor: Memory: Trust This Store's Signers.",
    );
  const by = principalOf(signers, key.key);
  if (by === null)
    throw new GestureNeededError(
      `The key ${key.file} is not among the allowed signers of this store. Nothing was approved; a person can approve it in the editor.`,
    );
  const text = render(["", ...shown, "", `You approve this as ${by}.`], false);
  return { by, sign: (payload) => signAtTerminal(key, payload, text) };
}
