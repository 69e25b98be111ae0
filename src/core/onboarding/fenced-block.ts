/** A block of lines of ours at the end of somebody else's file: put there, brought up to date and taken out to the byte. */

/**
 * The text with the block at its end, or with the one that `pattern` finds brought up to date, in the file's own line ends.
 *
 * @param head what a new file begins with
 */
export function withBlock(text: string | null, pattern: RegExp, lines: readonly string[], head = ""): string {
  if (text === null) return `${head}${lines.join("\n")}\n`;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const block = lines.join(eol);
  if (pattern.test(text)) return text.replace(pattern, () => block);
  // A file that ended without a line end ends without one afterwards, which is how taking the block out can tell.
  return text.endsWith("\n") ? `${text}${eol}${block}${eol}` : `${text}${eol}${eol}${block}`;
}

/** The text without the block: what `withBlock` was given, or null where the file was made for the block. */
export function withoutBlock(text: string, pattern: RegExp, head = ""): string | null {
  const match = pattern.exec(text);
  if (match === null) return text;
  const before = text.slice(0, match.index);
  const after = text.slice(match.index + match[0].length);
  if (before === head && /^\r?\n?$/.test(after)) return null;
  // One line end on either side is ours, or two before where the file ended without one.
  if (after !== "") return before.replace(/\r?\n$/, "") + after.replace(/^\r?\n/, "");
  return before.replace(/\r?\n\r?\n$/, "");
}
