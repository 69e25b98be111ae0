/**
 * Reads front matter of the shape in which `render.ts` writes it, at a fraction of what a whole YAML parser costs: a large
 * store is opened by reading thousands of such files. For anything else, however slightly, it gives null, and the library
 * decides. What it does read, the library would read in the same way (test/property/own-yaml.test.ts).
 */

const KEY = /([A-Za-z_][\w-]*): /y;
/**
 * Text in double quotes without an escape, or a plain word such as an id or a time. A colon in a word has none of the white
 * space behind it that would end a key. Characters that need more than 16 bits, or that YAML calls unprintable, are left out.
 */
const SCALAR =
  /"([ !#-[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*)"|([A-Za-z0-9][\w.+-]*(?::[\w.+-]+)*)/y;
/** The format needs three. */
const DEEPEST = 4;

/** @param yaml the lines between the fences, each with its line feed. */
export function readOwnYaml(yaml: string): Record<string, unknown> | null {
  const reader = new Reader(yaml);
  const values: Record<string, unknown> = {};
  while (!reader.atEnd) if (!reader.entry(values, 0) || !reader.take("\n")) return null;
  return yaml === "" ? null : values;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** False where there is another thing than a key that is not known yet, and a value. */
  entry(into: Record<string, unknown>, depth: number): boolean {
    const key = this.#match(KEY)?.[1];
    if (key === undefined || key === "__proto__" || Object.hasOwn(into, key)) return false;
    const value = this.#value(depth);
    if (value === undefined) return false;
    into[key] = value;
    return true;
  }

  #value(depth: number): unknown {
    if (depth > DEEPEST) return undefined;
    if (this.take("[")) return this.#list(depth + 1);
    if (this.take("{ ")) return this.#mapping(depth + 1);
    const match = this.#match(SCALAR);
    return match?.[1] ?? match?.[2];
  }

  #list(depth: number): unknown[] | undefined {
    const items: unknown[] = [];
    do {
      const item = this.#value(depth);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.take(", "));
    return this.take("]") ? items : undefined;
  }

  #mapping(depth: number): Record<string, unknown> | undefined {
    const values: Record<string, unknown> = {};
    do if (!this.entry(values, depth)) return undefined;
    while (this.take(", "));
    return this.take(" }") ? values : undefined;
  }

  #match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    this.#at += match?.[0].length ?? 0;
    return match;
  }
}
