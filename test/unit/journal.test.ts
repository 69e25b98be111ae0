import { describe, expect, test } from "vitest";
import { GitError } from "../../src/core/errors.ts";
import type { CommitInfo, FileDelta, LogQuery } from "../../src/core/ports.ts";
import { idOfPath, Journal } from "../../src/core/provenance/journal.ts";

const ID = "m_7k3q9f2d4cxw";
const PATH = `semantic/fact/claim-${ID}.md`;

/** A history in a line, newest first, as git would tell it. */
class History {
  commits: CommitInfo[] = [];
  readonly asked: LogQuery[] = [];

  add(commit: string, deltas: readonly FileDelta[], message = `memory(add): ${commit}\n`): void {
    const parents = this.commits[0] === undefined ? [] : [this.commits[0].commit];
    this.commits = [
      { commit, parents, author: { name: "A", email: "a@example.com" }, at: "2026-11-23T09:12:00Z", message, deltas },
      ...this.commits,
    ];
  }

  async tip(): Promise<string | null> {
    return this.commits[0]?.commit ?? null;
  }

  async log(query: LogQuery = {}): Promise<CommitInfo[]> {
    this.asked.push(query);
    const end = this.commits.findIndex(({ commit }) => commit === query.until);
    if (query.until !== undefined && end < 0) throw new GitError("bad object");
    return end < 0 ? this.commits : this.commits.slice(0, end);
  }
}

const kinds = async (journal: Journal): Promise<string[]> =>
  (await journal.entries()).flatMap(({ changes }) => changes.map(({ kind }) => kind));

describe("what a commit did to a memory", () => {
  test("is told by its blobs", async () => {
    const history = new History();
    history.add("a", [{ path: PATH, before: null, after: "1" }]);
    history.add("b", [{ path: PATH, before: "1", after: "2" }]);
    history.add("c", [{ path: PATH, before: "2", after: null }]);
    expect(await kinds(new Journal(history))).toEqual(["removed", "changed", "added"]);
  });

  test("is a change where its file moved, by its id or by its content", async () => {
    const history = new History();
    history.add("a", [
      { path: PATH, before: "1", after: null },
      { path: `semantic/decision/other-${ID}.md`, before: null, after: "2" },
    ]);
    history.add("b", [
      { path: "semantic/fact/by-hand.md", before: "3", after: null },
      { path: "semantic/fact/moved.md", before: null, after: "3" },
    ]);
    const [b, a] = await new Journal(history).entries();
    expect(a?.changes).toEqual([
      { kind: "changed", id: ID, path: `semantic/decision/other-${ID}.md`, before: "1", after: "2", movedFrom: PATH },
    ]);
    expect(b?.changes).toMatchObject([
      { kind: "changed", path: "semantic/fact/moved.md", movedFrom: "semantic/fact/by-hand.md" },
    ]);
  });

  test("is nothing for files that are no memories", async () => {
    const history = new History();
    history.add("a", [
      { path: "policy.yaml", before: null, after: "1" },
      { path: "README.md", before: null, after: "2" },
    ]);
    expect(await kinds(new Journal(history))).toEqual([]);
  });
});

describe("the journal", () => {
  test("asks only for what is new", async () => {
    const history = new History();
    history.add("a", [{ path: PATH, before: null, after: "1" }]);
    const journal = new Journal(history);
    await journal.entries();
    await journal.entries();
    history.add("b", [{ path: PATH, before: "1", after: "2" }]);
    expect((await journal.entries()).map(({ commit }) => commit)).toEqual(["b", "a"]);
    expect(history.asked).toEqual([{ from: "a" }, { from: "b", until: "a" }]);
  });

  test("starts again where what it knew is gone", async () => {
    const history = new History();
    history.add("a", []);
    const journal = new Journal(history);
    await journal.entries();
    history.commits = [];
    expect(await journal.entries()).toEqual([]);
    history.add("b", []);
    await journal.entries();
    history.commits = [];
    history.add("c", []);
    expect((await journal.entries()).map(({ commit }) => commit)).toEqual(["c"]);
  });

  test("finds a memory under the names that it had", async () => {
    const history = new History();
    history.add("a", [{ path: "semantic/fact/one.md", before: null, after: "1" }]);
    history.add("b", [
      { path: "semantic/fact/one.md", before: "1", after: null },
      { path: "semantic/fact/two.md", before: null, after: "1" },
    ]);
    const found = await new Journal(history).of("path:semantic/fact/two.md", "semantic/fact/two.md");
    expect(found.map(({ commit }) => commit)).toEqual(["b", "a"]);
  });

  test("gives who asks during a reading an answer that is no older than the question", async () => {
    const history = new History();
    history.add("a", []);
    const journal = new Journal(history);
    const first = journal.entries();
    history.add("b", []);
    expect((await journal.entries()).map(({ commit }) => commit)).toEqual(["b", "a"]);
    await first;
  });
});

test.each([
  [PATH, ID],
  [`semantic/fact/${ID}.md`, ID],
  ["semantic/fact/by-hand.md", "path:semantic/fact/by-hand.md"],
  [`semantic/fact/x-${ID}.txt`, `path:semantic/fact/x-${ID}.txt`],
])("the file %s is known as %s", (path, id) => {
  expect(idOfPath(path)).toBe(id);
});
