/** Who approved what, and what only looks like it, as the command line says it. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isBroken } from "../../src/core/memory/model.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { confirmMemory, expireMemories } from "../../src/core/verbs.ts";
import { CliWorld } from "../support/cli-world.ts";
import { human } from "../support/scratch.ts";
import { Signer } from "../support/signers.ts";

let world: CliWorld;
let alice: Signer;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
  alice = new Signer(path.join(world.root, "keys"), "alice@example.com");
});
afterEach(() => world.remove());

const pin = async (): Promise<void> => world.inStore(async (store) => void (await store.team?.base.pin(human)));

async function signedBy(signer: Signer, id: string): Promise<void> {
  const text = await world.inStore(async (store) => {
    const memory = (await store.snapshot()).get(id);
    if (memory === undefined || isBroken(memory)) throw new Error("no memory");
    return signer.approval(memory, new Date().toISOString().replace(/\.\d+Z$/, "Z"));
  });
  world.commitFile(`approvals/${id}.${signer.by}.sig`, text);
}

async function approvedOn(store: MemoryStore, id: string): Promise<string> {
  const snapshot = await store.snapshot();
  const memory = snapshot.get(id);
  const evidence = memory === undefined ? null : (await store.evidence(snapshot)).of(memory);
  return evidence?.at?.slice(0, 10) ?? "never";
}

describe("an approval that counts", () => {
  test("is told by show, blame and list, with who gave it and by which evidence", async () => {
    world.commitFile("allowed_signers", alice.line);
    await pin();
    const id = await world.add("The API lives on port 4100");
    expect((await world.json(["show", id])).answer).toMatchObject({ approval: null, doubts: [] });
    await signedBy(alice, id);
    const approval = { evidence: "signature", by: "alice@example.com" };
    expect((await world.json(["show", id])).answer).toMatchObject({ trust: "reviewed", approval, doubts: [] });
    expect((await world.json(["blame", id])).answer).toMatchObject({ approval, doubts: [] });
    expect((await world.json(["list"])).answer.memories).toMatchObject([{ trust: "reviewed", approval }]);
    expect((await world.call(["show", id])).out).toContain("trust: reviewed · approved by alice@example.com, signed");
    const day = await world.inStore(async (store) => approvedOn(store, id));
    const sentence = `pproved by alice@example.com's signature, on ${day}.`;
    expect((await world.call(["blame", id])).out).toContain(`A${sentence}`);
    // Its own file has no commit that tells of it.
    expect((await world.json(["history", id])).answer).toMatchObject({ entries: [{ operation: "add" }], approval });
    expect((await world.call(["history", id])).out).toMatch(new RegExp(`\n\nA${sentence}\n$`));
    expect((await world.call(["history"])).out).not.toContain("pproved by");
    await world.inStore(async (store) =>
      expireMemories(store, [id], { caller: human, reason: "It moved.", cause: "outdated" }),
    );
    expect((await world.call(["history", id])).out).toMatch(new RegExp(`\n\nWas a${sentence}\n$`));
  });

  test("by a person's own gesture is told with its day, and by nothing that a file says of itself", async () => {
    const id = await world.add("The API lives on port 4100");
    expect((await world.call(["history", id])).out).not.toContain("pproved");
    const day = await world.inStore(async (store) => {
      await confirmMemory(store, id, { caller: human, reason: "" });
      return approvedOn(store, id);
    });
    expect((await world.call(["history", id])).out).toContain(`\nApproved by alice, on ${day}.\n`);
  });
});

describe("what only looks like an approval", () => {
  test("is told by show, blame and the doctor", async () => {
    const id = await world.add("The API lives on port 4100");
    world.commitFile("allowed_signers", alice.line);
    await signedBy(alice, id);
    const message =
      "It is signed in the name of alice@example.com, and no signers are trusted here yet. It counts for nothing.";
    expect((await world.json(["show", id])).answer).toMatchObject({
      trust: "agent",
      approval: null,
      doubts: [{ code: "no-signers", message }],
    });
    expect((await world.call(["blame", id])).out).toContain(message);
    const { exit, answer } = await world.json(["doctor"]);
    expect(exit).toBe(0);
    const told = answer.findings.filter(({ level }) => level === "notice");
    expect(told.map(({ check }) => check)).toEqual(["signers", "approval"]);
    expect(told[1]?.message).toBe(`The API lives on port 4100 (${id}): ${message}`);
  });

  test("and signers who are only on the branch at hand, and files that are no approval, are told by the doctor", async () => {
    world.commitFile("allowed_signers", alice.line);
    await pin();
    const mallory = new Signer(path.join(world.root, "keys"), "mallory@example.com");
    world.commitFile("allowed_signers", alice.line + mallory.line);
    world.commitFile("approvals/junk.sig", "junk");
    const told = (await world.json(["doctor"])).answer.findings.filter(({ level }) => level === "notice");
    expect(told.map(({ message }) => message)).toEqual([
      "allowed_signers differs from the trusted one. Who is only in the new one does not count yet.",
      "approvals/junk.sig: A file under approvals/ is no approval.",
    ]);
  });
});

describe("fetch", () => {
  test("asks the server and says what it found, and the doctor tells of a ref that somebody moved", async () => {
    const server = path.join(world.root, "server.git");
    execFileSync("git", ["init", "--quiet", "--bare", server]);
    world.git("remote", "add", "origin", server);
    expect(await world.call(["fetch"])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("has no memory branch yet"),
    });
    world.git("push", "--quiet", "origin", "agent-memory");
    const { answer } = await world.json(["fetch"]);
    expect(answer).toMatchObject({ address: server, before: null, changed: true, rewritten: false });
    expect((await world.call(["fetch"])).out).toMatch(/is still at/);
    expect((await world.json(["doctor"])).answer.findings.map(({ check }) => check)).not.toContain("team-branch");
    await world.add("The API lives on port 4100");
    world.git("update-ref", "refs/remotes/origin/agent-memory", "agent-memory");
    expect((await world.json(["doctor"])).answer.findings).toContainEqual(
      expect.objectContaining({ check: "team-branch", level: "notice" }),
    );
  });

  test("says so where there is no remote", async () => {
    expect(await world.call(["fetch"])).toMatchObject({
      exit: 1,
      err: expect.stringContaining("no remote named origin"),
    });
  });
});
