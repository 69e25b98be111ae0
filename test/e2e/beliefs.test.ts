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

test("in a narrow side bar the row still says which cited code changed", async () => {
  const stale = editor.page
    .locator(".part.sidebar .monaco-list-row[aria-label*='stale: src/queue.js changed']")
    .first();
  await stale.waitFor();
  const box = await editor.page.locator(".part.sidebar").boundingBox();
  if (box === null) throw new Error("The side bar is not to be seen.");
  const edge = box.x + box.width;
  await editor.page.mouse.move(edge, 400);
  await editor.page.mouse.down();
  await editor.page.mouse.move(box.x + 300, 400, { steps: 5 });
  await editor.page.mouse.up();
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
  await editor.page.mouse.move(box.x + 300, 400);
  await editor.page.mouse.down();
  await editor.page.mouse.move(edge, 400, { steps: 5 });
  await editor.page.mouse.up();
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
  const dialog = editor.page.locator(".monaco-dialog-box");
  await dialog.waitFor();
  await editor.screenshot("confirm");
  const text = (await dialog.innerText()).replaceAll("\u00a0", " ");
  expect(text).toContain(`Confirm “${TITLE}”?`);
  expect(text).toContain("Agents will treat it as your word.");
  expect(text).toContain("floating point lost a cent per order in March");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(storeLog()).toHaveLength(before);
  await editor.page.locator(".codelens-decoration a", { hasText: "Confirm as mine" }).click();
  await dialog.waitFor();
  // Who was typing as it came up confirms nothing.
  await editor.page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await editor.page.waitForTimeout(500);
  expect(storeLog()).toHaveLength(before);
  await editor.page.locator(".codelens-decoration a", { hasText: "Confirm as mine" }).click();
  await dialog.getByRole("button", { name: "Confirm as Mine" }).click();
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

test("the history of all unfolds below, what a session did together, and a commit opens as a diff", async () => {
  const pane = (name: string) => editor.page.locator(".part.sidebar .pane-header", { hasText: name });
  await pane("Beliefs").click();
  await pane("History").click();
  const change = editor.page.locator("[aria-label*='changed by Claude-code'][aria-label*='decimal prices']");
  await change.waitFor();
  await editor.screenshot("timeline");
  // This window's own acts are one session.
  expect(await editor.page.locator("[aria-label^='Session of alice, ']").count()).toBe(1);
  await change.click();
  await editor.page.locator(".tab.active", { hasText: `${TITLE} (changed by claude-code)` }).waitFor();
  await editor.screenshot("timeline-diff");
});
