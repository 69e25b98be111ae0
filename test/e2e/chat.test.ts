import { afterAll, beforeAll, expect, test } from "vitest";
import { openEditor, type Editor } from "./support/editor.ts";

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
  await expect.poll(() => editor.answers("the shop is open").count(), { timeout: 20_000 }).toBe(1);
  await editor.screenshot("chat");
});
