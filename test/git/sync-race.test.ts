import { expect, test } from "vitest";
import { race } from "../support/race.ts";

test("four clones that write and sync at once lose nothing and end with one tree", async () => {
  const result = await race({ clones: 4, writes: 5, every: 2 });
  expect(result).toMatchObject({ writes: 20, lostCommits: 0, lostMemories: 0, trees: 1 });
  expect(result.merges).toBeGreaterThan(0);
});
