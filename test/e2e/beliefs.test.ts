import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import { openEditor, type Editor } from "./support/editor.ts";

const TITLE = "Money is an integer in cents";
const LIMIT = { timeout: 20_000 };

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor();
  await editor.openView();
  await editor.row(TITLE).first().waitFor();
});
afterAll(async () => {
  await editor.dispose();
});

const storeLog = (): string[] =>
  run("git", ["log", "--format=%s", "agent-memory"], { cwd: editor.folder }).trim().split("\n");

/** One click shows a memory and leaves the focus in the view. */
async function select(text: string): Promise<void> {
  await editor.row(text).last().click();
}

test("the view shows exceptions first, then what is believed, and a badge for what needs a person", async () => {
  const sections = editor.page.locator(".part.sidebar .pane-body .monaco-list-row[aria-level='1'] .label-name");
  await expect.poll(() => sections.allInnerTexts(), LIMIT).toEqual(["Needs you", "Believed now", "Past"]);
  expect(await editor.row(TITLE).last().getAttribute("aria-label")).toMatch(
    /convention, in force, pinned, written by alice/,
  );
  await editor.screenshot("beliefs");
});

test("Enter opens a memory, with its story over the front matter and after the cursor's line", async () => {
  await select(TITLE);
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".tab.active", { hasText: "money-is-an-integer-in-cents" }).waitFor();
  await editor.page.locator(".codelens-decoration", { hasText: "Confirm as mine" }).waitFor();
  const drawn = (): Promise<string[]> =>
    editor.page.evaluate(() =>
      Array.from(document.querySelectorAll(".view-line span"), (span) => getComputedStyle(span, "::after").content),
    );
  await expect
    .poll(async () => (await drawn()).join("\n"), LIMIT)
    .toContain("alice: A rounding bug cost us a day of refunds · 40d");
  await editor.screenshot("memory");
});

test("F2 edits the title and Ctrl+Z in the view takes that back", async () => {
  await select(TITLE);
  await editor.page.keyboard.press("F2");
  await editor.answer("Money is counted in cents");
  await editor.row("Money is counted in cents").last().waitFor();
  await select("Money is counted in cents");
  await editor.page.keyboard.press("Control+z");
  await expect.poll(() => editor.row("Money is counted in cents").count(), LIMIT).toBe(0);
  expect(storeLog()[0]).toMatch(/^memory\(revert\)/);
});

test("a key acts on the row that the arrow keys went to, whichever is open", async () => {
  await select(TITLE);
  await editor.page.keyboard.press("ArrowDown");
  const focused = await editor.page.locator(".part.sidebar .monaco-list-row.focused .label-name").innerText();
  expect(focused).not.toBe(TITLE);
  await editor.page.keyboard.press("F2");
  const input = editor.page.locator(".quick-input-widget input.input");
  await expect.poll(() => input.inputValue(), LIMIT).toBe(focused);
  await editor.page.keyboard.press("Escape");
});

test("Delete expires after one pick, says so, and Undo brings it back", async () => {
  const before = storeLog().length;
  await select(TITLE);
  await editor.page.keyboard.press("Delete");
  await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: "Outdated" }).waitFor();
  await editor.screenshot("expire");
  await editor.page.keyboard.press("ArrowDown");
  await editor.page.keyboard.press("Enter");
  await editor.notification("Expired.").waitFor();
  await editor.screenshot("expired");
  expect(storeLog()).toHaveLength(before + 1);
  await editor.notification("Expired.").locator(".monaco-button", { hasText: "Undo" }).click();
  await expect.poll(() => storeLog().length, LIMIT).toBe(before + 2);
  await editor.row(TITLE).last().waitFor();
});

test("history lists the changes with their reasons and opens one as a diff", async () => {
  await select(TITLE);
  await editor.runCommand("Memory: Show History…");
  await editor.page
    .locator(".quick-input-list .monaco-list-row", { hasText: "A rounding bug cost us a day of refunds" })
    .waitFor();
  await editor.screenshot("history");
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".monaco-diff-editor").first().waitFor();
  expect(await editor.page.locator(".tab.active").innerText()).toContain(TITLE);
  await editor.screenshot("diff");
});
