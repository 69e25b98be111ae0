import { describe, expect, test } from "vitest";
import { isMemoryId, isSessionId, newMemoryId, newSessionId, pathId } from "../../src/core/memory/id.ts";
import { FOLDER_LIMIT, memoryPath, slugOf } from "../../src/core/memory/location.ts";
import { isMemoryPath } from "../../src/core/memory/parse.ts";

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index * 7 + 250);

describe("ids", () => {
  test("use Crockford's alphabet in lower case and every bit that they are given", () => {
    expect(newMemoryId((length) => Uint8Array.from({ length }, (_, index) => index + 20))).toBe("m_mnpqrstvwxyz");
    expect(newMemoryId((length) => new Uint8Array(length))).toBe("m_000000000000");
    expect(newSessionId((length) => new Uint8Array(length).fill(255))).toBe("s_zzzzzzzz");
  });

  test("new ones are recognised, and what only looks like one is not", () => {
    expect(isMemoryId(newMemoryId(counting))).toBe(true);
    expect(isSessionId(newSessionId(counting))).toBe(true);
    for (const wrong of [
      "m_7k3q9f2d4cx",
      "m_7k3q9f2d4cxwa",
      "m_7k3q9f2d4cxi",
      "m_7k3q9f2d4cxl",
      "m_7k3q9f2d4cxo",
      "m_7k3q9f2d4cxu",
      "M_7k3q9f2d4cxw",
      "m_7k3q9f2d4cxw\n",
      pathId("a.md"),
    ]) {
      expect({ wrong, accepted: isMemoryId(wrong) }).toEqual({ wrong, accepted: false });
    }
  });
});

describe("slugs", () => {
  test.each([
    ["Use pnpm, never npm", "use-pnpm-never-npm"],
    ["Don't café  ÀÉÎ", "dont-cafe-aei"],
    ["使用 pnpm", "pnpm"],
    ["使用", "memory"],
    ["", "memory"],
    ["../../etc/passwd", "etc-passwd"],
    ["CON", "con-memory"],
    ["trailing dots...", "trailing-dots"],
    ["a".repeat(100), "a".repeat(48)],
    [
      "A title that is much longer than a path should ever have to be",
      "a-title-that-is-much-longer-than-a-path-should",
    ],
  ])("%j becomes %s", (title, slug) => {
    expect(slugOf(title, "memory")).toBe(slug);
  });
});

describe("paths", () => {
  const memory = { type: "Convention", id: "m_7k3q9f2d4cxw", title: "Use pnpm", at: new Date("2026-11-30T23:59:00Z") };

  test("go by type, and by month for episodes", () => {
    expect(memoryPath(memory, () => 0)).toBe("semantic/convention/use-pnpm-m_7k3q9f2d4cxw.md");
    expect(memoryPath({ ...memory, type: "Episode" }, () => 0)).toBe("episodic/2026-11/use-pnpm-m_7k3q9f2d4cxw.md");
    expect(memoryPath({ ...memory, type: "BigQuery Table" }, () => 0)).toBe(
      "semantic/bigquery-table/use-pnpm-m_7k3q9f2d4cxw.md",
    );
    expect(memoryPath({ ...memory, type: "表" }, () => 0)).toBe("semantic/other/use-pnpm-m_7k3q9f2d4cxw.md");
    expect(memoryPath({ ...memory, type: "nul" }, () => 0)).toBe("semantic/nul-other/use-pnpm-m_7k3q9f2d4cxw.md");
  });

  test("a full folder splits by the id's next character, level by level", () => {
    expect(memoryPath(memory, () => FOLDER_LIMIT - 1)).toBe("semantic/convention/use-pnpm-m_7k3q9f2d4cxw.md");
    const full = new Set(["semantic/convention", "semantic/convention/7"]);
    expect(memoryPath(memory, (folder) => (folder === "semantic/convention" ? FOLDER_LIMIT : 0))).toBe(
      "semantic/convention/7/use-pnpm-m_7k3q9f2d4cxw.md",
    );
    expect(memoryPath(memory, (folder) => (full.has(folder) ? FOLDER_LIMIT : 0))).toBe(
      "semantic/convention/7/k/use-pnpm-m_7k3q9f2d4cxw.md",
    );
  });

  test("are always paths of memories, whatever the title", () => {
    for (const title of ["index", "log", "README", ".", "a/b\\c", "\u202Eevil"]) {
      expect(memoryPath({ ...memory, title }, () => 0)).toSatisfy(isMemoryPath);
    }
  });
});
