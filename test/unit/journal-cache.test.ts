import { describe, expect, test } from "vitest";
import type { CommitInfo, FileDelta } from "../../src/core/ports.ts";
import { Journal } from "../../src/core/provenance/journal.ts";
import { encodeJournal, PackedJournal } from "../../src/core/provenance/journal-cache.ts";

const commitOf = (n: number): string => n.toString(16).padStart(40, "0");
const idOf = (n: number): string => `m_${String(n).padStart(12, "0")}`;
const pathOf = (n: number): string => `semantic/fact/x-${idOf(n)}.md`;

/** `count` commits in a line, each touching one of ten memories; the fiftieth moves one that has no id. */
class History {
  commits: CommitInfo[] = [];
  logs = 0;

  constructor(count: number) {
    for (let n = 1; n <= count; n++) this.add(n);
  }

  add(n: number): void {
    const deltas: FileDelta[] =
      n === 50
        ? [
            { path: "semantic/fact/old.md", before: "b", after: null },
            { path: "semantic/fact/new.md", before: null, after: "b" },
          ]
        : [{ path: n === 20 ? "semantic/fact/old.md" : pathOf(n % 10), before: null, after: `b${n}` }];
    const message = `memory(add): number ${n}\n\nFor ä test.\n\nMemory-Op: add\n${n === 20 || n === 50 ? "" : `Memory-Id: ${idOf(n % 10)}\n`}`;
    this.commits = [
      {
        commit: commitOf(n),
        parents: n === 1 ? [] : [commitOf(n - 1)],
        author: { name: "A", email: "a@example.com" },
        at: "2026-11-23T09:12:00Z",
        message,
        deltas,
      },
      ...this.commits,
    ];
  }

  async tip(): Promise<string | null> {
    return this.commits[0]?.commit ?? null;
  }

  async log({ until }: { until?: string } = {}): Promise<CommitInfo[]> {
    this.logs += 1;
    const end = this.commits.findIndex(({ commit }) => commit === until);
    return end < 0 ? this.commits : this.commits.slice(0, end);
  }
}

class State {
  readonly files = new Map<string, Uint8Array>();
  async read(name: string): Promise<Uint8Array | null> {
    return this.files.get(name) ?? null;
  }
  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(name, bytes);
  }
}

async function made(history: History, state: State): Promise<Journal> {
  const journal = new Journal(history, state);
  await journal.entries();
  await journal.dispose();
  return journal;
}

describe("the journal of an earlier process", () => {
  test("tells the same as the log, without asking git again", async () => {
    const [history, state] = [new History(400), new State()];
    const expected = await new Journal(history).entries();
    await made(history, state);
    history.logs = 0;
    const journal = new Journal(history, state);
    expect(await journal.entries()).toEqual(expected);
    expect(await journal.of(idOf(3))).toEqual(
      expected.filter(({ changes }) => changes.some(({ id }) => id === idOf(3))),
    );
    expect(await journal.entry(commitOf(77))).toEqual(expected.find(({ commit }) => commit === commitOf(77)));
    expect([
      await journal.position(commitOf(400)),
      await journal.position(commitOf(1)),
      await journal.position(commitOf(401)),
    ]).toEqual([0, 399, undefined]);
    expect(history.logs).toBe(0);
  });

  test("is extended by what is new, over the border between both", async () => {
    const [history, state] = [new History(400), new State()];
    await made(history, state);
    for (let n = 401; n <= 420; n++) history.add(n);
    const journal = new Journal(history, state);
    const expected = await new Journal(history).entries();
    expect((await journal.of(idOf(5))).map(({ commit }) => commit)).toEqual(
      expected.filter(({ changes }) => changes[0]?.id === idOf(5)).map(({ commit }) => commit),
    );
    expect(await journal.entries()).toEqual(expected);
    expect(await journal.position(commitOf(400))).toBe(20);
  });

  test("follows a file to the name that it had before", async () => {
    const [history, state] = [new History(400), new State()];
    await made(history, state);
    const found = await new Journal(history, state).of("path:semantic/fact/new.md", "semantic/fact/new.md");
    expect(found.map(({ commit }) => commit)).toEqual([commitOf(50), commitOf(20)]);
  });

  test("is not believed when it is cut short, changed, or of a history that is gone", async () => {
    const [history, state] = [new History(400), new State()];
    await made(history, state);
    const bytes = state.files.get("journal") ?? new Uint8Array();
    expect(PackedJournal.decode(bytes.slice(0, -1))).toBeNull();
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 5] = (changed[changed.length - 5] ?? 0) ^ 1;
    expect(PackedJournal.decode(changed)).toBeNull();
    state.files.set("journal", changed);
    expect(await new Journal(history, state).entries()).toHaveLength(400);

    await made(history, state);
    const other = new History(300);
    other.commits = other.commits.map((info, i) => (i === 0 ? { ...info, commit: "f".repeat(40) } : info));
    expect((await new Journal(other, state).entries()).map(({ commit }) => commit)[0]).toBe("f".repeat(40));
  });

  test("holds names of 32 bytes too, and nothing of an empty history", () => {
    expect(encodeJournal([])).toBeNull();
    const entry = {
      commit: "ab".repeat(32),
      parents: [],
      author: { name: "A", email: "a" },
      at: "2026-11-23T09:12:00Z",
      text: { subject: "s", reason: "", ids: [], context: [] },
      trusted: true,
      changes: [],
    };
    const packed = PackedJournal.decode(encodeJournal([entry]) ?? new Uint8Array());
    expect(packed?.find("ab".repeat(32))).toEqual(entry);
    expect(packed?.newest).toBe("ab".repeat(32));
  });
});
