import { describe, expect, test } from "vitest";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import { IndexFormatError } from "../../src/core/recall/segment.ts";
import { memory } from "./recall-fixtures.ts";

const pnpm = memory("m_pnpm", "Use pnpm, never npm", "Run every install and script through pnpm.");
const deploy = memory("m_deploy", "Deploys run from main", "The pipeline deploys every merge to main.", {
  tags: ["release"],
});
const cache = memory("m_cache", "The cache is keyed by blob id", "readConfigFile fills it.", {
  sources: [{ resource: "repo:/src/cache.ts", lines: "3-7" }],
});
const all = [pnpm, deploy, cache];
const blobs = (index: LexicalIndex, text: string): string[] => index.search(text).hits.map((hit) => hit.blob);

describe("search", () => {
  test("finds by other forms of a word, by parts of identifiers, by tags and by cited paths", () => {
    const index = LexicalIndex.build(all);
    expect(blobs(index, "installing things")).toEqual([pnpm.blob]);
    expect(blobs(index, "config")).toEqual([cache.blob]);
    expect(blobs(index, "releases")).toEqual([deploy.blob]);
    expect(blobs(index, "cache.ts")).toEqual([cache.blob]);
  });

  test("finds by the date as a person says it", () => {
    const index = LexicalIndex.build([
      pnpm,
      memory("m_may", "Offsite", "", { generated: { by: "a", at: "2025-05-08T00:00:00Z" } }),
    ]);
    expect(blobs(index, "8 May 2025")[0]).toBe(index.search("offsite").hits[0]?.blob);
  });

  test("a question of stop words or unknown words finds nothing", () => {
    const index = LexicalIndex.build(all);
    expect(index.search("what is this about then?")).toEqual({ hits: [], matched: 0, mass: 0 });
    expect(blobs(index, "kubernetes")).toEqual([]);
    expect(blobs(index, "")).toEqual([]);
    expect(blobs(LexicalIndex.build([]), "pnpm")).toEqual([]);
  });

  test("a word in the title weighs more than the same word in the body", () => {
    const title = memory("m_t", "Linting", "Runs nightly here.");
    const body = memory("m_b", "Nightly", "Linting runs here.");
    expect(blobs(LexicalIndex.build([title, body]), "linting")).toEqual([title.blob, body.blob]);
  });

  test("a memory that cites a file at hand is found without words", () => {
    const index = LexicalIndex.build(all);
    expect(index.search("", { files: ["src/cache.ts"] }).hits.map((hit) => hit.blob)).toEqual([cache.blob]);
    expect(index.search("", { files: ["src/other.ts"] }).hits).toEqual([]);
  });

  test("equal scores are ordered by blob id", () => {
    const twins = [1, 2, 3, 4, 5].map((number) => memory(`m_${number}`, "Twin words"));
    const found = blobs(LexicalIndex.build(twins), "twin");
    expect(found).toEqual(twins.map((twin) => twin.blob).sort());
    expect(
      LexicalIndex.build(twins.toReversed())
        .search("twin", { limit: 2 })
        .hits.map((hit) => hit.blob),
    ).toEqual(found.slice(0, 2));
  });

  test("accept leaves documents out and others take their place; matched counts all", () => {
    const twins = [1, 2, 3].map((number) => memory(`m_${number}`, "Twin words"));
    const index = LexicalIndex.build(twins);
    const [first, second] = index.search("twin").hits;
    const result = index.search("twin", { limit: 1, accept: (blob) => blob !== first?.blob });
    expect(result.hits).toEqual([second]);
    expect(result.matched).toBe(3);
    expect(index.search("twin", { limit: 0 }).hits).toEqual([]);
  });

  test("the parts of an explanation add up to the score", () => {
    const index = LexicalIndex.build(all);
    const text = "where does the pipeline deploy a release to main";
    const hit = index.search(text).hits[0];
    expect(hit?.blob).toBe(deploy.blob);
    const parts = index.explain(text, deploy);
    expect(parts.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(hit?.score ?? 0, 10);
    expect(parts.map((part) => part.field)).toEqual(expect.arrayContaining(["title", "body", "tags"]));
  });
});

describe("changes without a rebuild", () => {
  test("a new memory is found, a removed one isn't", () => {
    const index = LexicalIndex.build([pnpm, deploy]);
    index.add(cache);
    expect(blobs(index, "cache")).toEqual([cache.blob]);
    expect(index.remove(pnpm.blob)).toBe(true);
    expect(index.remove(pnpm.blob)).toBe(false);
    expect(blobs(index, "pnpm")).toEqual([]);
    expect(index.size).toBe(2);
  });

  test("a memory that went and came back is found once", () => {
    const index = LexicalIndex.build(all);
    index.remove(pnpm.blob);
    index.add(pnpm);
    index.add(pnpm);
    expect(blobs(index, "pnpm")).toEqual([pnpm.blob]);
    expect(index.size).toBe(3);
  });

  test("sync adds what is new and removes what is gone", () => {
    const index = LexicalIndex.build([pnpm, deploy]);
    const changed = memory("m_pnpm", "Use bun");
    expect(index.sync([changed, deploy])).toEqual({ added: 1, removed: 1 });
    expect(blobs(index, "pnpm")).toEqual([]);
    expect(blobs(index, "bun")).toEqual([changed.blob]);
    expect(index.sync([changed, deploy])).toEqual({ added: 0, removed: 0 });
  });

  test("pinned memories are known without reading them", () => {
    const pin = memory("m_pin", "Never push to main", "", { pinned: true });
    const index = LexicalIndex.build([pnpm, pin]);
    expect(index.pinned()).toEqual([pin.blob]);
    expect(LexicalIndex.deserialize(index.serialize()).pinned()).toEqual([pin.blob]);
    index.remove(pin.blob);
    expect(index.pinned()).toEqual([]);
  });
});

describe("a cached index", () => {
  test("answers as the one that was written", () => {
    const index = LexicalIndex.build(all);
    const loaded = LexicalIndex.deserialize(index.serialize());
    expect(loaded.search("deploy pnpm cache main")).toEqual(index.search("deploy pnpm cache main"));
    expect(loaded.has(pnpm.blob)).toBe(true);
  });

  test("loads from bytes that begin at an odd place in their buffer", () => {
    const bytes = LexicalIndex.build(all).serialize();
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(blobs(LexicalIndex.deserialize(shifted.subarray(1)), "pnpm")).toEqual([pnpm.blob]);
  });

  test("is refused when damaged, cut short, empty or of another version", () => {
    const bytes = LexicalIndex.build(all).serialize();
    const refused = (change: (copy: Uint8Array) => Uint8Array): void => {
      expect(() => LexicalIndex.deserialize(change(bytes.slice()))).toThrow(IndexFormatError);
    };
    refused((copy) => copy.subarray(0, copy.length - 4));
    refused(() => new Uint8Array(0));
    refused(() => new Uint8Array(64));
    for (const at of [0, 4, 9, 13, 40, bytes.length - 5]) {
      refused((copy) => {
        copy[at] = (copy[at] ?? 0) ^ 1;
        return copy;
      });
    }
  });
});

describe("search as you type", () => {
  const index = LexicalIndex.build(all);
  const typed = (text: string): string[] => index.searchAsYouType(text).hits.map((hit) => hit.blob);

  test("the last word matches what begins with it, the others match whole", () => {
    expect(typed("pn")).toEqual([pnpm.blob]);
    expect(typed("dep")).toEqual([deploy.blob]);
    expect(typed("main pip")).toEqual([deploy.blob]);
    expect(typed("mai pip")).toEqual([]);
  });

  test("every word must match", () => {
    expect(typed("pnpm deploy")).toEqual([]);
    expect(typed("pnpm unknown")).toEqual([]);
  });

  test.each(Array.from("installing", (_, at) => "installing".slice(0, at + 1)))(
    "%s finds what speaks of installing",
    (beginning) => {
      expect(typed(beginning)).toContain(pnpm.blob);
    },
  );

  test("the beginning of an identifier finds it, and so does what was added later", () => {
    expect(typed("readConfigF")).toEqual([cache.blob]);
    const growing = LexicalIndex.build(all);
    const late = memory("m_late", "Zebra crossing");
    growing.add(late);
    expect(growing.searchAsYouType("zeb").hits.map((hit) => hit.blob)).toEqual([late.blob]);
  });

  test("nothing typed finds nothing", () => {
    expect(typed("")).toEqual([]);
    expect(typed("  ?")).toEqual([]);
  });
});
