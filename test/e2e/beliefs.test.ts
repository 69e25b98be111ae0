/** The packaged extension, installed as a user installs it, and its view of what is believed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

const TITLE = "Money is an integer in cents";

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor();
});
afterAll(async () => {
  await editor.dispose();
});

const storeLog = (): string[] =>
  run("git", ["log", "--format=%s", "agent-memory"], { cwd: editor.folder }).trim().split("\n");

/** One click shows a memory and leaves the focus in the view. */
const select = (text: string): Promise<void> => editor.select(editor.row(text).last());

test("the packaged extension shows its icon in the activity bar, and its view opens from there", async () => {
  await editor.activityIcon.waitFor();
  expect(await editor.activityIcon.count()).toBe(1);
  await editor.openView();
  await expect
    .poll(() => editor.page.locator(".part.sidebar .title-label").innerText(), LIMIT)
    .toMatch(/commit to memory/i);
  await editor.row(TITLE).first().waitFor();
});

test("the view shows exceptions first, then what is believed, and a badge for what needs a person", async () => {
  const sections = editor.page.locator(".part.sidebar .pane-body .monaco-list-row[aria-level='1'] .label-name");
  await expect.poll(() => sections.allInnerTexts(), LIMIT).toEqual(["Needs you", "Believed now", "Past"]);
  await expect
    .poll(() => editor.row(TITLE).last().getAttribute("aria-label"), LIMIT)
    .toMatch(/convention, in force, pinned, written by alice/);
  await editor.screenshot("beliefs");
});

test("in a narrow side bar the row still says which cited code changed", async () => {
  const stale = editor.page
    .locator(".part.sidebar .monaco-list-row[aria-label*='stale: src/queue.js changed']")
    .first();
  await stale.waitFor();
  await editor.inNarrowSideBar(async () => {
    await editor.screenshot("narrow");
    const row = await stale.locator(".monaco-icon-label-container").boundingBox();
    const words = await stale.locator(".label-description").evaluate((span) => {
      const range = document.createRange();
      const text = document.createTreeWalker(span, NodeFilter.SHOW_TEXT).nextNode();
      if (text === null) return null;
      range.setStart(text, 0);
      range.setEnd(text, "queue.js chang".length);
      return { text: range.toString(), right: range.getBoundingClientRect().right };
    });
    expect(words?.text).toBe("queue.js chang");
    expect(words?.right).toBeLessThan((row?.x ?? 0) + (row?.width ?? 0));
  });
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

test("a memory becomes a person's own word only in a dialog that shows the claim", async () => {
  const before = storeLog().length;
  await editor.page.locator(".codelens-decoration a", { hasText: "Confirm as mine" }).click();
  await editor.dialog.waitFor();
  await editor.screenshot("confirm");
  const text = await editor.question();
  expect(text).toContain(`Confirm “${TITLE}”?`);
  expect(text).toContain("Agents will treat it as your word.");
  expect(text).toContain("floating point lost a cent per order in March");
  await editor.dialog.getByRole("button", { name: "Cancel" }).click();
  await editor.dialog.waitFor({ state: "detached" });
  expect(storeLog()).toHaveLength(before);
  await editor.page.locator(".codelens-decoration a", { hasText: "Confirm as mine" }).click();
  // Who was typing as it came up confirms nothing.
  await editor.pressEnterInDialog();
  await editor.page.waitForTimeout(500);
  expect(storeLog()).toHaveLength(before);
  await editor.page.locator(".codelens-decoration a", { hasText: "Confirm as mine" }).click();
  await editor.dialog.getByRole("button", { name: "Confirm as Mine" }).click();
  await expect.poll(() => storeLog()[0], LIMIT).toMatch(/^memory\(approve\)/);
  await editor.page.locator(".codelens-decoration", { hasText: "confirmed" }).waitFor();
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
  const name = editor.page.locator(".part.sidebar .monaco-list-row.focused .label-name");
  await expect.poll(() => name.innerText(), LIMIT).not.toBe(TITLE);
  const focused = await name.innerText();
  await editor.page.keyboard.press("F2");
  await expect.poll(() => editor.input.inputValue(), LIMIT).toBe(focused);
  await editor.closeQuickInput();
});

test("Delete expires after one pick, says so, and Undo brings it back", async () => {
  const before = storeLog().length;
  await select(TITLE);
  await editor.page.keyboard.press("Delete");
  await editor.choice("Outdated").waitFor();
  await editor.screenshot("expire");
  await editor.page.keyboard.press("ArrowDown");
  await editor.page.keyboard.press("Enter");
  await editor.notification("Expired.").waitFor();
  expect(storeLog()).toHaveLength(before + 1);
  await editor.screenshot("expired");
  await editor.notification("Expired.").locator(".monaco-button", { hasText: "Undo" }).click();
  await expect.poll(() => storeLog().length, LIMIT).toBe(before + 2);
  await editor.row(TITLE).last().waitFor();
});

test("history lists the changes with their reasons and opens one as a diff", async () => {
  await select(TITLE);
  await editor.runCommand("Memory: Show History…");
  await editor.choice("A rounding bug cost us a day of refunds").waitFor();
  await editor.screenshot("history");
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".monaco-diff-editor").first().waitFor();
  await expect.poll(() => editor.page.locator(".tab.active").innerText(), LIMIT).toContain(TITLE);
  await editor.screenshot("diff");
});

test("the history of all unfolds below, what a session did together, and a commit opens as a diff", async () => {
  await editor.foldView("Beliefs", false);
  await editor.foldView("History", true);
  const change = editor.page.locator("[aria-label*='changed by Claude-code'][aria-label*='decimal prices']");
  await change.waitFor();
  await editor.screenshot("timeline");
  // This window's own acts are one session.
  await expect.poll(() => editor.page.locator("[aria-label^='Session of alice, ']").count(), LIMIT).toBe(1);
  await change.click();
  await editor.page.locator(".tab.active", { hasText: `${TITLE} (changed by claude-code)` }).waitFor();
  await editor.screenshot("timeline-diff");
});

test("the extension is listed as installed", async () => {
  await editor.runCommand("Extensions: Show Installed Extensions");
  const listed = editor.page.locator(".extensions-list .extension-list-item").filter({ hasText: "Commit to Memory" });
  await expect.poll(() => listed.count(), LIMIT).toBe(1);
  await editor.screenshot("installed");
});
