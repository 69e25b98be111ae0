/** Concerns as programs list them: one place each, a sentence, and a name that stays when lines move. */
import { createHash } from "node:crypto";
import { spelledLine } from "../../view/spelled.ts";
import type { Concern, Region, Review } from "../model.ts";
import { raisedIn } from "../wording.ts";

export interface Listed {
  readonly rule: string;
  readonly level: Concern["level"];
  /** Where it stands; for what is about the whole change, the store's rules, which every store has. */
  readonly path: string;
  readonly region: Region;
  readonly message: string;
  /** SHA-256 in hex, of what is said about what; not of where it stands in the file. */
  readonly fingerprint: string;
}

export function listedIn(review: Review): Listed[] {
  const times = new Map<string, number>();
  return raisedIn(review).map(({ concern, belief }) => {
    const { rule, level, path, region, sentence, quote } = concern;
    const about = belief === null || belief.withheld || belief.type === null ? "" : `"${belief.title}": `;
    const key = [rule, belief?.id ?? path ?? "", quote ?? ""].join("\n");
    const again = times.get(key) ?? 0;
    times.set(key, again + 1);
    return {
      rule,
      level,
      path: path ?? `${review.prefix}policy.yaml`,
      region: region ?? { line: 1 },
      message: spelledLine(`${about}${sentence}${quote === undefined ? "" : ` It says: ${quote}`}`),
      fingerprint: createHash("sha256").update(`${key}\n${again}`, "utf8").digest("hex"),
    };
  });
}
