import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/core/errors.ts";
import { endsWithin, lifecycle, parseExpiry } from "../../src/core/memory/lifecycle.ts";
import type { FrontMatter, Memory } from "../../src/core/memory/model.ts";
import { durationOf, instantOf, isInstant } from "../../src/core/memory/time.ts";

const NOW = new Date("2026-11-23T09:12:00.700Z");
const DAY = 86_400_000;

function memory(front: Partial<FrontMatter>): Memory {
  return {
    id: "m_7k3q9f2d4cxw",
    title: "T",
    path: "semantic/fact/t.md",
    blob: "b",
    front: { type: "Fact", ...front },
    body: "",
  };
}

describe("where a memory stands", () => {
  test("without dates it is in force, fresh and without an end", () => {
    expect(lifecycle(memory({}), NOW)).toEqual({
      expired: false,
      inForce: true,
      stale: false,
      staleBecause: [],
      endsIn: null,
    });
  });

  test("it ends at its moment, not after it", () => {
    const at = memory({ expires_at: "2026-11-23T10:12:00+01:00" });
    expect(lifecycle(at, new Date("2026-11-23T09:11:59.999Z"))).toMatchObject({
      expired: false,
      inForce: true,
      endsIn: 1,
    });
    expect(lifecycle(at, new Date("2026-11-23T09:12:00Z"))).toMatchObject({
      expired: true,
      inForce: false,
      endsIn: null,
    });
  });

  test("a date alone means the first moment of that day in UTC", () => {
    expect(lifecycle(memory({ expires_at: "2026-11-23" }), new Date("2026-11-23T00:00:00Z")).expired).toBe(true);
    expect(lifecycle(memory({ expires_at: "2026-11-24" }), new Date("2026-11-23T23:59:59Z")).expired).toBe(false);
  });

  test("a stale one stays in force, and each reason is told", () => {
    const stale = lifecycle(memory({ stale_after: "2026-11-01T00:00:00Z" }), NOW, [
      { resource: "repo:/package.json", lines: "3-7" },
    ]);
    expect(stale).toMatchObject({
      inForce: true,
      stale: true,
      staleBecause: ["package.json changed.", "It was to be checked by 2026-11-01."],
    });
    expect(lifecycle(memory({ stale_after: "2026-12-01T00:00:00Z" }), NOW).stale).toBe(false);
  });

  test("ending soon means in force and not for long", () => {
    const soon = memory({ expires_at: "2026-11-25T09:12:00Z" });
    expect(endsWithin(soon, NOW, 2 * DAY)).toBe(true);
    expect(endsWithin(soon, NOW, DAY)).toBe(false);
    expect(endsWithin(memory({ expires_at: "2026-11-22T00:00:00Z" }), NOW, DAY)).toBe(false);
    expect(endsWithin(memory({}), NOW, DAY)).toBe(false);
  });
});

describe("naming an end", () => {
  test.each([
    ["30d", "2026-12-23T09:12:00Z"],
    ["12h", "2026-11-23T21:12:00Z"],
    [" 6w ", "2027-01-04T09:12:00Z"],
    ["2027-01-31", "2027-01-31T00:00:00Z"],
    ["2027-01-31T18:00:00+02:00", "2027-01-31T16:00:00Z"],
  ])("%s is %s", (text, instant) => {
    expect(parseExpiry(text, NOW)).toBe(instant);
  });

  test.each([
    "",
    "soon",
    "0d",
    "-3d",
    "1.5d",
    "30 days",
    "30m",
    "99999w",
    "2026-02-30",
    "2026-13-45",
    "2027-01-31 18:00",
    "2027-01-31T18:00:00",
    "2026-11-23",
    "2026-11-23T09:12:00Z",
  ])("%j is refused with an example or the reason", (text) => {
    expect(() => parseExpiry(text, NOW)).toThrow(InvalidInputError);
    expect(() => parseExpiry(text, NOW)).toThrow(/30d|has passed/);
  });
});

describe("moments and durations", () => {
  test.each(["2024-02-29", "2026-12-31T23:59:59Z", "2026-12-31T23:59:59.123456789-23:59"])(
    "%s is a real moment",
    (text) => {
      expect(isInstant(text)).toBe(true);
      expect(Number.isNaN(Date.parse(text))).toBe(false);
    },
  );

  test.each([
    "2023-02-29",
    "2026-04-31",
    "2026-00-10",
    "2026-01-00",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01t00:00:00z",
    "2026-1-1",
    "20260101",
  ])("%s is none", (text) => {
    expect(isInstant(text)).toBe(false);
  });

  test("are written in whole seconds and counted in milliseconds", () => {
    expect(instantOf(NOW)).toBe("2026-11-23T09:12:00Z");
    expect(durationOf("2w")).toBe(14 * DAY);
    expect(durationOf("never")).toBeNull();
  });
});
