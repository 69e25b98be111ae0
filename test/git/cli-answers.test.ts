import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld, firstOf } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

const add = (title: string, ...more: string[]): string[] => [
  "add",
  "--title",
  title,
  "--type",
  "Fact",
  "--body",
  `${title} indeed.`,
  "--reason",
  "Seen.",
  ...more,
];

interface Wrote {
  readonly notices: readonly string[];
  readonly memories: readonly { readonly id: string; readonly expires_at: string }[];
}

async function wrote(args: readonly string[]): Promise<{ ends: string; notices: readonly string[]; id: string }> {
  const { exit, out, err } = await world.call([...args, "--json"]);
  expect([exit, err]).toEqual([0, ""]);
  const answer: Wrote = JSON.parse(out);
  const { id, expires_at } = firstOf(answer.memories);
  return { ends: expires_at.slice(0, 10), notices: answer.notices, id };
}

describe("a citation", () => {
  beforeEach(async () => {
    writeFileSync(path.join(world.code, "a.txt"), "one line\n");
    world.git("add", "a.txt");
    world.git("commit", "-qm", "a line");
    await world.init();
  });

  test("gives a longer life only where its file and lines are in the code, and says where it is not", async () => {
    const plain = await wrote(add("It rests on nothing"));
    const cited = await wrote(add("It rests on a line", "--cite", "a.txt:1"));
    expect(cited.notices).toEqual([]);
    expect(cited.ends > plain.ends).toBe(true);
    for (const place of ["a.txt:300-301", "a.txt:2", "none.txt"]) {
      const { ends, notices } = await wrote(add(`It rests on ${place}`, "--cite", place));
      expect([place, ends]).toEqual([place, plain.ends]);
      expect(notices).toEqual([expect.stringContaining(`The citation ${place} doesn't resolve`)]);
    }
  });
});

test("outside of a repository every command fails with the same code", async () => {
  const outside = { cwd: world.root, env: { GIT_CEILING_DIRECTORIES: world.root } };
  for (const args of [
    ["fetch"],
    ["sync"],
    ["list"],
    ["recall", "anything"],
    ["init"],
    ["checkout"],
    ["land"],
    add("A"),
  ]) {
    const { exit, answer } = await world.json(args, outside);
    expect([args[0], exit, answer.error.code]).toEqual([args[0], 1, "no-repository"]);
  }
});
