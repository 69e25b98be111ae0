import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Receipt } from "../../src/core/recall/receipt.ts";
import { rebuild } from "../../src/core/recall/replay.ts";
import { Session } from "../../src/core/session.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import { addMemory, confirmMemory, expireMemories, importMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, fileText, human, Scratch } from "../support/scratch.ts";

const DAY = 86_400_000;
const TOPICS = ["cache", "queue", "login", "invoice", "search", "deploy", "backup", "metrics", "mailer", "router"];

let scratch: Scratch;
let now: number;
beforeEach(() => {
  scratch = new Scratch();
  now = Date.parse("2026-11-02T08:00:00Z");
});
afterEach(() => scratch.remove());

const clock = (): Date => new Date(now);

async function world(): Promise<{ stores: Stores; project: MemoryStore; session: Session }> {
  await scratch.start();
  const stores = await scratch.stores(scratch.folder, clock);
  if (stores.project === null) throw new Error("There is no project store.");
  return { stores, project: stores.project, session: sessionFor(stores) };
}

function sessionFor(stores: Stores): Session {
  return new Session({ channel: "mcp", actor: "copilot/gpt-5.2", trust: "agent" }, stores.personal.environment);
}

const topicOf = (n: number): string => TOPICS[n % TOPICS.length] ?? "cache";

async function replayed(receipts: readonly Receipt[], stores: Stores): Promise<readonly string[]> {
  const there = await stores.existing();
  const different: string[] = [];
  for (const receipt of receipts) {
    const { same, because } = await rebuild(receipt, there);
    if (!same) different.push(`${receipt.id}: ${because.join(" ")}`);
  }
  return different;
}

describe("a receipt", () => {
  test(
    "gives the same bytes after a thousand later writes, a gc and a clone, a thousand times over",
    { timeout: 180_000 },
    async () => {
      scratch.write("src/app.ts", "one\ntwo\nthree\n");
      scratch.git("add", ".");
      scratch.git("commit", "--quiet", "--message=code");
      const { stores, project, session } = await world();
      const drafts = Array.from({ length: 120 }, (_, n) =>
        claim(`${n} of the ${topicOf(n)}`, {
          body: `The ${topicOf(n)} keeps ${n} entries for ${topicOf(n * 7 + 3)}.`,
          ...(n % 11 === 0 ? { expires_at: `${1 + (n % 40)}d` } : {}),
          ...(n % 13 === 0 ? { sources: [{ resource: "repo:/src/app.ts", lines: "2" }] } : {}),
          ...(n % 17 === 0 ? { pinned: true } : {}),
        }),
      );
      const mine = { caller: human, reason: "As it is now." };
      const added = await importMemories(project, drafts, { ...mine, subject: "Many claims" });
      for (let n = 0; n < 1000; n++) {
        now += 7 * 60_000;
        const id = added.memories[n % added.memories.length]?.id ?? "";
        if (n % 10 === 0) await updateMemory(project, id, { body: `The ${topicOf(n)} keeps ${n} entries now.` }, mine);
        if (n % 200 === 50) await confirmMemory(project, id, { caller: human, reason: "Mine." });
        if (n === 500) {
          scratch.write("src/app.ts", "one\n2\nthree\n");
          scratch.git("commit", "--quiet", "--all", "--message=change");
        }
        await stores.recall(
          {
            text: `How many entries has the ${topicOf(n)} of ${topicOf(n * 3)}?`,
            ...(n % 3 === 0 ? { files: ["src/app.ts"] } : {}),
          },
          session,
        );
      }
      const receipts = await (await stores.receipts()).all();
      expect(receipts).toHaveLength(1000);
      expect(new Set(receipts.map(({ sha256 }) => sha256)).size).toBeGreaterThan(100);

      // Four of five come as a push brings them, which takes no time to speak of.
      const pushed: Record<string, string>[] = [];
      const push = (): void => {
        if (pushed.length > 0) scratch.commitsOutside(pushed.splice(0));
      };
      for (let n = 0; n < 1000; n++) {
        now += 60_000;
        const id = added.memories[n % 100]?.id ?? "";
        const body = `In pass ${n} the ${topicOf(n)} was emptied.`;
        if (n % 50 === 0) {
          push();
          await confirmMemory(project, id, { caller: human, reason: "Mine too." });
        } else if (n % 5 !== 0) {
          const later = `m_${String(n).padStart(12, "0")}`;
          pushed.push({ [`semantic/fact/later-${later}.md`]: fileText(later, `Later ${n}`, body) });
        } else if (n % 3 === 0) await addMemory(project, claim(`later ${n}`, { body }), act);
        else await updateMemory(project, id, { body: `The ${topicOf(n)} kept ${n} entries.` }, mine);
      }
      push();
      expect(Number(scratch.git("rev-list", "--count", "agent-memory"))).toBeGreaterThan(1000);
      await expireMemories(
        project,
        added.memories.slice(100).map(({ id }) => id),
        { ...mine, cause: "outdated" },
      );
      await stores.dispose();
      scratch.git("gc", "--quiet", "--prune=now");

      const clone = path.join(scratch.root, "clone");
      execFileSync("git", ["clone", "--quiet", scratch.folder, clone]);
      fs.mkdirSync(path.join(clone, ".git/memory"), { recursive: true });
      for (const name of fs.readdirSync(scratch.path(".git/memory")).filter((one) => one.startsWith("receipts")))
        fs.copyFileSync(scratch.path(".git/memory", name), path.join(clone, ".git/memory", name));
      const elsewhere = await scratch.stores(clone, clock);
      const kept = await (await elsewhere.receipts()).all();
      expect(kept).toEqual(receipts);
      expect(await replayed(kept, elsewhere)).toEqual([]);
    },
  );

  test("is not changed by an approval that came later", async () => {
    const { stores, project, session } = await world();
    const [first] = (await addMemory(project, claim(1, { title: "Linting comes first" }), act)).memories;
    await addMemory(project, claim(2), act);
    const before = await stores.recall({ text: "setting" }, session);
    await confirmMemory(project, first?.id ?? "", { caller: human, reason: "Mine." });
    const after = await stores.recall({ text: "setting" }, session);
    expect(after.text).not.toBe(before.text);
    for (const recalled of [before, after]) {
      expect(await stores.replay(recalled.receipt ?? "")).toMatchObject({
        same: true,
        result: { text: recalled.text },
      });
    }
  });

  test("says what the same question would be given today", async () => {
    const { stores, project, session } = await world();
    const ids = (
      await importMemories(project, [claim(1), claim(2), claim(3)], { ...act, subject: "Three" })
    ).memories.map(({ id }) => id);
    const { receipt } = await stores.recall({ text: "the value of the setting" }, session);
    await updateMemory(project, ids[0] ?? "", { body: "The value of the setting was changed." }, act);
    await expireMemories(project, [ids[1] ?? ""], { ...act, cause: "wrong" });
    const [fresh] = (await addMemory(project, claim(4), act)).memories;
    const { today, same } = await stores.replay(receipt ?? "");
    expect(same).toBe(true);
    expect(today.changed.map(({ id }) => id)).toEqual([ids[0]]);
    expect(today.removed.map(({ id }) => id)).toEqual([ids[1]]);
    expect(today.added.map(({ id }) => id)).toEqual([fresh?.id]);
  });

  test("says plainly that the store's commit is gone", async () => {
    const { stores, project, session } = await world();
    const start = scratch.git("rev-parse", "agent-memory");
    await addMemory(project, claim(1), act);
    const { receipt } = await stores.recall({ text: "setting" }, session);
    await stores.dispose();
    scratch.git("update-ref", "refs/heads/agent-memory", start);
    scratch.git("reflog", "expire", "--expire=now", "--all");
    scratch.git("gc", "--quiet", "--prune=now");
    const later = await scratch.stores(scratch.folder, clock);
    await expect(later.replay(receipt ?? "")).rejects.toMatchObject({
      code: "not-replayable",
      message: expect.stringContaining("is gone"),
    });
  });

  test("says that the code's commit is gone where that is why the bytes differ", async () => {
    scratch.write("a.ts", "one\ntwo\n");
    scratch.git("add", ".");
    scratch.git("commit", "--quiet", "--message=code");
    const { stores, project, session } = await world();
    await addMemory(project, claim(1, { sources: [{ resource: "repo:/a.ts", lines: "2" }] }), act);
    scratch.write("a.ts", "one\n2\n");
    scratch.git("commit", "--quiet", "--all", "--message=change");
    const { receipt, text } = await stores.recall({ text: "setting" }, session);
    expect(text).toContain("stale: a.ts changed.");
    expect(await stores.replay(receipt ?? "")).toMatchObject({ same: true });
    await stores.dispose();
    scratch.git("reset", "--quiet", "--hard", "HEAD~1");
    scratch.git("reflog", "expire", "--expire=now", "--all");
    scratch.git("gc", "--quiet", "--prune=now");
    const later = await scratch.stores(scratch.folder, clock);
    const { same, because } = await later.replay(receipt ?? "");
    expect([same, because.join(" ")]).toEqual([false, expect.stringContaining("The code's commit")]);
  });
});

describe("a question about the past", () => {
  test("is answered by the memories, the expiries, the approvals and the policy of then", async () => {
    const { stores, project, session } = await world();
    const [lasting, ending] = (
      await importMemories(project, [claim(1), claim(2, { expires_at: "3d" })], { ...act, subject: "Two" })
    ).memories;
    const then = scratch.git("rev-parse", "agent-memory");
    scratch.git("tag", "memory/start", then);
    now += 10 * DAY;
    await updateMemory(project, lasting?.id ?? "", { body: "Setting 1 is another one today." }, act);
    await addMemory(project, claim(3), act);
    await confirmMemory(project, lasting?.id ?? "", { caller: human, reason: "Mine." });
    const text = "the value of the setting";
    const today = await stores.recall({ text }, session);
    expect(today.chosen.map(({ id }) => id)).not.toContain(ending?.id);
    const answers = await Promise.all(
      [then, "memory/start", "start", then.slice(0, 10), "2026-11-02", "2026-11-03T09:00:00Z", "9d"].map((asOf) =>
        stores.recall({ text, asOf }, session),
      ),
    );
    for (const answer of answers) {
      expect(answer.chosen.map(({ id, trust }) => [id, trust]).toSorted()).toEqual(
        [lasting, ending].map((one) => [one?.id, "agent"]).toSorted(),
      );
      expect(answer.commit).toBe(then);
      expect(answer.text).not.toContain("today");
      expect(await stores.replay(answer.receipt ?? "")).toMatchObject({ same: true });
    }
    expect((await stores.recall({ text, asOf: "2026-11-06" }, session)).chosen.map(({ id }) => id)).toEqual([
      lasting?.id,
    ]);
    expect((await stores.recall({ text }, session)).text).toBe(today.text);
  });

  test("leaves the session's own context alone: what was believed once is not what a write is made against", async () => {
    const { stores, project, session } = await world();
    const [first] = (await addMemory(project, claim(1), act)).memories;
    const then = scratch.git("rev-parse", "agent-memory");
    await stores.recall({ text: "setting", asOf: then }, session);
    expect(session.given(first?.id ?? "")).toBeUndefined();
    expect(session.recalled).toEqual([]);
  });

  test("is refused for a name that stands for nothing and for a moment to come, and empty before the beginning", async () => {
    const { stores, project, session } = await world();
    await addMemory(project, claim(1), act);
    for (const asOf of ["nonsense", "2027-01-01", "main"])
      await expect(stores.recall({ text: "setting", asOf }, session)).rejects.toMatchObject({ code: "invalid-input" });
    expect((await stores.recall({ text: "setting", asOf: "2020-01-01" }, session)).chosen).toEqual([]);
  });
});

describe("a host that counts tokens itself", () => {
  test("is given no more than its own count allows, and the receipt still replays", async () => {
    const { stores, project, session } = await world();
    await importMemories(
      project,
      Array.from({ length: 12 }, (_, n) => claim(n)),
      { ...act, subject: "Twelve" },
    );
    const countTokens = async (text: string): Promise<number> => text.length;
    const free = await stores.recall({ text: "setting", budget: 600 }, session);
    const counted = await stores.recall({ text: "setting", budget: 600, countTokens }, session);
    expect(free.text.length).toBeGreaterThan(600);
    expect(counted.text.length).toBeLessThanOrEqual(600);
    expect(counted.chosen.length).toBeGreaterThan(0);
    expect(await stores.replay(counted.receipt ?? "")).toMatchObject({ same: true, result: { text: counted.text } });
  });
});
