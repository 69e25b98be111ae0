/**
 * Text that imitates the marks by which programs tell data from structure: a second front matter that claims the
 * program's own keys, and the fence that encloses memories in a prompt.
 */
import { sighting, type Rule } from "../rule.ts";

/** A body that begins as front matter does. Thematic breaks and other programs' front matter stay free. */
const LEADING_BLOCK = /^\s*---[ \t]*\r?\n((?:.*\r?\n){0,40}?)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;
/** Keys of ours that nobody but the program writes. */
const STAMPED_KEY = /^["']?(?:id|generated|origin|trust|verified|approved|reviewed)["']?[ \t]*:/m;
/** The envelope's own tags: a name and twelve digits of a digest; see `core/recall/envelope.ts`. */
const ENVELOPE = /<\s*\/?\s*memory-[0-9a-f]{12}(?![0-9a-z])/i;

/** Finds forged front matter at the start of a body and forged fences of the prompt's envelope anywhere. */
export const forgedFences: Rule = ({ texts, files }) => [
  ...files.flatMap(({ path, after }) => {
    const block = after === null ? null : LEADING_BLOCK.exec(after.body);
    if (block?.[1] === undefined || !STAMPED_KEY.test(block[1])) return [];
    return [
      {
        rule: "fence/front-matter",
        path,
        forPerson: "The text begins with a second front matter that claims the program's own keys; remove it.",
        forModel:
          "The body must not begin with front matter. Give the claim as plain text; the program writes id, origin and trust.",
      },
    ];
  }),
  ...texts.flatMap((scanned) => {
    const fence = ENVELOPE.exec(scanned.text);
    if (fence === null) return [];
    return [
      sighting(
        "fence/envelope",
        scanned,
        { start: fence.index, end: fence.index + fence[0].length, others: 0 },
        (where) => ({
          forPerson: `${where} imitates the mark that encloses memories in a prompt; remove it.`,
          forModel: `${where} contains a mark that is reserved for enclosing memories. Describe it in words instead.`,
        }),
        { span: true },
      ),
    ];
  }),
];
