/** What a person is shown before a claim becomes their word: all of it that the approval will bind, as plain text. */
import type { Memory } from "../memory/model.ts";
import { actorName } from "./actor.ts";
import { spell, spelledLine } from "./spelled.ts";

export interface Confirmation {
  readonly message: string;
  readonly detail: string;
}

/** What a dialog holds without growing past a small screen. */
const MOST_LINES = 16;
const MOST_CHARACTERS = 1200;

/** @param liftsEnd whether confirming also takes the memory's end away. */
export function confirmationOf(memory: Memory, liftsEnd: boolean): Confirmation {
  const { front } = memory;
  const body = spell(memory.body).text.trim();
  const lines = body.split("\n");
  const shown = lines.slice(0, MOST_LINES).join("\n").slice(0, MOST_CHARACTERS);
  const cut = shown.length < body.length;
  const end = front.expires_at?.slice(0, 10);
  return {
    message: `Confirm “${spelledLine(memory.title)}”?`,
    detail: [
      // Before anything that others wrote, which could go on to say otherwise.
      `Agents will treat it as your word.${liftsEnd && end !== undefined ? ` It will no longer end on ${end}.` : ""}`,
      cut ? `${shown.trimEnd()}…` : shown,
      ...(cut ? ["This is only its beginning. Open it and read all of it first."] : []),
      factsOf(memory),
    ].join("\n\n"),
  };
}

function factsOf({ front }: Memory): string {
  const sources = (front.sources ?? []).map(
    ({ resource, lines }) => `${resource.replace(/^repo:\//, "")}${lines === undefined ? "" : `:${lines}`}`,
  );
  const related = (front.derived_from ?? []).length + (front.supersedes ?? []).length;
  return spelledLine(
    [
      `${front.type}${front.scope === undefined ? "" : ` about ${front.scope.join(", ")}`}`,
      ...(front.description === undefined ? [] : [front.description]),
      ...(front.pinned === true ? ["pinned"] : []),
      front.generated === undefined ? "written by hand" : `written by ${actorName(front.generated.by)}`,
      ...(sources.length === 0 ? [] : [`rests on ${sources.join(", ")}`]),
      ...(related === 0 ? [] : [`names ${related} other ${related === 1 ? "memory" : "memories"}`]),
    ].join(" · "),
  );
}
