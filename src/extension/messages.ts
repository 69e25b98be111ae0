/** What the window says after an act, and when one fails. */
import { CancellationError, commands, window } from "vscode";
import { ConflictError, MemoryError } from "../core/errors.ts";
import { HeldForReviewError } from "../core/gate/verdict.ts";
import type { Done } from "./acts.ts";
import { COMMANDS } from "./command-ids.ts";
import { plainLabel, plainMessage } from "./label.ts";

/** Shows a sentence, in which nothing that a memory says becomes a link, and hands back the button that was pressed. */
export async function say(sentence: string, ...buttons: readonly string[]): Promise<string | undefined> {
  return window.showInformationMessage(plainMessage(sentence), ...buttons);
}

/** One quiet sentence in the status bar, in which no `$(name)` of a memory's becomes an icon. */
export function whisper(sentence: string, milliseconds = 5000): void {
  window.setStatusBarMessage(plainLabel(sentence), milliseconds);
}

/** Says what was done and offers to take it back. Does not wait for the answer. */
export function sayDone(done: Done, about?: string): void {
  const sentence = about === undefined ? done.sentence : `${done.sentence} ${about}`;
  void say(sentence, "Undo").then((answer) => {
    if (answer === "Undo") void commands.executeCommand(COMMANDS.undo, done);
  });
}

/** The edge of every command: a failure that has a sentence is shown, a defect goes on to the editor. */
export async function guard(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // The person said no to what they were asked: they know.
    if (!(error instanceof CancellationError)) showError(error);
  }
}

/** One sentence, and one button where there is something to do about it. Anything but a MemoryError is a defect: it goes on. */
export function showError(failure: unknown): void {
  if (!(failure instanceof MemoryError)) throw failure;
  if (failure instanceof HeldForReviewError) {
    sayHeld(failure);
    return;
  }
  if (failure instanceof ConflictError) {
    sayConflict(failure);
    return;
  }
  const remedy = REMEDIES[failure.code];
  void window
    .showErrorMessage(plainMessage(failure.message), ...(remedy === undefined ? [] : [remedy.label]))
    .then((answer) => {
      if (remedy !== undefined && answer === remedy.label) void commands.executeCommand(remedy.command);
    });
}

/** Says that somebody else was first, with the way to the versions that there are. Does not wait for the answer. */
export function sayConflict(conflict: ConflictError): void {
  const { base, theirs, mine } = conflict;
  const button = base === null && theirs === null && mine === null ? "Refresh" : "Compare";
  void window.showErrorMessage(plainMessage(conflict.message), button).then((answer) => {
    if (answer === "Compare") void commands.executeCommand(COMMANDS.compareVersions, conflict);
    if (answer === "Refresh") void commands.executeCommand(COMMANDS.refresh);
  });
}

/** Says that a write waits, with the way to its review. Does not wait for the answer. */
function sayHeld({ held }: HeldForReviewError): void {
  void say("It waits for your review, and is not believed until you approve it.", "Review").then((answer) => {
    if (answer === "Review") void commands.executeCommand(COMMANDS.review, held.id);
  });
}

const REMEDIES: Readonly<Record<string, { readonly label: string; readonly command: string }>> = {
  "not-found": { label: "Refresh", command: COMMANDS.refresh },
  busy: { label: "Refresh", command: COMMANDS.refresh },
  "newer-format": { label: "Check for Updates", command: "workbench.extensions.action.checkForUpdates" },
};
