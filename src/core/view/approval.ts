/** What a person is shown at the moment of approving: the claim, why it waited, and what approving does. Plain text. */
import type { Finding } from "../gate/verdict.ts";
import { isBroken } from "../memory/model.ts";
import type { Look } from "../review/look.ts";
import { isRejection } from "../review/lost-rejections.ts";
import { changesOfRules, keyWords, weakerWords } from "../review/rule-changes.ts";
import type { Confirmation } from "./confirmation.ts";
import { spell, spelledLine } from "./spelled.ts";

/** What a dialog holds without growing past a small screen. */
const MOST_LINES = 14;
const MOST_CHARACTERS = 1000;

/** @param end the end that the person gave it, if any */
export function approvalOf(looks: readonly Look[], end?: string): Confirmation {
  const [first] = looks;
  const one = looks.length === 1 && first !== undefined;
  const claims = looks
    .map((look) => (one ? textOf(look) : `• ${spelledLine(look.title)}\n${textOf(look)}`))
    .join("\n\n");
  const { shown, cut } = shortened(claims);
  const why = [
    ...new Set(
      looks.flatMap(({ findings, told }) => [...findings, ...told].map(({ forPerson }) => spelledLine(forPerson))),
    ),
  ];
  return {
    message: one ? `Approve “${spelledLine(first.title)}”?` : `Approve these ${looks.length} facts?`,
    detail: [
      // Before anything that others wrote, which could go on to say otherwise.
      `${outcome(looks)}${end === undefined ? "" : ` It ends on ${end.slice(0, 10)}.`}`,
      shown,
      ...(cut ? ["This is only the beginning. Read all of it in the review first."] : []),
      ...(why.length === 0 ? [] : [`Why ${one ? "it" : "they"} waited: ${why.join(" ")}`]),
    ].join("\n\n"),
  };
}

function outcome([first, ...others]: readonly Look[]): string {
  if (first === undefined || others.length > 0) return "Agents will treat them as your word.";
  if (first.held.found === undefined) return "Agents will treat it as your word.";
  return first.files.every(({ path }) => isRejection(path))
    ? "The claim that was rejected may be stored again."
    : "These rules will be in force here.";
}

/** What the gate asks about a person's own words, with the words themselves. */
export function consentTo(findings: readonly Finding[], quotes: readonly string[]): Confirmation {
  return { message: "Store this all the same?", detail: reasonsIn(findings, quotes) };
}

/** What is asked where a file was saved that only a person may change: whether it was one who saved it. */
export function ownChange(findings: readonly Finding[], quotes: readonly string[]): Confirmation {
  return {
    message: "Is this change yours?",
    detail: `Agents can save files too, so this one needs your word.\n\n${reasonsIn(findings, quotes)}`,
  };
}

function reasonsIn(findings: readonly Finding[], quotes: readonly string[]): string {
  const sentences = [
    ...new Set(findings.filter(({ verdict }) => verdict !== "allow").map(({ forPerson }) => spelledLine(forPerson))),
  ];
  return [sentences.join("\n"), ...quotes.map((quote) => `“${shortened(spelledLine(quote)).shown}”`)].join("\n\n");
}

function textOf({ files }: Look): string {
  return files
    .map((file) => {
      const { memory, before, text, path } = file;
      const rules = changesOfRules(file);
      if (rules !== null)
        return [...rules.keys.map((key) => spelledLine(keyWords(key))), weakerWords(rules) ?? ""].join("\n");
      if (isRejection(path)) return "What was rejected may be stored again.";
      if (text === null) return `Ends “${spelledLine(before?.title ?? path)}”.`;
      return spell(memory === null || isBroken(memory) ? text : memory.body.trim()).text;
    })
    .join("\n\n");
}

function shortened(text: string): { readonly shown: string; readonly cut: boolean } {
  const shown = text.split("\n").slice(0, MOST_LINES).join("\n").slice(0, MOST_CHARACTERS);
  return shown.length < text.length ? { shown: `${shown.trimEnd()}…`, cut: true } : { shown, cut: false };
}
