/** A stranger's first two minutes, as a person lives them: in a window with the packaged extension. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import type { Editor } from "./support/editor.ts";
import { LIMIT } from "./support/limits.ts";
import { openEditor } from "./support/windows.ts";

const RULES =
  "# Rules\n\n- Use pnpm for every install and script, never npm.\n- Never edit files under `generated/`.\n- Dates are stored in UTC.\n";

let base: string;
let folder: string;
let editor: Editor;
const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "first-run-"));
  folder = join(base, "web-shop");
  mkdirSync(folder);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Test Person");
  git("config", "user.email", "test@example.invalid");
  writeFileSync(join(folder, "CLAUDE.md"), RULES);
  git("add", ".");
  git("commit", "--quiet", "-m", "rules");
  editor = await openEditor({ folder });
  await editor.activityIcon.waitFor();
});
afterAll(async () => {
  await editor.dispose();
  rmSync(base, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
});

test("the view says what it is and offers three ways to start", async () => {
  await editor.openView();
  const welcome = editor.page.locator(".part.sidebar .welcome-view-content");
  await welcome.waitFor();
  await expect.poll(() => welcome.innerText(), LIMIT).toMatch(/plain files in git/);
  await expect
    .poll(() => welcome.locator("a.monaco-button").allInnerTexts(), LIMIT)
    .toEqual(["Start with This Project's Rules", "Write a Memory", "Connect an Agent"]);
  await editor.screenshot("first-run-view");
});

test("the rules are shown as claims before anything is created, and become memories with Enter", async () => {
  await editor.page.locator(".part.sidebar .welcome-view-content a.monaco-button").first().click();
  await editor.quickInput.getByText("Never edit files under generated/").waitFor();
  await expect
    .poll(() => editor.quickInput.innerText(), LIMIT)
    .toMatch(/Creates the branch agent-memory; your files, index and HEAD stay as they are\./);
  expect(git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  await editor.screenshot("first-run-rules");
  await editor.page.keyboard.press("Enter");
  await editor.notification("Remembered 3 rules from CLAUDE.md.").waitFor();
  await editor.row("Never edit files under generated/").waitFor();
  await editor.page.locator('.statusbar-item[aria-label^="Memory, full"]').waitFor();
  await editor.screenshot("first-run-believed");
  expect(git("status", "--porcelain")).toBe("");
});

test("one line becomes a memory, and its type is said before", async () => {
  await editor.runCommand("Memory: Write a Memory");
  await editor.quickInput.locator("input.input").fill("Decision: Sessions live in Redis");
  await editor.quickInput.getByText("Decision, for this project.").waitFor();
  await editor.screenshot("first-run-write");
  await editor.page.keyboard.press("Enter");
  await editor.row("Sessions live in Redis").waitFor();
  expect(git("log", "-1", "--format=%s", "agent-memory")).toBe("memory(add): Sessions live in Redis");
});

test("a line that holds a secret is refused in the box, which keeps what was typed", async () => {
  const line = `Deploy with ghp_${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"}`;
  await editor.runCommand("Memory: Write a Memory");
  await editor.quickInput.locator("input.input").fill(line);
  await editor.page.keyboard.press("Enter");
  await editor.quickInput.getByText("holds what looks like").waitFor();
  expect(await editor.quickInput.locator("input.input").inputValue()).toBe(line);
  await editor.screenshot("first-run-refused");
  await editor.closeQuickInput();
  expect(git("log", "--all", "-p", "--format=%B")).not.toContain("ghp_");
});

test("an agent is connected after its exact change was shown, and disconnected by Undo", async () => {
  await editor.runCommand("Memory: Connect an Agent");
  await editor.pick("Claude Code");
  const asking = editor.notification("Connect Claude Code?");
  await asking.waitFor();
  await editor.page.locator(".editor-instance, .multiDiffEditor").getByText("commit-to-memory:start").first().waitFor();
  await editor.screenshot("first-run-connect");
  expect(existsSync(join(folder, ".mcp.json"))).toBe(false);
  await asking.getByRole("button", { name: "Connect" }).click();
  const connected = editor.notification("Claude Code is connected.");
  await connected.waitFor();
  const { command, args } = JSON.parse(readFileSync(join(folder, ".mcp.json"), "utf8")).mcpServers.memory;
  const hello = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "probe", version: "1" } } })}\n`;
  // No Node on the PATH: the configured command brings its own.
  const answer = execFileSync(command, args, {
    cwd: folder,
    input: hello,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin" },
  });
  expect(JSON.parse(answer.split("\n")[0] ?? "").result.serverInfo.name).toMatch(/memory/i);
  await connected.getByRole("button", { name: "Undo" }).click();
  await editor.notification("Undone.").waitFor();
  expect(git("status", "--porcelain")).toBe("");
});

test("a recall by another process says in one quiet line what was used, and opens exactly those", async () => {
  execFileSync(process.execPath, [join(ROOT, "dist/cli.cjs"), "recall", "which package manager, pnpm or npm?"], {
    cwd: folder,
    env: { ...process.env, COMMIT_TO_MEMORY_DATA: join(base, "data") },
  });
  const line = editor.page.locator(".statusbar-item").filter({ hasText: /beliefs? used, \d+ tokens/ });
  // It goes after ten seconds, so nothing comes before the click.
  await line.click();
  await editor.quickInput.getByText("Use pnpm for every install and script, never npm").waitFor();
  await editor.screenshot("first-run-used");
  await editor.page.keyboard.press("Enter");
  await expect.poll(() => editor.page.locator(".tab.active").innerText(), LIMIT).toMatch(/use-pnpm/);
});

test("the mode is chosen in the status bar", async () => {
  await editor.page.locator('.statusbar-item[aria-label^="Memory, full"]').click();
  await editor.quickInput.getByText("Agents recall nothing and store nothing.").waitFor();
  await editor.screenshot("first-run-modes");
  await editor.pick("Read-only");
  await editor.page.locator('.statusbar-item[aria-label^="Memory, read-only"]').waitFor();
  expect(readFileSync(join(folder, ".git/memory/mode"), "utf8").trim()).toBe("read-only");
});

test("the walkthrough shows its four steps with pictures", async () => {
  await editor.page.setViewportSize({ width: 1700, height: 950 });
  await editor.runCommand("Welcome: Open Walkthrough...");
  await editor.pick("Get Started with Commit to Memory");
  const steps = editor.page.locator(".getting-started-step");
  await expect.poll(() => steps.count(), LIMIT).toBe(4);
  await steps.nth(1).click();
  await steps.nth(1).and(editor.page.locator(".expanded")).waitFor();
  await editor.page.locator(".getting-started-media").locator("img, svg, webview, iframe").first().waitFor();
  await editor.screenshot("first-run-walkthrough");
});
