/** What ended in a history, known without asking git again, and what evidence costs a write and a recall. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { ask, presentViews } from "../../src/core/recall/ask.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { Endings } from "../../src/core/trust/endings.ts";
import { addMemory, confirmMemory, expireMemories } from "../../src/core/verbs.ts";
import { FolderState } from "../../src/git/local-state.ts";
import { act, claim, fileText, human, Scratch } from "../support/scratch.ts";
import { Signer } from "../support/signers.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const idOf = (n: number): string => `m_${String(n).padStart(12, "0")}`;
const pathOf = (n: number): string => `semantic/fact/a-${idOf(n)}.md`;
const tip = (): string => scratch.git("rev-parse", "agent-memory");

describe("the endings of a history", () => {
  test("are the same whether it is read at once or as it grows, over moves, branches and merges", async () => {
    const growing = new Endings(store.repository);
    const check = async (): Promise<void> => {
      const [grown, read] = await Promise.all([growing.upTo(tip()), new Endings(store.repository).upTo(tip())]);
      expect([...grown.removed.keys()].toSorted()).toEqual([...read.removed.keys()].toSorted());
      expect(grown.buried).toHaveLength(read.buried.length);
    };
    scratch.commitOutside({ [pathOf(1)]: fileText(idOf(1), "One"), [pathOf(2)]: fileText(idOf(2), "Two") });
    await check();
    // A file that moves has not ended.
    scratch.commitOutside({ [pathOf(1)]: null, [`semantic/pitfall/b-${idOf(1)}.md`]: fileText(idOf(1), "One") });
    await check();
    const start = tip();
    scratch.commitOutside({ [pathOf(2)]: null });
    await check();
    const ours = tip();
    scratch.git("update-ref", "refs/heads/agent-memory", start);
    scratch.commitOutside({ [pathOf(3)]: fileText(idOf(3), "Three") });
    scratch.commitOutside({ [pathOf(3)]: null });
    await check();
    const tree = scratch.git("rev-parse", `${ours}^{tree}`);
    const merged = scratch.git("commit-tree", tree, "-p", ours, "-p", tip(), "-m", "merge");
    scratch.git("update-ref", "refs/heads/agent-memory", merged);
    await check();
    const all = await growing.upTo(tip());
    expect([...all.removed.keys()].toSorted()).toEqual([idOf(2), idOf(3)]);
    expect([...(await growing.between(start, tip())).removed.keys()].toSorted()).toEqual([idOf(2), idOf(3)]);
    expect([...(await growing.between(ours, tip())).removed.keys()]).toEqual([idOf(3)]);
  });

  test("are kept by this process's own writes without a look at the history", async () => {
    const { memories } = await addMemory(store, claim(1), act);
    const id = memories[0]?.id ?? "";
    await confirmMemory(store, id, { caller: human, reason: "Mine." });
    await store.evidence(await store.snapshot());
    const log = vi.spyOn(store.repository, "log");
    for (let n = 2; n < 6; n++) {
      await addMemory(store, claim(n), { caller: human, reason: "Typed." });
      await store.evidence(await store.snapshot());
    }
    await expireMemories(store, [id], { caller: human, reason: "", cause: "outdated" });
    const own = await store.evidence(await store.snapshot());
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
    expect(own.signed).toEqual([]);
    const endings = new Endings(store.repository);
    expect([...(await endings.upTo(tip())).removed.keys()]).toEqual([id]);
  });
});

describe("what is kept for the next process", () => {
  /** A state of this test's own, as the user's data directory is. */
  const stateIn = (folder: string): FolderState => new FolderState(path.join(scratch.root, folder));

  /** So many commits that it is kept: a memory comes and goes in each pair of them, and one claim is buried. */
  async function manyCommits(): Promise<void> {
    scratch.commitOutside({ [pathOf(1)]: fileText(idOf(1), "The API lives on port 4100") });
    const memory = (await store.snapshot()).get(idOf(1));
    if (memory === undefined) throw new Error("no memory");
    const { path: file, text } = makeTombstone(memory, "It was never so.", new Date());
    scratch.commitOutside({ [pathOf(1)]: null, [file]: text });
    const commit = (n: number): string =>
      `commit refs/heads/agent-memory\ncommitter By Hand <hand@example.com> ${1_700_000_000 + n} +0000\ndata 1\nx\n${
        n === 0 ? "from refs/heads/agent-memory^0\n" : ""
      }${n % 2 === 0 ? `M 100644 inline ${pathOf(2)}\ndata 1\nx\n` : `D ${pathOf(2)}\n`}`;
    const input = Array.from({ length: 300 }, (_, n) => commit(n)).join("");
    execFileSync("git", ["fast-import", "--quiet"], { cwd: scratch.folder, input });
  }

  test("is the same as what the history says, and saves reading it", async () => {
    await manyCommits();
    const told = await new Endings(store.repository, stateIn("kept")).upTo(tip());
    expect([...told.removed.keys()].toSorted()).toEqual([idOf(1), idOf(2)]);
    expect(told.buried).toHaveLength(1);
    const log = vi.spyOn(store.repository, "log");
    const again = await new Endings(store.repository, stateIn("kept")).upTo(tip());
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
    expect(again.removed).toEqual(told.removed);
    expect(again.buried).toEqual(told.buried);
    // After a rewind it is read anew.
    scratch.git("update-ref", "refs/heads/agent-memory", `${tip()}~301`);
    expect((await new Endings(store.repository, stateIn("kept")).upTo(tip())).removed.size).toBe(0);
  });

  test.each(["", "{", "[]", '{"tip":"x","removed":[["a"]],"graves":[]}'])(
    "is read anew where it is damaged: %s",
    async (text) => {
      await manyCommits();
      await stateIn("kept").write("endings.json", new TextEncoder().encode(text));
      const told = await new Endings(store.repository, stateIn("kept")).upTo(tip());
      expect([...told.removed.keys()].toSorted()).toEqual([idOf(1), idOf(2)]);
    },
  );
});

describe("a recall", () => {
  test("gives a signed belief of an untrusted source, and starts nothing for it the second time", async () => {
    const alice = new Signer(path.join(scratch.root, "keys"), "alice@example.com");
    scratch.commitOutside({ allowed_signers: alice.line });
    await store.team?.base.pin(human);
    const text = fileText(idOf(1), "The API lives on port 4100", "Port 4000 belongs to the old one.");
    const untrusted = text.replace("title:", 'origin: { channel: "mcp", trust: "untrusted" }\ntitle:');
    scratch.commitOutside({ [pathOf(1)]: untrusted });
    const asked = async (): Promise<string> => {
      const question = { text: "Which port has the API?", now: new Date() };
      const { result } = await ask(await presentViews([store]), question, { budget: 1200, limit: 12 });
      return result.text;
    };
    expect(await asked()).toBe("");
    const memory = (await store.snapshot()).get(idOf(1));
    if (memory === undefined) throw new Error("no memory");
    const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    scratch.commitOutside({ [`approvals/${idOf(1)}.alice.sig`]: alice.approval(memory, at) });
    expect(await asked()).toContain("Port 4000 belongs to the old one.");
    const [log, blobs] = [vi.spyOn(store.repository, "log"), vi.spyOn(store.repository, "blobs")];
    expect(await asked()).toContain("Port 4000 belongs to the old one.");
    expect([log, blobs].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    vi.restoreAllMocks();
  });
});
