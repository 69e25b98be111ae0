import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

const TITLE = "Money is an integer in cents";

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor();
  await editor.openView();
  await editor.row(TITLE).last().click();
  await editor.page.locator(".codelens-decoration", { hasText: "Confirm as mine" }).waitFor();
});
afterAll(async () => {
  await editor.dispose();
});

const tip = (): string => run("git", ["rev-parse", "agent-memory"], { cwd: editor.folder }).trim();
const stored = (): string =>
  run("git", ["grep", "-h", "", "agent-memory", "--", "semantic/convention/money*"], { cwd: editor.folder });

test("a text that is not a memory is not saved: the line is marked and a sentence says what to do", async () => {
  const before = tip();
  await editor.goToLine(3);
  await editor.page.keyboard.type("type: Fact\n");
  await editor.page.keyboard.press("Control+s");
  await editor.notification("Failed to save").waitFor();
  await editor.screenshot("save-refused");
  expect(await editor.notification("Failed to save").innerText()).toContain("Line 3");
  expect(tip()).toBe(before);
  await editor.runCommand("File: Revert File");
  await editor.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
});

test("what somebody else changed meanwhile can be compared, taken or overwritten", async () => {
  await editor.goToLine(12);
  await editor.page.keyboard.press("End");
  await editor.page.keyboard.type(" Discounts too.");
  await editor.select(editor.row(TITLE).last());
  await editor.page.keyboard.press("F2");
  await editor.answer("Money is counted in cents");
  await editor.row("Money is counted in cents").last().waitFor();
  await editor.goToLine(12);
  await editor.page.keyboard.press("Control+s");
  const question = editor.notification("The content of the file is newer");
  await question.waitFor();
  await editor.screenshot("conflict");
  expect(stored()).not.toContain("Discounts too.");
  await question.locator(".monaco-button", { hasText: "Overwrite" }).click();
  const word = editor.dialog.filter({ hasText: "Is this change yours?" });
  await word.waitFor();
  expect(stored()).not.toContain("Discounts too.");
  await word.locator(".monaco-button", { hasText: "Store It" }).click();
  await expect.poll(stored, LIMIT).toContain("Discounts too.");
});

test("the card at a line's end shows the reason and leads to the diff", async () => {
  await editor.goToLine(12);
  await editor.page.keyboard.press("End");
  const card = editor.page.locator(".monaco-hover-content", { hasText: "History" }).first();
  await editor.showCard(card);
  await editor.screenshot("card");
  expect(await card.innerText()).toContain("Saved in the editor.");
  await card.locator("a", { hasText: "Why" }).click();
  const why = editor.quickInput;
  await why
    .getByText("human:alice, through the editor")
    .or(why.getByText("alice, through the editor"))
    .first()
    .waitFor();
  await editor.screenshot("why");
  await editor.closeQuickInput();
  await editor.showCard(card);
  await card.locator("a", { hasText: "Session" }).click();
  await why
    .getByText(/^Session s_/)
    .first()
    .waitFor();
  await editor.screenshot("session");
  await editor.closeQuickInput();
  await editor.showCard(card);
  await card.locator("a", { hasText: "Diff" }).click();
  await editor.page.locator(".monaco-diff-editor").first().waitFor();
});

test("a revert is shown first and done by its button", async () => {
  const before = tip();
  await editor.row(TITLE).last().click();
  await editor.runCommand("Memory: Revert Last Change…");
  await editor.page.locator(".tab.active", { hasText: "now, and after: Revert" }).waitFor();
  expect(tip()).toBe(before);
  await editor.screenshot("revert");
  await editor.notification("This is what it would change").locator(".monaco-button", { hasText: "Revert" }).click();
  await editor.notification("Reverted.").waitFor();
  await expect.poll(stored, LIMIT).not.toContain("Discounts too.");
});
