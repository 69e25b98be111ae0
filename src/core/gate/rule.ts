/** What every rule of the gate gets and gives. A rule is a pure function; it sees everything and decides nothing. */
import { lineAt } from "../memory/lines.ts";
import type { Caller, ProposedFile } from "../proposal.ts";
import type { Finding } from "./verdict.ts";

/** One text that would reach the object database. */
export interface ScannedText {
  /** The file's path, or for a part of the commit message its name in angle brackets: `<reason>`. */
  readonly path: string;
  readonly text: string;
  /**
   * `file` is a file's text as its bytes decode; `value` a front matter value whose parsed form differs from how it is
   * written (YAML escapes, folding), so that it has no place in the file; `message` a part of the commit.
   */
  readonly kind: "file" | "value" | "message";
}

/** All that a rule may look at. */
export interface RuleInput {
  readonly texts: readonly ScannedText[];
  readonly files: readonly ProposedFile[];
  readonly caller: Caller;
}

/** What a rule saw. How grave it is depends on the tier as well, so the gate's table says that. */
export type Sighting = Omit<Finding, "verdict">;

export type Rule = (input: RuleInput) => Sighting[];

/** Where one kind of thing was seen in one text: the first place, and how many more there are. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly others: number;
}

/** `Line 3`, `The title or another key`, `The reason`: how a sentence begins that speaks of a place in a text. */
export function placeName(scanned: ScannedText, line: number | undefined): string {
  if (scanned.kind === "message") return `The ${scanned.path.replace(/[<>]/g, "")}`;
  return line === undefined ? "A value in the front matter" : `Line ${line}`;
}

/** The sighting of one rule in one text, with the sentences' beginning ready to use. */
export function sighting(
  rule: string,
  scanned: ScannedText,
  place: Place,
  sentences: (where: string) => { readonly forPerson: string; readonly forModel: string },
  options: { readonly span: boolean },
): Sighting {
  const line = scanned.kind === "file" ? lineAt(scanned.text, place.start) : undefined;
  const more = place.others === 0 ? "" : `, and ${place.others} more ${place.others === 1 ? "place" : "places"},`;
  return {
    rule,
    path: scanned.path,
    ...(line === undefined ? {} : { line }),
    ...(options.span && scanned.kind === "file" ? { span: { start: place.start, end: place.end } } : {}),
    ...sentences(`${placeName(scanned, line)}${more}`),
  };
}
