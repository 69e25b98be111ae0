/** What the status bar says. Codicons stand first, so that the mode is told by shape and by word, never by colour. */
import type { Mode } from "../../core/mode.ts";

/** What one recall gave an agent, as its receipt says. */
export interface RecallCount {
  readonly beliefs: number;
  readonly tokens: number;
}

export interface StatusFacts {
  readonly mode: Mode;
  /** Memories that a person should look at; what the view's badge counts. */
  readonly waiting: number;
  readonly lastRecall?: RecallCount | undefined;
  /** Why nothing can be stored whatever the mode, in one sentence: a newer version wrote the store, or its policy is broken. */
  readonly obstacle?: string | undefined;
}

export interface StatusWords {
  readonly text: string;
  readonly tooltip: string;
  /** As spoken. */
  readonly spoken: string;
}

export const MODE_WORDS: Readonly<
  Record<Mode, { readonly icon: string; readonly label: string; readonly meaning: string }>
> = {
  full: { icon: "git-commit", label: "Full", meaning: "Agents recall what is believed and store what they learn." },
  "read-only": { icon: "eye", label: "Read-only", meaning: "Agents recall what is believed and store nothing." },
  off: { icon: "circle-slash", label: "Off", meaning: "Agents recall nothing and store nothing." },
};

/** What can be read and not written, whatever was chosen. */
const LOCKED = {
  icon: "lock",
  label: "Can't be changed",
  meaning: "Agents recall what is believed and store nothing.",
};

export function statusWords({ mode, waiting, lastRecall, obstacle }: StatusFacts): StatusWords {
  const { icon, label, meaning } = obstacle === undefined || mode === "off" ? MODE_WORDS[mode] : LOCKED;
  const waits = waiting === 0 ? "" : `${waiting} ${waiting === 1 ? "memory needs" : "memories need"} you.`;
  return {
    text: `$(${icon}) Memory: ${label.toLowerCase()}${waiting === 0 ? "" : ` $(shield) ${waiting}`}`,
    tooltip: [
      meaning,
      obstacle ?? "",
      waits,
      lastRecall === undefined ? "" : `Last recall: ${recallWords(lastRecall)}.`,
    ]
      .filter((part) => part !== "")
      .join("\n"),
    spoken: [`Memory, ${label.toLowerCase()}`, waits].filter((part) => part !== "").join(". "),
  };
}

/** A store that is there and can't be read: nothing is known of it but why. */
export function failedWords(why: string): StatusWords {
  return { text: "$(error) Memory: can't be read", tooltip: why, spoken: `Memory, can't be read. ${why}` };
}

/** The one quiet line after a recall. */
export function recallWords({ beliefs, tokens }: RecallCount): string {
  return `${beliefs} ${beliefs === 1 ? "belief" : "beliefs"} used, ${tokens} ${tokens === 1 ? "token" : "tokens"}`;
}
