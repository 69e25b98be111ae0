/** Finds effects in a text, and tells an order to weaken something from a warning against it. */
import type { Canonical } from "../canonical.ts";
import { Candidates } from "./candidates.ts";
import { EFFECTS, type CompiledEffect } from "./catalogue.ts";
import type { Expression } from "./expression.ts";

/** One place where a text would have an effect, by offsets into the canonical text. */
export interface EffectHit {
  readonly effect: CompiledEffect;
  readonly start: number;
  readonly end: number;
  /** The sentence speaks of tests or of a developer's own machine. */
  readonly excused: boolean;
  /** The place is one that the caller lets pass. */
  readonly allowed: boolean;
}

/** What the caller knows of a place in the canonical text. */
export interface Places {
  /** It stood there before, so it is not reported. */
  isKnown(start: number, end: number): boolean;
  /** It is let pass: reported, where nothing graver of its rule is found. */
  isAllowed(start: number, end: number): boolean;
}

const EVERYWHERE: Places = { isKnown: () => false, isAllowed: () => false };

/** How far in front of a statement a denial still governs it, in characters. */
const DENIAL_REACH = 45;
/** Where a new clause begins, which an earlier denial doesn't reach. */
const CLAUSE =
  /[,:;.!?\n()—–。、，；]|\b(?:and|but|because|since|so|while|then|und|weil|denn|et|car|mais|y|porque|pero|e|mas|perche)\b(?=\s)/g;
/** Denials that deny something else: "do not forget to disable …" is an order to disable. */
const NO_DENIAL =
  /\b(?:(?:do not|don't|never|nicht|ne|no|nao|non) (?:forget|hesitate|fail|neglect|mind|worry|wait|be afraid|be shy|vergessen|oublie\w*|olvid\w*|esquec\w*|dimentic\w*|hesite\w*|dud(?:e|es|ar) en)|(?:do not|don't|never) (?:skip|stop|omit|miss|avoid|cease|delay|refuse)(?=\s*$| (?:send|forward|upload|post|copy|mail|shar|mirror|push|report|pass|relay|stream|includ|run|execut|download|fetch)\w*ing)|n'(?:oublie|hesite)\w*(?: pas| jamais)?|vergiss (?:nicht|nie)|vergeet (?:niet|nooit)|zoger niet|zogere nicht|not only|not just|why not|no matter)\b/g;
/** A denial right before what it forbids: "never put …", "must not be sent …". */
const PROHIBITION =
  /(?:\b(?:never|do not|dont|must not|should not|may not|cannot|shall not|is not to|are not to|avoid|refrain from|niemals|nie|nicht|jamais|nunca|nooit|niet|mai)|\b(?:do|must|should|shall|ca)n't)(?= \p{L})/gu;
/** How far behind a match an order may follow a prohibition in it, in characters. */
const LINE_REACH = 200;
const SENTENCE_END = /[.!?;。！？；](?=\s|$)|\n/g;

/** Every expression with the effect that it belongs to, in the effects' order. */
const ALL = EFFECTS.flatMap((effect) => effect.expressions.map((expression) => ({ effect, expression })));
let candidates: Candidates | undefined;

/** Every effect in a text, one hit for each rule: the first that neither its sentence nor the caller excuses, else the first. */
export function findEffects(canonical: Canonical, places: Places = EVERYWHERE): EffectHit[] {
  const text = joinWrappedLines(canonical.text);
  candidates ??= new Candidates(ALL.map(({ expression }) => expression.source));
  const possible = new Map<CompiledEffect, Expression[]>();
  for (const { effect, expression } of candidates.in(text).flatMap((number) => ALL[number] ?? [])) {
    const expressions = possible.get(effect);
    if (expressions === undefined) possible.set(effect, [expression]);
    else expressions.push(expression);
  }
  const hits = new Map<string, EffectHit>();
  for (const [effect, expressions] of possible) {
    const known = hits.get(effect.rule);
    if (known !== undefined && isGrave(known)) continue;
    if (!effect.needs.every((needed) => needed.isIn(text))) continue;
    const hit = firstHit(effect, expressions, text, places);
    if (hit !== undefined && (known === undefined || isGrave(hit))) hits.set(effect.rule, hit);
  }
  return [...hits.values()];
}

function isGrave({ excused, allowed }: EffectHit): boolean {
  return !excused && !allowed;
}

function firstHit(
  effect: CompiledEffect,
  expressions: readonly Expression[],
  text: string,
  places: Places,
): EffectHit | undefined {
  let mild: EffectHit | undefined;
  for (const expression of expressions) {
    for (const { index: start, 0: match } of expression.matches(text)) {
      const end = start + match.length;
      if (end === start || places.isKnown(start, end) || isDenied(effect, text, start, end)) continue;
      if (effect.deniable === "order" && isForbiddenInside(expression, text, start, end)) continue;
      const excused = effect.testingExcuses && isAboutTesting(effect, text, start, end);
      const hit = { effect, start: seenFrom(text, start, end), end, excused, allowed: places.isAllowed(start, end) };
      if (isGrave(hit)) return hit;
      mild ??= hit;
    }
  }
  return mild;
}

/** Where what is seen of a match begins: some expressions start at the line break in front of it. */
function seenFrom(text: string, start: number, end: number): number {
  return start + Math.max(0, text.slice(start, end).search(/\S/));
}

/**
 * The text with the breaks of wrapped lines as spaces, every place where it was. A break that ends a sentence or begins a
 * list item, heading or quotation stays.
 */
function joinWrappedLines(text: string): string {
  return text.replace(/(?<=[^\s.!?:;。！？])\n(?=[ \t]*[\p{L}("'])/gu, " ");
}

function isDenied({ deniable, language }: CompiledEffect, text: string, start: number, end: number): boolean {
  if (deniable === "never") return false;
  const reach = text.slice(Math.max(0, start - DENIAL_REACH), start);
  const clause = reach.slice(lastEnd(reach, CLAUSE));
  const around = deniable === "within" ? `${clause}${text.slice(start, end)}` : clause;
  if (once(language.denial).test(around.replace(NO_DENIAL, " "))) return true;
  if (deniable !== "within" || language.denialAfter === undefined) return false;
  const after = text.slice(start, end + 16);
  const stop = after.slice(end - start).search(/[,.!?;。！？、\n]/u);
  return once(language.denialAfter).test(stop === -1 ? after : after.slice(0, end - start + stop));
}

/** Whether nothing is left of a match when the clauses that forbid something are taken out of its line. */
function isForbiddenInside(expression: Expression, text: string, start: number, end: number): boolean {
  const stop = text.indexOf("\n", end);
  const line = text.slice(start, Math.min(stop === -1 ? text.length : stop, end + LINE_REACH));
  let rest = "";
  let from = 0;
  for (const { index } of line.matchAll(PROHIBITION)) {
    if (index < from) continue;
    const length = firstStart(line.slice(index), CLAUSE);
    if (once(NO_DENIAL.source).exec(line.slice(index))?.index === 0) continue;
    rest += line.slice(from, index);
    from = index + length;
  }
  if (from === 0) return false;
  rest += line.slice(from);
  return !expression.isIn(rest);
}

function isAboutTesting({ language }: CompiledEffect, text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 200), start);
  const after = text.slice(end, end + 200);
  const stop = after.search(SENTENCE_END);
  const sentence =
    before.slice(lastEnd(before, SENTENCE_END)) + text.slice(start, end) + (stop === -1 ? after : after.slice(0, stop));
  return once(language.testing).test(sentence) && !once(language.production).test(sentence);
}

const made = new Map<string, RegExp>();

/** An expression that is asked often: making it costs more than asking. */
function once(source: string): RegExp {
  const known = made.get(source);
  if (known !== undefined) return known;
  const expression = new RegExp(source, "u");
  made.set(source, expression);
  return expression;
}

function firstStart(text: string, boundary: RegExp): number {
  const [first] = text.matchAll(boundary);
  return first?.index ?? text.length;
}

function lastEnd(text: string, boundary: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(boundary)) end = match.index + match[0].length;
  return end;
}
