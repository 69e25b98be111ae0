import { afterAll, beforeAll, expect, test } from "vitest";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor({ scriptedModel: true });
});
afterAll(async () => {
  await editor.dispose();
});

test("the scripted model answers in the Chat view", async () => {
  await editor.openChat();
  await editor.say("say the shop is open");
  await expect.poll(() => editor.answers("the shop is open").count(), LIMIT).toBe(1);
  await editor.screenshot("chat");
});

test("@memory answers there too, with beliefs as text in a block and nothing to click in them", async () => {
  await editor.say("@memory how is money stored, in cents?");
  const answer = editor.answers("integers in cents");
  await expect.poll(() => answer.count(), LIMIT).toBe(1);
  expect(await answer.locator("a[href^='command:'], a[data-href^='command:']").count()).toBe(0);
  await editor.screenshot("chat-memory");
});
