/** Syncing every few minutes, where a person switched it on. Being offline is silent; a failure is told once. */
import { workspace as editor, type Disposable } from "vscode";
import { MemoryError, RemoteError } from "../../core/errors.ts";
import { syncStore } from "../../git/sync/sync.ts";
import { say } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { windowOptions } from "./commands.ts";

const SETTING = "commitToMemory.sync.minutes";
/** How often it is looked whether it is time, in milliseconds. */
const LOOK_MS = 30_000;

export class BackgroundSync implements Disposable {
  readonly #workspace: Workspace;
  readonly #person: EditorPerson;
  readonly #timer: NodeJS.Timeout;
  /** When each store was synced last, and what was said of it. */
  readonly #last = new Map<string, { readonly at: number; readonly said: string }>();
  #isRunning = false;

  constructor(workspace: Workspace, person: EditorPerson, report: (failure: unknown) => void) {
    this.#workspace = workspace;
    this.#person = person;
    this.#timer = setInterval(() => {
      void this.look().catch(report);
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Syncs what is due. In Restricted Mode there are no stores, and so nothing is run. */
  async look(now = Date.now()): Promise<void> {
    const minutes = editor.getConfiguration().get<number>(SETTING, 0);
    if (minutes <= 0 || this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (const one of this.#workspace.stores) {
        const last = this.#last.get(one.key);
        if (one.folder === null || one.store.placement === "branch") continue;
        if (last !== undefined && now - last.at < minutes * 60_000) continue;
        const said = await this.#sync(one);
        if (said !== "" && said !== last?.said) void say(`Memory was not synced. ${said}`);
        this.#last.set(one.key, { at: now, said });
      }
    } finally {
      this.#isRunning = false;
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Returns what a person has to know; empty where all is well, or will be once there is a network. */
  async #sync({ store }: OpenStore): Promise<string> {
    if ((await store.mode()) !== "full") return "";
    try {
      await syncStore(store, await windowOptions(store, this.#person));
      return "";
    } catch (error) {
      if (error instanceof RemoteError && error.trouble === "offline") return "";
      if (error instanceof MemoryError) return error.message;
      throw error;
    }
  }
}
