import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/core/errors.ts";
import { editMemory, UneditableError } from "../../src/core/memory/edit.ts";
import { findSections } from "../../src/core/memory/frontmatter.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import { compareTrust, stampedTrust } from "../../src/core/memory/trust.ts";
import { mergeMemory, type MergedMemory } from "../../src/core/merge/memory.ts";
import type { Edits } from "../../src/core/proposal.ts";
import { edits, file } from "./memory-arbitraries.ts";

const MARKS = { ours: "one", theirs: "other" };
const SWAPPED = { ours: "other", theirs: "one" };
const RUNS = { numRuns: 300 };

function read(text: string): Memory {
  const memory = readMemoryText("semantic/fact/x.md", "", text);
  if (isBroken(memory)) throw new Error(JSON.stringify([text, memory.problems]));
  return memory;
}

/** The file with the edits, or as it was where such an edit is refused. */
function edited(text: string, change: Edits): string {
  try {
    return editMemory(text, change);
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof UneditableError) return text;
    throw error;
  }
}

function merge(base: string | null, ours: string, theirs: string, marks = MARKS): MergedMemory {
  const merged = mergeMemory(base, ours, theirs, marks);
  if (merged === null) throw new Error("a readable memory was not read");
  return merged;
}

/** Without what must differ: which side stands first between the markers. */
function withoutOrder(text: string): string {
  return text.replace(/^<<<<<<< .*\r?\n([\s\S]*?)^=======\r?\n([\s\S]*?)^>>>>>>> .*$/gm, (_all, a: string, b: string) =>
    [a, b].sort().join("|"),
  );
}

const triple = fc.tuple(file, edits, edits).map(([base, one, other]) => ({
  base,
  ours: edited(base, one),
  theirs: edited(base, other),
}));

describe("merging two versions of a memory", () => {
  test("gives the same whichever side is called ours", () => {
    fc.assert(
      fc.property(triple, ({ base, ours, theirs }) => {
        const [one, other] = [merge(base, ours, theirs), merge(base, theirs, ours, SWAPPED)];
        expect(withoutOrder(other.text)).toBe(withoutOrder(one.text));
        expect(other.conflicts).toEqual(one.conflicts);
      }),
      RUNS,
    );
  });

  test("keeps the bytes of a side where the other changed nothing", () => {
    fc.assert(
      fc.property(triple, ({ base, ours }) => {
        expect(merge(base, ours, base).text).toBe(ours);
        expect(merge(base, base, ours).text).toBe(ours);
        expect(merge(base, ours, ours).text).toBe(ours);
      }),
      RUNS,
    );
  });

  test("leaves front matter that can be read, and a memory where nobody has to choose", () => {
    fc.assert(
      fc.property(triple, fc.boolean(), ({ base, ours, theirs }, known) => {
        const { text, conflicts } = merge(known ? base : null, ours, theirs);
        const sections = findSections(text);
        if (!sections.ok) throw new Error(sections.problem.message);
        const head = readMemoryText("x.md", "", `${text.slice(0, sections.sections.yamlEnd)}---\n`);
        expect(isBroken(head)).toBe(false);
        expect(isBroken(readMemoryText("x.md", "", text))).toBe(conflicts.length > 0);
      }),
      RUNS,
    );
  });

  test("never comes to more trust, a later end or a wider pin than both sides allow", () => {
    fc.assert(
      fc.property(triple, ({ base, ours, theirs }) => {
        const { text, conflicts } = merge(base, ours, theirs);
        if (conflicts.length > 0 || ours === base || theirs === base) return;
        const [b, o, t, merged] = [base, ours, theirs, text].map(read);
        if (b === undefined || o === undefined || t === undefined || merged === undefined) throw new Error("unread");
        for (const side of [o, t])
          expect(compareTrust(stampedTrust(merged), stampedTrust(side))).toBeLessThanOrEqual(0);
        const end = (memory: Memory): number => Date.parse(memory.front.expires_at ?? "9999-12-31");
        const bothMoved = end(o) !== end(b) && end(t) !== end(b);
        expect(end(merged)).toBeLessThanOrEqual((bothMoved ? Math.min : Math.max)(end(o), end(t)));
        expect([o, t].some(({ front }) => front.pinned === true) || merged.front.pinned !== true).toBe(true);
        const rests = new Set(merged.front.derived_from);
        for (const id of [...(o.front.derived_from ?? []), ...(t.front.derived_from ?? [])])
          expect(rests).toContain(id);
      }),
      RUNS,
    );
  });

  test("merged again with either side changes nothing more", () => {
    fc.assert(
      fc.property(triple, ({ base, ours, theirs }) => {
        const { text, conflicts } = merge(base, ours, theirs);
        if (conflicts.length > 0) return;
        expect(merge(ours, text, ours).text).toBe(text);
        expect(merge(theirs, theirs, text).text).toBe(text);
      }),
      RUNS,
    );
  });
});
