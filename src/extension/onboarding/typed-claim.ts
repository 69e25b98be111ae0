/** From the one line that a person types to a claim. */
import { MEMORY_TYPES, type MemoryType } from "../../core/memory/model.ts";
import { isNegative } from "../../core/onboarding/rule-language.ts";
import type { Draft } from "../../core/proposal.ts";

/** Titles are read in a narrow view; what doesn't fit stays in the body. */
const LONGEST_TITLE = 72;

/**
 * A claim from a line such as `Use pnpm, never npm` or `Decision: sessions live in Redis`. Without a type in front, the
 * words decide between a preference, a pitfall and a convention. Null where nothing is claimed.
 */
export function typedClaim(line: string): Draft | null {
  const text = line.trim().replaceAll(/\s+/g, " ");
  const named = /^(\p{L}+)\s*:\s*(.*)$/u.exec(text);
  const type = MEMORY_TYPES.find((one) => one.toLowerCase() === named?.[1]?.toLowerCase());
  const claim = type === undefined ? text : (named?.[2] ?? "");
  if (claim === "") return null;
  return { type: type ?? guessedType(claim), title: titleOf(claim), body: claim };
}

function guessedType(claim: string): MemoryType {
  if (/^(i|we)\s+(prefer|like|want|love|hate)\b/i.test(claim)) return "Preference";
  return isNegative(claim) ? "Pitfall" : "Convention";
}

/** The whole claim where it is short, else its first words. */
function titleOf(claim: string): string {
  const sentence = /^.+?[.!?](?=\s)/u.exec(claim)?.[0] ?? claim;
  const plain = sentence.replace(/\.$/u, "");
  if (plain.length <= LONGEST_TITLE) return plain;
  const cut = plain.slice(0, LONGEST_TITLE - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST_TITLE / 2)).replace(/[\s,;:–-]+$/u, "")}…`;
}
