import { envelopeText, neutralise } from "../recall/envelope.ts";

/**
 * Other people's words as quoted data, in the same fence as recalled memories. The session's id, which nobody can know
 * beforehand, goes into the fence's mark.
 */
export function asData(text: string, session: string): string {
  const lines = neutralise(text)
    .trim()
    .split("\n")
    .map((line) => ` ${line}`.trimEnd());
  return envelopeText([`${lines.join("\n")}\n`], 0, [session]).trimEnd();
}
