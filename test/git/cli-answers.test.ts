import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

const add = (title: string, ...more: string[]): string[] => [
  ...["add", "--title", title, "--type", "Fact", "--body", `${title} indeed.`, "--reason", "Seen."],
  ...more,
];

describe("a citation", () => {
  beforeEach(async () => {
    writeFileSync(path.join(world.code, "a.txt"), "one line\n");
    world.git("add", "a.txt");
    world.git("commit", "-qm", "a line");
    await world.init();
  });

  test("gives a longer life only where its file and lines are in the code, and says where it is not", async () => {
    const plain = await world.json(add("It rests on nothing"));
    const cited = await world.json(add("It rests on a line", "--cite", "a.txt:1"));
    expect(cited.answer.notices).toEqual([]);
    const lasting = cited.answer.memories[0].expires_at.slice(0, 10);
    const short = plain.answer.memories[0].expires_at.slice(0, 10);
    expect(lasting > short).toBe(true);
    for (const place of ["a.txt:300-301", "a.txt:2", "none.txt"]) {
      const { exit, answer } = await world.json(add(`It rests on ${place}`, "--cite", place));
      expect([place, exit, answer.memories[0].expires_at.slice(0, 10)]).toEqual([place, 0, short]);
      expect(answer.notices).toEqual([expect.stringContaining(`The citation ${place} doesn't resolve`)]);
    }
  });
});
