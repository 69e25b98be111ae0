import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Caller } from "../../src/core/proposal.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { storeInView, storesInView } from "../../src/extension/in-view.ts";
import { ReviewQueue } from "../../src/extension/review/queue.ts";
import { TimeTravel } from "../../src/extension/travel/then.ts";
import { BeliefsProvider } from "../../src/extension/tree/provider.ts";
import { Workspace } from "../../src/extension/workspace.ts";
import { openStores } from "../../src/git/open.ts";
import { closeEditors, extensionApi, rows, until } from "./beliefs.ts";

const human: Caller = { channel: "editor", actor: "human:alice", trust: "user", gesture: true };
const act = { caller: human, reason: "It came up in a test." };

/** A repository whose code has one line, and whose store has one memory that cites it. */
async function repository(folder: string, title: string): Promise<(...args: string[]) => void> {
  const git = (...args: string[]): void => void execFileSync("git", args, { cwd: folder, stdio: "pipe" });
  mkdirSync(join(folder, "part"), { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Alice");
  git("config", "user.email", "alice@example.com");
  writeFileSync(join(folder, "port.js"), "export const port = 4100;\n");
  writeFileSync(join(folder, "part/other.js"), "export {};\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "code");
  const { project, personal } = await openStores({ folder });
  assert.ok(project);
  await initialiseStore(project, act);
  await addMemory(
    project,
    { type: "Fact", title, body: "It is so.", sources: [{ resource: "repo:/port.js", lines: "1-1" }] },
    act,
  );
  await Promise.all([project.dispose(), personal.dispose()]);
  return git;
}

suite("a window with several repositories", () => {
  let root: string;
  let workspace: Workspace;
  let parts: { beliefs: BeliefsProvider; queue: ReviewQueue; past: TimeTravel };
  const place = (...names: string[]): vscode.Uri => vscode.Uri.file(join(root, ...names));
  const show = async (...names: string[]): Promise<void> =>
    void (await vscode.window.showTextDocument(place(...names), { preview: false }));
  const view = async (): Promise<{ label: string; description: string }[]> =>
    rows({ ...(await extensionApi()), beliefs: parts.beliefs }, "Believed now");
  const isFirst = async (title: string): Promise<boolean> => (await view())[0]?.label === title;

  suiteSetup(async () => {
    await extensionApi();
    root = realpathSync(mkdtempSync(join(tmpdir(), "several-")));
    const git = await repository(join(root, "shop"), "The shop listens on 4100");
    await repository(join(root, "bank"), "The bank listens on 4100");
    git("worktree", "add", "--quiet", "-b", "topic", join(root, "topic"));
    const inTopic = { cwd: join(root, "topic") };
    writeFileSync(join(root, "topic/port.js"), "export const port = 5200;\n");
    execFileSync("git", ["commit", "--quiet", "-am", "Move the port"], inTopic);
    const folders = ["shop", "bank", "shop/part", "topic"].map((name, index) => ({ uri: place(name), name, index }));
    workspace = new Workspace(() => folders);
    const queue = new ReviewQueue(workspace, (failure) => assert.fail(String(failure)));
    const past = new TimeTravel(workspace);
    parts = { queue, past, beliefs: new BeliefsProvider(workspace, queue, past) };
    await workspace.reopen();
  });
  suiteTeardown(async () => {
    await closeEditors();
    for (const one of [parts.beliefs, parts.past, parts.queue, workspace]) one.dispose();
    await (await extensionApi()).workspace.refresh();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  test("shows each store once, however many folders lead to it", () => {
    const projects = workspace.stores.filter((one) => one.folder !== null);
    assert.deepEqual(
      projects.map(({ name, places }) => [name, places.map(({ folder }) => folder.name)]),
      [
        ["shop", ["shop", "shop/part", "topic"]],
        ["bank", ["bank"]],
      ],
    );
  });

  test("puts the repository of the file in the editor first, and writes there", async () => {
    await show("bank/port.js");
    await until(async () => isFirst("The bank listens on 4100"), "the bank's memory to come first");
    assert.equal(storeInView(workspace)?.name, "bank");
    assert.equal((await storesInView(workspace))?.project?.repository.location, join(root, "bank"));
    await show("shop/part/other.js");
    await until(async () => isFirst("The shop listens on 4100"), "the shop's memory to come first");
    assert.equal(storeInView(workspace)?.name, "shop");
    assert.match((await view()).find(({ label }) => label.startsWith("The bank"))?.description ?? "", /bank/);
    assert.equal((await storesInView(workspace))?.project?.repository.location, join(root, "shop"));
  });

  test("compares what is cited with the code of the worktree that the file is in", async () => {
    const stale = async (): Promise<boolean> =>
      (await view()).find(({ label }) => label.startsWith("The shop"))?.description.includes("port.js changed") ===
      true;
    await show("topic/port.js");
    await until(stale, "the topic's code to count");
    await show("shop/port.js");
    await until(async () => !(await stale()), "the shop's code to count");
    await show("bank/port.js");
    assert.equal(await stale(), false);
  });
});
