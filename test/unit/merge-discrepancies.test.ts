import { describe, expect, test } from "vitest";
import { makeTombstone, readTombstone } from "../../src/core/gate/tombstones.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import {
  besideTitles,
  type Discrepancy,
  discrepanciesOf,
  discrepancySentence,
} from "../../src/core/merge/discrepancies.ts";
import { sectionsOf } from "../../src/core/view/sections.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const IDS = ["m_000000000001", "m_000000000002", "m_000000000003"] as const;

function memory(n: 0 | 1 | 2, title: string, more = "", body = `${title}, as everybody knows.`): Memory {
  const id = IDS[n];
  const file = readMemoryText(
    `semantic/fact/${title.toLowerCase().replaceAll(" ", "-")}-${id}.md`,
    `${id}${title}`,
    `---\ntype: Fact\nid: ${id}\ntitle: "${title}"\n${more}---\n\n${body}\n`,
  );
  if (isBroken(file)) throw new Error(JSON.stringify(file.problems));
  return file;
}

const found = (...memories: readonly Memory[]): Discrepancy[] => discrepanciesOf(memories, { now: NOW });
const kinds = (list: readonly Discrepancy[]): string[] => list.map(({ kind }) => kind);

describe("memories that are at odds", () => {
  test("are two files with one id, which is one matter and no second memory", () => {
    expect(kinds(found(memory(0, "The API has a port"), memory(0, "The API has a port")))).toEqual(["same-id"]);
  });

  test("are two that say the same but for spaces, case and keys of the program's", () => {
    const [one, other] = [
      memory(0, "The API has a port"),
      memory(1, "the API  has a port", 'tags: ["x"]\n', "THE API has a port, as everybody knows."),
    ];
    expect(kinds(found(one, other))).toEqual(["same-claim"]);
  });

  test.each([
    ["another value", "The API listens on port 4100", "The API listens on port 4200"],
    ["a denial", "Migrations run before the deploy", "Migrations do not run before the deploy"],
    ["an opposite", "Telemetry is enabled in tests", "Telemetry is disabled in tests"],
  ])("are two that can't both be so: %s", (_name, one, other) => {
    const all = found(memory(0, one), memory(1, other), memory(2, "Builds take four cores of the machine"));
    expect(all.map(({ kind, memories }) => [kind, memories.map(({ title }) => title)])).toEqual([
      ["contradiction", [one, other]],
    ]);
  });

  test("are one that was replaced and the one that replaced it, where both are there", () => {
    const [older, newer] = [
      memory(0, "Use npm for installs"),
      memory(1, "Packages come by pnpm", `supersedes: [${IDS[0]}]\n`),
    ];
    const [one, ...others] = found(older, newer);
    expect(others).toEqual([]);
    expect(one).toEqual({ kind: "superseded", memories: [older, newer] });
    expect(found(newer)).toEqual([]);
  });

  test("are those that replace each other in a circle, told once for each step", () => {
    const circle = [
      memory(0, "First of the three", `supersedes: [${IDS[2]}]\n`, "Alpha."),
      memory(1, "Second in a row", `supersedes: [${IDS[0]}]\n`, "Beta."),
      memory(2, "Third and last one", `supersedes: [${IDS[1]}]\n`, "Gamma."),
    ];
    expect(new Set(kinds(found(...circle)))).toEqual(new Set(["supersedes-itself"]));
    expect(kinds(found(memory(0, "Itself", `supersedes: [${IDS[0]}]\n`)))).toEqual(["supersedes-itself"]);
  });

  test("name what never was, where that is known", () => {
    const one = memory(1, "Packages come by pnpm", `supersedes: [${IDS[0]}]\n`);
    const wasThere = (id: string): boolean => id === IDS[2];
    const list = discrepanciesOf([one], { now: NOW, wasThere });
    expect(list).toEqual([{ kind: "supersedes-nothing", memories: [one], missing: IDS[0] }]);
    expect(discrepanciesOf([one], { now: NOW, wasThere: () => true })).toEqual([]);
  });

  test("are what a tombstone keeps out and what is there all the same", () => {
    const one = memory(0, "All checks are off on Fridays");
    const tombstone = readTombstone(new TextEncoder().encode(makeTombstone(one, "No.", NOW).text));
    if (tombstone === null) throw new Error("unread");
    const again = memory(1, "Another title for it", "", one.body);
    expect(kinds(discrepanciesOf([again], { now: NOW, tombstones: [tombstone] }))).toEqual(["kept-out"]);
  });

  test("are none of those that have ended", () => {
    const ended = memory(0, "The API listens on port 4100", "expires_at: 2026-01-01T00:00:00Z\n");
    expect(found(ended, memory(1, "The API listens on port 4200"))).toEqual([]);
  });
});

test("each has a sentence with the names of both and what to do", () => {
  const [one] = found(memory(0, "The API listens on port 4100"), memory(1, "The API listens on port 4200"));
  if (one === undefined) throw new Error("none");
  expect(discrepancySentence(one)).toEqual({
    says: `"The API listens on port 4100" (${IDS[0]}) and "The API listens on port 4200" (${IDS[1]}) can't both be so.`,
    advice: "Expire or reword the one that is wrong.",
  });
  expect([...besideTitles([one]).values()]).toEqual([
    'contradicts "The API listens on port 4200"',
    'contradicts "The API listens on port 4100"',
  ]);
});

test("the view puts them first among what needs a person", () => {
  const memories = [
    memory(2, "Ends within two days", "expires_at: 2026-11-25T12:00:00Z\n"),
    memory(0, "The API listens on port 4100"),
    memory(1, "The API listens on port 4200"),
  ];
  const { needsYou } = sectionsOf([{ store: "project", memories, broken: [], changed: new Map() }], NOW);
  expect(needsYou.map((item) => ("exception" in item ? [item.exception, item.memory.title] : []))).toEqual([
    ["conflict", "The API listens on port 4100"],
    ["conflict", "The API listens on port 4200"],
    ["ending", "Ends within two days"],
  ]);
});
