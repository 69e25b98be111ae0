import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { approveHeld, digestOfHeld, rejectHeld, undoApproval, undoRejection } from "../../src/core/review/decide.ts";
import { reviewDocument, type ReviewDocument } from "../../src/core/review/document.ts";
import { lookAt } from "../../src/core/review/look.ts";
import { ConfirmationNeededError, type Finding, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { approvalOf, consentTo } from "../../src/core/view/approval.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { finding, HELD_ID, HELD_PATH, hold as holdIn, queueOf, type Waits } from "../support/held.ts";
import { claim, human, Scratch } from "../support/scratch.ts";

const NOW = new Date("2026-11-23T11:00:00Z");

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  await scratch.start();
  store = await scratch.open(scratch.folder, () => NOW);
});
afterEach(async () => scratch.remove());

const hold = async (waits: Waits = {}): Promise<Held> => holdIn(store, waits);

async function documentOf(...waiting: readonly Held[]): Promise<ReviewDocument> {
  const looks = await Promise.all(waiting.map((held) => lookAt(store, held)));
  return reviewDocument(looks, NOW, () => undefined);
}

function marked(page: ReviewDocument): string[] {
  const lines = page.text.split("\n");
  return page.marks.map(({ line, start, end }) => (lines[line] ?? "").slice(start, end));
}

describe("looking at what waits", () => {
  test("tells a plain fact from one that a rule speaks against, and that from one which weakens security", async () => {
    expect(await lookAt(store, await hold())).toMatchObject({
      plain: true,
      grave: false,
      refused: false,
      title: "A claim",
    });
    const order = finding("order/imperative");
    expect(await lookAt(store, await hold({ findings: [finding("origin/untrusted"), order] }))).toMatchObject({
      plain: false,
      grave: false,
    });
    expect(await lookAt(store, await hold({ body: "Security checks are disabled for admins." }))).toMatchObject({
      plain: false,
      grave: true,
      refused: false,
    });
  });

  test("believes no card that leaves out what the gate sees in the text", async () => {
    const look = await lookAt(
      store,
      await hold({ body: "For admin users all security checks are disabled.", findings: [] }),
    );
    expect(look.plain).toBe(false);
    expect(look.findings.map(({ rule }) => rule)).toContain("security/weaker-check");
  });

  test("knows what the gate would refuse whoever approves it", async () => {
    expect(await lookAt(store, await hold({ body: `The key is AKIA${"Q3EGRIVIZRV4DXMB"}.` }))).toMatchObject({
      refused: true,
      plain: false,
    });
  });

  test("finds what it speaks against and what stands in its place by now", async () => {
    const { memories } = await addMemory(
      store,
      claim(1, { title: "Retries are enabled for mails", body: "Retries are enabled for mails." }),
      { caller: human, reason: "" },
    );
    const against = await lookAt(
      store,
      await hold({ front: { title: "Retries are disabled for mails" }, body: "Retries are disabled for mails." }),
    );
    expect(against.files[0]?.contradicts.map(({ id }) => id)).toEqual([memories[0]?.id]);
    const [first] = memories;
    if (first === undefined || first.blob === null) throw new Error("not stored");
    const edit = await hold({
      path: first.path,
      front: { id: first.id },
      before: { path: first.path, blob: first.blob },
    });
    expect((await lookAt(store, edit)).files[0]).toMatchObject({
      overtaken: false,
      now: expect.stringContaining("Retries are enabled"),
    });
    await updateMemory(store, first.id, { body: "Retries are enabled for all." }, { caller: human, reason: "" });
    expect((await lookAt(store, edit)).files[0]).toMatchObject({ overtaken: true });
  });
});

describe("the review's document", () => {
  test("shows the claim first, then why it waits, where it comes from and the file's own keys", async () => {
    const page = await documentOf(
      await hold({ front: { sources: [{ resource: "https://example.com/a" }], scope: ["src/**"] } }),
    );
    const order = [
      "│ A claim",
      "│ It is so.",
      "Fact · about src/** · new",
      "Why it waits",
      "(origin/untrusted)",
      "Where it comes from",
      "through an MCP client",
      "turn 4",
      "│ Read on a page.",
      "│ https://example.com/a",
      "Kept with it",
      "│ type: Fact",
    ];
    const places = order.map((text) => page.text.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("puts a bar before every line of others, so that none can pass for ours", async () => {
    const forged = "It is so.\n\nWhy it waits\n  No rule speaks against it today.\n────\n";
    const page = await documentOf(await hold({ body: forged, reason: "Fine.\n\nWhy it waits\n  Nothing." }));
    expect(page.text.match(/^Why it waits$/gm)).toHaveLength(1);
    expect(page.text.match(/^│ Why it waits$/gm)).toHaveLength(2);
  });

  test("says a card's own notes behind the bar, and what the gate sees now in its own words", async () => {
    const page = await documentOf(
      await hold({
        body: "Security checks are disabled.",
        findings: [
          finding("burst/session", "This was checked and is safe."),
          finding("security/weaker-check", "Nothing to see."),
        ],
      }),
    );
    expect(page.text).toContain("│ This was checked and is safe. (burst/session)");
    expect(page.text).not.toContain("Nothing to see.");
    expect(page.text).toMatch(/^ {2}Line 9 says that a security control is off/m);
  });

  test("marks the words that raised a rule, though hidden characters before them are spelled out", async () => {
    const body = "A\u202Eb \u200B\u200B and for admin users all security checks are disabled.";
    const page = await documentOf(await hold({ body, findings: [] }));
    expect(page.text).toContain("A⟨U+202E⟩b ⟨U+200B⟩⟨U+200B⟩ and for admin users");
    expect(marked(page).some((words) => /checks are disabled/.test(words))).toBe(true);
    const twice = await documentOf(
      await hold({
        body: "All security checks are disabled.\n\nIn the old client security checks are disabled too.",
        findings: [],
      }),
    );
    expect(
      twice.marks.filter(({ rule }) => rule === "security/weaker-check").map(({ sentence }) => sentence.slice(0, 8)),
    ).toEqual(["Line 9 s", "Line 11 "]);
    expect(marked(page)).toContain("⟨U+202E⟩");
  });

  test("marks a title by the words that were seen in it", async () => {
    const page = await documentOf(await hold({ front: { title: "Security checks are disabled for admins" } }));
    const [at] = page.marks.filter(({ line }) => page.text.split("\n")[line]?.startsWith("│ Security checks"));
    expect(at?.rule).toBe("security/weaker-check");
  });

  test("shows an edit against what is believed now", async () => {
    const { memories } = await addMemory(store, claim(1), { caller: human, reason: "" });
    const [first] = memories;
    if (first === undefined || first.blob === null) throw new Error("not stored");
    const page = await documentOf(
      await hold({ path: first.path, front: { id: first.id }, before: { path: first.path, blob: first.blob } }),
    );
    expect(page.text).toContain("What it would change");
    expect(page.text).toContain("│ - The value of setting 1 was read from the settings.\n│ + It is so.");
  });

  test("tells the claims of one session apart and folds their keys away", async () => {
    const other = "m_0a2b4c6d8e0f";
    const second = { id: other, title: "The mail queue retries five times" };
    const waiting = [
      await hold(),
      await hold({
        path: `semantic/fact/b-${other}.md`,
        front: second,
        body: "The mail queue tries again five times, a minute apart.",
      }),
    ];
    const page = await documentOf(...waiting);
    const lines = page.text.split("\n");
    expect(page.parts.map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
    expect(
      page.parts.map(({ first, last }) => lines.slice(first, last + 1).find((line) => line.startsWith("│"))),
    ).toEqual(["│ A claim", "│ The mail queue retries five times"]);
    expect(page.folds).toHaveLength(2);
    expect(page.folds.map(({ first }) => lines[first])).toEqual([
      expect.stringMatching(/^Kept with it/),
      expect.stringMatching(/^Kept with it/),
    ]);
    expect(page.text).toContain("approves the 2 plain facts");
  });
});

describe("the question before an approval", () => {
  test("names the claim and says what approving does before any word of others", async () => {
    const question = approvalOf(
      [await lookAt(store, await hold({ front: { title: "Use \u202Enpm" } }))],
      "2026-12-01T00:00:00Z",
    );
    expect(question.message).toBe("Approve “Use ⟨U+202E⟩npm”?");
    expect(question.detail.split("\n")[0]).toBe("Agents will treat it as your word. It ends on 2026-12-01.");
    expect(question.detail).toContain("It is so.");
  });

  test("says where it shows a part only", async () => {
    const { detail } = approvalOf([await lookAt(store, await hold({ body: "A line.\n".repeat(40) }))]);
    expect(detail).toContain("This is only the beginning.");
  });
});

describe("what the gate asks about a person's own words", () => {
  test("comes with the words that raised it", () => {
    const text = "---\ntype: Fact\n---\n\nChecks are off.\n";
    const start = text.indexOf("Checks");
    const asked: Finding = {
      ...finding("security/weaker-check", "Line 5 says that a control is off."),
      verdict: "confirm",
      span: { start, end: start + 10 },
    };
    const error = new ConfirmationNeededError(
      [asked, { ...asked, verdict: "allow", span: { start: 0, end: 3 } }],
      () => text,
    );
    expect(error.quotes).toEqual(["Checks are"]);
    expect(consentTo(error.findings, error.quotes)).toEqual({
      message: "Store this all the same?",
      detail: "Line 5 says that a control is off.\n\n“Checks are”",
    });
  });
});

describe("a decision taken back", () => {
  test("undoes an approval: it is believed no more and waits again", async () => {
    const held = await hold();
    const { commit } = await approveHeld(store, held.id, { caller: human, reason: "", shown: digestOfHeld(held) });
    await undoApproval(store, held, commit, { caller: human, reason: "Undone." });
    expect((await store.snapshot()).get(HELD_ID)).toBeUndefined();
    // Approved bytes that come back by another way are nobody's word any more.
    expect(await store.approvals.approvals()).toEqual([]);
    expect((await queueOf(store).waiting(null)).map(digestOfHeld)).toEqual([digestOfHeld(held)]);
    await approveHeld(store, held.id, { caller: human, reason: "", shown: digestOfHeld(held) });
    const snapshot = await store.snapshot();
    const memory = snapshot.get(HELD_ID);
    expect(memory === undefined ? null : await store.trustOf(snapshot, memory)).toBe("reviewed");
  });

  test("undoes a rejection, whatever its words: the tombstone goes and it waits again", async () => {
    const held = await hold({ front: { title: "Security checks are disabled for admins" } });
    const written = await rejectHeld(store, held.id, { caller: human, reason: "No." });
    expect(written?.commit).toBe(scratch.git("rev-parse", "agent-memory"));
    await undoRejection(store, held, { caller: human, reason: "Undone." });
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory")).not.toContain("tombstones/");
    expect((await queueOf(store).waiting(null)).map(({ id }) => id)).toEqual([held.id]);
  });

  test("keeps the end that a person gave while approving, though it is as long as the policy's", async () => {
    const ends = "2027-02-21T09:00:00Z";
    const held = await hold({ front: { origin: { channel: "mcp", trust: "untrusted" } } });
    const text = new TextDecoder()
      .decode(held.files[0]?.bytes ?? new Uint8Array())
      .replace("generated:", `expires_at: ${ends}\ngenerated:`);
    await approveHeld(store, held.id, {
      caller: human,
      reason: "",
      shown: digestOfHeld(held),
      edited: new Map([[HELD_PATH, new TextEncoder().encode(text)]]),
    });
    expect((await store.snapshot()).get(HELD_ID)?.front.expires_at).toBe(ends);
  });
});

describe("a card that somebody wrote by hand", () => {
  const good = {
    at: "2026-11-23T09:00:00Z",
    operation: "add",
    reason: "",
    subject: "x",
    caller: { actor: "a", channel: "mcp", trust: "agent" },
    findings: [],
    files: [{ path: HELD_PATH, read: null, file: null }],
  };
  const put = (card: object): void => {
    const text = JSON.stringify(card);
    const input = `commit refs/memory/quarantine\ncommitter X <x@example.com> 1 +0000\ndata 1\nx\nM 100644 inline q_000000000000/card.json\ndata ${Buffer.byteLength(text)}\n${text}\n`;
    execFileSync("git", ["fast-import", "--quiet"], { cwd: scratch.folder, input, stdio: ["pipe", "pipe", "pipe"] });
  };

  test("is read where it is whole", async () => {
    put(good);
    expect(await queueOf(store).waiting(null)).toHaveLength(1);
  });

  test.each([
    ["no caller", { caller: null }],
    ["a door that there is none of", { caller: { ...good.caller, channel: "telephone" } }],
    ["an operation that there is none of", { operation: "explode" }],
    ["a finding without words", { findings: [{ rule: "x" }] }],
    ["a file without a name", { files: [{ read: null, file: null }] }],
    ["no file", { files: [] }],
  ])("is named and not read where it has %s", async (_, wrong) => {
    put({ ...good, ...wrong });
    expect(await queueOf(store).waiting(null)).toHaveLength(0);
    expect(await queueOf(store).unreadable()).toHaveLength(1);
  });
});

describe("a fact that was found twice", () => {
  const find = async (actor: string, session: string, url: string): Promise<void> => {
    const caller = { channel: "mcp", actor, trust: "untrusted", session } as const;
    const draft = { ...claim(1), sources: [{ resource: url }] };
    await expect(addMemory(store, draft, { caller, reason: "Read." })).rejects.toThrow(HeldForReviewError);
  };
  const told = async (): Promise<boolean[]> => {
    const waiting = await queueOf(store).waiting(null);
    const pages = await Promise.all(waiting.map(async (held) => documentOf(held)));
    return pages.map(({ text }) => text.includes("Found apart from it"));
  };

  test("is told to the reviewer, and still waits", async () => {
    await find("copilot/gpt-5.2", "s_aaaaaaaa", "https://docs.parser.example/a");
    expect(await told()).toEqual([false]);
    await find("codex/1", "s_bbbbbbbb", "https://wiki.other.test/b");
    expect(await told()).toEqual([true, true]);
    expect((await store.snapshot()).size).toBe(0);
  });

  test("on one site is found once", async () => {
    await find("copilot/gpt-5.2", "s_aaaaaaaa", "https://docs.parser.example/a");
    await find("codex/1", "s_bbbbbbbb", "https://blog.parser.example/b");
    expect(await told()).toEqual([false, false]);
  });
});
