/** The gate is quiet enough to be kept: two ordinary weeks at a real store. `npm run bench:weeks` lives through more. */
import { expect, test } from "vitest";
import { initialiseStore } from "../../src/core/initialise.ts";
import { openStores } from "../../src/git/open.ts";
import { liveWeeks, weeksEnvironment } from "../support/ordinary-weeks.ts";
import { human, Scratch } from "../support/scratch.ts";

test("two ordinary weeks cost a person less than two minutes of review each", { timeout: 120_000 }, async () => {
  const scratch = new Scratch();
  const { environment, setNow } = weeksEnvironment();
  const stores = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, environment });
  try {
    if (stores.project === null) throw new Error("The folder is in no repository.");
    await initialiseStore(stores.project, { caller: human, reason: "" });
    const lived = await liveWeeks(stores, { weeks: 2, seed: 7, setNow });
    expect(lived.refused).toBe(0);
    expect(lived.own.waited / lived.own.writes).toBeLessThanOrEqual(0.05);
    expect(lived.secondsAWeek).toBeLessThanOrEqual(120);
    // What came from outside did wait, and is all that did but for those few.
    expect(lived.waited - lived.own.waited).toBe(lived.writes - lived.own.writes);
    expect(lived.waited).toBeGreaterThan(5);
  } finally {
    await stores.dispose();
    await scratch.remove();
  }
});
