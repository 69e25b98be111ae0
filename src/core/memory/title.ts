/** One-line names. A cheap scan of lines, so that reading ten thousand files needs no markdown parser. */

const LONGEST = 120;

/** White space of any kind becomes single spaces; none at the ends. */
export function oneLine(text: string): string {
  // Most titles are in order already, and this runs for every file of a store.
  return /^\S+(?: \S+)*$/.test(text) ? text : text.replace(/\s+/g, " ").trim();
}

/** What stands for a missing title: the body's first heading or, before any heading, its first line; else the file's name. */
export function fallbackTitle(body: string, path: string): string {
  for (const whole of body.slice(0, 4000).split("\n")) {
    const line = whole.slice(0, 3 * LONGEST);
    const text = oneLine(line.replace(/^\s*#{1,6}\s+|\s+#+\s*$/g, "").replace(/[*_`]{1,3}/g, ""));
    if (text === "" || /^(?:-{3,}|={3,}|~{3,}|<!--.*)$/.test(text)) continue;
    return shorten(text);
  }
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.md$/, "");
  return oneLine(name.replace(/-m_[0-9a-z]{12}$/, "").replaceAll("-", " ")) || "Untitled";
}

function shorten(text: string): string {
  const characters = Array.from(text.slice(0, 2 * LONGEST));
  return characters.length <= LONGEST && text.length <= 2 * LONGEST
    ? text
    : `${characters
        .slice(0, LONGEST - 1)
        .join("")
        .trimEnd()}…`;
}
