import { describe, expect, test } from "vitest";
import type { Memory, Trust } from "../../src/core/memory/model.ts";
import { compareTrust, effectiveTrust, isTrust, lowerOf, stampedTrust } from "../../src/core/memory/trust.ts";

function memory(id: string, trust: Trust | null, lineage: { from?: string[]; context?: string[] } = {}): Memory {
  const origin =
    trust === null
      ? {}
      : { origin: { channel: "tool", trust, ...(lineage.context ? { context: lineage.context } : {}) } };
  const from = lineage.from ? { derived_from: lineage.from } : {};
  return {
    id,
    title: id,
    path: `semantic/fact/${id}.md`,
    blob: id,
    front: { type: "Fact", ...origin, ...from },
    body: "",
  };
}

function trustOf(memories: Memory[], id: string, reviewed: string[] = []): Trust {
  const byId = new Map(memories.map((one) => [one.id, one]));
  const subject = byId.get(id);
  if (subject === undefined) throw new Error(`There is no ${id}.`);
  return effectiveTrust(
    subject,
    (wanted) => byId.get(wanted),
    (one) => reviewed.includes(one.id),
  );
}

describe("trust", () => {
  test("is ordered from untrusted to reviewed", () => {
    const levels: Trust[] = ["user", "reviewed", "untrusted", "agent"];
    expect(levels.toSorted(compareTrust)).toEqual(["untrusted", "agent", "user", "reviewed"]);
    expect(lowerOf("user", "agent")).toBe("agent");
    expect(lowerOf("untrusted", "reviewed")).toBe("untrusted");
    expect(isTrust("certain")).toBe(false);
  });

  test("a file's claim to be reviewed is worth no more than a user's word, and no stamp no more than an agent's", () => {
    expect(stampedTrust(memory("a", "reviewed"))).toBe("user");
    expect(stampedTrust(memory("a", null))).toBe("agent");
  });
});

describe("effective trust", () => {
  test("is the minimum over what a memory was derived from, however far back", () => {
    const memories = [
      memory("a", "user", { from: ["b"] }),
      memory("b", "user", { from: ["c"] }),
      memory("c", "untrusted"),
    ];
    expect(trustOf(memories, "a")).toBe("untrusted");
  });

  test("is the minimum over what had been recalled when it was written", () => {
    expect(trustOf([memory("a", "user", { context: ["b"] }), memory("b", "agent")], "a")).toBe("agent");
  });

  test("is reviewed where there is evidence for the memory itself, whatever its lineage", () => {
    expect(trustOf([memory("a", "untrusted", { from: ["b"] }), memory("b", "untrusted")], "a", ["a"])).toBe("reviewed");
  });

  test("a reviewed ancestor vouches for what lies behind it, and raises nobody", () => {
    const memories = [
      memory("a", "agent", { from: ["b"] }),
      memory("b", "untrusted", { from: ["c"] }),
      memory("c", "untrusted"),
    ];
    expect(trustOf(memories, "a", ["b"])).toBe("agent");
    expect(
      trustOf([memory("a", "user", { from: ["b", "c"] }), memory("b", "user"), memory("c", "untrusted")], "a", ["b"]),
    ).toBe("untrusted");
  });

  test("an ancestor that is gone counts as an agent's", () => {
    expect(trustOf([memory("a", "user", { from: ["gone"] })], "a")).toBe("agent");
    expect(trustOf([memory("a", "untrusted", { from: ["gone"] })], "a")).toBe("untrusted");
  });

  test("circles end", () => {
    const memories = [
      memory("a", "user", { from: ["b"] }),
      memory("b", "user", { from: ["a", "b"], context: ["c"] }),
      memory("c", "agent", { from: ["a"] }),
    ];
    expect(trustOf(memories, "a")).toBe("agent");
    expect(trustOf([memory("a", "user", { from: ["a"] })], "a")).toBe("user");
  });
});
