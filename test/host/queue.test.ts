import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Held } from "../../src/core/review/quarantine.ts";
import { ReviewQueue } from "../../src/extension/review/queue.ts";
import type { OpenStore, Workspace } from "../../src/extension/workspace.ts";
import { extensionApi, projectStore } from "./beliefs.ts";

suite("the queue of what waits", () => {
  test("keeps what the latest look found, whichever look ends last", async () => {
    const real = projectStore(await extensionApi());
    const looks: PromiseWithResolvers<readonly Held[]>[] = [];
    const quarantine = {
      watch: () => () => undefined,
      waiting: (): Promise<readonly Held[]> => {
        const look = Promise.withResolvers<readonly Held[]>();
        looks.push(look);
        return look.promise;
      },
    };
    const inner = new Proxy(real.store, {
      get(target, name) {
        const value: unknown = name === "quarantine" ? quarantine : Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const store: OpenStore = { ...real, store: inner };
    const workspace = { stores: [store], onDidChange: new vscode.EventEmitter<void>().event } as unknown as Workspace;
    const queue = new ReviewQueue(workspace, (failure) => assert.fail(String(failure)));
    try {
      const reads = [queue.refresh(), queue.refresh()];
      while (looks.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      looks[1]?.resolve([]);
      await reads[1];
      looks[0]?.resolve([{ id: "q_0123456789ab", at: "2026-01-01T00:00:00Z", files: [] } as unknown as Held]);
      await reads[0];
      assert.deepEqual(queue.waiting(store), []);
    } finally {
      queue.dispose();
    }
  });
});
