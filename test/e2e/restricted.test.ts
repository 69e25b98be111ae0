import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Editor } from "./support/editor.ts";
import { copySample, openEditor } from "./support/windows.ts";

const DOCUMENTATION = "Memory: Read the Documentation";

let work: string;
let log: string;
let folder: string;
/** Everything in the repository as it was before the editor saw it. */
let before: (string | Buffer)[];
let editor: Editor;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "restricted-"));
  log = join(work, "calls.log");
  const git = join(work, "git");
  writeFileSync(git, `#!/bin/sh\necho "$*" >> ${log}\nexec git "$@"\n`);
  chmodSync(git, 0o755);
  folder = join(work, "workspace");
  copySample(folder);
  before = readdirSync(join(folder, ".git"), { recursive: true }).sort();
  editor = await openEditor({ folder, restricted: true, settings: { "git.path": git } });
  await editor.openView();
});
afterAll(async () => {
  await editor.dispose();
  rmSync(work, { recursive: true, force: true });
});

test("Restricted Mode starts no git, reads nothing, and says so with one button", async () => {
  const welcome = editor.page.locator(".welcome-view-content", { hasText: "not trusted" });
  await welcome.waitFor();
  await editor.page.waitForTimeout(2000);
  await editor.screenshot("restricted");
  expect(await welcome.locator(".monaco-button").count()).toBe(1);
  expect(existsSync(log)).toBe(false);
  expect(readdirSync(join(folder, ".git"), { recursive: true }).sort()).toEqual(before);
});

test("nor does @memory in the chat: the editor itself asks about trust before anything of it is run", async () => {
  // No model is there either: it is an extension, and not trusted more than the folder.
  await editor.runCommand("Chat: Open Chat");
  await editor.say("@memory how is money stored, in cents?");
  const asks = editor.dialog.filter({ hasText: "trust the authors" });
  await asks.waitFor();
  await editor.screenshot("restricted-chat");
  await asks.locator(".monaco-button", { hasText: "Cancel" }).click();
  await asks.waitFor({ state: "detached" });
  expect(await editor.answers("integers in cents").count()).toBe(0);
  expect(existsSync(log)).toBe(false);
  expect(readdirSync(join(folder, ".git"), { recursive: true }).sort()).toEqual(before);
});

test("nor does any command that is offered there, and none that reviews or changes anything is", async () => {
  const titles = await editor.offered("Memory:");
  expect(titles).toContain(DOCUMENTATION);
  expect(titles.join("\n")).not.toMatch(/Changes|Review|Approve|Expire|Recall|Sync/);
  for (const title of titles) {
    await editor.runCommand(title);
    // Nothing asks there. What does, would be in the way of the next command.
    await editor.closeQuickInput();
  }
  // It takes its time, and would take the place of what the next test opens.
  await editor.tab("README.md").waitFor();
  expect(existsSync(log)).toBe(false);
  expect(readdirSync(join(folder, ".git"), { recursive: true }).sort()).toEqual(before);
});

test("trusting the folder shows what is believed, by the git that the user set", async () => {
  await editor.page.locator(".welcome-view-content .monaco-button").click();
  await editor.page
    .locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })
    .first()
    .click();
  await editor.row("Believed now").first().waitFor();
  expect(readFileSync(log, "utf8")).toContain("cat-file");
});
