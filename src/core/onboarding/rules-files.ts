/**
 * *Start with this project's rules*: what CLAUDE.md, AGENTS.md, Copilot's, Cursor's, Gemini's, Cline's and Windsurf's rule
 * files say, as single claims that cite their lines. Nothing is stored here; a person sees the list first, and the door
 * decides how far it is trusted.
 */
import type { Source } from "../memory/model.ts";
import type { Draft } from "../proposal.ts";
import { blankInstruction } from "./instruction.ts";
import { isFact, isInstructionToRun, isNegative } from "./rule-language.ts";
import { readRuleHead } from "./rule-scope.ts";
import { statementsOf, type Statement } from "./rule-statements.ts";

export interface RuleFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The commit and blob that the text stands in; both absent for a file that isn't committed as it is. */
  readonly commit?: string;
  readonly blob?: string;
}

export interface RuleImport {
  readonly claims: readonly Draft[];
  readonly leftOut: readonly LeftOut[];
}

/** What was not taken over: the file, the 1-based line, and one sentence that says why. */
export interface LeftOut {
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

/** More than this is no start but a flood: a person has to look at each. */
export const MOST_CLAIMS = 200;
/**
 * As much of a file is read (characters): twice what Codex reads of all its rule files (`project_doc_max_bytes`), and far
 * below where a markdown parser's time for nested lists grows out of hand.
 */
const LONGEST_FILE = 65_536;
/** git's own advice for a subject line, because a claim's title becomes one. */
const TITLE_LENGTH = 72;
const TAG_LENGTH = 30;

/** The files' claims in their order; a claim that several files make word for word is one claim with a citation for each. */
export function claimsFromRules(files: readonly RuleFile[]): RuleImport {
  const leftOut: LeftOut[] = [];
  const claims = new Map<string, Draft>();
  for (const file of files) {
    let beyond = 0;
    let firstBeyond = 0;
    const { scope, description, statements, remainders } = readRuleFile(file);
    leftOut.push(...remainders.map((remainder) => ({ path: file.path, ...remainder })));
    for (const statement of statements) {
      const draft = draftOf(statement, file, scope, description);
      const key = draft.body
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, " ")
        .trim();
      const known = claims.get(key);
      if (known !== undefined) claims.set(key, merged(known, draft));
      else if (claims.size < MOST_CLAIMS) claims.set(key, draft);
      else if (beyond++ === 0) firstBeyond = statement.first;
    }
    if (beyond > 0)
      leftOut.push({
        path: file.path,
        line: firstBeyond,
        reason: `${beyond} more ${beyond === 1 ? "claim" : "claims"} from here on: at most ${MOST_CLAIMS} are imported at once.`,
      });
  }
  return { claims: [...claims.values()], leftOut };
}

function readRuleFile(
  file: RuleFile,
): { scope: readonly string[]; description?: string } & ReturnType<typeof statementsOf> {
  const whole = blankInstruction(file.text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const text = whole.length <= LONGEST_FILE ? whole : whole.slice(0, whole.lastIndexOf("\n", LONGEST_FILE) + 1);
  const { body, skipped, ...head } = readRuleHead(file.path, text);
  const { statements, remainders } = statementsOf(body, skipped);
  if (text.length < whole.length)
    remainders.push({ line: text.split("\n").length, reason: "The file is very long; it was read up to here." });
  return { ...head, statements, remainders };
}

function draftOf(
  statement: Statement,
  file: RuleFile,
  scope: readonly string[],
  description: string | undefined,
): Draft {
  const tags = [...new Set(statement.headings.map(tagOf))].filter((tag) => tag !== "").slice(-2);
  const source: Source = {
    resource: `repo:/${file.path}`,
    lines: statement.first === statement.last ? `${statement.first}` : `${statement.first}-${statement.last}`,
    ...(file.commit === undefined ? {} : { commit: file.commit }),
    ...(file.blob === undefined ? {} : { blob: file.blob }),
  };
  return {
    type: typeOf(statement),
    title: titleOf(statement),
    body: statement.text,
    ...(description === undefined ? {} : { description }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(scope.length === 0 ? {} : { scope }),
    sources: [source],
  };
}

/** Two files say the same: both are cited, and it holds wherever either says that it does. */
function merged(known: Draft, again: Draft): Draft {
  const { scope, ...rest } = known;
  const both = scope === undefined || again.scope === undefined ? [] : [...new Set([...scope, ...again.scope])];
  return {
    ...rest,
    ...(both.length === 0 ? {} : { scope: both }),
    sources: [...(known.sources ?? []), ...(again.sources ?? [])],
  };
}

function typeOf({ kind, plain, lead, headings }: Statement): string {
  if (kind === "steps") return "Procedure";
  if (isNegative(plain) || isNegative(lead ?? "") || isNegative(headings.at(-1) ?? "")) return "Pitfall";
  if (kind === "commands" || isInstructionToRun(plain)) return "Procedure";
  if (kind === "table" || isFact(plain)) return "Fact";
  return "Convention";
}

/** The first sentence, in one line of at most 72 characters that ends at a word. */
function titleOf({ plain, lead }: Statement): string {
  const sentence = (
    /^.*?[^\s.][.!?。！？](?=\s|$|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])/u.exec(plain)?.[0] ?? plain
  ).replace(/[.。:：;,]+$/, "");
  return cutAtWord(lead === undefined || sentence.startsWith(lead) ? sentence : `${lead}: ${sentence}`);
}

function cutAtWord(text: string): string {
  if (text.length <= TITLE_LENGTH) return text;
  const room = Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.slice(0, TITLE_LENGTH + 20)),
    ({ segment }) => segment,
  );
  let cut = "";
  for (const segment of room) {
    if (cut.length + segment.length > TITLE_LENGTH - 1) break;
    cut += segment;
  }
  const space = cut.lastIndexOf(" ");
  // Scripts without spaces are cut between characters.
  return `${(space > TITLE_LENGTH / 2 ? cut.slice(0, space) : cut).replace(/[\s.,;:–—-]+$/u, "")}…`;
}

function tagOf(heading: string): string {
  const words = heading.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let tag = "";
  for (const word of words) {
    if (tag !== "" && tag.length + word.length >= TAG_LENGTH) break;
    tag = tag === "" ? word.slice(0, TAG_LENGTH) : `${tag}-${word}`;
  }
  return tag;
}
