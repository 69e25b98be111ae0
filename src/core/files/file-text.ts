/** A memory as the text of a file, and back: the claim is the heading, the rest is the body, and there is no key to forge. */
import { InvalidInputError } from "../errors.ts";
import { readFrontMatter } from "../memory/frontmatter.ts";
import { type Memory, MEMORY_TYPES, type MemoryType } from "../memory/model.ts";
import { oneLine } from "../memory/title.ts";
import type { Edits } from "../proposal.ts";
import { envelopeText, neutralise } from "../recall/envelope.ts";

/** As at the door of the tools: a longer one is no claim in one line. */
const LONGEST_TITLE = 200;
/** As many ignored keys as are named. */
const MOST_IGNORED = 12;

/** What a file's text says. */
export interface FileWords {
  readonly title: string | undefined;
  readonly body: string;
  /** What its front matter may say; most agents write none. */
  readonly keys: {
    readonly type?: MemoryType;
    readonly description?: string;
    readonly tags?: readonly string[];
    readonly scope?: readonly string[];
  };
  /** Whether it admits to come from outside: a page, a tool's output, a dependency, another agent. */
  readonly fromOutside: boolean;
  /** Keys of its front matter that change nothing. */
  readonly ignored: readonly string[];
}

export function textOf({ title, body }: Pick<Memory, "title" | "body">): string {
  const words = body.replaceAll("\r\n", "\n").trim();
  const heading = `# ${title}`;
  if (words === heading || words.startsWith(`${heading}\n`)) return `${words}\n`;
  return `${heading}\n\n${words}\n`;
}

/** @param title the claim as it stands in the file now, so that its heading is known wherever the agent has moved it. */
export function wordsOf(text: string, title?: string): FileWords {
  const { front, rest } = takeApart(text.replaceAll("\r\n", "\n"));
  const lines = rest.split("\n");
  const known = title === undefined ? -1 : lines.indexOf(`# ${title}`);
  const at = known === -1 ? lines.findIndex((line) => line.trim() !== "") : known;
  const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(lines[at] ?? "")?.[1];
  const said = oneLine(textIn(front, "title") ?? heading ?? "");
  if (said.length > LONGEST_TITLE)
    throw new InvalidInputError(`The heading is the claim in one line, of at most ${LONGEST_TITLE} characters.`);
  const body = heading === undefined ? rest : lines.toSpliced(at, 1).join("\n");
  const source = textIn(front, "source");
  const description = textIn(front, "description");
  const [type, tags, scope] = [typeIn(front), listIn(front, "tags"), listIn(front, "scope")];
  return {
    title: said === "" ? undefined : said,
    body: body.trim(),
    keys: {
      ...(type === undefined ? {} : { type }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
      ...(scope === undefined ? {} : { scope }),
    },
    fromOutside: (source !== undefined && source !== "user") || textIn(front, "trust") === "untrusted",
    ignored: ignoredIn(front),
  };
}

/** What changed between a memory and the text that its file is to have. */
export function editsOf(memory: Memory, words: FileWords): Edits {
  const { front } = memory;
  const title = words.title ?? memory.title;
  const body = words.body === "" ? title : words.body;
  const { type, description, tags, scope } = words.keys;
  const edits: Edits = {
    ...(title === front.title ? {} : { title }),
    ...(body === memory.body.replaceAll("\r\n", "\n").trim() ? {} : { body }),
    ...(type === undefined || type === front.type ? {} : { type }),
    ...(description === undefined || description === front.description ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(scope === undefined ? {} : { scope }),
  };
  return Object.keys(edits).length === 0 || !words.fromOutside ? edits : { ...edits, trust: "untrusted" };
}

/** The lines of a file's text; the line break at its end begins none. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

/**
 * Lines with their numbers, six wide and a tab, in the fence of recalled memories. Each stands behind its number, so none
 * begins where the fence does.
 *
 * @param session its id, which nobody who wrote the words can know, goes into the fence's mark
 * @param about what a reader of the lines should know besides, in one line
 */
export function numbered(lines: readonly string[], from: number, session: string, about?: string): string {
  const quoted = lines.map((line, i) => `${String(from + i).padStart(6)}\t${plainLine(line)}\n`);
  return envelopeText([...(about === undefined ? [] : [` ${plainLine(about)}\n`]), ...quoted], 0, [session]).trimEnd();
}

function plainLine(text: string): string {
  return neutralise(text).replaceAll("\n", " ");
}

/** The sentence about keys that change nothing; empty where there are none. */
export function ignoredText({ ignored }: FileWords): string {
  if (ignored.length === 0) return "";
  const named = ignored.slice(0, MOST_IGNORED).map((key) => neutralise(key).replace(/\s+/g, " ").slice(0, 40));
  return `Ignored: ${named.join(", ")}. The program records where a memory came from; a file can't vouch for itself.`;
}

type Front = Readonly<Record<string, unknown>>;

const HEEDED = new Set(["title", "type", "description", "tags", "scope", "source"]);

function takeApart(text: string): { readonly front: Front; readonly rest: string } {
  if (!text.startsWith("---\n")) return { front: {}, rest: text };
  const read = readFrontMatter(text);
  if (!read.ok) throw new InvalidInputError(`Line ${read.problem.line}: ${read.problem.message}`);
  return { front: read.values, rest: text.slice(read.sections.bodyStart) };
}

function textIn(front: Front, key: string): string | undefined {
  const value = front[key];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function listIn(front: Front, key: string): readonly string[] | undefined {
  const value = front[key];
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((one: unknown) => (typeof one === "string" ? [one] : []));
}

function typeIn(front: Front): MemoryType | undefined {
  const said = textIn(front, "type")?.toLowerCase();
  return MEMORY_TYPES.find((type) => type.toLowerCase() === said);
}

function ignoredIn(front: Front): string[] {
  return Object.keys(front).filter((key) => !HEEDED.has(key));
}
