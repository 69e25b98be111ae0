/** A person's own write, where the gate wants their yes on the spot: asked once, in a dialog that shows the words. */
import { CancellationError, window } from "vscode";
import { ConfirmationNeededError } from "../../core/gate/verdict.ts";
import { consentTo, ownChange } from "../../core/view/approval.ts";
import type { Confirmation } from "../../core/view/confirmation.ts";
import { plainMessage } from "../label.ts";

/** What the second try says of the first one's question. */
export type Consent = { readonly confirmed?: true };

/** Writes, and where the gate asks, asks the person and writes again. Throws CancellationError where they said no. */
export async function withConsent<T>(write: (consent: Consent) => Promise<T>): Promise<T> {
  try {
    return await write({});
  } catch (error) {
    if (!(error instanceof ConfirmationNeededError)) throw error;
    if ((await askIn(consentTo(error.findings, error.quotes), "Store It", "Look Again")) !== "Store It")
      throw new CancellationError();
    return write({ confirmed: true });
  }
}

/**
 * Writes what anyone may have saved, and where only a person may, asks the person and writes it as their own. Throws
 * CancellationError where they said no.
 */
export async function withOwnWord<T>(write: () => Promise<T>, asOwn: (consent: Consent) => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ConfirmationNeededError)) throw error;
    if ((await askIn(ownChange(error.findings, error.quotes), "Store It", "Look Again")) !== "Store It")
      throw new CancellationError();
    return asOwn({ confirmed: true });
  }
}

/**
 * A modal dialog, because a list or a box can be answered by other extensions' commands, and a dialog is answered by a hand.
 * The way back stands first, so that whoever was typing as it came up agrees to nothing with Enter.
 */
export async function askIn({ message, detail }: Confirmation, yes: string, back: string): Promise<string | undefined> {
  return window.showWarningMessage(plainMessage(message), { modal: true, detail: plainMessage(detail) }, back, yes);
}
