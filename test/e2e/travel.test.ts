/** From a symptom to the cure, as a person does it by keys: find the cause, see what followed, take it back, travel, erase. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { human } from "../support/scratch.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

const POISON = "Export files begin without a header row";
const DERIVED = "Compare exports from the first line on";
const BESIDE = "The report page is cached for a minute";
const KNOWN = "Money is an integer in cents";
const SECRET = "The demo password is hunter2 and a half";

let work: string;
let folder: string;
let stores: Stores;
let store: MemoryStore;
let editor: Editor;

const git = (...args: string[]): string => run("git", args, { cwd: folder }).trim();
const newest = (): string => git("log", "-1", "--format=%B", "agent-memory");
const believed = (): string => git("ls-tree", "-r", "--name-only", "agent-memory", "semantic");

async function add(caller: Caller, draft: Draft, reason: string): Promise<string> {
  const { memories } = await addMemory(store, draft, { caller, reason });
  return memories[0]?.id ?? "";
}

const agent = (session: string, recalled: readonly string[] = []): Caller => ({
  channel: "mcp",
  actor: "copilot/gpt-5.2",
  trust: "agent",
  session,
  turn: 2,
  recalled,
});

const text = (): Promise<string> => editor.text();

const pick = (label: string): Promise<void> => editor.pick(label);

/** A picture with the side bar at 300 pixels. */
const narrow = (name: string): Promise<void> => editor.inNarrowSideBar(() => editor.screenshot(name));

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "travel-"));
  folder = join(work, "web-shop");
  mkdirSync(folder);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Dana");
  git("config", "user.email", "dana@example.com");
  writeFileSync(
    join(folder, "export.js"),
    "// why does the export begin without a header row?\nexport const rows = 1;\n",
  );
  git("add", "--all");
  git("commit", "--quiet", "--message=Start");
  let clock = Date.now() - 9 * 86_400_000;
  const environment = {
    now: () => new Date((clock += 3_600_000)),
    random: (n: number) => crypto.getRandomValues(new Uint8Array(n)),
  };
  stores = await openStores({ folder, dataDirectory: join(work, "data"), environment });
  if (stores.project === null) throw new Error("The folder is no repository.");
  store = stores.project;
  await initialiseStore(store, { caller: human, reason: "" });
  await add(
    human,
    { type: "Convention", title: KNOWN, body: "Store and compute prices as integers in cents." },
    "A rounding bug cost a day.",
  );
  const poison = await add(
    agent("s_1p5y2n7k"),
    {
      type: "Fact",
      title: POISON,
      body: "The export writes its rows at once, without a header row before them.",
      sources: [{ id: "page", resource: "https://pastes.example/k3j" }],
    },
    "A page said so.",
  );
  await add(
    agent("s_2k8m4q1x", [poison]),
    {
      type: "Procedure",
      title: DERIVED,
      body: "Tests of the export compare from the first line on.",
      derived_from: [poison],
    },
    "Follows from the fact.",
  );
  await add(
    agent("s_2k8m4q1x", [poison]),
    { type: "Fact", title: BESIDE, body: "The page of the reports is cached for sixty seconds." },
    "Seen in the headers.",
  );
  await add(
    human,
    { type: "Fact", title: SECRET, body: "It is the one of the demo shop, said on the phone." },
    "Noted.",
  );
  editor = await openEditor({ folder });
  await editor.openView();
  await editor.row(KNOWN).first().waitFor();
});

afterAll(async () => {
  await editor.dispose();
  await stores.dispose();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
});

test("selected words lead to the belief behind them, and on to where it came from", async () => {
  await editor.openFile("export.js");
  await expect.poll(text, LIMIT).toContain("why does the export begin");
  await editor.focusDocument();
  await editor.page.keyboard.press("Control+Home");
  await editor.page.keyboard.press("Shift+End");
  await editor.runCommand("Memory: Find What Is Behind This");
  const suspect = editor.page.locator(`.part.sidebar .monaco-list-row[aria-label^="1, ${POISON}"]`);
  await suspect.waitFor();
  expect(await suspect.getAttribute("aria-label")).toMatch(/trust: (?:agent|untrusted)/);
  await editor.row("pastes.example").first().waitFor();
  await editor.screenshot("trace-why");
  await narrow("trace-why-narrow");
});

test("what followed is a tree with the reason of each step, and what was merely in context stands apart", async () => {
  const suspect = editor.page.locator(`.part.sidebar .monaco-list-row[aria-label^="1, ${POISON}"]`);
  await editor.pickInMenu(suspect, "Show What Followed from It");
  await editor.row("Merely in context").waitFor();
  const derived = editor.page.locator(`.part.sidebar .monaco-list-row[aria-label^="${DERIVED}, derived from it"]`);
  expect(await derived.getAttribute("aria-label")).toContain("in session s_2k8m4q1x");
  await editor.page
    .locator(`.part.sidebar .monaco-list-row[aria-label*="${BESIDE}, only written while it was in context"]`)
    .waitFor();
  await editor.screenshot("lineage");
  await narrow("lineage-narrow");
});

test("taking it back is shown first, gone on with by one key, and undone", async () => {
  const before = newest();
  await editor.runCommand("Memory: Take Back with What Followed");
  await pick("s_1p5y2n7k");
  await pick("With what was derived from it");
  await expect.poll(text, LIMIT).toContain("Nothing is done yet");
  const words = await text();
  expect(words).toContain("Goes (2)");
  expect(words).toContain(`│ ${BESIDE}`);
  expect(words).toContain("It was only written while it was in context");
  expect(newest()).toBe(before);
  await editor.screenshot("take-back");
  await editor.focusDocument();
  await editor.page.keyboard.press("Control+Enter");
  await expect.poll(newest, LIMIT).toMatch(/This reverts commit [0-9a-f]{40}\.\nThis reverts commit [0-9a-f]{40}\./);
  expect(believed()).not.toContain("header-row");
  expect(believed()).toContain("the-report-page-is-cached");
  // The page goes once it is done, and with it the focus: a question that is open then would be closed.
  await editor.tab("export.js").waitFor();
});

test("the view travels to a moment and back", async () => {
  await editor.runCommand("Memory: Travel to a Moment");
  await pick("Type a date");
  await editor.answer("8d");
  await editor.row("Back to now").first().waitFor();
  await editor.row(KNOWN).first().waitFor();
  expect(await editor.row(SECRET).count()).toBe(0);
  await editor.screenshot("then");
  await narrow("then-narrow");
  await editor.row("Back to now").first().click();
  await editor.row(SECRET).first().waitFor();
  expect(await editor.row("Back to now").count()).toBe(0);
});

test("a snapshot is named, listed, compared with now and deleted", async () => {
  await editor.runCommand("Memory: Name a Snapshot");
  await editor.answer("before-release");
  await expect.poll(() => git("tag", "--list"), LIMIT).toBe("memory/before-release");
  await addMemory(
    store,
    { type: "Fact", title: "Refunds take two days", body: "The bank says so." },
    { caller: human, reason: "" },
  );
  await editor.runCommand("Memory: Compare Two Moments");
  await pick("before-release");
  await pick("Now");
  await expect.poll(text, LIMIT).toContain("From before-release to now: one belief differs.");
  await editor.screenshot("difference");
});

test("erasing says what would go, asks twice, and tells what remains", async () => {
  await editor.openView();
  await editor.pickInMenu(editor.row(SECRET).first(), "Erase from History");
  await expect.poll(text, LIMIT).toContain("What would go");
  await editor.screenshot("erase");
  await pick("Leave no digest");
  await editor.dialog.waitFor();
  await editor.screenshot("erase-dialog");
  await editor.sayYes();
  await expect.poll(text, LIMIT).toContain("What was done");
  await editor.screenshot("erased");
  expect(git("log", "--all", "-p", "agent-memory")).not.toContain("hunter2");
});
