/** Over the front matter: since when it is believed, and what can be done with it. */
import {
  CodeLens,
  EventEmitter,
  Range,
  type CodeLensProvider,
  type Disposable,
  type Event,
  type TextDocument,
} from "vscode";
import { beliefRow } from "../../core/view/belief.ts";
import { lifecycle } from "../../core/memory/lifecycle.ts";
import { COMMANDS } from "../command-ids.ts";
import type { Workspace } from "../workspace.ts";
import type { Blame } from "./blame.ts";

export class BeliefLenses implements CodeLensProvider, Disposable {
  readonly #blame: Blame;
  readonly #changed = new EventEmitter<void>();
  readonly #following: Disposable;

  constructor(blame: Blame, stores: Workspace) {
    this.#blame = blame;
    this.#following = stores.onDidChange(() => this.#changed.fire());
  }

  get onDidChangeCodeLenses(): Event<void> {
    return this.#changed.event;
  }

  async provideCodeLenses(document: TextDocument): Promise<CodeLens[]> {
    const found = this.#blame.memoryOf(document);
    if (found === null) return [];
    const { store, memory } = found;
    const now = store.store.environment.now();
    const trust = await store.store.trustOf(store.snapshot, memory);
    const row = beliefRow(memory, lifecycle(memory, now, store.changed.get(memory.blob)), trust, now);
    const reference = { key: store.key, path: memory.path };
    const lens = (title: string, command: string): CodeLens =>
      new CodeLens(new Range(0, 0, 0, 0), { title, command, arguments: [reference] });
    const history = lens(`${trust === "reviewed" ? "confirmed · " : ""}${row.description} · History`, COMMANDS.history);
    if (store.readOnly) return [history];
    return [
      history,
      lens("Expire", COMMANDS.expire),
      lens("Revert last change", COMMANDS.revert),
      ...(trust === "reviewed" ? [] : [lens("Confirm as mine", COMMANDS.confirm)]),
    ];
  }

  dispose(): void {
    this.#following.dispose();
    this.#changed.dispose();
  }
}
