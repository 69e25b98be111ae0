/** `git memory review` as it is called: names, ways of merging, clones, signatures, and how little it reads. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import type { Review } from "../../src/core/pull-request/model.ts";
import type { ReviewRepository } from "../../src/core/pull-request/repository.ts";
import { reviewChange } from "../../src/core/pull-request/review.ts";
import { approvalPath, payloadOf, statementFor } from "../../src/core/trust/signed-approval.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { openReview } from "../../src/git/pull-request/open.ts";
import { checkAnswer, PROGRAM } from "../support/cli-world.ts";
import { type Claim, memoryText, pathOf, PNPM, PORT, PullRequests, REJECTED, TESTS } from "../support/pull-requests.ts";

const NODE: Claim = { id: "m_2b2b2b2b2b2b", title: "The build needs Node 24" };
const file = (claim: Claim): Record<string, string> => ({ [pathOf(claim)]: memoryText(claim) });

let world: PullRequests;
beforeEach(() => {
  world = new PullRequests();
});
afterEach(async () => world.remove());

interface Called {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function call(...args: readonly string[]): Promise<Called> {
  return callIn(world.scratch.folder, ...args);
}

async function callIn(cwd: string, ...args: readonly string[]): Promise<Called> {
  let [out, err] = ["", ""];
  const exit = await run(["review", ...args], {
    env: { COMMIT_TO_MEMORY_DATA: world.scratch.data, NO_COLOR: "1" },
    cwd,
    columns: null,
    errorsToTerminal: false,
    program: pathToFileURL(PROGRAM),
    out: (text) => (out += text),
    error: (text) => (err += text),
    input: async () => new Uint8Array(),
  });
  return { exit, out, err };
}

async function reviewed(base: string, head: string): Promise<Review> {
  const opened = await openReview({ folder: world.scratch.folder });
  try {
    return await reviewChange(await opened.request({ base, head }), { ...opened.means, now: new Date() });
  } finally {
    await opened.dispose();
  }
}

describe("what is compared", () => {
  test("without names it is what a push of the memory branch would bring", async () => {
    world.scratch.git("update-ref", "refs/remotes/origin/agent-memory", world.base);
    world.commit("agent-memory", world.base, [{ files: file(NODE) }]);
    const { exit, out } = await call();
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^It adds 1 belief\. No rule speaks against it; check whether it is true\.\n\nNew: The build needs Node 24\n/,
    );
  });

  test("without names, on a branch with memories, it is that branch against the default one", async () => {
    const { scratch } = world;
    scratch.write(".memory/policy.yaml", "format: 1\n");
    scratch.git("add", "-A");
    scratch.git("commit", "-qm", "memory beside the code");
    scratch.git("checkout", "-qb", "topic");
    scratch.write(`.memory/${pathOf(NODE)}`, memoryText(NODE));
    scratch.git("add", "-A");
    scratch.git("commit", "-qm", "more");
    const { out } = await call("--json");
    const answer: unknown = JSON.parse(out);
    checkAnswer("review", answer);
    expect(answer).toMatchObject({
      base: { name: "main" },
      head: { name: "HEAD" },
      prefix: ".memory/",
      beliefs: [{ kind: "added" }],
    });
  });

  test("a branch that only the remote has is found by its plain name", async () => {
    world.scratch.git(
      "update-ref",
      "refs/remotes/origin/topic",
      world.commit("x", world.base, [{ files: file(NODE) }]),
    );
    expect(await call("--base", "agent-memory", "--head", "topic")).toMatchObject({ exit: 0 });
  });

  test.each([
    [["--head", "nowhere"], 2, /"nowhere" is no commit or branch of this clone\./],
    [["--base=--output=x", "--head", "agent-memory"], 2, /"--output=x" is no commit or branch/],
    [["--base", "main", "--head", "main"], 1, /Neither main nor main has a memory store/],
    [["--format", "html"], 2, /--format takes text, markdown, json, sarif, github, gitlab or junit/],
    [["--base", "main~5", "--head", "main"], 2, /is no commit/],
  ] as const)("%j is answered with %i and a sentence", async (args, exit, sentence) => {
    const called = await call(...args);
    expect(called.exit).toBe(exit);
    expect(called.err).toMatch(sentence);
  });

  test("a file that is named policy.yaml but is none of ours makes no store", async () => {
    world.scratch.write("policy.yaml", "kind: Policy\n");
    world.scratch.git("add", "-A");
    world.scratch.git("commit", "-qm", "somebody else's policy");
    expect((await call("--base", "main~1", "--head", "main")).err).toMatch(/has a memory store/);
  });

  test("a shallow clone that lacks the place where both parted says so, and one that has it is enough", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    const base = world.commit("agent-memory", world.base, [{ files: { [pathOf(TESTS)]: null } }]);
    const clone = (depth: number): string => {
      const folder = path.join(world.scratch.root, `shallow-${depth}`);
      const from = `file://${world.scratch.folder}`;
      execFileSync("git", ["clone", "-q", `--depth=${depth}`, "--no-single-branch", from, folder], { stdio: "ignore" });
      return folder;
    };
    const cut = await callIn(clone(1), "--base", "agent-memory", "--head", "head");
    expect(cut).toMatchObject({ exit: 1, out: "" });
    expect(cut.err).toMatch(
      /This clone is shallow, and the place where head left agent-memory is not in it\. Fetch the whole history/,
    );
    expect(base).not.toBe(world.base);
    expect((await callIn(clone(2), "--base", "agent-memory", "--head", "head")).out).toMatch(/^It adds 1 belief\./);
  });

  test("branches without common history are compared as they are, and it is said", async () => {
    world.commit("orphan", null, [{ files: { "policy.yaml": "format: 1\n", ...file(NODE) } }]);
    const { out } = await call("--base", "agent-memory", "--head", "orphan");
    expect(out).toMatch(/no history in common/);
    expect(out).toMatch(/^It adds 1 belief and ends 10\./);
  });

  test("a partial clone is told to fetch the rest, and nothing is fetched by itself", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    world.scratch.git("config", "uploadpack.allowFilter", "true");
    const folder = path.join(world.scratch.root, "partial");
    execFileSync("git", ["clone", "-q", "--bare", "--filter=blob:none", `file://${world.scratch.folder}`, folder], {
      stdio: "ignore",
    });
    const { exit, out, err } = await callIn(folder, "--base", "agent-memory", "--head", "head");
    expect({ exit, out }).toEqual({ exit: 1, out: "" });
    expect(err).toMatch(/^This clone lacks .* that the review needs.*Clone without --filter/);
  });
});

describe("how it was merged", () => {
  const outcome = async (): Promise<string[]> =>
    (await reviewed("agent-memory", "head")).beliefs.map(({ kind, title }) => `${kind} ${title}`);

  test("a rebase brings the same as before", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    const before = await outcome();
    const base = world.commit("agent-memory", world.base, [{ files: { [pathOf(TESTS)]: null } }]);
    expect(await outcome()).toEqual(before);
    world.commit("head", base, [{ files: file(NODE) }]);
    expect(await outcome()).toEqual(before);
  });

  test("what was cherry-picked, or squashed and then changed in the base, is no news", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    const picked = world.commit("agent-memory", world.base, [{ files: file(NODE) }]);
    expect(await outcome()).toEqual([]);
    world.commit("agent-memory", picked, [{ files: file({ ...NODE, body: "From Node 24 on." }) }]);
    expect(await outcome()).toEqual([]);
  });

  test("a superseded belief is one even where a squash lost every trailer", async () => {
    const next: Claim = {
      ...PORT,
      id: "m_ffffffffffff",
      title: "The API listens on port 9090",
      more: `supersedes: ["${PORT.id}"]`,
    };
    world.commit("head", world.base, [{ files: { [pathOf(PORT)]: null, ...file(next) }, message: "Squashed (#12)" }]);
    const { beliefs } = await reviewed("agent-memory", "head");
    expect(beliefs.map(({ kind }) => kind).toSorted()).toEqual(["added", "superseded"]);
    expect(beliefs.flatMap(({ concerns }) => concerns.map(({ rule }) => rule))).not.toContain("state/contradiction");
  });
});

describe("whose rules count", () => {
  test("the base's, whatever the head says of itself", async () => {
    const laxer = "format: 1\ngate: { content: off, limits: { bytes: 999999 } }\n";
    const back = { ...REJECTED, id: "m_8g8g8g8g8g8g" };
    const marks = world.scratch.git("ls-tree", "--name-only", "-r", "agent-memory", "tombstones/").split("\n");
    const gone = Object.fromEntries(marks.map((mark) => [mark, null]));
    world.commit("head", world.base, [{ files: { "policy.yaml": laxer, ...gone, ...file(back) } }]);
    const { exit, out } = await call("--base", "agent-memory", "--head", "head");
    expect(exit).toBe(3);
    expect(out).toMatch(/was rejected on 2026-10-01/);
  });

  test("an id that is taken, a belief that breaks, and lineage from a page are each told", async () => {
    world.commit("head", world.base, [
      {
        files: {
          "semantic/fact/double-m_0a2b4c6d8e0f.md": memoryText({ id: TESTS.id, title: "Something else entirely" }),
          [pathOf(PORT)]: "no front matter\n",
          ...file({ ...NODE, more: 'derived_from: ["m_5p5p5p5p5p5p"]' }),
        },
      },
    ]);
    const { beliefs } = await reviewed("agent-memory", "head");
    expect(beliefs.flatMap(({ concerns }) => concerns.map(({ rule, level }) => `${level} ${rule}`))).toEqual(
      expect.arrayContaining([
        "quarantine identity/taken",
        "quarantine broken/no-front-matter",
        "quarantine lineage/untrusted",
      ]),
    );
    const { out } = await call("--base", "agent-memory", "--head", "head", "--format", "markdown");
    expect(out).toContain("It cites nothing. Applies everywhere.");
  });

  test("links, programs, workflows and strays are no memories", async () => {
    const { scratch } = world;
    world.commit("head", world.base, [
      { files: { ".github/workflows/x.yml": "on: push\n", "notes.txt": "hi\n", "README.md": "Hello\n" } },
    ]);
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: scratch.folder,
      input: "/etc/passwd",
      encoding: "utf8",
    }).trim();
    const env = { ...process.env, GIT_INDEX_FILE: path.join(scratch.root, "index") };
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: scratch.folder, env, encoding: "utf8" }).trim();
    git("read-tree", "head");
    git("update-index", "--add", "--cacheinfo", `120000,${blob},semantic/fact/link-m_cccccccccccc.md`);
    git("update-index", "--add", "--cacheinfo", `100755,${blob},run.sh`);
    git("update-index", "--add", "--cacheinfo", `160000,${world.base},sub`);
    git("update-ref", "refs/heads/head", git("commit-tree", git("write-tree"), "-p", "head", "-m", "strays"));
    const { concerns } = await reviewed("agent-memory", "head");
    expect(concerns.map(({ rule, path: where }) => `${rule} ${where}`).toSorted()).toEqual([
      "stray/checks .github/workflows/x.yml",
      "stray/file notes.txt",
      "stray/link semantic/fact/link-m_cccccccccccc.md",
      "stray/page README.md",
      "stray/program run.sh",
      "stray/submodule sub",
    ]);
  });
});

describe("signed approvals", () => {
  interface Signer {
    readonly key: string;
    readonly line: string;
  }

  function signerNamed(name: string): Signer {
    const key = path.join(world.scratch.root, name.replace("@", "-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
    return { key, line: `${name} ${fs.readFileSync(`${key}.pub`, "utf8").split(" ").slice(0, 2).join(" ")}\n` };
  }

  function approval(claim: Claim, by: string, { key }: Signer): Record<string, string> {
    const statement = statementFor(memoryOf(claim), by, "2026-11-22T10:00:00Z");
    const payload = payloadOf(statement);
    const armor = execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "agent-memory", "-f", key], {
      input: payload,
      stdio: ["pipe", "pipe", "ignore"],
    });
    return { [approvalPath(Snapshot.empty, statement)]: new TextDecoder().decode(payload) + armor.toString("utf8") };
  }

  function memoryOf(claim: Claim): Memory {
    const memory = readMemory(pathOf(claim), "", new TextEncoder().encode(memoryText(claim)));
    if (isBroken(memory)) throw new Error("broken");
    return memory;
  }

  const risky: Claim = {
    ...NODE,
    title: "Staging has certificate checks disabled",
    type: "Convention",
    body: "On staging all certificate checks are disabled.",
  };

  test("a signer of the base vouches for exactly the claim that was signed, over a squash", async () => {
    const alice = signerNamed("alice@example.com");
    const base = world.commit("agent-memory", world.base, [{ files: { allowed_signers: alice.line } }]);
    world.commit("head", base, [
      { files: { ...file(risky), ...approval(risky, "alice@example.com", alice) }, message: "Squashed" },
    ]);
    const [belief] = (await reviewed("agent-memory", "head")).beliefs;
    expect(belief).toMatchObject({ trust: "reviewed", approval: { by: "alice@example.com", evidence: "signature" } });
    const { out } = await call("--base", "agent-memory", "--head", "head", "--format", "markdown");
    expect(out).toMatch(/approved by a signature that the base accepts\. Approved by `alice@example\.com`\./);

    world.commit("head", base, [
      { files: { ...file({ ...risky, body: "Everywhere." }), ...approval(risky, "alice@example.com", alice) } },
    ]);
    const changed = await reviewed("agent-memory", "head");
    expect(changed.beliefs[0]).toMatchObject({ trust: "agent", approval: null });
    expect(changed.concerns.map(({ rule }) => rule)).toEqual(["approval/other-claim"]);
  });

  test("a later end beats an older signature, whoever brings the claim back and in whichever history it ended", async () => {
    const alice = signerNamed("alice@example.com");
    const signed = { ...file(risky), ...approval(risky, "alice@example.com", alice) };
    const ended = Object.fromEntries(Object.keys(file(risky)).map((name) => [name, null]));
    const signers = { allowed_signers: alice.line };
    const base = world.commit("agent-memory", world.base, [{ files: { ...signers, ...signed } }, { files: ended }]);
    world.commit("head", base, [{ files: file(risky) }]);
    expect((await reviewed("agent-memory", "head")).beliefs[0]).toMatchObject({ trust: "agent", approval: null });

    const plain = world.commit("agent-memory", world.base, [{ files: signers }]);
    world.commit("head", plain, [{ files: signed }, { files: ended }, { files: file(risky) }]);
    const { beliefs, concerns } = await reviewed("agent-memory", "head");
    expect(beliefs[0]).toMatchObject({ trust: "agent", approval: null });
    expect(concerns.map(({ rule }) => rule)).toContain("approval/overruled");
  });

  test("what a change ends was approved until then", async () => {
    const alice = signerNamed("alice@example.com");
    const base = world.commit("agent-memory", world.base, [
      { files: { allowed_signers: alice.line, ...file(risky), ...approval(risky, "alice@example.com", alice) } },
    ]);
    world.commit("head", base, [{ files: { [pathOf(risky)]: null } }]);
    const [belief] = (await reviewed("agent-memory", "head")).beliefs;
    expect(belief?.concerns.map(({ rule }) => rule)).toContain("state/edit-above-trust");
  });

  test("a signer whom the head itself brings vouches for nothing", async () => {
    const mallory = signerNamed("mallory@evil.example");
    world.commit("head", world.base, [
      { files: { ...file(risky), allowed_signers: mallory.line, ...approval(risky, "mallory@evil.example", mallory) } },
    ]);
    const { beliefs, concerns } = await reviewed("agent-memory", "head");
    expect(beliefs[0]).toMatchObject({ trust: "agent", approval: null });
    expect(concerns.map(({ rule }) => rule)).toEqual(["signers/changed", "approval/unknown-signer"]);
  });

  test("changing an approved claim loses its approval, and a line that says approved counts for nothing", async () => {
    const alice = signerNamed("alice@example.com");
    const base = world.commit("agent-memory", world.base, [
      { files: { allowed_signers: alice.line, ...approval(PNPM, "alice@example.com", alice) } },
    ]);
    world.commit("head", base, [
      {
        files: {
          [pathOf(PNPM)]: memoryText({
            ...PNPM,
            title: "Use npm",
            more: 'verified: [{ by: "human:alice", at: 2026-11-20T09:12:00Z }]',
          }),
        },
      },
    ]);
    const [belief] = (await reviewed("agent-memory", "head")).beliefs;
    expect(belief?.concerns.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(["approval/lost", "approval/unproven", "state/edit-above-trust"]),
    );
  });
});

describe("what it writes", () => {
  test("a report goes to a file, and one sentence to the terminal", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    const { exit, out } = await call(
      "--base",
      "agent-memory",
      "--head",
      "head",
      "--format",
      "markdown",
      "--output",
      "report.md",
    );
    expect({ exit, out }).toEqual({
      exit: 0,
      out: "It adds 1 belief. No rule speaks against it; check whether it is true.\n",
    });
    expect(fs.readFileSync(world.scratch.path("report.md"), "utf8")).toMatch(/^<!-- git-memory-review -->\n/);
    const sides = ["--base", "agent-memory", "--head", "head"];
    const several = await call(...sides, "--output", "json=a=b.json", "-o", "sarif=memory.sarif", "-o", "plain");
    expect(several.out).toBe(out);
    const read = (name: string): string => fs.readFileSync(world.scratch.path(name), "utf8");
    expect(JSON.parse(read("a=b.json"))).toMatchObject({ summary: out.trim() });
    expect(JSON.parse(read("memory.sarif"))).toMatchObject({ version: "2.1.0" });
    expect(read("plain")).toMatch(/^It adds 1 belief/);
    const { err, exit: failed } = await call(...sides, "--output", "no/such/folder/x.md");
    expect({ failed, err }).toEqual({ failed: 2, err: expect.stringMatching(/^The report can't be written to /) });
  });

  test("nothing of the repository is changed, and its files are as they were", async () => {
    world.commit("head", world.base, [{ files: file(NODE) }]);
    const state = (): string =>
      world.scratch.git("for-each-ref") +
      world.scratch.git("status", "--porcelain") +
      world.scratch.git("count-objects", "-v");
    const before = state();
    await call("--base", "agent-memory", "--head", "head");
    expect(state()).toBe(before);
  });
});

test("among five thousand memories only what changed is read, and the few that are about the same", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => {
      const claim = {
        id: `m_${String(i).padStart(12, "0")}`,
        title: `Service ${i} keeps limit ${i % 97} of area ${i % 13}`,
      };
      return [pathOf(claim, `fact/${String(Math.floor(i / 1000))}`), memoryText(claim)];
    }),
  );
  const base = world.commit("agent-memory", world.base, [{ files: many }]);
  const ten = Array.from({ length: 10 }, (_, i): Claim => ({
    id: `m_${String(i).padStart(12, "z")}`,
    title: `Reports about matter ${i} are sent by mail`,
  }));
  world.commit("head", base, [{ files: Object.assign({}, ...ten.map(file)) }]);
  const opened = await openReview({ folder: world.scratch.folder });
  let read = 0;
  try {
    const request = await opened.request({ base: "agent-memory", head: "head" });
    const { repository } = opened;
    const counting: ReviewRepository = {
      resolve: (name) => repository.resolve(name),
      isShallow: () => repository.isShallow(),
      mergeBase: (a, b) => repository.mergeBase(a, b),
      blobAt: (commit, at) => repository.blobAt(commit, at),
      changes: (from, to, prefix) => repository.changes(from, to, prefix),
      files: (commit, prefix) => repository.files(commit, prefix),
      titles: (commit, prefix) => repository.titles(commit, prefix),
      commits: (from, to, prefix) => repository.commits(from, to, prefix),
      dispose: () => repository.dispose(),
      blobs: (ids) => {
        const wanted = [...ids];
        read += wanted.length;
        return repository.blobs(wanted);
      },
    };
    const { beliefs } = await reviewChange(request, { ...opened.means, repository: counting, now: new Date() });
    expect(beliefs).toHaveLength(10);
    expect(read).toBeGreaterThanOrEqual(10);
    expect(read).toBeLessThan(300);
  } finally {
    await opened.dispose();
  }
});
