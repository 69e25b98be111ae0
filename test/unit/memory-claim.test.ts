import { describe, expect, test } from "vitest";
import { canonicalJson, claimDigest } from "../../src/core/memory/claim.ts";
import type { FrontMatter, Memory } from "../../src/core/memory/model.ts";

const FRONT: FrontMatter = {
  type: "Convention",
  id: "m_7k3q9f2d4cxw",
  title: "Use pnpm",
  description: "Never npm.",
  scope: ["packages/**"],
  sources: [{ resource: "repo:/package.json", lines: "3-7" }],
  derived_from: ["m_1x8h2j5k9p4w"],
  supersedes: ["m_0a2b4c6d8e0f"],
  expires_at: "2027-01-01T00:00:00Z",
};

function memory(front: Partial<FrontMatter> = {}, body = "Run it through pnpm.\n"): Memory {
  return {
    id: "m_7k3q9f2d4cxw",
    title: "Use pnpm",
    path: "semantic/convention/x.md",
    blob: "b",
    front: { ...FRONT, ...front },
    body,
  };
}

describe("the claim digest", () => {
  test("is the SHA-256 that the specification shows for its example", () => {
    const shown = { type: "Fact", title: "The API lives on port 4100" };
    expect(claimDigest({ ...memory(), front: shown, body: "Port 4000 belongs to the old one.\n" })).toBe(
      "5e5bf7c79f3b28b6e2794076de5fe537931216ed78cfa2c3e946453602057e14",
    );
  });

  test.each<[string, Partial<FrontMatter>]>([
    ["type", { type: "Fact" }],
    ["title", { title: "Use npm" }],
    ["description", { description: "Always npm." }],
    ["scope", { scope: ["**"] }],
    ["pinned", { pinned: true }],
    ["sources", { sources: [{ resource: "repo:/package.json", lines: "3-8" }] }],
    ["derived_from", { derived_from: [] }],
    ["supersedes", { supersedes: ["m_1x8h2j5k9p4w"] }],
    ["expires_at", { expires_at: "2027-01-01T00:00:01Z" }],
  ])("binds %s", (_, change) => {
    expect(claimDigest(memory(change))).not.toBe(claimDigest(memory()));
  });

  test("binds every character of the body", () => {
    expect(claimDigest(memory({}, "Run it through npm.\n"))).not.toBe(claimDigest(memory()));
    expect(claimDigest(memory({}, "Run  it through pnpm.\n"))).not.toBe(claimDigest(memory()));
  });

  test("does not bind who wrote it, when, tags, nor what says the same", () => {
    const same = memory(
      {
        generated: { by: "x", at: "2026-01-01" },
        origin: { channel: "cli", trust: "user" },
        tags: ["a"],
        pinned: false,
        expires_at: "2027-01-01T01:00:00+01:00",
      },
      "\r\nRun it through pnpm.\r\n\r\n",
    );
    expect(claimDigest(same)).toBe(claimDigest(memory()));
  });

  test("an approval's later end is checked by naming it", () => {
    const approved = claimDigest(memory({ expires_at: "2028-01-01T00:00:00Z" }));
    expect(claimDigest(memory(), "2028-01-01T00:00:00Z")).toBe(approved);
    expect(claimDigest(memory(), null)).not.toBe(approved);
  });
});

test("canonical JSON sorts keys and leaves out what says nothing, but never a place in a list", () => {
  expect(canonicalJson({ b: 1, a: { d: [], c: null, e: undefined, f: "é" }, l: [null, "x"] })).toBe(
    '{"a":{"f":"é"},"b":1,"l":[null,"x"]}',
  );
});
