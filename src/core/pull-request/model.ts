/** What a reviewer of a memory change is told: the beliefs that it would bring, and what speaks against them. */
import type { VerdictKind } from "../gate/verdict.ts";
import type { Instant, MemoryId, ObjectId, Source, Trust } from "../memory/model.ts";
import type { DifferingBelief } from "../review/difference.ts";
import type { Part } from "../review/words.ts";

/** A place in a file: 1-based lines, 1-based columns in UTF-16 code units, the end column behind the last character. */
export interface Region {
  readonly line: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/**
 * One thing that a reviewer should know. The level is what the gate would do with such a write: `block` can't be merged as
 * it is, `quarantine` and `confirm` need a person's decision, `allow` is only said.
 */
export interface Concern {
  readonly rule: string;
  readonly level: VerdictKind;
  /** From the repository's root; null where it is about the change as a whole. Never a path that tells a secret. */
  readonly path: string | null;
  readonly region?: Region;
  /** Our own sentence, in which words of others are in double quotes. */
  readonly sentence: string;
  /** The words that raised it, as they stand there; never for secrets. */
  readonly quote?: string;
}

/** Who vouches for a claim, by evidence that the base accepts. */
export interface Approval {
  readonly by: string;
  /** How that is known, after "by": `signature`. */
  readonly evidence: string;
}

/** A belief that another one rests on, speaks against, or takes the place of. */
export interface Mentioned {
  readonly id: MemoryId;
  /** Null where it is not in the base, nor brought. */
  readonly title: string | null;
  readonly trust: Trust | null;
}

/** A commit of the change that touched a belief. */
export interface Reason {
  readonly commit: ObjectId;
  readonly at: Instant;
  readonly who: string;
  readonly text: string;
}

/** A belief that the head has otherwise than the base, with what a reviewer wants to know of it. */
export interface ReviewedBelief extends DifferingBelief {
  /** The claim's type, e.g. `Convention`; null for a file that can't be read as a memory. */
  readonly type: string | null;
  /** As it would be; for an end, as it was. Empty where it is withheld. */
  readonly body: string;
  readonly description: string | null;
  /** Title and body word by word; empty where neither changed, and for what came or ended. */
  readonly words: readonly Part[];
  /** What differs in the front matter besides the title and the program's own keys, as text before and after. */
  readonly keys: readonly { readonly key: string; readonly before: string; readonly after: string }[];
  /** It holds what looks like a secret: neither its words nor its front matter are repeated. */
  readonly withheld: boolean;
  readonly scope: readonly string[];
  readonly pinned: boolean;
  readonly expires: Instant | null;
  readonly by: string | null;
  readonly at: Instant | null;
  readonly channel: string | null;
  readonly session: string | null;
  /** What its words are worth with the base's evidence, lineage included. */
  readonly trust: Trust;
  readonly sources: readonly Source[];
  readonly approval: Approval | null;
  readonly lineage: readonly Mentioned[];
  readonly supersedes: readonly Mentioned[];
  readonly against: readonly Mentioned[];
  readonly reasons: readonly Reason[];
  /** The file's own front matter, as it would stand. */
  readonly frontMatter: string;
  readonly concerns: readonly Concern[];
}

export interface Named {
  /** As it was asked for. */
  readonly name: string;
  readonly commit: ObjectId;
}

export interface Review {
  readonly base: Named;
  readonly head: Named;
  /** From where the head went its own way; null where the two have nothing in common. */
  readonly mergeBase: ObjectId | null;
  /** `""` for a memory branch, `.memory/` for a code branch. */
  readonly prefix: string;
  /** The commits that the head has and the base hasn't. */
  readonly commits: number;
  /** In the order in which a reviewer should read them: what needs a decision first. */
  readonly beliefs: readonly ReviewedBelief[];
  /** About the change as a whole, or about files that are no memories. Gravest first. */
  readonly concerns: readonly Concern[];
  /** Changes of the head that the base has already, as after a squash. */
  readonly there: number;
  /** What could not be looked at, one sentence each. */
  readonly unseen: readonly string[];
  readonly at: Instant;
}
