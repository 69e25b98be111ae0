/** Lines are counted by line feeds alone, as git counts: a lone carriage return ends none. */

/** The 1-based line of an offset into a text, in UTF-16 units. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
