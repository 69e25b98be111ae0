/**
 * The question before a confirmation. It is a modal dialog because any extension or agent with a tool for commands can run
 * ours, and can answer a list or a box by commands too; a dialog is answered by a hand.
 */
import { commands, window } from "vscode";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import { isBroken, type ObjectId } from "../../core/memory/model.ts";
import { endsOnlyByPolicy } from "../../core/memory/designed-expiry.ts";
import { confirmationOf } from "../../core/view/confirmation.ts";
import type { Target } from "../acts.ts";
import { memoryUri } from "../editor/uris.ts";
import { plainMessage } from "../label.ts";
import { targetOf, type Picked } from "../picked.ts";

/** Stands first, so that who was typing when the dialog came up only opens the memory with Enter. */
const OPEN = "Open It";
const CONFIRM = "Confirm as Mine";

/**
 * The very version that was shown and confirmed; undefined where the person left. Throws ConflictError where the memory is
 * another one than the picked by now.
 */
export async function askToConfirm(picked: Picked): Promise<Target | undefined> {
  const { store, path, blob } = picked;
  const snapshot = await store.store.snapshot();
  const memory = snapshot.at(path);
  if (memory !== undefined && isBroken(memory))
    throw new InvalidInputError("This file can't be read as a memory. Mend it first, and then confirm it.");
  if (memory === undefined || memory.blob !== blob) {
    const bytesOf = async (version: ObjectId | null): Promise<Uint8Array | null> =>
      version === null ? null : ((await store.store.repository.blobs([version]))[0] ?? null);
    const versions = { path, base: await bytesOf(blob), theirs: await bytesOf(memory?.blob ?? null), mine: null };
    throw new ConflictError("Somebody changed this memory meanwhile. Look at it again and then confirm it.", versions);
  }
  const question = confirmationOf(memory, endsOnlyByPolicy(memory, await store.store.policyAt(snapshot)));
  const options = { modal: true, detail: plainMessage(question.detail) };
  const answer = await window.showWarningMessage(plainMessage(question.message), options, OPEN, CONFIRM);
  if (answer === OPEN) await commands.executeCommand("vscode.open", memoryUri(store, path), { preview: true });
  return answer === CONFIRM ? targetOf(picked) : undefined;
}
