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

describe("a claim that is believed already", () => {
  test("is answered with what of the new words was not taken over, and how to change it", async () => {
    await world.init();
    const { id } = await wrote(add("Port 4100", "--tag", "api"));
    const plain = await world.call(add("Port 4100", "--tag", "api"));
    expect(plain.out).toBe(`This is believed already, as ${id} in the project store; nothing was stored.\n`);
    const more = await world.call(add("Port 4100", "--tag", "new", "--scope", "src/**", "--expires", "3d"));
    expect(more.out).toContain("Its scope, tags and end are as before; yours were not taken over.");
    expect(more.out).toContain(`git memory update ${id}`);
  });
});

describe("words that can't be stored", () => {
  const long = "x".repeat(201);

  test("are refused in words: a title over 200 characters, and a glob without its partner", async () => {
    await world.init();
    const { id } = await wrote(add("x".repeat(200)));
    const update = (...more: string[]): string[] => ["update", id, "--reason", "Seen.", ...more];
    for (const args of [add(long), update("--title", long)]) {
      const { exit, answer } = await world.json(args);
      expect([exit, answer.error.code]).toEqual([2, "invalid-input"]);
      expect(answer.error.message).toContain("The title has 201 characters, and 200 is the most.");
    }
    for (const glob of ["[[", "src/{a,b", "src/a]"])
      for (const args of [add("A", "--scope", glob), update("--scope", glob)]) {
        const { exit, answer } = await world.json(args);
        expect([glob, exit, answer.error.code]).toEqual([glob, 2, "invalid-input"]);
        expect(answer.error.message).toContain(`The scope "${glob}" is no glob`);
      }
    await wrote(add("Pages of a catch-all route", "--scope", "app/[[...slug]]/{page,layout}.tsx"));
  });
});

test("what has ended already is said to have ended, and an erasure can't be reverted", async () => {
  await world.init();
  const { id } = await wrote(add("Port 4100"));
  await world.json(["expire", id, "--cause", "outdated"]);
  const again = await world.json(["expire", id, "--cause", "outdated"]);
  expect([again.exit, again.answer.error.code]).toEqual([1, "not-found"]);
  expect(again.answer.error.message).toContain(`${id} has ended already`);
  for (const args of [
    ["update", id, "--title", "Port 4200", "--reason", "R"],
    ["blame", id],
    ["approve", id, "--sign"],
  ]) {
    const { exit, answer } = await world.json(args);
    expect([exit, answer.error.code, answer.error.message]).toEqual([1, "not-found", again.answer.error.message]);
  }
  for (const more of [[], ["--no-digest"]]) {
    const secret = await wrote(add(`A secret ${more.length}`));
    expect((await world.call(["erase", secret.id])).out).toContain(`git memory erase ${secret.id} --yes`);
    expect((await world.call(["erase", secret.id, "--yes", ...more])).exit).toBe(0);
    const { exit, answer } = await world.json(["revert", "agent-memory"]);
    expect([exit, answer.error.code]).toEqual([2, "invalid-input"]);
    expect(answer.error.message).toContain("An erasure can't be reverted");
  }
});

describe("a file that is not there", () => {
  test("is named in a sentence with what to do, at every option that takes one", async () => {
    await world.init();
    const words = ["add", "--title", "A", "--type", "Fact", "--reason", "R"];
    for (const [args, said] of [
      [[...words, "--body-file", "none.md"], "none.md can't be read: there is no such file or folder."],
      [[...words, "--body-file", "."], ". can't be read: it is a folder. Name a file."],
      [["ablate", "--questions", "none"], "none can't be read: there is no such file or folder."],
      [["review", "-o", "none/report.md"], "report.md: there is no such file or folder."],
    ] as const) {
      const { exit, err } = await world.call(args);
      expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
      expect(err).not.toMatch(/ENOENT|EISDIR/);
    }
  });

  test("a second checkout names the first one", async () => {
    await world.init();
    const [first, second] = [path.join(world.root, "first"), path.join(world.root, "second")];
    expect((await world.call(["checkout", first])).exit).toBe(0);
    const { exit, err } = await world.call(["checkout", second]);
    expect(exit).toBe(2);
    expect(err).toContain(`The memory is checked out in ${first} already`);
  });
});
