/** Files as people, editors and other programs write them, for the property tests of the format. */
import * as fc from "fast-check";

/** Text of one line in many scripts, with everything in it that YAML gives a meaning to. */
export const lineOfText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }) },
      fc.constantFrom(
        "pnpm",
        "Use #1",
        ": ",
        " #",
        "- ",
        "'",
        '"',
        "\\",
        "&a",
        "*a",
        "!t",
        "%",
        "@",
        "`",
        "{",
        "}",
        "[",
        "]",
        ",",
        "|",
        ">",
        "?",
        "---",
        "...",
        "~",
        "null",
        "true",
        "2026-11-23",
        "0x1f",
        "1.10",
        "12:30",
      ),
      fc.constantFrom(
        "👩‍👩‍👧",
        "🇫🇷",
        "1️⃣",
        "می‌خواهم",
        "עברית",
        "हिन्दी",
        "é",
        "使用",
        "\u2028",
        "\u0085",
        "\ufeff",
        "\u00a0",
        "\t",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""))
  .filter((text) => !/[\n\r\0]/.test(text) && !/\p{Surrogate}/u.test(text));

const id = fc.constantFrom("m_7k3q9f2d4cxw", "m_1x8h2j5k9p4w", "m_0a2b4c6d8e0f");
const ids = fc.array(id, { maxLength: 3 });
const instant = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const filled = lineOfText.filter((text) => /\S/.test(text));

const sources = fc.array(
  fc.record({ id: filled, resource: filled, lines: filled, commit: filled }, { requiredKeys: ["resource"] }),
  { maxLength: 2 },
);

/** New values for some keys, null to take a key away. */
export const edits = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom("Fact", "Convention", "true", "2026"),
      filled.filter((text) => !/^\s*(?:Reference|Tombstone)\s*$/.test(text)),
    ),
    title: lineOfText,
    body: fc
      .string({ unit: "grapheme", maxLength: 40 })
      .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text)),
    description: fc.option(lineOfText),
    tags: fc.option(fc.array(filled, { maxLength: 3 })),
    scope: fc.option(fc.array(filled, { maxLength: 3 })),
    pinned: fc.option(fc.boolean()),
    sources: fc.option(sources),
    derived_from: fc.option(ids),
    supersedes: fc.option(ids),
    stale_after: fc.option(instant),
    expires_at: fc.option(instant),
    verified: fc.option(fc.array(fc.record({ by: filled, at: instant }), { maxLength: 2 })),
  },
  { requiredKeys: [] },
);

const single = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const word = fc.constantFrom("ci", "pnpm", "naïve", "日本", "a-b");

/** One key in one of the ways in which YAML can be written, as lines without their ends. */
interface KeyLines {
  readonly key: string;
  readonly lines: readonly string[];
}

const keyLines: fc.Arbitrary<KeyLines> = fc.oneof<fc.Arbitrary<KeyLines>[]>(
  fc
    .constantFrom('title: "Use \\"pnpm\\""', "title: plain title", "title:   spaced   ", "'title': x", '"title" : x')
    .map((line) => ({ key: "title", lines: [line] })),
  fc.constantFrom(">", ">-", "|", "|-", ">2-").map((style) => ({
    key: "description",
    lines: [`description: ${style}`, "  folded text", "", "  with a gap", ""],
  })),
  fc.constant({ key: "description", lines: ["description: a plain text", "  over two lines"] }),
  fc.array(word, { maxLength: 3 }).map((tags) => ({ key: "tags", lines: [`tags: [${tags.join(" , ")}]`] })),
  fc
    .array(word, { minLength: 1, maxLength: 3 })
    .map((tags) => ({ key: "tags", lines: ["tags: # several", ...tags.map((tag) => `  - ${single(tag)} # why`)] })),
  fc
    .array(word, { minLength: 1, maxLength: 3 })
    .map((tags) => ({ key: "tags", lines: ["tags:", ...tags.map((tag) => `- ${tag}`)] })),
  fc
    .constantFrom("pinned: true", "pinned:  'false'  # text", "pinned:")
    .map((line) => ({ key: "pinned", lines: [line] })),
  fc.constant({ key: "scope", lines: ["scope: [", '  "src/**", # code', "  docs ]"] }),
  fc.constant({
    key: "sources",
    lines: ["sources:", "  - resource: repo:/a", "    lines: 12:30", "", "  - { resource: 'x' }"],
  }),
  fc.constant({ key: "verified", lines: ["verified: { by: human:alice, at: 2026-06-25T09:00:00Z }"] }),
  instant.map((at) => ({ key: "generated", lines: ["generated:", "    by: someone/1", `    at: ${at}`] })),
  instant.map((at) => ({ key: "expires_at", lines: [`expires_at: ${at} # soon`] })),
  fc.constant({ key: "stale_after", lines: ["? stale_after", ": 2030-01-01"] }),
  fc.constant({ key: "status", lines: ["status: stable"] }),
  fc.constant({ key: "usage", lines: ["usage:", "  window: { from: 1, to: 2 }", "  deep:", "    - [ -x , y ]"] }),
);

const filler = fc.constantFrom<string[]>([], [], [], ["# a comment"], [""], ["", "# two", ""]);

/** A whole file in any of these styles; always a readable memory. */
export const file: fc.Arbitrary<string> = fc
  .record({
    bom: fc.boolean(),
    lineBreak: fc.constantFrom("\n", "\r\n"),
    keys: fc.uniqueArray(keyLines, { selector: ({ key }) => key, maxLength: 6 }),
    fillers: fc.array(filler, { minLength: 8, maxLength: 8 }),
    typeAt: fc.nat({ max: 6 }),
    blankLine: fc.boolean(),
    body: fc.array(fc.oneof(lineOfText, fc.constantFrom("---", "# Heading", "", "    code")), { maxLength: 5 }),
    bodyBreak: fc.constantFrom("\n", "\r\n"),
    ending: fc.constantFrom("", "\n", "\n\n"),
  })
  .map(({ bom, lineBreak, keys, fillers, typeAt, blankLine, body, bodyBreak, ending }) => {
    const all = keys.toSpliced(typeAt, 0, { key: "type", lines: ["type: Fact # kind"] });
    const yaml = all.flatMap(({ lines }, index) => [...(fillers[index] ?? []), ...lines]).concat(fillers[7] ?? []);
    const head = ["---", ...yaml, "---", ...(blankLine ? [""] : [])].map((line) => line + lineBreak).join("");
    return (bom ? "\uFEFF" : "") + head + body.join(bodyBreak) + ending.replaceAll("\n", bodyBreak);
  });
