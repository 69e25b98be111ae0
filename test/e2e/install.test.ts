import { afterAll, beforeAll, expect, test } from "vitest";
import { openEditor, type Editor } from "./support/editor.ts";

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor();
});
afterAll(async () => {
  await editor.dispose();
});

test("the packaged extension shows its icon in the activity bar", async () => {
  await editor.activityIcon.first().waitFor({ timeout: 60_000 });
  expect(await editor.activityIcon.count()).toBeGreaterThan(0);
});

test("its view opens from the icon", async () => {
  await editor.openView();
  expect(await editor.page.locator(".part.sidebar .title-label").innerText()).toMatch(/commit to memory/i);
  await editor.screenshot("view");
});

test("the extension is listed as installed", async () => {
  await editor.runCommand("Extensions: Show Installed Extensions");
  const listed = editor.page.locator(".extensions-list .extension-list-item").filter({ hasText: "Commit to Memory" });
  await expect.poll(() => listed.count(), { timeout: 20_000 }).toBe(1);
  await editor.screenshot("installed");
});
