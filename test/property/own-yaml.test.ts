import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findSections } from "../../src/core/memory/frontmatter.ts";
import { readOwnYaml } from "../../src/core/memory/own-yaml.ts";
import { renderMemory } from "../../src/core/memory/render.ts";
import { readYaml } from "../../src/core/memory/yaml.ts";
import { edits, file } from "./memory-arbitraries.ts";

/** What the library makes of it; an error is an answer too. */
function byTheLibrary(yaml: string): unknown {
  try {
    return readYaml(`\n${yaml}\n`);
  } catch (error) {
    return error;
  }
}

function headOf(text: string): string {
  const found = findSections(text);
  return found.ok ? text.slice(found.sections.yamlStart, found.sections.yamlEnd) : "";
}

const rendered = edits.map(({ body, type, ...rest }) => {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return headOf(renderMemory({ ...given, type: type ?? "Fact" }, body ?? ""));
});

const marks = fc.constantFrom(
  ..."\n|  |: |:|, |[|]|{ | }|\"|'|#| #|- |-|&a |*a|!t |? |>|\t|\\|%|@|`|~|null|y|1|.5|0x1|__proto__|<<:".split("|"),
  ..."| é \u2028 \u0085 \ufeff 😀 --- ... \r\n a: type:".split(" "),
);

const word = fc.stringMatching(/^[A-Za-z0-9][\w.+:-]{0,8}$/);
const value = fc.letrec<{ value: string; flat: string }>((tie) => ({
  flat: fc.oneof(
    word,
    fc.string({ unit: "grapheme", maxLength: 9 }).map((text) => JSON.stringify(text)),
    fc.constantFrom("2026-11-23T09:12:00Z", "m_7k3q9f2d4cxw", "null", "true", "1.10", "12:30", "0x1", "1e3"),
  ),
  value: fc.oneof(
    { maxDepth: 2 },
    tie("flat"),
    fc.array(tie("value"), { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(fc.tuple(fc.constantFrom("by", "at", "resource", "constructor"), tie("value")), {
        minLength: 1,
        maxLength: 3,
      })
      .map((entries) => `{ ${entries.map((entry) => entry.join(": ")).join(", ")} }`),
  ),
})).value;

/** Heads of the shape that our writer makes, with values that it would write and some that it would not. */
const ours = fc
  .array(fc.tuple(fc.constantFrom("type", "title", "tags", "x-y", "toString", "_a"), value), {
    minLength: 1,
    maxLength: 4,
  })
  .map((lines) => lines.map((line) => `${line.join(": ")}\n`).join(""));

/** Heads with a few marks put in, in place of what was there or between. */
const mutated = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: ours }, rendered, file.map(headOf)),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), marks), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((now, [at, cut, mark]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + mark + now.slice(place + cut);
    }, text),
  );

const scraps = fc.array(fc.oneof(marks, fc.constantFrom("type: ", "a", "b-c: ", '"x y"', "[a, ", "1]\n", "{ c: ")), {
  maxLength: 9,
});

/** Both readings as text, where they differ. Not only equal: in the same order, which a file that is written again would have. */
function difference(text: string): readonly [string, string] | null {
  const own = readOwnYaml(text);
  if (own === null) return null;
  const both = [JSON.stringify(own), JSON.stringify(byTheLibrary(text))] as const;
  return both[0] === both[1] ? null : both;
}

/** How many of the texts were read at once; each of them as the library reads it. */
function readAlike(texts: fc.Arbitrary<string>, numRuns: number): number {
  let read = 0;
  fc.assert(
    fc.property(texts, (text) => {
      expect(difference(text)).toBeNull();
      if (readOwnYaml(text) !== null) read += 1;
    }),
    { numRuns },
  );
  return read;
}

test("what is read at once is what the library reads, in files of every style", () => {
  expect(readAlike(fc.oneof(ours, ours, rendered, file.map(headOf)), 10_000)).toBeGreaterThan(500);
});

test("and in files with a mark too many or too few", () => {
  expect(readAlike(mutated, 20_000)).toBeGreaterThan(30);
});

test("and in scraps of YAML", () => {
  const lines = scraps.map((parts) => `a: ${parts.join("")}\n`);
  expect(readAlike(lines, 20_000)).toBeGreaterThan(20);
});

test("what an agent's memory looks like is read at once", () => {
  const text = renderMemory(
    {
      type: "Convention",
      id: "m_7k3q9f2d4cxw",
      title: "Use pnpm, never npm: it is Anna's rule #1 – naïve, 日本",
      scope: ["packages/**"],
      generated: { by: "copilot/gpt-5.2", at: "2026-11-23T09:12:00Z" },
      origin: { channel: "tool", session: "s_9d2k4m", turn: 4, trust: "user" },
      sources: [
        {
          id: "manifest",
          resource: "repo:/package.json",
          lines: "3-7",
          commit: "9fceb02d0ae598e95dc970b74767f19372d61af8",
        },
      ],
    },
    "",
  );
  const own = readOwnYaml(headOf(text));
  expect(own).toMatchObject({ id: "m_7k3q9f2d4cxw", origin: { turn: "4" }, sources: [{ lines: "3-7" }] });
  expect(own).toEqual(byTheLibrary(headOf(text)));
});

test.each([
  "a: 1\na: 2\n",
  "a: { b: 1, b: 2 }\n",
  "__proto__: 1\n",
  "a: { __proto__: 1 }\n",
  'a: "x\\n"\n',
  "a: []\n",
  "a: &x 1\n",
  "a: !t 1\n",
  "a: 1 # why\n",
  "a: 1",
  "",
  "a:\n",
  `a: ${"[".repeat(9)}1${"]".repeat(9)}\n`,
])("leaves %j to the library", (text) => {
  expect(readOwnYaml(text)).toBeNull();
});
