import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { Conversations } from "../../src/extension/tools/conversations.ts";

const conversations = (): Conversations => new Conversations({ random: (length) => randomBytes(length) });

test("calls of one conversation share a session, though the token arrives as a new object each time", () => {
  const all = conversations();
  const first = all.session({ sessionResource: "chat:/1" });
  expect(all.session({ sessionResource: "chat:/1" })).toBe(first);
  expect(all.session({ sessionResource: "chat:/2" })).not.toBe(first);
});

test("calls without a token share the window's session", () => {
  const all = conversations();
  expect(all.session(undefined)).toBe(all.session(undefined));
});

test("an agent of the editor is trusted as an agent, whichever conversation it is in", () => {
  const session = conversations().session({});
  expect(session.caller()).toMatchObject({ channel: "tool", actor: "vscode-agent", trust: "agent" });
});

test("the least recently used conversation is forgotten first", () => {
  const all = conversations();
  const first = all.session("0");
  const second = all.session("1");
  for (let i = 2; i < 100; i++) all.session(String(i));
  expect(all.session("0")).toBe(first);
  all.session("100");
  expect(all.session("0")).toBe(first);
  expect(all.session("1")).not.toBe(second);
});
