/** A person says whose signatures count in a store. A dialog asks, because a program can run a command and answers none. */
import { window } from "vscode";
import { NoStoreError } from "../../core/errors.ts";
import { signersToTrust } from "../../core/trust/signers-to-trust.ts";
import { confirmationOfSigners, namesNobody } from "../../core/view/signers.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { storeInView } from "../in-view.ts";
import { plainMessage } from "../label.ts";
import { say } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { Workspace } from "../workspace.ts";

const TRUST = "Trust Them";

export function trustCommands(parts: {
  readonly workspace: Workspace;
  readonly person: EditorPerson;
}): CommandHandlers<"trustSigners"> {
  return { trustSigners: () => trustSigners(parts.workspace, parts.person) };
}

async function trustSigners(workspace: Workspace, person: EditorPerson): Promise<void> {
  const store = storeInView(workspace)?.store;
  if (store === undefined || store.team === null)
    throw new NoStoreError("There is no project memory in view, so there is nobody to trust.");
  const proposed = await signersToTrust(store, store.team);
  if (namesNobody(proposed.signers)) {
    await say("This store lists no signers. Put their public keys into allowed_signers beside policy.yaml first.");
    return;
  }
  const { message, detail } = confirmationOfSigners(proposed.signers, proposed.address);
  const options = { modal: true, detail: plainMessage(detail) };
  if ((await window.showWarningMessage(message, options, TRUST)) !== TRUST) return;
  await store.team.base.pin(await person.caller(store, "user"), proposed);
  await say("Their signatures count from now on.");
}
