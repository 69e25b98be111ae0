/**
 * The product's one trip, as its users make it: an agent remembers by a real MCP client, a person sees, edits, expires and
 * undoes in the editor, git reverts in a checkout, and after each step the agent is told what is true now.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { run } from "../../scripts/process.ts";
import { serverCommand } from "../support/mcp-process.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { timeToSee } from "./support/promised.ts";
import { openEditor } from "./support/windows.ts";

/** What the product promises between a write by one process and its sight in another. */
const SEEN_WITHIN_MS = 1_000;
/** And until another process recalls it, who may look less often. */
const RECALLED_WITHIN_MS = 3_000;
const FACT = "The nightly export runs at 02:30 UTC";
const BODY = "It locks the orders table for about four minutes.";

let work: string;
let folder: string;
let editor: Editor;
let agent: Client;
let id = "";

const git = (...args: string[]): string => run("git", args, { cwd: folder }).trim();
const subjects = (): string[] => git("log", "--format=%s", "agent-memory").split("\n");

async function call(name: string, input: Record<string, unknown>): Promise<string> {
  const { content, isError } = await agent.callTool({ name, arguments: input });
  const [first] = content;
  const text = first?.type === "text" ? first.text : "";
  expect(isError ?? false, text).toBe(false);
  return text;
}

const recalled = (): Promise<string> => call("memory_recall", { question: "when does the nightly export run?" });

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "trip-"));
  folder = join(work, "shop");
  mkdirSync(folder);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Dana");
  git("config", "user.email", "dana@example.com");
  writeFileSync(join(folder, "export.js"), "export const at = '02:30';\n");
  git("add", "--all");
  git("commit", "--quiet", "--message=Export nightly");
  editor = await openEditor({ folder });
  await editor.openView();
  agent = new Client({ name: "trip-agent", version: "1.0.0" });
  const place = { folder, dataDirectory: join(work, "data"), program: join(ROOT, "dist/mcp.cjs") };
  await agent.connect(new StdioClientTransport({ ...serverCommand(place), stderr: "pipe" }));
});

afterAll(async () => {
  await agent.close();
  await editor.dispose();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
});

test("a person starts the store with a first memory, and nothing was there before", async () => {
  expect(git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  await editor.page.locator(".part.sidebar .monaco-button", { hasText: "Write a Memory" }).click();
  await editor.answer("Export files are written to the archive bucket");
  await editor.row("Export files are written to the archive bucket").first().waitFor();
  expect(subjects()).toHaveLength(2);
  expect(git("status", "--porcelain")).toBe("");
});

test("what an agent remembers is a commit, and the view shows it within a second", async () => {
  const claim = { type: "Fact", title: FACT, body: BODY, reason: "Seen in the scheduler's log." };
  const { done: stored, milliseconds } = await timeToSee(
    () => call("memory_remember", claim),
    () => editor.row(FACT).first().waitFor(),
  );
  expect(milliseconds).toBeLessThan(SEEN_WITHIN_MS);
  id = /m_[0-9a-z]{12}/.exec(stored)?.[0] ?? "none";
  expect(git("log", "-1", "--format=%an", "agent-memory")).toBe("trip-agent/1.0.0");
  expect(git("log", "-1", "--format=%(trailers:key=Memory-Id,valueonly)", "agent-memory")).toBe(id);
  expect(await recalled()).toContain(BODY);
  await editor.screenshot("trip-remembered");
});

test("the person's edit is a commit once it is saved, and the agent recalls the new words", async () => {
  await editor.select(editor.row(FACT).last());
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".view-line", { hasText: "It locks the orders table" }).click();
  await editor.page.keyboard.press("End");
  await editor.page.keyboard.type(" Ask before moving it.");
  expect(subjects()[0]).toMatch(/^memory\(add\)/);
  await editor.page.keyboard.press("Control+s");
  await expect.poll(() => subjects()[0], LIMIT).toMatch(/^memory\(update\)/);
  expect(git("log", "-1", "--format=%an", "agent-memory")).toBe("Dana");
  await expect.poll(recalled, LIMIT).toContain("Ask before moving it.");
  await editor.screenshot("trip-edited");
});

test("an expired memory is recalled no more, and the undo brings it back", async () => {
  await editor.select(editor.row(FACT).last());
  await editor.page.keyboard.press("Delete");
  await editor.choice("Outdated").click();
  await expect.poll(() => subjects()[0], LIMIT).toMatch(/^memory\(expire\)/);
  await expect.poll(recalled, LIMIT).not.toContain(BODY);
  await editor.notification("Expired.").locator(".monaco-button", { hasText: "Undo" }).click();
  await expect.poll(() => subjects()[0], LIMIT).toMatch(/^memory\(revert\)/);
  await expect.poll(recalled, LIMIT).toContain("Ask before moving it.");
});

test("git revert, typed in a checkout of the branch, is seen by the view and by the agent", async () => {
  const checkout = join(work, "checkout");
  git("worktree", "add", "--quiet", checkout, "agent-memory");
  const edit = git("log", "--format=%H", "--grep=^memory(update)", "-1", "agent-memory");
  const { milliseconds } = await timeToSee(
    async () => run("git", ["revert", "--no-edit", edit], { cwd: checkout }),
    () => expect.poll(recalled, LIMIT).not.toContain("Ask before moving it."),
  );
  expect(milliseconds).toBeLessThan(RECALLED_WITHIN_MS);
  expect(await recalled()).toContain(BODY);
  await editor.select(editor.row(FACT).last());
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".view-line", { hasText: "about four minutes." }).waitFor();
  await expect
    .poll(() => editor.page.locator(".view-line", { hasText: "Ask before moving it." }).count(), LIMIT)
    .toBe(0);
  await editor.screenshot("trip-reverted");

  // The checkout follows what is written elsewhere, and stays clean.
  await call("memory_update", { id, body: "It locks the orders table for two minutes.", reason: "Measured again." });
  expect(run("git", ["status", "--porcelain"], { cwd: checkout })).toBe("");
  expect(await recalled()).toContain("for two minutes");
});

test("git's own log, blame and fsck agree with what was shown", async () => {
  expect(subjects().map((subject) => subject.replace(/:.*/, ""))).toEqual([
    "memory(update)",
    expect.stringMatching(/^Revert "memory\(update\)/),
    "memory(revert)",
    "memory(expire)",
    "memory(update)",
    "memory(add)",
    "memory(add)",
    "memory(init)",
  ]);
  const path = git("ls-tree", "-r", "--name-only", "agent-memory")
    .split("\n")
    .find((name) => name.includes(id));
  const lastLine = git("blame", "--line-porcelain", "agent-memory", "--", path ?? "")
    .split("\n")
    .at(-1);
  expect(lastLine).toBe("\tIt locks the orders table for two minutes.");
  expect(git("fsck", "--strict", "--no-dangling")).toBe("");
  expect(git("status", "--porcelain")).toBe("");
  expect(git("log", "--format=%s", "main")).toBe("Export nightly");
});
