/** What every report of a review says in the same words, and what makes a review fail. */
import type { Concern, Review, ReviewedBelief } from "./model.ts";
import { gravityOf, TRUST_WORDS } from "./belief.ts";
import { isEnd } from "./review.ts";
import { actorName } from "../view/actor.ts";
import { CHANNELS } from "../memory/model.ts";
import { DOORS } from "../view/change.ts";
import { since, spokenSpan } from "../view/age.ts";

/** From which level on a review fails. `any`: whatever is said; `never`: it only tells. */
export const FAIL_LEVELS = ["block", "quarantine", "confirm", "any", "never"] as const;
export type FailLevel = (typeof FAIL_LEVELS)[number];

/** A concern and the belief that it is about; null for what is about other files or the whole. */
export interface Raised {
  readonly concern: Concern;
  readonly belief: ReviewedBelief | null;
}

/** Every concern, the gravest first. */
export function raisedIn(review: Review): Raised[] {
  const all: Raised[] = [
    ...review.concerns.map((concern) => ({ concern, belief: null })),
    ...review.beliefs.flatMap((belief) => belief.concerns.map((concern) => ({ concern, belief }))),
  ];
  return all.toSorted((a, b) => gravityOf([a.concern]) - gravityOf([b.concern]));
}

export function failsAt(review: Review, level: FailLevel): boolean {
  if (level === "never") return false;
  const raised = raisedIn(review);
  if (level === "any") return raised.length > 0;
  const least = gravityOf([{ rule: "", level, path: null, sentence: "" }]);
  return raised.some(({ concern }) => gravityOf([concern]) <= least);
}

/** `Adds 3 beliefs, changes 1 and ends 2. 1 of these can't be merged as it is; 2 need a decision.` */
export function summary(review: Review): string {
  return `${whatChanges(review)} ${whatIsNeeded(review)}`.trim();
}

export function whatChanges({ beliefs, concerns, there }: Review): string {
  const added = beliefs.filter(({ kind }) => kind === "added").length;
  const ended = beliefs.filter((belief) => isEnd(belief)).length;
  const changed = beliefs.length - added - ended;
  const parts = (
    [
      [added, "adds"],
      [changed, "changes"],
      [ended, "ends"],
    ] as const
  ).filter(([count]) => count > 0);
  if (parts.length === 0) {
    if (concerns.some(({ path }) => path !== null)) return "It changes no belief, but other files of the store.";
    return there > 0 ? "The base has all of it already." : "It changes nothing that is believed.";
  }
  const said = parts.map(
    ([count, verb], i) => `${verb} ${count}${i === 0 ? (count === 1 ? " belief" : " beliefs") : ""}`,
  );
  return `It ${listed(said)}.`;
}

export function whatIsNeeded(review: Review): string {
  const { refused, open } = tally(review);
  const parts = [
    ...(refused === 0
      ? []
      : [`${refused === 1 ? "One thing" : `${refused} things`} must be mended before it can be merged`]),
    ...(open === 0
      ? []
      : [
          `${open === 1 ? "one" : open}${refused === 0 ? (open === 1 ? " thing needs" : " things need") : open === 1 ? " more needs" : " more need"} your decision`,
        ]),
  ];
  if (parts.length === 0)
    return review.beliefs.length === 0 ? "" : "No rule speaks against it; check whether it is true.";
  const text = parts.join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** In beliefs and other files, each counted once under the gravest that is said of it. */
export function tally(review: Review): { readonly refused: number; readonly open: number } {
  const levels = [
    ...review.beliefs.map(({ concerns }) => gravityOf(concerns)),
    ...byPlace(review.concerns).map((concerns) => gravityOf(concerns)),
  ];
  return {
    refused: levels.filter((gravity) => gravity === 0).length,
    open: levels.filter((gravity) => gravity === 1 || gravity === 2).length,
  };
}

function byPlace(concerns: readonly Concern[]): Concern[][] {
  const places = new Map<string, Concern[]>();
  for (const concern of concerns) {
    const key = concern.path ?? concern.rule;
    places.set(key, [...(places.get(key) ?? []), concern]);
  }
  return [...places.values()];
}

/** What happened to a belief, as a heading and as a word of a line. */
export const KIND_WORDS: Readonly<Record<ReviewedBelief["kind"], string>> = {
  added: "New",
  changed: "Changed",
  approved: "Confirmed by a person, it says",
  renewed: "Lives longer or shorter",
  moved: "Moved, nothing else",
  expired: "Ends",
  superseded: "Ends, replaced by another",
  reverted: "Ends, taken back",
  erased: "Ends, erased",
  removed: "Ends",
};

export const LEVEL_WORDS: Readonly<Record<Concern["level"], string>> = {
  block: "Must be mended",
  quarantine: "Needs your decision",
  confirm: "Needs your decision",
  allow: "Good to know",
};

/** `copilot, through an MCP client, 3 days ago; nobody vouches for it`. Only the actor's name is not ours. */
export function originOf(belief: ReviewedBelief, now: Date): { readonly who: string; readonly rest: string } {
  const door = CHANNELS.find((channel) => channel === belief.channel);
  const age = since(belief.at ?? undefined, now);
  return {
    who: actorName(belief.by ?? undefined),
    rest: [
      ...(door === undefined ? [] : [`through ${DOORS[door]}`]),
      ...(age === null ? [] : [`${spokenSpan(age)} ago`]),
    ].join(", "),
  };
}

/** What its words are worth, in one clause. */
export function trustWords({ approval, trust }: ReviewedBelief): string {
  if (approval !== null) return "approved by a signature that the base accepts";
  return TRUST_WORDS[trust];
}

/** `repo:/src/app.ts`, lines 3-7 → `src/app.ts:3-7`. */
export function sourceText({ resource, lines }: ReviewedBelief["sources"][number]): string {
  return `${resource.replace(/^repo:\//, "")}${lines === undefined ? "" : `:${lines}`}`;
}

export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
