/** A title, a tag or a name with a line break in it could pretend to be more than one thing in a list, a message or a prompt. */
import { sighting, type Rule } from "../rule.ts";

/** Everything that some program takes for the end of a line. */
const BREAK = /[\n\v\f\r\u0085\u2028\u2029]/u;
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["<subject>", "<actor>", "<session>"]);

/** Finds line breaks in the fields that are shown as one line. */
export const oneLineFields: Rule = ({ files, texts }) => [
  ...files.flatMap(({ path, after }) => {
    if (after === null) return [];
    const { type, title, description, tags = [], scope = [], generated } = after.front;
    const fields = {
      type,
      title,
      description,
      tags: tags.find(breaks),
      scope: scope.find(breaks),
      author: generated?.by,
    };
    return Object.entries(fields).flatMap(([name, value]) =>
      value === undefined || !breaks(value) ? [] : [{ rule: "line-break/field", path, ...sentences(`The ${name}`) }],
    );
  }),
  ...texts.flatMap((scanned) => {
    if (!MESSAGE_FIELDS.has(scanned.path)) return [];
    const start = scanned.text.search(BREAK);
    return start === -1
      ? []
      : [sighting("line-break/message", scanned, { start, end: start + 1, others: 0 }, sentences, { span: false })];
  }),
];

function breaks(value: string): boolean {
  return BREAK.test(value);
}

function sentences(where: string): { forPerson: string; forModel: string } {
  return {
    forPerson: `${where} has a line break in it; it has to be one line.`,
    forModel: `${where} must be one line. Put the details into the body.`,
  };
}
