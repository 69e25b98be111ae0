/** What a tool hands back, and how failures are told to a model. */
import { MemoryError } from "../errors.ts";
import { BlockedError, HeldForReviewError } from "../gate/verdict.ts";

export interface ToolAnswer {
  /** What the model reads. Text that comes from memories is fenced in it as data. */
  readonly text: string;
  /** The same for programs: ids, commits, counts; never the text of a memory. */
  readonly structured: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

/** What to do next, where the error's own sentence speaks to a person. */
const NEXT: Readonly<Record<string, string>> = {
  "not-found": "Call memory_recall to find the ids of what is believed now.",
  mode: "Go on without storing; don't try again in this task.",
  "no-store": "Go on without memory until then; don't create it yourself.",
  "no-repository": "Go on without memory.",
};

export function done(text: string, structured: Readonly<Record<string, unknown>>): ToolAnswer {
  return { text, structured, isError: false };
}

/** An answer that says what went wrong, under a stable code. */
export function failed(code: string, text: string, structured: Readonly<Record<string, unknown>> = {}): ToolAnswer {
  return { text, structured: { error: code, ...structured }, isError: true };
}

/** The answer for an error of ours. Anything else is thrown on. */
export function answerOfError(error: unknown): ToolAnswer {
  if (error instanceof BlockedError) {
    const sentences = [...new Set(error.findings.map((finding) => finding.forModel))];
    return failed(error.code, `Nothing was stored. ${sentences.join(" ")}`, {
      rules: error.findings.map((finding) => finding.rule),
    });
  }
  if (error instanceof HeldForReviewError) {
    const sentences = [...new Set(error.findings.map((finding) => finding.forModel))];
    const text = `This is not believed yet: it waits for the user's review, as ${error.held.id}. ${sentences.join(" ")} Go on without it, and don't store it again in other words.`;
    return {
      text,
      structured: { stored: false, waiting: true, held: error.held.id, store: error.held.store },
      isError: false,
    };
  }
  if (!(error instanceof MemoryError)) throw error;
  return failed(error.code, [error.message, NEXT[error.code] ?? ""].join(" ").trim());
}
