/** How a belief of a reviewed change reads in a list, in a comment, and at the moment of deciding on it. Plain text. */
import { isBroken, type Memory } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { RejectionPlan, ShownBelief, ShownVersion, Standing } from "../pull-request/decide.ts";
import type { Concern, ReviewedBelief } from "../pull-request/model.ts";
import { LEVEL_WORDS } from "../pull-request/wording.ts";
import { actorName, spokenActor } from "./actor.ts";
import { shortTitle } from "./belief.ts";
import { type Confirmation, confirmationOf } from "./confirmation.ts";
import { spelledLine } from "./spelled.ts";

/** What a person has come to. `seen`: looked at, and nothing to be stored. */
export type Decision = "seen" | "approved" | "rejected";

export interface ChangeRow {
  readonly label: string;
  readonly description: string;
  /** A codicon's name; the shapes differ, whatever the colours are. */
  readonly icon: string;
  readonly spoken: string;
  readonly tooltip: string;
}

const KINDS: Readonly<Record<ReviewedBelief["kind"], { readonly word: string; readonly icon: string }>> = {
  added: { word: "new", icon: "diff-added" },
  changed: { word: "changed", icon: "diff-modified" },
  approved: { word: "confirmed, it says", icon: "diff-modified" },
  renewed: { word: "other end", icon: "diff-modified" },
  moved: { word: "moved", icon: "diff-renamed" },
  expired: { word: "ends", icon: "diff-removed" },
  superseded: { word: "replaced", icon: "diff-removed" },
  reverted: { word: "taken back", icon: "diff-removed" },
  erased: { word: "erased", icon: "diff-removed" },
  removed: { word: "ends", icon: "diff-removed" },
};
const DECIDED: Readonly<Record<Decision, { readonly word: string; readonly icon: string }>> = {
  seen: { word: "looked at", icon: "pass" },
  approved: { word: "approved", icon: "verified" },
  rejected: { word: "rejected", icon: "circle-slash" },
};
const NEEDS: Readonly<Record<Concern["level"], { readonly word: string; readonly icon: string } | null>> = {
  block: { word: "must be mended", icon: "error" },
  quarantine: { word: "needs you", icon: "shield" },
  confirm: { word: "needs you", icon: "shield" },
  allow: null,
};
const ADVICE: Readonly<Record<Concern["level"], string>> = {
  block: "It can't be merged as it is. Have it mended in the branch, or reject it.",
  quarantine: "Approve it if it is true and meant. If not, reject it.",
  confirm: "Approve it if it is true and meant. If not, reject it.",
  allow: "There is nothing to do about it.",
};
/** A belief of which no word may be repeated. */
const WITHHELD = "A likely secret";

export function changeRow(belief: ReviewedBelief, decision: Decision | null): ChangeRow {
  const title = belief.withheld ? WITHHELD : spelledLine(belief.title);
  const kind = KINDS[belief.kind];
  const who = belief.by === null ? [] : [spelledLine(actorName(belief.by))];
  const row = rowOf(title, kind, belief.concerns, decision, who);
  return {
    ...row,
    spoken: [
      title,
      kind.word,
      ...spokenState(belief.concerns, decision),
      ...(belief.by === null ? [] : [`written by ${spelledLine(spokenActor(belief.by))}`]),
    ].join(", "),
  };
}

/** A file of the store that is no memory, or the change as a whole. */
export function otherRow(name: string, concerns: readonly Concern[], decision: Decision | null): ChangeRow {
  const title = spelledLine(name);
  const row = rowOf(title, { word: "no belief", icon: "file" }, concerns, decision, []);
  return { ...row, spoken: [title, "no belief", ...spokenState(concerns, decision)].join(", ") };
}

function rowOf(
  title: string,
  kind: { readonly word: string; readonly icon: string },
  concerns: readonly Concern[],
  decision: Decision | null,
  who: readonly string[],
): Omit<ChangeRow, "spoken"> {
  const need = needOf(concerns);
  const state = decision === null ? need : DECIDED[decision];
  const first = state?.word ?? kind.word;
  return {
    // In a narrow side bar the reason counts more than the end of a title.
    label: state === null ? title : shortTitle(title, first),
    description: [...new Set([first, kind.word]), ...who].join(" · "),
    icon: state?.icon ?? kind.icon,
    tooltip: [title, ...concerns.map(({ sentence }) => spelledLine(sentence))].join("\n\n"),
  };
}

function needOf(concerns: readonly Concern[]): { readonly word: string; readonly icon: string } | null {
  for (const level of ["block", "quarantine", "confirm"] as const)
    if (concerns.some((concern) => concern.level === level)) return NEEDS[level];
  return null;
}

function spokenState(concerns: readonly Concern[], decision: Decision | null): string[] {
  const [gravest] = concerns;
  const need = needOf(concerns)?.word;
  const why = need === undefined || gravest === undefined ? [] : [`${need}: ${spelledLine(gravest.sentence)}`];
  return [...why, decision === null ? "not decided yet" : DECIDED[decision].word];
}

/** A comment on a line. Lines are counted otherwise where the claim comes first, so none is named. */
export function concernComment({ level, sentence, rule }: Concern): {
  readonly label: string;
  readonly sentence: string;
  readonly advice: string;
} {
  const said = spelledLine(sentence).replace(/^Line \d+ /, "This line ");
  return { label: LEVEL_WORDS[level], sentence: `${said} (${rule})`, advice: ADVICE[level] };
}

/** @param liftsEnd whether the approval takes an end away that only the policy gave. @param end the end that the person gave it. */
export function approvalOfShown(
  shown: ShownBelief,
  concerns: readonly Concern[],
  standing: Standing,
  { liftsEnd, end }: { readonly liftsEnd: boolean; readonly end?: string },
): Confirmation {
  const title = spelledLine(shown.title);
  const against = [
    ...new Set(concerns.filter(({ level }) => level !== "allow").map(({ sentence }) => spelledLine(sentence))),
  ];
  const why = against.length === 0 ? [] : [`What speaks against it: ${against.join(" ")}`];
  const memory = memoryOf(shown.after);
  if (memory === null)
    return {
      message: `Let “${title}” end?`,
      detail: ["Agents won't be told it any more. History keeps it.", ...why].join("\n\n"),
    };
  return {
    message: `Approve “${title}”?`,
    detail: [
      ...(standing === "before" ? ["It is believed from then on."] : []),
      ...(end === undefined ? [] : [`It ends on ${end.slice(0, 10)}.`]),
      confirmationOf(memory, liftsEnd && end === undefined).detail,
      ...why,
    ].join("\n\n"),
  };
}

export function rejectionOfShown(shown: ShownBelief, plan: RejectionPlan, reason: string): Confirmation {
  const does = [
    ...(plan.ends ? ["It is believed now, and ends."] : []),
    ...(plan.putsBack
      ? [shown.after === null ? "It is believed again." : "What it said before is believed again."]
      : []),
    ...(plan.buries ? ["Whoever brings the same again is refused, and told your reason."] : []),
  ];
  return {
    message: `Reject “${spelledLine(shown.title)}”?`,
    detail: [
      does.length === 0
        ? "Nothing is stored: it isn't believed here, and to keep it out would keep out what is. It is marked as rejected in this list."
        : does.join(" "),
      `Your reason: ${spelledLine(reason)}`,
    ].join("\n\n"),
  };
}

function memoryOf(version: ShownVersion | null): Memory | null {
  const file = version === null ? null : readMemory(version.path, version.blob, version.bytes);
  return file === null || isBroken(file) ? null : file;
}
