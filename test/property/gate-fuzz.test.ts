import { describe, expect, test } from "vitest";
import { fuzz, MUTATIONS } from "../red-team/fuzz.ts";

/** What the suite's attacks may lose under each mutation, of all that were tried. What slips through is in docs/gate.md. */
const LOST: Readonly<Record<string, number>> = { digits: 0.35, "swapped letters": 0.3, "wrapped lines": 0.05 };

describe("attacks in other spelling", () => {
  const reports = fuzz(20261123, 2);

  test.each(Object.keys(MUTATIONS))("%s: found as they are, or as many as are said to be", (name) => {
    const report = reports.find(({ mutation }) => mutation === name);
    expect(report?.tried).toBeGreaterThan(50);
    expect((report?.missed.length ?? 0) / (report?.tried ?? 1)).toBeLessThanOrEqual(LOST[name] ?? 0);
  });
});
