import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../scripts/process.ts";
import { importCommits } from "../../scripts/sample/fast-import.ts";
import type { Editor } from "./support/editor.ts";
import { timeToSee } from "./support/promised.ts";
import { openEditor } from "./support/windows.ts";

const MANY = 10_000;
/** Half a second where the machine is free; the limit leaves room for a busy one and still catches a list drawn whole. */
const PATIENCE_MS = 5000;
const TYPES = ["Convention", "Fact", "Pitfall", "Procedure"] as const;

/** Ten thousand memories as an importer would leave them: folders of at most a thousand, a hundred a commit. */
function buildLargeStore(folder: string): void {
  const git = (...args: string[]): string => run("git", args, { cwd: folder });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Alice");
  git("config", "user.email", "alice@example.com");
  git("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", "Start");
  const alice = "Alice <alice@example.com>";
  const start = Date.now() - 30 * 86_400_000;
  const init = {
    at: new Date(start),
    author: alice,
    committer: alice,
    message: "memory(init): Start\n\nMemory-Op: init\n",
    files: { "policy.yaml": "format: 1\n" },
  };
  const commits = Array.from({ length: MANY / 100 }, (_, batch) => {
    const at = new Date(start + batch * 3_600_000);
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => fileOf(batch * 100 + i, at)));
    return {
      at,
      author: alice,
      committer: alice,
      message: `memory(import): Batch ${batch}\n\nMemory-Op: import\n`,
      files,
    };
  });
  importCommits(folder, "refs/heads/agent-memory", [init, ...commits]);
}

function fileOf(number: number, at: Date): [string, string] {
  const type = TYPES[number % TYPES.length] ?? "Fact";
  const id = `m_${String(number).padStart(12, "0")}`;
  const shard = String(Math.floor(number / 1000)).padStart(2, "0");
  const text = `---\ntype: ${type}\nid: ${id}\ntitle: "Claim number ${number}"\ngenerated: { by: "copilot/gpt-5.2", at: ${at.toISOString().slice(0, 19)}Z }\n---\n\nThe service number ${number} answers within ${number % 90} ms.\n`;
  return [`semantic/${type.toLowerCase()}/${shard}/claim-number-${number}-${id}.md`, text];
}

let folder: string;
let editor: Editor;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "many-"));
  buildLargeStore(folder);
  editor = await openEditor({ folder });
  await editor.openView();
});
afterAll(async () => {
  await editor.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("ten thousand memories are grouped, and a group unfolds while a person waits", async () => {
  await editor.row("Procedure").first().waitFor();
  await editor.screenshot("many");
  const { milliseconds } = await timeToSee(
    () => editor.row("Procedure").first().click(),
    () => editor.row("Claim number 9999").first().waitFor(),
  );
  expect(milliseconds).toBeLessThan(PATIENCE_MS);
  await editor.screenshot("many-unfolded");
});

test("an expiry among ten thousand is drawn while a person waits", async () => {
  await editor.select(editor.row("Claim number 9999").first());
  await editor.page.keyboard.press("Delete");
  await editor.choice("Wrong").waitFor();
  const { milliseconds } = await timeToSee(
    () => editor.page.keyboard.press("Enter"),
    () => editor.row("Claim number 9999").waitFor({ state: "detached" }),
  );
  expect(milliseconds).toBeLessThan(PATIENCE_MS);
});
