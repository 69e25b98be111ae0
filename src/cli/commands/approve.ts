import { GestureNeededError } from "../../core/errors.ts";
import { approveSigned } from "../../core/review/decide.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { findPresent } from "../naming.ts";
import { SIGN_OPTIONS, signerFor } from "../signing.ts";
import { linesOf } from "../terminal.ts";
import { answerOfWrite } from "../written.ts";

export const approve: Command = {
  name: "approve",
  usage: ["approve ID --sign [--key FILE] [--reason TEXT]"],
  about:
    "Approves a memory that is believed already, so that it counts as reviewed for everybody who trusts your key. A terminal proves nobody, so it takes a signature with an ssh key that has a passphrase or needs a touch; without one, approve in the editor. What waits for review is approved with git memory queue approve.",
  options: { ...SIGN_OPTIONS, ...STORE_OPTION },
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [
    { line: "approve m_7k3q9f2d --sign", says: "Shows it, asks for the passphrase, and stores the signature." },
  ],
  async run(context, args) {
    const { store, memory } = await findPresent(await storesFor(context, args), args.operand(0) ?? "");
    if (!args.flag("sign"))
      throw new GestureNeededError(
        `A terminal proves no person. Open "${memory.title}" in the editor's Memory view to approve it there, or sign with --sign.`,
      );
    const [bytes] = await store.repository.blobs([memory.blob]);
    const signer = await signerFor(context, store, args, linesOf(new TextDecoder().decode(bytes)));
    const written = await approveSigned(store, memory, { ...actOf(context, args), ...signer });
    return answerOfWrite(store, written, "Approved");
  },
};
