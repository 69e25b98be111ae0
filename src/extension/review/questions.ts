/** What a decision asks for beside the decision. */
import { window, type QuickPickItem } from "vscode";
import { MemoryError } from "../../core/errors.ts";
import { parseExpiry } from "../../core/memory/lifecycle.ts";
import type { Instant } from "../../core/memory/model.ts";
import type { Look } from "../../core/review/look.ts";
import type { MemoryStore } from "../../core/store.ts";
import { plainLabel } from "../label.ts";

/** Undefined where the person left. */
export async function askWhyRejected(title: string): Promise<string | undefined> {
  return askReason(`Reject "${plainLabel(title)}"`, "Why? Whoever brings it again is told this.");
}

/** What weakens security is stored with a reason and an end, or not at all. Undefined where the person left. */
export async function askAboutGrave(
  { environment }: MemoryStore,
  look: Pick<Look, "title" | "files">,
): Promise<{ readonly reason: string; readonly expires: Instant | undefined } | undefined> {
  const reason = await askWhyApproved(look.title);
  if (reason === undefined) return undefined;
  const now = environment.now();
  const end = look.files.some(({ text }) => text !== null) ? await askEndOf(look.title, now) : null;
  if (end === undefined) return undefined;
  return { reason, expires: end === null ? undefined : parseExpiry(end, now) };
}

async function askWhyApproved(title: string): Promise<string | undefined> {
  return askReason(
    `Approve "${plainLabel(title)}"`,
    "It weakens security or worse, so it is kept with your reason. Why is it right here?",
  );
}

const ENDS: readonly (QuickPickItem & { readonly end: string })[] = [
  { label: "A week", end: "7d" },
  { label: "30 days", end: "30d" },
  { label: "90 days", end: "90d" },
];
const OTHER = "Another time…";

/** When it shall end; a text that can be read as an end. Undefined where the person left. */
async function askEndOf(title: string, now: Date): Promise<string | undefined> {
  const options = { title: `Approve "${plainLabel(title)}"`, ignoreFocusOut: true };
  const chosen = await window.showQuickPick([...ENDS, { label: OTHER, end: "" }], {
    ...options,
    placeHolder: "When shall it end?",
  });
  if (chosen === undefined || chosen.end !== "") return chosen?.end;
  const text = await window.showInputBox({
    ...options,
    prompt: "A duration such as 30d, 12h or 6w, or a date such as 2027-01-31.",
    validateInput: (value) => endProblem(value, now),
  });
  return text?.trim();
}

async function askReason(title: string, prompt: string): Promise<string | undefined> {
  const text = await window.showInputBox({
    title,
    prompt,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === "" ? "A reason is needed." : undefined),
  });
  return text?.trim();
}

function endProblem(text: string, now: Date): string | undefined {
  try {
    parseExpiry(text, now);
    return undefined;
  } catch (error) {
    if (error instanceof MemoryError) return error.message;
    throw error;
  }
}
