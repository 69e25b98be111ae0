/**
 * Attacks in other spelling: `npm run fuzz:gate -- [SEED] [ROUNDS]` mutates every attack of the suite, judges it as an
 * agent's memory, and reports by mutation how many slip through, with examples. The same seed gives the same report.
 */
import { pathToFileURL } from "node:url";
import { scanText } from "../../src/core/gate/gate.ts";
import { CASES } from "./cases.ts";

export type Random = () => number;

const LOOKS: Readonly<Record<string, string>> = {
  a: "а",
  e: "е",
  o: "о",
  p: "р",
  c: "с",
  i: "і",
  s: "ѕ",
  x: "х",
  y: "у",
};
const LEET: Readonly<Record<string, string>> = { a: "4", e: "3", i: "1", o: "0", s: "5" };
const INVISIBLE = ["\u200B", "\u200D", "\u2060", "\u00AD", "\u{E0041}", "\u202E"];

/** Ways to write the same words differently. */
export const MUTATIONS: Readonly<Record<string, (text: string, random: Random) => string>> = {
  "as it is": (text) => text,
  "upper case": (text) => text.toUpperCase(),
  "look-alikes": (text, random) => each(text, (letter) => (random() < 0.4 ? (LOOKS[letter] ?? letter) : letter)),
  "full width": (text) =>
    each(text, (letter) =>
      /[!-~]/.test(letter) ? String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0) : letter,
    ),
  "bold letters": (text) =>
    each(text, (letter) =>
      /[a-z]/.test(letter) ? String.fromCodePoint(0x1d41a + (letter.codePointAt(0) ?? 0) - 97) : letter,
    ),
  accents: (text, random) =>
    each(text, (letter) => (/[aeiou]/.test(letter) && random() < 0.5 ? `${letter}\u0301`.normalize("NFC") : letter)),
  digits: (text, random) => each(text, (letter) => (random() < 0.3 ? (LEET[letter] ?? letter) : letter)),
  invisible: (text, random) =>
    each(text, (letter) =>
      random() < 0.15 ? letter + (INVISIBLE[Math.floor(random() * INVISIBLE.length)] ?? "") : letter,
    ),
  emphasis: (text, random) =>
    text.replace(/[A-Za-z]{4,}/g, (word) => (random() < 0.5 ? `**${word.slice(0, 2)}**${word.slice(2)}` : word)),
  "letters apart": (text, random) =>
    text.replace(/[A-Za-z]{5,}/g, (word) => (random() < 0.5 ? [...word].join(".") : word)),
  "wrapped lines": (text, random) => text.replace(/ /g, () => (random() < 0.3 ? "\n" : " ")),
  "wide spaces": (text) => text.replaceAll(" ", "\u2003"),
  "in a good text": (text) =>
    `# Notes\n\n- Components live in src/ui.\n- Tests run with vitest.\n- ${text}\n- The API listens on port 4100.`,
  "in a quotation": (text) => `> ${text}`,
  "swapped letters": (text, random) =>
    text.replace(/[A-Za-z]{6,}/g, (word) =>
      random() < 0.3 ? `${word.slice(0, 2)}${word[3] ?? ""}${word[2] ?? ""}${word.slice(4)}` : word,
    ),
};

export interface FuzzReport {
  readonly mutation: string;
  readonly tried: number;
  readonly missed: readonly string[];
}

/** Judges every attack of the grave rules under each mutation. */
export function fuzz(seed: number, rounds: number): FuzzReport[] {
  const attacks = Object.entries(CASES)
    .filter(([rule]) => !rule.startsWith("order/"))
    .flatMap(([, cases]) => cases.attacks);
  return Object.entries(MUTATIONS).map(([mutation, mutate]) => {
    const random = generator(seed);
    const texts = Array.from({ length: rounds }, () => attacks.map((attack) => mutate(attack, random))).flat();
    return { mutation, tried: texts.length, missed: texts.filter((text) => scanText(text).kind === "allow") };
  });
}

function each(text: string, change: (letter: string) => string): string {
  return Array.from(text, change).join("");
}

/** A linear congruential generator (Numerical Recipes' constants): enough to choose letters by. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [seed = "1", rounds = "3"] = process.argv.slice(2);
  for (const { mutation, tried, missed } of fuzz(Number(seed), Number(rounds))) {
    console.log(`${mutation.padEnd(18)} ${String(tried - missed.length).padStart(5)} of ${tried} found`);
    for (const text of missed.slice(0, 4)) console.log(`    ${JSON.stringify(text)}`);
  }
}
