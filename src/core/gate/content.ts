/** What a text says: its effects, its disguises, and where neither was found, how it sounds to the model. */
import type { Instant, Trust } from "../memory/model.ts";
import type { Policy } from "../memory/policy.ts";
import { canonicalise, canonicalText, type Canonical } from "./canonical.ts";
import { findEffects, type EffectHit } from "./effects/find.ts";
import { decodeModel, scoreText, type LinearModel } from "./model/linear.ts";
import { MODEL } from "./model/weights.ts";
import type { Prose } from "./prose.ts";
import { sighting, type Sighting } from "./rule.ts";
import { disguises } from "./rules/disguise.ts";
import { canBeAllowed, type Row } from "./table.ts";

/** A sighting with the row of the table that it stands in. */
export interface Placed {
  readonly row: Row;
  readonly sighting: Sighting;
}

export interface Reading {
  readonly placed: readonly Placed[];
  /** The model's log-odds that this is an attack; it orders the queue of what waits. */
  readonly score: number;
}

export interface ReadingOptions {
  readonly tier: Trust;
  readonly policy: Policy;
  /** Null where the moment is not known: no allowed phrase counts then. */
  readonly now: Instant | null;
  /** Whether the model is asked: it knows memories, not reasons of commits. */
  readonly scored: boolean;
}

/** Fewer words than these are too little for the wording alone to say anything. */
const LEAST_WORDS = 8;
/** Scripts without spaces count by the character. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

let decoded: LinearModel | undefined;

/** Reads one text. What stood there before, word for word, is not news and raises nothing. */
export function readContent(prose: Prose, options: ReadingOptions): Reading {
  const canonical = canonicalise(prose.text);
  const known = prose.before === null ? "" : canonicalText(prose.before);
  const allowed = phrasesIn(canonical.text, options);
  const hits = findEffects(canonical, {
    isKnown: (start, end) => known !== "" && known.includes(canonical.text.slice(start, end)),
    isAllowed: (start, end) => allowed.some((span) => span.start <= start && end <= span.end),
  });
  const placed = [
    ...hits.map((hit) => placedHit(hit, canonical, prose, options.tier)),
    ...acrossSeam(prose),
    ...disguises(prose.text)
      .filter(({ place }) => prose.before?.includes(prose.text.slice(place.start, place.end)) !== true)
      .map(({ rule, says, place }): Placed => ({
        row: "dangerous",
        sighting: say(rule, prose, place.start, place.end, says, "Write what you mean in plain words."),
      })),
  ];
  if (!options.scored) return { placed, score: Number.NEGATIVE_INFINITY };
  decoded ??= decodeModel(MODEL.weights, MODEL.scale, MODEL.bias);
  const rules = hits.map(({ effect, excused }) => (excused ? `${effect.rule}?` : effect.rule));
  // A rule has read what it excuses, and said so: the same words are not held for their sound.
  const settled = hits.filter(({ excused }) => excused);
  const score = scoreText(decoded, without(canonical.text, [...allowed, ...settled]), rules);
  const threshold = options.policy.gate.budget === 1 ? MODEL.thresholds.narrow : MODEL.thresholds.wide;
  const isGrave = placed.some(({ row }) => row === "tampering" || row === "dangerous" || row === "security");
  const isShort = (canonical.text.match(WORD)?.length ?? 0) < LEAST_WORDS;
  if (score <= threshold || isGrave || isShort || canonical.text === known) return { placed, score };
  return { placed: [...placed, scored(prose)], score };
}

/** What is said only by a title and the body's first line together. Each by itself was read already. */
function acrossSeam(prose: Prose): Placed[] {
  const { seam, before } = prose;
  if (seam === null || before?.includes(seam.text.slice(seam.at + 1)) === true) return [];
  const canonical = canonicalise(seam.text);
  return findEffects(canonical).flatMap((hit): Placed[] => {
    const raw = canonical.rawSpan(hit.start, hit.end);
    if (raw.start >= seam.at || raw.end <= seam.at + 1) return [];
    const at = seam.bodyAt;
    const seen = say(hit.effect.rule, prose, at, at + raw.end - seam.at - 1, hit.effect.says, hit.effect.advice);
    return [{ row: hit.excused ? "orders" : hit.effect.row, sighting: seen }];
  });
}

function placedHit(hit: EffectHit, canonical: Canonical, prose: Prose, tier: Trust): Placed {
  const { effect, start, end } = hit;
  const row: Row = hit.excused ? "orders" : effect.row;
  const raw = canonical.rawSpan(start, end);
  const seen = say(effect.rule, prose, raw.start, raw.end, effect.says, effect.advice);
  return { row: hit.allowed && canBeAllowed(row, tier) ? "reported" : row, sighting: seen };
}

function say(rule: string, prose: Prose, start: number, end: number, says: string, advice: string): Sighting {
  const { scanned, place } = prose.locate(start, end);
  return sighting(
    rule,
    scanned,
    place,
    (where) => ({ forPerson: `${where} ${says}`, forModel: `${where} ${says} ${advice}` }),
    {
      span: true,
    },
  );
}

function scored(prose: Prose): Placed {
  const { scanned } = prose.locate(0, prose.text.length);
  return {
    row: "score",
    sighting: {
      rule: "score/model",
      path: scanned.path,
      forPerson: "The wording resembles known attacks, though no rule names one; read it as a whole.",
      forModel:
        "The wording resembles known attacks, so a person reads it first. State the fact plainly, without telling anybody what to do.",
    },
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the policy's allowed phrases stand, as long as they count. */
function phrasesIn(text: string, { policy, now }: ReadingOptions): Span[] {
  return policy.gate.allowed.flatMap(({ phrase, expires }) => {
    if (now === null || Date.parse(expires) <= Date.parse(now)) return [];
    const wanted = canonicalText(phrase).trim();
    const spans: Span[] = [];
    if (wanted === "") return [];
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length))
      spans.push({ start: at, end: at + wanted.length });
    return spans;
  });
}

function without(text: string, spans: readonly Span[]): string {
  let kept = "";
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    kept += text.slice(at, Math.max(at, start));
    at = Math.max(at, end);
  }
  return kept + text.slice(at);
}
