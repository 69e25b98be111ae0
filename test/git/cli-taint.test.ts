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
