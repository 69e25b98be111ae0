/**
 * Words of others in Markdown that a forge renders. They stand in code, where neither markup, links, images, mentions nor
 * references work, in GitHub's Markdown and in GitLab's; what draws as nothing is spelled out. See CommonMark 0.31, 4.5 and
 * 6.1, for how long a fence must be to hold any text.
 */
import { spell, spelledLine } from "../../view/spelled.ts";

/** What is longer on one line is cut. */
const LONGEST = 200;
const LONGEST_SENTENCE = 600;

/** On one line. */
export function code(text: string, longest = LONGEST): string {
  const whole = spelledLine(text);
  const line = whole.length > longest ? `${whole.slice(0, longest).trimEnd()}…` : whole;
  if (line === "") return "(empty)";
  const fence = "`".repeat(longestRun(line, /`+/g) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A block of its own. */
export function fenced(text: string, language = "text"): string {
  const spelled = spell(text.replaceAll("\r\n", "\n")).text;
  const fence = "`".repeat(Math.max(3, longestRun(spelled, /`+/g) + 1));
  return `${fence}${language}\n${spelled}\n${fence}`;
}

/** Letters and marks that begin nothing in any dialect; a low line only inside a word. */
const PLAIN = /^(?:[\p{L}\p{N} ,.;:'’()…?/+=-]|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}]))*$/u;
/** What forges turn into links though it looks like plain text: addresses, commits, issue keys, emoji names. */
const LINKED = /:\/\/|www\.|\b[0-9a-f]{7,64}\b|\b[A-Z][A-Z0-9]+-\d|:[\w+-]+:|mailto/i;

/** A sentence of ours, in which words of others are in double quotes and our own code in backticks. */
export function sentence(text: string): string {
  const line = spelledLine(text);
  const parts = [...line.matchAll(/"[^"]*"|`[^`"]+`|[^"`]+/g)].map(([part]) => part);
  if (parts.join("") !== line) return code(line, LONGEST_SENTENCE);
  const isOurs = (part: string): boolean => PLAIN.test(part) && !LINKED.test(part);
  if (!parts.every((part) => /^["`]/.test(part) || isOurs(part))) return code(line, LONGEST_SENTENCE);
  return parts
    .map((part) =>
      part.startsWith('"') ? code(part.slice(1, -1)) : part.startsWith("`") ? code(part.slice(1, -1)) : part,
    )
    .join("");
}

function longestRun(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
}
