/** The first run on a repository without a store. Each test has a repository of its own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Stores } from "../../src/core/stores.ts";
import { EditorPerson } from "../../src/extension/person.ts";
import { creationNotice } from "../../src/extension/onboarding/consent.ts";
import { Previews } from "../../src/extension/onboarding/previews.ts";
import { rulesPreview } from "../../src/extension/onboarding/rules-preview.ts";
import {
  importRules,
  nothingToStart,
  readRules,
  startWithRules,
} from "../../src/extension/onboarding/start-with-rules.ts";
import { destine, storeClaim, writeMemory } from "../../src/extension/onboarding/write-memory.ts";
import { openStores } from "../../src/git/open.ts";
import { closeEditors, until } from "./beliefs.ts";

const RULES = "# Rules\n\n- Use pnpm for every install, never npm.\n- Never edit files under `generated/`.\n";

let base: string;
let folder: string;
let stores: Stores;
const person = new EditorPerson();
const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
/** Everything that the developer could notice. */
const everything = (): string =>
  [git("rev-parse", "HEAD"), git("symbolic-ref", "HEAD"), git("status", "--porcelain"), git("for-each-ref")].join("\n");
const memories = async (): Promise<string[]> =>
  Array.from((await stores.project?.snapshot())?.memories() ?? [], ({ title }) => title).toSorted();

/** Presses keys, by their commands, until what was asked is answered: when a list appears is the editor's own affair. */
async function answered<T>(asked: Promise<T>, ...keys: readonly string[]): Promise<T> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  asked.then(settle, settle);
  await until(async () => {
    for (const key of keys) await vscode.commands.executeCommand(key);
    return settled;
  }, "an answer");
  return asked;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

suite("the first run", () => {
  setup(async () => {
    base = mkdtempSync(join(tmpdir(), "first-run-"));
    folder = join(base, "project");
    mkdirSync(folder);
    git("init", "--quiet", "--initial-branch=main");
    git("config", "user.name", "Test Person");
    git("config", "user.email", "test@example.invalid");
    put("CLAUDE.md", RULES);
    git("add", ".");
    git("commit", "--quiet", "-m", "rules");
    stores = await openStores({ folder, dataDirectory: join(base, "data") });
  });
  teardown(async () => {
    await closeEditors();
    await stores.dispose();
    rmSync(base, { recursive: true, force: true, maxRetries: 5 });
  });

  test("looking at the rules, previewing them and leaving creates nothing", async () => {
    const before = everything();
    const previews = new Previews();
    assert.ok(stores.project);
    const leaving = startWithRules(folder, stores.project, person, previews);
    assert.equal(await answered(leaving, "workbench.action.closeQuickOpen"), undefined);
    assert.equal(everything(), before);
    previews.dispose();
  });

  test("accepting the rules starts the store and stores them in one commit, each citing its lines", async () => {
    const { project } = stores;
    assert.ok(project);
    const head = git("rev-parse", "HEAD");
    assert.match((await creationNotice(project)) ?? "", /Creates the branch agent-memory/);
    const accepting = startWithRules(folder, project, person, new Previews());
    const done = await answered(accepting, "workbench.action.acceptSelectedQuickOpenItem");
    assert.match(done?.sentence ?? "", /^Remembered 2 rules from CLAUDE\.md\./);
    assert.equal(git("rev-list", "--count", "agent-memory"), "2");
    assert.equal(git("rev-parse", "HEAD"), head);
    assert.equal(git("status", "--porcelain"), "");
    const [memory] = (await project.snapshot()).memories();
    assert.ok(memory);
    assert.deepEqual(
      memory.front.sources?.map(({ resource, commit, blob }) => ({ resource, commit, blob })),
      [{ resource: "repo:/CLAUDE.md", commit: head, blob: git("rev-parse", "HEAD:CLAUDE.md") }],
    );
    assert.equal(memory.front.origin?.trust, "user");
    assert.equal(memory.front.origin.channel, "import");
    assert.equal(memory.front.generated?.by, "human:test-person");
    assert.equal(await creationNotice(project), undefined);
  });

  test("only what was picked is stored, and what is believed already is not offered again", async () => {
    const { project } = stores;
    assert.ok(project);
    const rules = await readRules(folder, project);
    assert.equal(rules.claims.length, 2);
    await importRules(project, rules.claims.slice(0, 1), person);
    assert.deepEqual(await memories(), [rules.claims[0]?.title]);
    const again = await readRules(folder, project);
    assert.deepEqual(
      again.claims.map(({ title }) => title),
      [rules.claims[1]?.title],
    );
    await importRules(project, again.claims, person);
    assert.match(nothingToStart(await readRules(folder, project)), /believed already/);
  });

  test("a person's rules are stored in whatever mode agents are kept", async () => {
    const { project } = stores;
    assert.ok(project);
    await importRules(project, (await readRules(folder, project)).claims.slice(0, 1), person);
    await project.setMode("off");
    await importRules(project, (await readRules(folder, project)).claims, person);
    assert.equal((await memories()).length, 2);
  });

  test("the preview shows every claim in full, with its citation", async () => {
    const { project } = stores;
    assert.ok(project);
    const text = rulesPreview(await readRules(folder, project), "Creates something.");
    assert.match(text, /2 memories, one commit/);
    assert.match(text, /Creates something\./);
    assert.match(text, /Pitfall · from CLAUDE\.md:4/);
    assert.match(text, /Never edit files under `generated\/`\./);
  });

  test("a project without rules is told so", async () => {
    const { project } = stores;
    assert.ok(project);
    rmSync(join(folder, "CLAUDE.md"));
    assert.match(nothingToStart(await readRules(folder, project)), /no rules files/);
  });

  test("a secret in the rules is left out and said, and the other rules are stored", async () => {
    const { project } = stores;
    assert.ok(project);
    put("AGENTS.md", `- Deploy with the token ghp_${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"} in the header.\n`);
    const { claims } = await readRules(folder, project);
    const secret = claims.filter((claim) => JSON.stringify(claim).includes("ghp_"));
    assert.equal(secret.length, 1);
    await assert.rejects(importRules(project, secret, person), { code: "blocked" });
    assert.deepEqual(await memories(), []);
    const done = await importRules(project, claims, person);
    assert.match(done.sentence, /AGENTS\.md, line 1, was left out\. /);
    assert.ok(!done.sentence.includes("ghp_"));
    const stored = await memories();
    assert.equal(stored.length, claims.length - 1);
    assert.ok(!JSON.stringify(stored).includes("ghp_"));
  });

  test("leaving the box for one memory creates nothing", async () => {
    const before = everything();
    const leaving = writeMemory(stores, person);
    const acceptsNothing = "workbench.action.acceptSelectedQuickOpenItem";
    assert.equal(await answered(leaving, acceptsNothing, "workbench.action.closeQuickOpen"), undefined);
    assert.equal(everything(), before);
  });

  test("a typed claim is the person's own word, in the project", async () => {
    const destined = destine("Decision: Sessions live in Redis", stores, false);
    assert.ok(destined);
    const done = await storeClaim(destined, person);
    assert.match(done.sentence, /^Remembered “Sessions live in Redis”\./);
    const [memory] = (await (stores.project ?? assert.fail()).snapshot()).memories();
    assert.equal(memory?.front.type, "Decision");
    assert.equal(memory.front.origin?.trust, "user");
  });

  test("a preference, and what is only for me, goes to the person's own store and leaves the repository as it is", async () => {
    const before = everything();
    for (const [line, onlyMe] of [
      ["I prefer short answers", false],
      ["Use tabs", true],
    ] as const) {
      const destined = destine(line, stores, onlyMe);
      assert.equal(destined?.store, stores.personal);
      await storeClaim(destined, person);
    }
    assert.equal(everything(), before);
    const mine = Array.from((await stores.personal.snapshot()).memories(), ({ front }) => front.generated?.by);
    assert.deepEqual(mine, ["human:test-person", "human:test-person"]);
  });
});

suite("the documentation", () => {
  test("is opened as pages that lead to one another", async () => {
    await vscode.commands.executeCommand("commitToMemory.readDocumentation");
    const tab = (): vscode.Tab | undefined => vscode.window.tabGroups.activeTabGroup.activeTab;
    await until(() => tab()?.input instanceof vscode.TabInputWebview, "the page");
    assert.match(tab()?.label ?? "", /README\.md/);
    await closeEditors();
  });
});

suite("the integrated terminal", () => {
  test("knows `git memory`, run by the editor's own Node", async () => {
    const extension = vscode.extensions.getExtension("commit-to-memory.commit-to-memory") ?? assert.fail();
    const probe = mkdtempSync(join(tmpdir(), "terminal-"));
    const out = join(probe, "out");
    // A script of its own, because the terminal's shell mixes marks for the editor into what it runs itself.
    writeFileSync(
      join(probe, "ask.sh"),
      `{ command -v git-memory; echo "$COMMIT_TO_MEMORY_NODE"; git memory --version; echo end; } > '${out}' 2>&1\n`,
    );
    const terminal = vscode.window.createTerminal({ name: "probe" });
    try {
      terminal.sendText(`sh '${join(probe, "ask.sh")}'`);
      await until(() => existsSync(out) && readFileSync(out, "utf8").endsWith("end\n"), "the terminal");
      const [path, node, version] = readFileSync(out, "utf8").split("\n");
      assert.equal(path, join(extension.extensionPath, "bin", "git-memory"));
      assert.equal(node, process.execPath);
      assert.match(version ?? "", new RegExp(String(extension.packageJSON.version).replaceAll(".", String.raw`\.`)));
    } finally {
      terminal.dispose();
      rmSync(probe, { recursive: true, force: true });
    }
  });
});
