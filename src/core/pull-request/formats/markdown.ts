/** A review as a comment on a pull request: what needs a decision on top, then each belief, claim first, keys folded. */
import { isEnd } from "../review.ts";
import type { Concern, Review, ReviewedBelief } from "../model.ts";
import {
  counted,
  KIND_WORDS,
  LEVEL_WORDS,
  originOf,
  raisedIn,
  type Raised,
  sourceText,
  summary,
  trustWords,
} from "../wording.ts";
import { code, fenced, sentence } from "./markdown-words.ts";

/** Stands first, so that a later run finds the comment and updates it. */
export const COMMENT_MARKER = "<!-- git-memory-review -->";

/** GitHub takes 65,536 characters; counted in UTF-8 bytes it is within the limits of the others that we know. */
const MOST_BYTES = 64_000;
const MOST_BODY = 1_200;
const MOST_CHANGED = 2_000;
/** Of each list of decisions, in UTF-8 bytes. */
const MOST_DECISIONS = 12_000;
/** Of globs, sources and the like in one line. */
const MOST_NAMED = 6;
const MOST_REASONS = 5;
const LONGEST_REASON = 300;
const MOST_KEYS = 4_000;

export function markdownReport(review: Review): string {
  const page = new Page(MOST_BYTES);
  page.add([COMMENT_MARKER, "## Memory review", "", `**${sentence(summary(review))}**`, ...opening(review)].join("\n"));
  const told = decisions(page, review);
  const now = new Date(review.at);
  const shown = { beliefs: 0 };
  for (const [place, belief] of review.beliefs.entries()) {
    if (!page.add(beliefBlock(belief, now, told.has(belief), place === 0 ? "### The beliefs\n\n" : ""))) break;
    shown.beliefs++;
  }
  const left = review.beliefs.length - shown.beliefs;
  page.end(
    [
      ...(left === 0
        ? []
        : [
            `**${counted(left, "more belief is", "more beliefs are")} not shown, because a comment can't hold them. \`git memory review\` shows all.**`,
          ]),
      footer(review),
    ].join("\n\n"),
  );
  return page.text;
}

function opening({ unseen, there }: Review): string[] {
  const lines = [
    ...unseen.map((text) => sentence(text)),
    ...(there === 0 ? [] : [`${counted(there, "change is", "changes are")} in the base already and left out.`]),
  ];
  return lines.length === 0 ? [] : ["", ...lines.map((line) => `- ${line}`)];
}

/** The decisions to be taken; hands back the beliefs of which all is said there. */
function decisions(page: Page, review: Review): ReadonlySet<ReviewedBelief> {
  const told = new Set<ReviewedBelief>();
  const raised = raisedIn(review);
  const groups: readonly (readonly [string, readonly Raised[]])[] = [
    [LEVEL_WORDS.block, raised.filter(({ concern }) => concern.level === "block")],
    [
      LEVEL_WORDS.quarantine,
      raised.filter(({ concern }) => concern.level === "quarantine" || concern.level === "confirm"),
    ],
    [LEVEL_WORDS.allow, raised.filter(({ concern, belief }) => concern.level === "allow" && belief === null)],
  ];
  const cut = new Set<ReviewedBelief>();
  for (const [heading, group] of groups) {
    if (group.length === 0) continue;
    const items = bySubject(group);
    const lines = fitting(items.map(decisionItem), MOST_DECISIONS);
    for (const [place, [{ belief }]] of items.entries())
      if (belief !== null) (place < lines.length ? told : cut).add(belief);
    const left = items.length - lines.length;
    page.add([`### ${heading}`, "", ...lines, ...(left === 0 ? [] : [`- … and ${left} more.`])].join("\n"));
  }
  return new Set([...told].filter((belief) => !cut.has(belief)));
}

type Item = readonly [Raised, ...Raised[]];

/** What is said of one belief or file stands together. */
function bySubject(raised: readonly Raised[]): Item[] {
  const items = new Map<unknown, Item>();
  for (const one of raised) {
    const subject = one.belief ?? one.concern.path ?? one.concern;
    const known = items.get(subject);
    items.set(subject, known === undefined ? [one] : [...known, one]);
  }
  return [...items.values()];
}

function decisionItem(item: Item): string {
  const [{ concern, belief }] = item;
  const what = belief === null ? (concern.path === null ? "" : code(concern.path)) : titleOf(belief);
  if (item.length === 1) return `- ${what === "" ? "" : `${what}: `}${said(concern)}`;
  return [`- ${what}`, ...item.map((one) => `  - ${said(one.concern)}`)].join("\n");
}

function said(concern: Concern): string {
  return `${sentence(concern.sentence)}${concern.quote === undefined ? "" : quoteOf(concern)} (${code(concern.rule)})`;
}

/** The first lines that fit. */
function fitting(lines: readonly string[], most: number): string[] {
  let room = most;
  const end = lines.findIndex((line) => (room -= new TextEncoder().encode(line).length + 1) < 0);
  return lines.slice(0, end < 0 ? lines.length : end);
}

function quoteOf({ quote = "" }: Concern): string {
  const lines = quote.split("\n").filter((line) => line.trim() !== "");
  const shown = lines.slice(0, 12).map((line) => code(line));
  const left = lines.length - shown.length;
  return ` It says ${shown.join(", ")}${left === 0 ? "" : ` and ${left} more`}.`;
}

function titleOf(belief: ReviewedBelief): string {
  return belief.withheld ? `A belief that is not repeated here, in ${code(belief.path)}` : code(belief.title);
}

function beliefBlock(belief: ReviewedBelief, now: Date, isTold: boolean, before: string): string {
  return [
    `${before}#### ${KIND_WORDS[belief.kind]}: ${titleOf(belief)}`,
    ...content(belief),
    facts(belief, now),
    ...why(belief),
    ...notes(belief, isTold),
    ...folded(belief),
  ].join("\n\n");
}

function content(belief: ReviewedBelief): string[] {
  if (belief.withheld) return ["_Its words are not shown, because they hold what looks like a secret._"];
  if (belief.type === null) return ["_The file can't be read as a memory._"];
  if (belief.words.length > 0) return [fenced(cut(changedLines(belief), MOST_CHANGED), "diff"), ...replaced(belief)];
  const keys = belief.keys.map(({ key, before, after }) => `- ${code(key)}: ${code(after)}, was ${code(before)}`);
  if (keys.length > 0) return [keys.join("\n")];
  if (belief.kind === "moved") return [`From ${code(belief.movedFrom ?? "")}.`];
  return belief.body === "" ? [] : [fenced(cut(belief.body, MOST_BODY))];
}

/** Lines as `git diff` shows them, only those that changed. */
function changedLines({ words }: ReviewedBelief): string {
  const [old, fresh] = (["new", "gone"] as const).map((left) =>
    words
      .filter(({ kind }) => kind !== left)
      .map(({ text }) => text)
      .join("")
      .split("\n"),
  );
  const kept = new Set(fresh);
  const had = new Set(old);
  return [
    ...(old ?? []).filter((line) => line.trim() !== "" && !kept.has(line)).map((line) => `- ${line}`),
    ...(fresh ?? []).filter((line) => line.trim() !== "" && !had.has(line)).map((line) => `+ ${line}`),
  ].join("\n");
}

/** `npm` became `pnpm`: where few words changed, they are named. */
function replaced({ words, keys }: ReviewedBelief): string[] {
  const swaps: string[] = [];
  for (const [place, { kind, text }] of words.entries()) {
    const next = words[place + 1];
    if (kind === "gone" && next?.kind === "new" && text.trim() !== "" && text.length + next.text.length < 80)
      swaps.push(`${code(text)} became ${code(next.text)}`);
  }
  return [
    ...(swaps.length === 0 || swaps.length > 4 ? [] : [`In words: ${swaps.join("; ")}.`]),
    ...(keys.length === 0
      ? []
      : [
          `Also: ${keys.map(({ key, before, after }) => `${code(key)} is ${code(after)}, was ${code(before)}`).join("; ")}.`,
        ]),
  ];
}

function facts(belief: ReviewedBelief, now: Date): string {
  if (belief.withheld)
    return "Take the secret out, change it where it is used, and squash: the history keeps what a later commit removes.";
  const { who, rest } = originOf(belief, now);
  const sources = some(belief.sources.map(sourceText));
  const parts = [
    `From ${code(who)}${rest === "" ? "" : `, ${rest}`}: ${trustWords(belief)}.`,
    ...(belief.approval === null ? [] : [`Approved by ${code(belief.approval.by)}.`]),
    ...(belief.withheld || isEnd(belief) ? [] : [sources === "" ? "It cites nothing." : `It cites ${sources}.`]),
    [
      ...(belief.type === null ? [] : [code(belief.type)]),
      `${belief.type === null ? "Applies" : "applies"} ${belief.scope.length === 0 ? "everywhere" : `to ${some(belief.scope)}`}`,
      ...(belief.pinned ? ["pinned: part of every recall that it fits"] : []),
      ...(belief.expires === null ? [] : [`until ${belief.expires.slice(0, 10)}`]),
    ].join(", ") + ".",
  ];
  return parts.join(" ");
}

function some(texts: readonly string[]): string {
  const left = texts.length - MOST_NAMED;
  return [...texts.slice(0, MOST_NAMED).map((text) => code(text)), ...(left > 0 ? [`${left} more`] : [])].join(", ");
}

/** The newest commit's reason. The others are folded away with the keys. */
function why({ reasons }: ReviewedBelief): string[] {
  const [reason] = reasons;
  if (reason === undefined) return [];
  return [`Why: ${reason.text === "" ? "no reason given" : code(reason.text, LONGEST_REASON)} (${code(reason.who)})`];
}

const MARKS = { block: "⛔", quarantine: "⚠️", confirm: "⚠️", allow: "ℹ️" } as const;

function notes({ concerns }: ReviewedBelief, isTold: boolean): string[] {
  const above = isTold ? concerns.filter(({ level }) => level !== "allow") : [];
  const [gravest] = above;
  const lines = [
    ...(gravest === undefined
      ? []
      : [`- ${MARKS[gravest.level]} See above: ${[...new Set(above.map(({ rule }) => code(rule)))].join(", ")}`]),
    ...concerns
      .filter((concern) => !above.includes(concern))
      .map((concern) => `- ${MARKS[concern.level]} ${sentence(concern.sentence)}`),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function folded(belief: ReviewedBelief): string[] {
  const reasons = belief.reasons.slice(0, MOST_REASONS).map(({ commit, who, text }) => {
    const words = text === "" ? "no reason given" : code(text, LONGEST_REASON);
    return `- ${code(commit.slice(0, 9))} ${code(who)}: ${words}`;
  });
  const lineage = [
    ...belief.lineage.map(
      ({ id, title, trust }) => `- rests on ${nameOf(id, title)}${trust === null ? "" : ` (${trust})`}`,
    ),
    ...belief.supersedes.map(({ id, title }) => `- takes the place of ${nameOf(id, title)}`),
  ];
  const parts = [
    `File: ${code(belief.path)}`,
    ...(belief.movedFrom === undefined ? [] : [`It was ${code(belief.movedFrom)}`]),
    ...(reasons.length === 0 ? [] : [`Commits:\n\n${reasons.join("\n")}`]),
    ...(lineage.length === 0 ? [] : [lineage.join("\n")]),
    ...(belief.frontMatter === "" ? [] : [fenced(cut(belief.frontMatter, MOST_KEYS), "yaml")]),
  ];
  return [`<details><summary>Commits, lineage and keys</summary>\n\n${parts.join("\n\n")}\n\n</details>`];
}

function nameOf(id: string, title: string | null): string {
  return title === null ? `${code(id)}, which is not believed any more` : code(title);
}

function footer({ base, head, commits }: Review): string {
  return `<sub>${counted(commits, "commit")}, ${code(head.commit.slice(0, 9))} against ${code(base.commit.slice(0, 9))}. Judged by the rules of the base. What others wrote is shown as code.</sub>`;
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).trimEnd()}\n… ${text.length - most} more characters`;
}

/** Blocks as long as there is room, with some kept for the end. */
class Page {
  static readonly #END = 1_000;
  #room: number;
  readonly #blocks: string[] = [];

  constructor(most: number) {
    this.#room = most - Page.#END;
  }

  get text(): string {
    return `${this.#blocks.join("\n\n")}\n`;
  }

  /** False where it doesn't fit; nothing is added then. */
  add(block: string): boolean {
    const size = new TextEncoder().encode(block).length + 2;
    if (size > this.#room) return false;
    this.#room -= size;
    this.#blocks.push(block);
    return true;
  }

  end(block: string): void {
    this.#blocks.push(block);
  }
}
