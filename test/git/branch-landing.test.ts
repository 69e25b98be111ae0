/** A store in `.memory/` of the checked-out branch: when a write lands, and what it never touches. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, Scratch, until } from "../support/scratch.ts";
import { land, letRest, looksOf, startOnBranch, whyItWaits, workOf } from "./support/branch.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await startOnBranch(scratch);
});
afterEach(async () => scratch.remove());

const titles = (n: number): string[] => Array.from({ length: n }, (_, i) => `Claim number ${i + 1}`);

describe("a write at a quiet moment", () => {
  test("lands at once, as the very commit that was acknowledged", async () => {
    letRest(scratch);
    const written = await addMemory(store, claim(1), act);
    expect(written.status).toBe("stored");
    expect(scratch.git("rev-parse", "main")).toBe(written.commit);
    expect(scratch.git("for-each-ref", "refs/memory/")).toBe("");
    expect(scratch.git("status", "--porcelain")).toBe("");
    expect(scratch.git("show", "--name-only", "--format=%an", "HEAD")).toMatch(
      /^copilot\/gpt-5.2\n\n\.memory\/semantic\/fact\//,
    );
    scratch.fsck();
  });

  test("leaves index and files as a fast-forward would", async () => {
    const { memories } = await addMemory(store, claim(1), act);
    await addMemory(store, claim(2), act);
    await land(store);
    await expireMemories(store, [memories[0]?.id ?? ""], { ...act, cause: "outdated" });
    await updateMemory(store, (await store.snapshot()).memories().next().value?.id ?? "", { body: "Changed." }, act);
    await land(store);
    const twin = `${scratch.root}/twin`;
    scratch.git("clone", "--quiet", ".", twin);
    expect(scratch.git("ls-files", "--stage")).toBe(scratch.gitIn(twin, "ls-files", "--stage"));
    expect(scratch.git("ls-files", "--deleted", "--modified", "--others")).toBe("");
    expect(fs.readdirSync(scratch.path(".memory"), { recursive: true }).toSorted()).toEqual(
      fs.readdirSync(`${twin}/.memory`, { recursive: true }).toSorted(),
    );
    expect(scratch.git("reflog", "--format=%gs", "-1")).toBe("memory");
  });

  test("is followed by the next one without a pause, because only we changed anything", async () => {
    letRest(scratch);
    for (let n = 1; n <= 3; n++) expect((await addMemory(store, claim(n), act)).status).toBe("stored");
    expect(await believed(store)).toEqual(titles(3));
  });

  test("starts no git for the index and the files of an everyday work tree", async () => {
    await store.dispose();
    const log = `${scratch.root}/started`;
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    fs.mkdirSync(`${scratch.root}/bin`);
    const script = `#!/bin/sh\necho "$*" >> '${log}'\nexec '${real}' "$@"\n`;
    fs.writeFileSync(`${scratch.root}/bin/git`, script, { mode: 0o755 });
    const { PATH } = process.env;
    process.env["PATH"] = `${scratch.root}/bin:${PATH}`;
    try {
      const again = await scratch.open();
      letRest(scratch);
      const { memories, status } = await addMemory(again, claim(1), act);
      expect(status).toBe("stored");
      await updateMemory(again, memories[0]?.id ?? "", { body: "Changed." }, act);
      await land(again);
    } finally {
      process.env["PATH"] = PATH;
    }
    const started = fs.readFileSync(log, "utf8");
    expect(started).toContain("update-ref");
    expect(started).not.toMatch(/read-tree|checkout-index/);
    expect(scratch.git("log", "-1", "--format=%s")).toMatch(/^memory\(update\)/);
    expect(scratch.git("status", "--porcelain")).toBe("");
  });

  test("waits a moment after the user's own change, and then lands by itself", async () => {
    scratch.write("code.txt", "two\n");
    scratch.git("commit", "--quiet", "--all", "--message=more");
    const written = await addMemory(store, claim(1), act);
    expect(written.status).toBe("waiting");
    expect(written.notices[0]).toBe(
      "It is recalled already, and waits to land on main: the repository changed a moment ago.",
    );
    expect(await believed(store)).toEqual(titles(1));
    letRest(scratch);
    await until(
      () => scratch.git("rev-parse", "HEAD") === written.commit && !fs.existsSync(scratch.path(".git/index.lock")),
    );
    expect(scratch.git("status", "--porcelain")).toBe("");
  });
});

describe("work of the user's", () => {
  test("that is staged, edited and untracked elsewhere stays as it is", async () => {
    scratch.write("staged.txt", "staged\n");
    scratch.write("code.txt", "staged\n");
    scratch.git("add", ".");
    scratch.write("code.txt", "edited\n");
    scratch.write("untracked.txt", "new\n");
    const before = workOf(scratch);
    letRest(scratch);
    const written = await addMemory(store, claim(1), act);
    expect(written.status).toBe("stored");
    expect(workOf(scratch)).toEqual(before);
    scratch.git("commit", "--quiet", "--message=mine");
    expect(scratch.git("show", "--name-only", "--format=", "HEAD").split("\n")).toEqual(["code.txt", "staged.txt"]);
    expect(await believed(store)).toEqual(titles(1));
  });

  test.each([
    ["edited", false],
    ["staged", true],
  ])("that is %s in the same memory makes that write wait, and only that", async (_how, staged) => {
    const { memories } = await addMemory(store, claim(1), act);
    await land(store);
    const [{ id, path } = { id: "", path: "" }] = memories;
    const file = scratch.path(".memory", path);
    fs.appendFileSync(file, "\nMine.\n");
    if (staged) scratch.git("add", ".memory");
    const before = workOf(scratch);
    letRest(scratch);
    const changed = await updateMemory(store, id, { title: "Another title" }, act);
    expect(changed.status).toBe("waiting");
    expect(changed.notices[0]).toBe(
      `It is recalled already, and waits to land on main: .memory/${path} has changes that are not committed.`,
    );
    const other = await addMemory(store, claim(2), act);
    expect(other.status).toBe("waiting");
    expect(scratch.git("log", "--format=%s", "-1")).toBe("memory(add): Claim number 2");
    expect(workOf(scratch)).toEqual(before);
    expect(await believed(store)).toEqual(["Another title", "Claim number 2"]);

    scratch.git("commit", "--quiet", "--all", "--message=mine");
    await land(store);
    expect(fs.readFileSync(file, "utf8")).toMatch(/title: "Another title"[\s\S]*\nMine\.\n$/);
    expect(scratch.git("status", "--porcelain")).toBe("");
    scratch.fsck();
  });

  test("that lies untracked where a memory is to go is never overwritten", async () => {
    scratch.write(".git/index.lock", "");
    const { memories } = await addMemory(store, claim(1), act);
    fs.rmSync(scratch.path(".git/index.lock"));
    const file = `.memory/${memories[0]?.path ?? ""}`;
    scratch.write(file, "mine\n");
    letRest(scratch);
    expect(await whyItWaits(store)).toBe(`${file} has changes that are not committed`);
    expect(fs.readFileSync(scratch.path(file), "utf8")).toBe("mine\n");
    fs.rmSync(scratch.path(".memory/semantic"), { recursive: true });
    fs.symlinkSync(scratch.root, scratch.path(".memory/semantic"));
    expect(await whyItWaits(store)).toBe(`${file} has changes that are not committed`);
    fs.rmSync(scratch.path(".memory/semantic"));
    expect(await whyItWaits(store)).toBeNull();
    expect(scratch.git("status", "--porcelain")).toBe("");
  });
});

describe("a landing that was cut off", () => {
  /** As a kill leaves it after the refs moved; `lock` is what became of `index.lock`. */
  const cutOff = async (lock: "removed by hand" | "somebody else's"): Promise<string> => {
    scratch.write(".git/index.lock", "");
    const { commit } = await addMemory(store, claim(1), act);
    fs.rmSync(scratch.path(".git/index.lock"));
    await store.dispose();
    const ref = "refs/memory/pending/main";
    const intent = {
      branch: "refs/heads/main",
      before: scratch.git("rev-parse", "main"),
      after: commit,
      pending: { ref, before: scratch.git("rev-parse", ref), after: null },
      lock: "0",
      by: { pid: 99_999_999, host: os.hostname(), at: Date.now() },
    };
    scratch.write(".git/memory/landing", JSON.stringify(intent));
    scratch.git("update-ref", "refs/heads/main", commit);
    if (lock === "somebody else's") scratch.write(".git/index.lock", "theirs");
    return commit;
  };

  test("is finished where the lock was removed by hand, before the user's next commit could undo it", async () => {
    await cutOff("removed by hand");
    expect(scratch.git("status", "--porcelain")).toMatch(/^D {2}\.memory/);
    const again = await scratch.open();
    expect(await believed(again)).toEqual(titles(1));
    expect(scratch.git("status", "--porcelain")).toBe("");
    expect(scratch.git("for-each-ref", "refs/memory/")).toBe("");
    expect(fs.readdirSync(scratch.path(".git/memory")).filter((name) => name.startsWith("landing"))).toEqual([]);
  });

  test("waits for a lock that is somebody else's, and leaves it alone", async () => {
    await cutOff("somebody else's");
    const again = await scratch.open();
    expect(await believed(again)).toEqual(titles(1));
    expect(fs.readFileSync(scratch.path(".git/index.lock"), "utf8")).toBe("theirs");
    fs.rmSync(scratch.path(".git/index.lock"));
    await land(again);
    expect(scratch.git("status", "--porcelain")).toBe("");
  });

  test.each(["", "{", '{"lock":"0"}', "null", "[]"])(
    "with a damaged note (%s) keeps nothing from opening",
    async (note) => {
      scratch.write(".git/memory/landing", note);
      const again = await scratch.open();
      expect(await believed(again)).toEqual([]);
      expect(fs.existsSync(scratch.path(".git/memory/landing"))).toBe(false);
    },
  );
});

describe("while something is in progress, a write waits and nothing is touched", () => {
  const conflict = (): void => {
    scratch.git("checkout", "--quiet", "-b", "side");
    scratch.write("code.txt", "side\n");
    scratch.git("commit", "--quiet", "--all", "--message=side");
    scratch.git("checkout", "--quiet", "main");
    scratch.write("code.txt", "main\n");
    scratch.git("commit", "--quiet", "--all", "--message=main");
  };
  const failing = (...args: string[]): void => {
    expect(() => scratch.git(...args)).toThrow("Command failed");
  };
  const resolved = (): void => {
    scratch.write("code.txt", "both\n");
    scratch.git("add", "code.txt");
  };

  const states: Record<string, { begin: () => void; says: RegExp; end: () => void }> = {
    merge: {
      begin: () => failing("merge", "side"),
      says: /a merge is in progress/,
      end: () => {
        resolved();
        scratch.git("commit", "--quiet", "--no-edit");
      },
    },
    "squashed merge": {
      begin: () => {
        scratch.git("checkout", "--quiet", "-b", "other", "HEAD~1");
        scratch.git("merge", "--squash", "--quiet", "side");
      },
      says: /squashed/,
      end: () => void scratch.git("commit", "--quiet", "--no-edit"),
    },
    rebase: {
      begin: () => failing("rebase", "side"),
      says: /a rebase is in progress/,
      end: () => {
        resolved();
        scratch.git("-c", "core.editor=true", "rebase", "--continue");
      },
    },
    "cherry-pick": {
      begin: () => failing("cherry-pick", "side"),
      says: /a cherry-pick is in progress/,
      end: () => {
        resolved();
        scratch.git("-c", "core.editor=true", "cherry-pick", "--continue");
      },
    },
    revert: {
      begin: () => failing("revert", "--no-edit", "side"),
      says: /a revert is in progress/,
      end: () => void scratch.git("revert", "--abort"),
    },
    am: {
      begin: () => {
        fs.writeFileSync(`${scratch.root}/patch`, scratch.git("format-patch", "--stdout", "-1", "side") + "\n");
        failing("am", `${scratch.root}/patch`);
      },
      says: /git am/,
      end: () => void scratch.git("am", "--abort"),
    },
    bisect: {
      begin: () => {
        scratch.git("bisect", "start", "HEAD", "HEAD~2");
      },
      says: /a bisect is in progress/,
      end: () => void scratch.git("bisect", "reset"),
    },
    "conflicting stash": {
      begin: () => {
        scratch.write("code.txt", "stashed\n");
        scratch.git("stash", "--quiet");
        scratch.write("code.txt", "committed\n");
        scratch.git("commit", "--quiet", "--all", "--message=committed");
        failing("stash", "pop");
      },
      says: /there are conflicts to resolve first/,
      end: () => void scratch.git("reset", "--quiet", "--hard"),
    },
    "held index": {
      begin: () => scratch.write(".git/index.lock", ""),
      says: /another git is at work \(index.lock\)/,
      end: () => fs.rmSync(scratch.path(".git/index.lock")),
    },
  };

  test.each(Object.entries(states))("%s", async (_name, { begin, says, end }) => {
    conflict();
    begin();
    letRest(scratch);
    const before = looksOf(scratch);
    const written = await addMemory(store, claim(1), act);
    expect(written.status).toBe("waiting");
    expect(written.notices[0]).toMatch(says);
    expect(await whyItWaits(store)).toMatch(says);
    expect(looksOf(scratch)).toEqual(before);
    expect(await believed(store)).toEqual(titles(1));
    end();
    letRest(scratch);
    await until(async () => (await whyItWaits(store)) === null);
    expect(await believed(store)).toEqual(titles(1));
    expect(scratch.git("ls-files", ".memory/semantic").split("\n")).toHaveLength(1);
    expect(scratch.git("status", "--porcelain")).toBe("");
    scratch.fsck();
  });
});

describe("the user's own commit", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill();
  });

  /** Ends when git does. The hook or editor waits for a file named `go`. */
  const commitSlowly = (how: "hook" | "editor"): Promise<number | null> => {
    const wait = `touch "${scratch.root}/there"; while [ ! -e "${scratch.root}/go" ]; do sleep 0.02; done`;
    if (how === "hook") {
      fs.mkdirSync(scratch.path(".git/hooks"), { recursive: true });
      fs.writeFileSync(scratch.path(".git/hooks/pre-commit"), `#!/bin/sh\n${wait}\n`, { mode: 0o755 });
    }
    const editor = `sh -c '${wait}; echo mine > "$1"' --`;
    const child = spawn("git", ["-c", `core.editor=${editor}`, "commit", ...(how === "hook" ? ["-m", "mine"] : [])], {
      cwd: scratch.folder,
      stdio: "ignore",
    });
    children.push(child);
    return new Promise((resolve) => child.once("close", resolve));
  };

  test.each(["hook", "editor"] as const)(
    "goes through while its %s runs, and the memory lands after it",
    async (how) => {
      scratch.write("code.txt", "mine\n");
      scratch.git("add", "code.txt");
      letRest(scratch);
      const done = commitSlowly(how);
      await until(() => fs.existsSync(`${scratch.root}/there`));
      letRest(scratch);
      const written = await addMemory(store, claim(1), act);
      expect(written.notices[0]).toMatch(/git commit is running|a commit message is being written/);
      fs.writeFileSync(`${scratch.root}/go`, "");
      expect(await done).toBe(0);
      expect(scratch.git("show", "--name-only", "--format=%s", "HEAD").split("\n")).toEqual(["mine", "", "code.txt"]);
      await land(store);
      expect(scratch.git("log", "--format=%s", "-2").split("\n")).toEqual(["memory(add): Claim number 1", "mine"]);
      expect(scratch.git("status", "--porcelain")).toBe("");
    },
  );
});
