/**
 * Keys by which a text vouches for itself. They change nothing, because trust comes from the door and approval from
 * evidence; the notice tells the reader that somebody tried.
 */
import type { Memory } from "../../memory/model.ts";
import { compareTrust } from "../../memory/trust.ts";
import type { Rule } from "../rule.ts";

/** Keys of other people's making that read as a seal of approval, in any spelling. */
const CLAIM =
  /^(?:trust(?:ed|_?level)?|approv(?:al|ed)(?:_?by)?|verified(?:_?by)?|review(?:ed)?(?:_?by)?|origin|provenance|authori[sz]ed(?:_?by)?|confirmed(?:_?by)?)$/i;

/** Whether a key of somebody's making vouches for its text. */
export function isClaimOfTrust(key: string): boolean {
  return CLAIM.test(key);
}

/** Reports claims of trust that an agent's file has and its earlier version had not. */
export const claimsOfTrust: Rule = ({ files, caller }) => {
  if (compareTrust(caller.trust, "agent") > 0) return [];
  return files.flatMap(({ path, after, before }) => {
    if (after === null) return [];
    const known = before === null ? [] : claimsIn(before);
    const made = claimsIn(after).filter((claim) => !known.includes(claim));
    if (made.length === 0) return [];
    return [
      {
        rule: "trust/claim",
        path,
        forPerson: "The text vouches for itself with a key such as `verified` or `trust`; that was ignored.",
        forModel:
          "Keys such as `verified`, `approved`, `trust` and `origin` are ignored: the program records where a memory came from.",
      },
    ];
  });
};

function claimsIn({ front }: Memory): string[] {
  return [
    ...Object.entries(front.extra ?? {}).filter(([key]) => isClaimOfTrust(key)),
    ...(front.verified ?? []).map((verified) => ["verified", verified] as const),
  ].map((claim) => JSON.stringify(claim));
}
