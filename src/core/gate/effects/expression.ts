/** A regular expression that is made when a text may have a match of it, because making them all costs most of a start. */
export class Expression {
  readonly source: string;
  #search: RegExp | undefined;
  #test: RegExp | undefined;

  /** @param source over canonical text; no flag but `u` counts. */
  constructor(source: string) {
    this.source = source;
  }

  /** Also while `matches` is under way, whose place it leaves as it is. */
  isIn(text: string): boolean {
    return (this.#test ??= new RegExp(this.source, "u")).test(text);
  }

  /** The matches as `matchAll` would give them, which makes an expression anew for each text. */
  *matches(text: string): Generator<RegExpExecArray> {
    const expression = (this.#search ??= new RegExp(this.source, "gu"));
    for (let from = 0; from <= text.length;) {
      // Set each time: between two matches whoever asked may have looked elsewhere.
      expression.lastIndex = from;
      const match = expression.exec(text);
      if (match === null) return;
      yield match;
      from = match[0] === "" ? after(text, match.index) : expression.lastIndex;
    }
  }
}

/** From the middle of a character of two halves, a search would go back to its beginning, for ever. */
function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}
