/**
 * Finding and reading the front matter of a file. What is as our own writer writes it is read at once, and it means the same
 * to the library. For all else gray-matter does the reading with every door of its own locked: its default engines would
 * evaluate `---js`, and its cache would hide the error of a file that was read before.
 */
import matter from "gray-matter";
import { readOwnYaml } from "./own-yaml.ts";
import { YamlProblem, isMapping, readYaml } from "./yaml.ts";
import type { Problem } from "./model.ts";

/** Where the parts of a file are, as offsets into its text. What lies between them are the fences. */
export interface Sections {
  /** Where the YAML begins: after the byte order mark, if any, and the opening fence's line. */
  readonly yamlStart: number;
  /** Where it ends: at the closing fence. */
  readonly yamlEnd: number;
  /** Where the body begins: after the closing fence's line and the blank line after it, if there is one. */
  readonly bodyStart: number;
}

export type SectionsRead =
  | { readonly ok: true; readonly sections: Sections }
  | { readonly ok: false; readonly problem: Problem };

export type FrontMatterRead =
  | { readonly ok: true; readonly sections: Sections; readonly values: Record<string, unknown> }
  | { readonly ok: false; readonly problem: Problem };

/** In UTF-16 units. A limit, because gray-matter takes quadratic time over long runs of blanks. */
const LONGEST = 65_536;

const BOM = "\uFEFF";

/** Finds the fences. Both are exactly `---` on a line of their own. */
export function findSections(text: string): SectionsRead {
  const start = text.startsWith(BOM) ? 1 : 0;
  if (!text.startsWith("---", start)) {
    return failed(
      "no-front-matter",
      1,
      "The file does not begin with front matter; put --- on its first line, then `type: Fact`, then --- again.",
    );
  }
  const yamlStart = lineAfter(text, start);
  if (!isFence(text, start, yamlStart)) {
    return failed(
      "opening-fence",
      1,
      "The first line must be exactly ---, with no language or space after it; nothing in a memory is ever evaluated.",
    );
  }
  let line = 1;
  for (let at = yamlStart; at < text.length;) {
    const next = lineAfter(text, at);
    line += 1;
    if (text.startsWith("---", at)) {
      if (isFence(text, at, next))
        return { ok: true, sections: { yamlStart, yamlEnd: at, bodyStart: afterBlankLine(text, next) } };
      return failed(
        "closing-fence",
        line,
        "A line in the front matter begins with --- but is not the closing fence; write exactly --- on its own line.",
      );
    }
    at = next;
  }
  return failed(
    "closing-fence",
    1,
    "The front matter is not closed; write --- on a line of its own after the last key.",
  );
}

/** Reads the front matter of a whole file: keys with texts, lists and mappings of texts. */
export function readFrontMatter(text: string): FrontMatterRead {
  const found = findSections(text);
  if (!found.ok) return found;
  const { sections } = found;
  const { yamlStart, yamlEnd } = sections;
  if (yamlEnd - yamlStart > LONGEST || /\s{1000}/.test(text.slice(yamlStart, yamlEnd))) {
    return failed(
      "front-matter-too-long",
      1,
      "The front matter is over 64 KB long, or has a thousand blanks in a row; move long text into the body.",
    );
  }
  const own = readOwnYaml(text.slice(yamlStart, yamlEnd));
  if (own !== null) return { ok: true, sections, values: own };
  try {
    // Only the head is handed over: the body may be long, and gray-matter copies what it is given.
    const head = matter(text.slice(0, sections.yamlEnd) + "---\n", LOCKED);
    return { ok: true, sections, values: isMapping(head.data) ? head.data : {} };
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    return failed(error.code, error.line, error.message);
  }
}

function refuse(): never {
  throw new YamlProblem("opening-fence", 1, "Only YAML front matter is read; write exactly --- on the first line.");
}

const NO_ENGINE = { parse: refuse, stringify: refuse };
const LOCKED = {
  language: "yaml",
  engines: {
    // gray-matter hands over the line break after the opening fence, so that lines count as in the file, but not the one
    // before the closing fence, which belongs to a last value in block style.
    yaml: { parse: (yaml: string) => readYaml(`${yaml}\n`), stringify: refuse },
    json: NO_ENGINE,
    javascript: NO_ENGINE,
    js: NO_ENGINE,
    coffee: NO_ENGINE,
    coffeescript: NO_ENGINE,
    cson: NO_ENGINE,
    toml: NO_ENGINE,
  },
};

function lineAfter(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

function isFence(text: string, at: number, next: number): boolean {
  const line = text.slice(at, next);
  return line === "---\n" || line === "---\r\n" || (line === "---" && next === text.length);
}

function afterBlankLine(text: string, at: number): number {
  if (text.startsWith("\n", at)) return at + 1;
  return text.startsWith("\r\n", at) ? at + 2 : at;
}

function failed(code: string, line: number, message: string): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { code, line, message } };
}
