/** A review for a terminal: what needs a decision first, then each belief, claim first. Words of others stand behind a bar. */
import type { Concern, Review, ReviewedBelief } from "../../core/pull-request/model.ts";
import { isEnd } from "../../core/pull-request/review.ts";
import { KIND_WORDS, originOf, raisedIn, sourceText, summary, trustWords } from "../../core/pull-request/wording.ts";
import { spell, spelledLine } from "../../core/view/spelled.ts";
import type { Part } from "../../core/review/words.ts";
import { type Line, type Piece, type Tone, toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";

const TONES: Readonly<Record<Concern["level"], Tone>> = {
  block: "bad",
  quarantine: "warning",
  confirm: "warning",
  allow: "quiet",
};
const MARKS: Readonly<Record<Concern["level"], string>> = {
  block: "mend",
  quarantine: "decide",
  confirm: "decide",
  allow: "note",
};
const MOST_LINES = 30;
const BAR = "  │ ";

export function textReport(review: Review): Line[] {
  const now = new Date(review.at);
  const general = raisedIn(review).filter(({ belief }) => belief === null);
  return [
    toned(summary(review), "strong"),
    ...review.unseen.map((text) => toned(text, "quiet")),
    ...general.flatMap(({ concern }) => concernLines(concern, true)),
    ...review.beliefs.flatMap((belief) => ["", ...beliefLines(belief, now)]),
  ];
}

function beliefLines(belief: ReviewedBelief, now: Date): Line[] {
  const { who, rest } = originOf(belief, now);
  const title = belief.withheld ? "(not repeated: it holds what looks like a secret)" : spelledLine(belief.title);
  const sources = belief.sources.map(sourceText).join(", ");
  const [reason] = belief.reasons;
  const more = [
    ...(belief.type === null ? [] : [belief.type]),
    ...(belief.scope.length === 0 ? [] : [`applies to ${belief.scope.join(", ")}`]),
    ...(belief.pinned ? ["pinned"] : []),
    ...(belief.expires === null ? [] : [`until ${belief.expires.slice(0, 10)}`]),
    ...(sources === "" || isEnd(belief) ? [] : [`cites ${sources}`]),
  ];
  return [
    [
      { text: `${KIND_WORDS[belief.kind]}: `, tone: isEnd(belief) ? "bad" : "good" },
      { text: title, tone: "strong" },
    ],
    ...contentLines(belief),
    [{ text: `  ${spelledLine(`${who}${rest === "" ? "" : `, ${rest}`}: ${trustWords(belief)}`)}`, tone: "quiet" }],
    ...(more.length === 0 ? [] : [toned(`  ${spelledLine(more.join(" · "))}`, "quiet")]),
    ...(reason === undefined
      ? []
      : [
          [
            { text: `  ${shortCommit(reason.commit)} ${spelledLine(`${reason.who}: ${reason.text}`)}`, tone: "quiet" },
          ] as const,
        ]),
    ...belief.concerns.flatMap((concern) => concernLines(concern, false)),
    toned(`  ${spelledLine(belief.path)}`, "quiet"),
  ];
}

function contentLines(belief: ReviewedBelief): Line[] {
  if (belief.withheld) return [];
  if (belief.words.length > 0) return wordLines(belief.words);
  const keys = belief.keys.map(
    ({ key, before, after }): Line => `${BAR}${spelledLine(`${key}: ${after} (was ${before})`)}`,
  );
  if (keys.length > 0) return keys;
  const lines = spell(belief.body).text.split(/\r?\n/);
  return [
    ...(belief.body === "" ? [] : lines.slice(0, MOST_LINES).map((line): Line => `${BAR}${line}`)),
    ...(lines.length > MOST_LINES ? [`${BAR}… ${lines.length - MOST_LINES} more lines`] : []),
  ];
}

/** `[-gone-]{+new+}`, in the lines that changed. */
function wordLines(words: readonly Part[]): Line[] {
  const rows: Piece[][] = [[]];
  for (const { kind, text } of words) {
    text.split("\n").forEach((raw, i) => {
      if (i > 0) rows.push([]);
      const line = spell(raw).text;
      if (line === "") return;
      const piece: Piece =
        kind === "same"
          ? line
          : kind === "gone"
            ? { text: `[-${line}-]`, tone: "bad" }
            : { text: `{+${line}+}`, tone: "good" };
      rows.at(-1)?.push(piece);
    });
  }
  return rows.filter((row) => row.some((piece) => typeof piece !== "string")).map((row): Line => [BAR, ...row]);
}

export function concernLines({ level, sentence, rule, path, region, quote }: Concern, withPath: boolean): Line[] {
  const place = withPath && path !== null ? `${path}${region === undefined ? "" : `:${region.line}`}: ` : "";
  return [
    [
      { text: `  ${MARKS[level].padEnd(7)}`, tone: TONES[level] },
      `${spelledLine(`${place}${sentence}`)} `,
      { text: `(${rule})`, tone: "quiet" },
    ],
    ...(quote === undefined ? [] : quote.split("\n").map((line): Line => `${BAR}${spelledLine(line)}`)),
  ];
}
