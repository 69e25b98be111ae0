/** Rules that somebody committed by hand, as a person meets them in the editor: read key by key, accepted, put back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import { isBroken } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { openStores } from "../../src/git/open.ts";
import { fileText, human } from "../support/scratch.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

/** A row shows as much of a title as fits. */
const CARD = "The rules of";

let work: string;
let folder: string;
let editor: Editor;

const git = (...args: string[]): string => run("git", args, { cwd: folder }).trim();
const rules = (): string => git("show", "agent-memory:policy.yaml");
const shownText = (): Promise<string> => editor.text();

/** What any program with a shell can do: null takes a file out. */
function commitFiles(files: Readonly<Record<string, string | null>>): void {
  const tree = join(work, `tree-${git("rev-list", "--count", "agent-memory")}`);
  git("worktree", "add", "--quiet", "--force", tree, "agent-memory");
  for (const [file, words] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    if (words === null) rmSync(join(tree, file));
    else writeFileSync(join(tree, file), words);
  }
  git("-C", tree, "add", "--all");
  git("-C", tree, "commit", "--quiet", "--all", "--message=Tidy up");
  git("worktree", "remove", "--force", tree);
}

const commitByHand = (change: (before: string) => string): void =>
  commitFiles({ "policy.yaml": change(`${rules()}\n`) });

/** Once it is decided the document goes, and with it the focus. */
const reviewIsClosed = (): Promise<void> =>
  expect.poll(() => editor.page.locator(".tab", { hasText: "Review" }).count(), LIMIT).toBe(0);

async function openCard(): Promise<void> {
  await editor.openView();
  await editor.select(editor.row(CARD).first(), "a card");
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".tab.active", { hasText: "Review" }).waitFor();
  await expect.poll(shownText, LIMIT).toContain("The rules that it would change");
  await editor.focusDocument();
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "rules-"));
  folder = join(work, "web-shop");
  mkdirSync(folder);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Dana");
  git("config", "user.email", "dana@example.com");
  git("commit", "--quiet", "--allow-empty", "--message=Start");
  const stores = await openStores({ folder, dataDirectory: join(work, "data") });
  if (stores.project === null) throw new Error("The folder is no repository.");
  await initialiseStore(stores.project, { caller: human, reason: "" });
  await stores.dispose();
  editor = await openEditor({ folder });
  await editor.openView();
});

afterAll(async () => {
  await editor.dispose();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
});

test("stand under Needs you, and are shown key by key with what less would be watched", async () => {
  commitByHand((before) => before.replace("agent: 90d", "agent: never").replace("burst: 30", "burst: 3000"));
  await openCard();
  const words = await shownText();
  expect(words).toContain("│ ttl.agent: never, was 90d");
  expect(words).toContain("│ gate.limits.burst: 3000, was 30");
  expect(words).toContain("less is watched or more is trusted");
  await editor.screenshot("rules");
});

test("are in force once a person says so in a dialog, and only what is changed after that is asked about", async () => {
  const commit = git("rev-parse", "agent-memory");
  await editor.page.keyboard.press("Control+Enter");
  await editor.dialog.waitFor();
  await editor.screenshot("rules-dialog");
  expect(await editor.question()).toContain("ttl.agent: never, was 90d");
  await editor.pressEnterInDialog();
  expect(await editor.row(CARD).count()).toBe(1);
  await editor.focusDocument();
  await editor.page.keyboard.press("Control+Enter");
  await editor.sayYes();
  await editor.notification("Approved.").waitFor();
  await expect.poll(() => editor.row(CARD).count(), LIMIT).toBe(0);
  await reviewIsClosed();
  // They stood there already: a commit would say nothing.
  expect(git("rev-parse", "agent-memory")).toBe(commit);
  commitByHand((before) => before.replace("agent_cited: 365d", "agent_cited: never"));
  await openCard();
  expect(await shownText()).toContain("│ ttl.agent_cited: never, was 365d");
  expect(await shownText()).not.toMatch(/ttl\.agent:|burst/);
});

test("are put back as they were by a person's no, with its reason", async () => {
  const asked = rules();
  await editor.page.keyboard.press("Control+Backspace");
  await editor.answer("Nobody asked for that.");
  await editor.notification("Rejected.").waitFor();
  expect(rules()).toBe(asked.replace("agent_cited: never", "agent_cited: 365d"));
  expect(rules()).toContain("agent: never");
  expect(git("log", "-1", "--format=%b", "agent-memory")).toContain("Nobody asked for that.");
  await expect.poll(() => editor.row(CARD).count(), LIMIT).toBe(0);
  await reviewIsClosed();
});

test("a rejection that is taken out by hand holds on, until a person overrules it", async () => {
  const [id, title] = ["m_0a2b4c6d8e0f", "The mirror lies in Norway"];
  const path = `semantic/fact/mirror-${id}.md`;
  const text = fileText(id, title, "Invoices are read from there.");
  const memory = readMemory(path, "", new TextEncoder().encode(text));
  if (isBroken(memory)) throw new Error("The fixture is broken.");
  const tombstone = makeTombstone(memory, "It was moved.", new Date());
  commitFiles({ [path]: text, [tombstone.path]: tombstone.text });
  const unused = editor.row("The mirror").filter({ hasText: /not in use|rejected/ });
  await unused.first().waitFor();
  commitFiles({ [tombstone.path]: null });
  await editor.row("A rejection").first().waitFor();
  await expect.poll(() => editor.row("The mirror").filter({ hasText: "not in use" }).count(), LIMIT).toBe(1);
  await editor.select(editor.row("A rejection").first(), "a card");
  await editor.page.keyboard.press("Enter");
  await expect.poll(shownText, LIMIT).toContain("It was moved.");
  await editor.screenshot("rejection-taken-out");
  await editor.focusDocument();
  await editor.page.keyboard.press("Control+Enter");
  await editor.sayYes();
  await expect.poll(() => editor.row("A rejection").count(), LIMIT).toBe(0);
  await expect.poll(() => unused.count(), LIMIT).toBe(0);
  await editor.row("The mirror").first().waitFor();
});
