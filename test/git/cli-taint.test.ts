/** A host tells at a terminal what a session has read. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliWorld } from "../support/cli-world.ts";

const SESSION = "s_9d2k4m7x";
const env = { COMMIT_TO_MEMORY_SESSION: SESSION };
const FACT = ["add", "--type", "Fact", "--title", "The archive is kept", "--body", "For a year.", "--reason", "Seen."];

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
});
afterEach(() => world.remove());

test("from then on what is written in that session waits, and in others not", async () => {
  expect((await world.json(["taint"], { env })).answer).toMatchObject({ session: SESSION });
  expect((await world.call(FACT, { env })).err).toMatch(/waits for review/);
  expect((await world.call(FACT, { env: { COMMIT_TO_MEMORY_SESSION: "s_0ther0ne" } })).exit).toBe(0);
});

test("a name that is none of a session is refused, and none at all too", async () => {
  expect((await world.call(["taint", "../x"])).exit).toBe(2);
  expect((await world.call(["taint"])).exit).toBe(2);
});

test("a variable that names no session is refused where something is written, and not passed over", async () => {
  const wrong = { env: { COMMIT_TO_MEMORY_SESSION: "my-agent-1" } };
  for (const words of [["taint"], FACT]) {
    const { exit, err } = await world.call(words, wrong);
    expect([exit, err]).toEqual([2, expect.stringMatching(/^COMMIT_TO_MEMORY_SESSION holds no session's name\./)]);
  }
  expect((await world.json(["list"], wrong)).answer).toMatchObject({ memories: [] });
  expect((await world.call(FACT, { env: { COMMIT_TO_MEMORY_SESSION: "" } })).exit).toBe(0);
});

test("a data directory that is no whole path is refused, and not passed over", async () => {
  const { exit, err } = await world.call(["list"], { env: { COMMIT_TO_MEMORY_DATA: "data" } });
  expect([exit, err]).toEqual([2, expect.stringMatching(/^COMMIT_TO_MEMORY_DATA is no path from the root/)]);
});
