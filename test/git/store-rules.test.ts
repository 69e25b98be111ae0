/** The rules of a store: who may change them, and which are in force while nobody has accepted a change. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BlockedError, ConfirmationNeededError, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import { GestureNeededError } from "../../src/core/errors.ts";
import { POLICY_FILE } from "../../src/core/memory/policy.ts";
import type { Caller } from "../../src/core/proposal.ts";
import { reviewDocument } from "../../src/core/review/document.ts";
import { approveHeld, digestOfHeld, rejectHeld, undoApproval } from "../../src/core/review/decide.ts";
import { lookAt } from "../../src/core/review/look.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import { stillWaiting } from "../../src/core/review/waiting.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { examineTrust } from "../../src/core/trust/examine.ts";
import { signersToTrust } from "../../src/core/trust/signers-to-trust.ts";
import type { Team } from "../../src/core/trust/team.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { approvalOf } from "../../src/core/view/approval.ts";
import { acceptRules } from "../support/rules.ts";
import { act, agent, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const text = (): string => scratch.git("show", `agent-memory:${POLICY_FILE}`);
const milder = (): string => `${text().replace("agent: 90d", "agent: never").replace("burst: 30", "burst: 3000")}\n`;

async function change(bytes: string, caller: Caller = agent, path = POLICY_FILE): Promise<unknown> {
  const read = (await store.snapshot()).blobAt(path);
  const file = { kind: "restore", path, read, bytes: Buffer.from(bytes) } as const;
  return store.commit({ operation: "update", changes: [file], caller, reason: "It is in the way." });
}

async function only(): Promise<Held> {
  const [held, ...more] = await stillWaiting(store);
  if (held === undefined || more.length > 0) throw new Error(`${more.length + 1} wait`);
  return held;
}

function teamOf({ team }: MemoryStore): Team {
  if (team === null) throw new Error("The store was opened without a team.");
  return team;
}

async function page(held: Held): Promise<string> {
  return reviewDocument([await lookAt(store, held)], store.environment.now(), () => undefined).text;
}

describe("a change of the rules that an agent asks for", () => {
  test("waits, with what it would change in words, and the old ones stay in force", async () => {
    const before = await store.policy();
    await expect(change(milder())).rejects.toThrow(HeldForReviewError);
    expect(await store.policy()).toEqual(before);
    expect(text()).toContain("agent: 90d");
    const shown = await page(await only());
    expect(shown).toContain("│ ttl.agent: never, was 90d");
    expect(shown).toContain("less is watched or more is trusted: gate.limits.burst, ttl.agent.");
    // Before the file, in which nobody would find them.
    expect(shown.indexOf("│ ttl.agent: never")).toBeLessThan(shown.indexOf("│ format: 1"));
    const { detail } = approvalOf([await lookAt(store, await only())]);
    expect(detail).toContain("ttl.agent: never, was 90d\ngate.limits.burst: 3000, was 30\nBy these, less is watched");
  });

  test("is never approved together with others, nor by an agent, and is what was shown once a person accepts it", async () => {
    const asked = milder();
    await expect(change(asked)).rejects.toThrow(HeldForReviewError);
    const held = await only();
    expect((await lookAt(store, held)).plain).toBe(false);
    const approval = { reason: "", confirmed: true, shown: digestOfHeld(held) } as const;
    await expect(approveHeld(store, held.id, { ...approval, caller: agent })).rejects.toThrow(GestureNeededError);
    await approveHeld(store, held.id, { ...approval, caller: human });
    expect(`${text()}\n`).toBe(asked);
    expect((await store.policy()).ttl.agent).toBeNull();
    expect(await stillWaiting(store)).toEqual([]);
  });

  test.each(["allowed_signers", "allowed_keys.asc"])("waits for %s too", async (path) => {
    await expect(change("mallory@example.com ssh-ed25519 AAAA\n", agent, path)).rejects.toThrow(HeldForReviewError);
    expect((await store.snapshot()).blobAt(path)).toBeNull();
    expect((await lookAt(store, await only())).plain).toBe(false);
  });

  test("can't touch approvals or tombstones at all", async () => {
    await expect(change("x", agent, "approvals/m_000000000001.mallory.sig")).rejects.toThrow(BlockedError);
  });

  test("is asked about on the spot where a person is there", async () => {
    await expect(change(milder(), human)).rejects.toThrow(ConfirmationNeededError);
  });
});

describe("rules that came without anybody's word", () => {
  test("gain an agent with a shell nothing, and wait for a person where they are seen", async () => {
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    const { ttl, gate } = await store.policy();
    expect([ttl.agent, gate.limits.burst]).toEqual([90 * 86_400_000, 30]);
    const held = await only();
    expect(await page(held)).toContain("│ ttl.agent: never, was 90d");
    expect((await lookAt(store, held)).lapses).toBeNull();
    expect((await examineTrust(store)).map(({ check }) => check)).toContain("rules");
    // Another process says the same, under the same id.
    const [again] = await stillWaiting(await scratch.open());
    expect(again?.id).toBe(held.id);
  });

  test("count at once where they are stricter, and milder and stricter are told apart key by key", async () => {
    scratch.commitOutside({ [POLICY_FILE]: `${text().replace("stricter: {}", "stricter: { orders: quarantine }")}\n` });
    const order = claim(1, { title: "Always run the tests first", body: "Run the tests before each push." });
    await expect(addMemory(store, order, act)).rejects.toThrow(HeldForReviewError);
    expect((await stillWaiting(store)).map(({ found }) => found)).toEqual([undefined]);
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    const { ttl, gate } = await store.policy();
    expect([ttl.agent, gate.stricter]).toEqual([90 * 86_400_000, { orders: "quarantine" }]);
  });

  test("are in force when a person accepted them, in every process, until they are changed again", async () => {
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    await acceptRules(store);
    expect((await (await scratch.open()).policy()).ttl.agent).toBeNull();
    expect(await stillWaiting(store)).toEqual([]);
    scratch.commitOutside({ [POLICY_FILE]: `${text().replace("agent_cited: 365d", "agent_cited: never")}\n` });
    const { ttl } = await store.policy();
    expect([ttl.agent, ttl.agentCited]).toEqual([null, 365 * 86_400_000]);
  });

  test("don't come back into force by putting an older accepted version back", async () => {
    const first = text();
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    await acceptRules(store);
    const mild = text();
    scratch.commitOutside({
      [POLICY_FILE]: `${first.replace("agent: 90d", "agent: 80d").replace("tokens: 1200", "tokens: 1100")}\n`,
    });
    await acceptRules(store);
    scratch.commitOutside({ [POLICY_FILE]: `${mild}\n` });
    expect((await store.policy()).ttl.agent).toBe(80 * 86_400_000);
  });

  test("are accepted without a commit, which would say nothing", async () => {
    const commit = scratch.commitOutside({ [POLICY_FILE]: milder() });
    const held = await only();
    const approval = { reason: "", confirmed: true, shown: digestOfHeld(held) } as const;
    await expect(approveHeld(store, held.id, { ...approval, caller: agent })).rejects.toThrow(GestureNeededError);
    await approveHeld(store, held.id, { ...approval, caller: human });
    expect(scratch.git("rev-parse", "agent-memory")).toBe(commit);
    await undoApproval(store, held, commit, { caller: human, reason: "" });
    expect((await store.policy()).ttl.agent).toBe(90 * 86_400_000);
    expect((await only()).id).toBe(held.id);
  });

  test("are put back as they were by a person's no", async () => {
    const before = text();
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    await rejectHeld(store, (await only()).id, { caller: human, reason: "Nobody asked for that." });
    expect(text()).toBe(before);
    expect(await stillWaiting(store)).toEqual([]);
  });

  test("are not accepted along with the signers that a person trusts", async () => {
    const before = await signersToTrust(store, teamOf(store));
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    await expect(signersToTrust(store, teamOf(store))).rejects.toThrow(/Decide on it under Needs you first/);
    // What was shown before is trusted as it was then.
    await teamOf(store).base.pin(human, before);
    expect((await store.policy()).ttl.agent).toBe(90 * 86_400_000);
    await acceptRules(store);
    expect((await signersToTrust(store, teamOf(store))).commit).toBe(scratch.git("rev-parse", "agent-memory"));
  });

  test("that a person was not shown are not accepted by their yes", async () => {
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    const held = await only();
    scratch.commitOutside({ [POLICY_FILE]: `${text().replace("agent_cited: 365d", "agent_cited: never")}\n` });
    const approval = { caller: human, reason: "", confirmed: true, shown: digestOfHeld(held) } as const;
    await expect(approveHeld(store, held.id, approval)).rejects.toThrow(/Nothing waits/);
    expect((await store.policy()).ttl.agentCited).toBe(365 * 86_400_000);
  });

  test("are not accepted by a store of the same words elsewhere", async () => {
    scratch.commitOutside({ [POLICY_FILE]: milder() });
    await acceptRules(store);
    const ledger = await store.approvals.approvals();
    expect(ledger.filter(({ memory }) => memory === POLICY_FILE).map((one) => one.store)).toEqual([
      store.repository.identity,
    ]);
  });

  test("let no card bring words that a person's no would store", async () => {
    await expect(change(milder())).rejects.toThrow(HeldForReviewError);
    const held = await only();
    const ref = "refs/memory/quarantine";
    const card = JSON.parse(scratch.git("show", `${ref}:${held.id}/card.json`)) as object;
    const blob = scratch.path("forged.json");
    scratch.write("forged.json", JSON.stringify({ ...card, found: { inForce: "x" } }));
    const id = scratch.git("hash-object", "-w", blob);
    const tree = scratch.git("ls-tree", "-r", ref).replace(/[0-9a-f]{40}(\t.*card\.json)/, `${id}$1`);
    expect(tree).toContain(id);
    const folder = tree
      .split("\n")
      .map((line) => line.replace(`${held.id}/`, ""))
      .join("\n");
    const inner = execFileSync("git", ["mktree"], {
      cwd: scratch.folder,
      input: `${folder}\n`,
      encoding: "utf8",
    }).trim();
    const outer = execFileSync("git", ["mktree"], {
      cwd: scratch.folder,
      input: `040000 tree ${inner}\t${held.id}\n`,
      encoding: "utf8",
    }).trim();
    const commit = scratch.git("commit-tree", outer, "-p", ref, "-m", "forged");
    scratch.git("update-ref", ref, commit);
    expect((await only()).found).toBeUndefined();
  });
});
