import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, rows, until } from "./beliefs.ts";

suite("the view", () => {
  teardown(closeEditors);

  test("shows what needs a person before what is believed and what was", async () => {
    const api = await extensionApi();
    assert.deepEqual(
      (await rows(api)).map(({ label }) => label),
      ["Needs you", "Believed now", "Past"],
    );
    const needing = await rows(api, "Needs you");
    assert.ok(
      needing.some(({ description }) => description.startsWith("broken · line ")),
      "the broken file is not among them",
    );
    assert.ok(
      needing.some(({ description }) => description.startsWith("ends in ")),
      "the memory that ends soon is not among them",
    );
    assert.equal(api.beliefs.needingYou, needing.length);
  });

  test("says which cited code changed, and takes that back when the code does", async () => {
    const api = await extensionApi();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: folder?.uri.fsPath, encoding: "utf8" }).trim();
    const stale = async (): Promise<string[]> =>
      (await rows(api, "Needs you")).filter(({ spoken }) => spoken.includes("stale: ")).map(({ spoken }) => spoken);
    await until(async () => (await stale()).length === 1, "the stale memory of the sample");
    const [row] = (await rows(api, "Needs you")).filter(({ spoken }) => spoken.includes("stale: "));
    assert.equal(row?.label, "Mails are retried…");
    assert.equal(row?.description, "queue.js changed · claude-code");
    assert.match(row?.spoken ?? "", /in force, stale: src\/queue\.js changed, written by Claude-code/);

    const head = git("rev-parse", "HEAD");
    git("checkout", "--quiet", "--detach", "HEAD~1");
    try {
      await vscode.commands.executeCommand("git.refresh");
      await until(async () => (await stale()).length === 0, "the older code to be what is cited");
    } finally {
      git("checkout", "--quiet", "main");
    }
    assert.equal(git("rev-parse", "HEAD"), head);
    await vscode.commands.executeCommand("git.refresh");
    await until(async () => (await stale()).length === 1, "the newer code to be noticed");
  });

  test("says who wrote a memory and when, the pinned ones first", async () => {
    const api = await extensionApi();
    await until(
      async () => (await rows(api, "Believed now"))[0]?.label === "Money is an integer in cents",
      "the view to settle",
    );
    const [first] = await rows(api, "Believed now");
    assert.equal(first?.description, "alice · 40d");
    assert.equal(
      first?.spoken,
      "Money is an integer in cents, convention, in force, pinned, written by alice 40 days ago",
    );
  });

  test("shows the memories about the file in the editor while it is open", async () => {
    const api = await extensionApi();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const sources = vscode.Uri.joinPath(folder.uri, "src");
    const entries = await vscode.workspace.fs.readDirectory(sources);
    const [name] = entries.find(([, type]) => type === vscode.FileType.File) ?? [];
    assert.ok(name, "the sample has no file right under src");
    const file = vscode.Uri.joinPath(sources, name);
    await vscode.window.showTextDocument(file);
    await until(async () => (await rows(api)).some(({ label }) => label === "About this file"), "the section");
    assert.ok((await rows(api, "About this file")).some(({ label }) => label === "Money is an integer in cents"));
    await closeEditors();
    await until(async () => !(await rows(api)).some(({ label }) => label === "About this file"), "the section to go");
  });

  test("expires several memories in one commit and takes that back as one", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    const targets = [...projectStore(api).snapshot.memories()]
      .slice(0, 2)
      .map(({ id, title }) => ({ store, name: id, title }));
    const before = await commitCount(api);
    const done = await api.acts.expire(targets, "outdated", "The release is out.");
    assert.equal(done.sentence, "Expired 2 memories.");
    assert.equal(await commitCount(api), before + 1);
    const [newest] = await store.journal.entries();
    assert.equal(newest?.changes.length, 2);
    assert.equal(newest?.text.reason, "Outdated. The release is out.");
    await until(
      async () =>
        (await rows(api, "Past")).filter(({ label }) => targets.some(({ title }) => title === label)).length === 2,
      "both to be past",
    );

    await vscode.commands.executeCommand("commitToMemory.undo");
    await until(async () => {
      const now = new Set((await rows(api, "Believed now")).map(({ label }) => label));
      return targets.every(({ title }) => now.has(title));
    }, "both to be believed again");
    assert.equal(await commitCount(api), before + 2);
  });

  test("follows what is written, without being asked", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const { id } = memoryTitled(api, "Money is an integer in cents");
    const before = await commitCount(api);
    await api.acts.editTitle({ store: store.store, name: id }, "Money is counted in cents");
    assert.equal(await commitCount(api), before + 1);
    await until(
      async () => (await rows(api, "Believed now"))[0]?.label === "Money is counted in cents",
      "the new title",
    );
    await api.acts.undo();
    await until(
      async () => (await rows(api, "Believed now"))[0]?.label === "Money is an integer in cents",
      "the old title",
    );
  });

  test("takes back the act that a message spoke of, also when it is not the last one", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    const [first, second] = [...projectStore(api).snapshot.memories()];
    assert.ok(first && second);
    const renamed = await api.acts.editTitle({ store, name: first.id }, `${first.title}, of old`);
    const later = await api.acts.editTitle({ store, name: second.id }, `${second.title}, of late`);
    await vscode.commands.executeCommand("commitToMemory.undo", renamed);
    assert.equal((await store.snapshot()).get(first.id)?.title, first.title);
    assert.equal((await store.snapshot()).get(second.id)?.title, `${second.title}, of late`);
    const before = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.undo", renamed);
    assert.equal(await commitCount(api), before);
    await vscode.commands.executeCommand("commitToMemory.undo", later);
    assert.equal((await store.snapshot()).get(second.id)?.title, second.title);
  });

  test("does nothing to a memory when a key is pressed with nothing selected", async () => {
    const api = await extensionApi();
    const before = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.expire", "view");
    assert.equal(await commitCount(api), before);
  });
});
