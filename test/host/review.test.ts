import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Held } from "../../src/core/review/quarantine.ts";
import { hold, outsider, queueOf } from "../support/held.ts";
import { closeEditors, commitCount, extensionApi, projectStore, rows, until } from "./beliefs.ts";

const NEEDS_YOU = "Needs you";

suite("the review", () => {
  let held: Held;

  setup(async () => {
    const { store } = projectStore(await extensionApi());
    held = await hold(store, { caller: { ...outsider, session: "s_0h0s7t0t" } });
    await until(async () => (await waiting()).length === 1, "the card to be shown");
  });
  teardown(async () => {
    const { store } = projectStore(await extensionApi());
    await queueOf(store).settle(held.id, { operation: "expire", reason: "The test is over.", caller: outsider });
    await until(async () => (await waiting()).length === 0, "the card to go");
    await closeEditors();
  });

  async function waiting(): Promise<{ label: string; description: string }[]> {
    const api = await extensionApi();
    const sections = await rows(api);
    if (!sections.some(({ label }) => label === NEEDS_YOU)) return [];
    return (await rows(api, NEEDS_YOU)).filter(({ description }) => description.startsWith("waiting · "));
  }

  test("shows a card where the window's list of what needs a person is, and counts it", async () => {
    const api = await extensionApi();
    assert.deepEqual(
      (await waiting()).map(({ label, description }) => [label, description]),
      [["A claim", "waiting · from outside · copilot"]],
    );
    assert.equal(api.beliefs.needingYou, (await rows(api, NEEDS_YOU)).length);
  });

  test("opens what waits as a document that no extension writes over, and as nothing that is believed", async () => {
    await vscode.commands.executeCommand("commitToMemory.review", held.id);
    const active = vscode.window.activeTextEditor;
    assert.equal(active?.document.uri.scheme, "memory-review");
    const text = active?.document.getText() ?? "";
    assert.match(text, /^│ A claim$/m);
    await active?.edit((edit) => edit.insert(new vscode.Position(0, 0), "All is well. "));
    assert.equal(active?.document.getText(), text);
    assert.equal(projectStore(await extensionApi()).snapshot.get("m_7k3q9f2d4cxw"), undefined);
  });

  test("decides on nothing that is not on the screen, whoever runs the command", async () => {
    const api = await extensionApi();
    const before = await commitCount(api);
    const uri = vscode.Uri.from({
      scheme: "memory-review",
      path: `/${projectStore(api).key}/review/Review`,
      query: "s_0h0s7t0t",
    });
    for (const command of ["approveHeld", "editHeld", "rejectHeld"])
      for (const args of [[], [uri], [uri, held.id], [held.id]])
        await vscode.commands.executeCommand(`commitToMemory.${command}`, ...args);
    assert.equal(await commitCount(api), before);
    assert.equal((await queueOf(projectStore(api).store).get(held.id)).id, held.id);
  });

  test("approves nothing without a dialog, which no program can answer", async () => {
    const api = await extensionApi();
    const before = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.review", held.id);
    const uri = vscode.window.activeTextEditor?.document.uri;
    // A window under test refuses dialogs, as no program could answer one.
    await assert.rejects(async () => vscode.commands.executeCommand("commitToMemory.approveHeld", uri, held.id));
    assert.equal(await commitCount(api), before);
    assert.equal((await waiting()).length, 1);
  });

  test("trusts no signers without a dialog either", async () => {
    const { store } = projectStore(await extensionApi());
    const caller = { channel: "editor", actor: "human:dana", trust: "user", gesture: true } as const;
    const key = "AAAAC3NzaC1lZDI1NTE5AAAAIC0QbmiK2VLfvHr7t0NkPgZK1FyjJU7AhAMJYYAYiCyB";
    const bytes = new TextEncoder().encode(`alice@example.com ssh-ed25519 ${key}\n`);
    const changes = [{ kind: "restore", path: "allowed_signers", read: null, bytes }] as const;
    await store.commit({ operation: "update", changes, caller, reason: "Alice reviews too.", confirmed: true });
    await assert.rejects(async () => vscode.commands.executeCommand("commitToMemory.trustSigners"), /dialog/i);
    assert.equal(await store.team?.base.read(), null);
    const read = (await store.snapshot()).blobAt("allowed_signers") ?? "";
    const removal = [{ kind: "remove", path: "allowed_signers", read }] as const;
    await store.commit({ operation: "update", changes: removal, caller, reason: "The test is over.", confirmed: true });
  });
});
