/** Keeps the status bar true: the mode of the project in view, what needs a person, and the last recall by any door. */
import { commands, type Disposable, type Event, window } from "vscode";
import { NoStoreError } from "../../core/errors.ts";
import { parseReceipt } from "../../core/recall/receipt.ts";
import type { Mode } from "../../core/mode.ts";
import { FolderState } from "../../git/local-state.ts";
import { COMMANDS, type CommandHandlers } from "../command-ids.ts";
import { storeInView } from "../in-view.ts";
import { showError } from "../messages.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { pickMode } from "./mode-pick.ts";
import { followReceipts } from "./receipt-feed.ts";
import { countOf, type SeenReceipt, showUsed, usedBeliefs } from "./recalls.ts";
import { StatusBar } from "./status-bar.ts";
import type { StatusFacts } from "./words.ts";

export interface StatusParts {
  readonly workspace: Workspace;
  /** What waits for a person; the view's badge counts the same. */
  readonly needsYou: { readonly needingYou: number; readonly onDidRead: Event<void> };
}

/** A receipt and the folder of local state in which it was found. */
interface SeenRecall {
  readonly receipt: SeenReceipt;
  readonly folder: string;
}

export class Status implements Disposable {
  readonly #parts: StatusParts;
  readonly #bar = new StatusBar(COMMANDS);
  readonly #subscriptions: Disposable[];
  /** The receipts' folders that are followed, each with the way to stop. */
  readonly #following = new Map<string, () => void>();
  #last: SeenRecall | undefined;
  #drawing: Promise<void> = Promise.resolve();

  constructor(parts: StatusParts) {
    this.#parts = parts;
    const draw = (): void => this.#draw();
    this.#subscriptions = [
      this.#bar,
      parts.workspace.onDidChange(() => {
        this.#follow();
        draw();
      }),
      parts.needsYou.onDidRead(draw),
      window.onDidChangeActiveTextEditor(draw),
      // Another window or process may have changed the mode meanwhile.
      window.onDidChangeWindowState(draw),
    ];
    this.#follow();
    draw();
  }

  /** What the status bar shows; undefined where there is no store. */
  async facts(): Promise<StatusFacts | undefined> {
    const shown = storeInView(this.#parts.workspace);
    if (shown === undefined) return undefined;
    return {
      mode: await shown.store.mode(),
      waiting: this.#parts.needsYou.needingYou,
      lastRecall: this.#last && countOf(this.#last.receipt),
      obstacle: shown.obstacle?.message,
    };
  }

  /** The last recall in this window's repositories, by whichever process. */
  get lastRecall(): SeenReceipt | undefined {
    return this.#last?.receipt;
  }

  /** A person's choice for the project in view, which every door honours. */
  async setMode(mode: Mode): Promise<void> {
    const shown = storeInView(this.#parts.workspace);
    if (shown === undefined)
      throw new NoStoreError("There is no memory here yet. Write a memory or start with this project's rules first.");
    await shown.store.setMode(mode);
    this.#draw();
    await this.#drawing;
  }

  commands(): CommandHandlers<"chooseMode" | "showLastRecall"> {
    return { chooseMode: () => this.#choose(), showLastRecall: () => this.#showLast() };
  }

  dispose(): void {
    for (const stop of this.#following.values()) stop();
    for (const one of this.#subscriptions) one.dispose();
  }

  #failure(): string | undefined {
    const { state, problem } = this.#parts.workspace;
    return state === "failed" ? problem?.message : undefined;
  }

  async #choose(): Promise<void> {
    const shown = storeInView(this.#parts.workspace);
    const facts = await this.facts();
    if (shown === undefined || facts === undefined) {
      if (this.#failure() !== undefined) throw this.#parts.workspace.problem;
      void window.showInformationMessage(
        "There is no memory here yet. Write a memory or start with this project's rules first.",
      );
      return;
    }
    const answer = await pickMode(facts, shown.name);
    if (answer === undefined) return;
    if (answer === "waiting") await commands.executeCommand("commitToMemory.beliefs.focus");
    else if (answer === "last-recall") await this.#showLast();
    else await this.setMode(answer.mode);
  }

  async #showLast(): Promise<void> {
    const last = this.#last;
    if (last === undefined) {
      void window.showInformationMessage("No agent has recalled anything here yet.");
      return;
    }
    await showUsed(last.receipt, await usedBeliefs(last.receipt, this.#seenFrom(last.folder)));
  }

  /** The stores that a recall saw whose receipt is in this folder: the project's and the person's. */
  #seenFrom(folder: string): readonly OpenStore[] {
    return this.#parts.workspace.allStores.filter((one) => one.folder === null || stateFolderOf(one) === folder);
  }

  #follow(): void {
    const wanted = new Set(this.#parts.workspace.allStores.map(stateFolderOf).filter((folder) => folder !== undefined));
    for (const [folder, stop] of this.#following) {
      if (wanted.has(folder)) continue;
      stop();
      this.#following.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#following.has(folder)) continue;
      this.#following.set(
        folder,
        followReceipts(folder, (lines, news) => this.#saw(folder, lines, news), showError),
      );
    }
  }

  #saw(folder: string, lines: readonly string[], news: boolean): void {
    const receipt = lines.map(parseReceipt).findLast((one) => one !== null) ?? null;
    if (receipt === null) return;
    if (this.#last !== undefined && this.#last.receipt.at > receipt.at) return;
    this.#last = { receipt, folder };
    if (news && receipt.chosen.length > 0) this.#bar.recalled(countOf(receipt));
    this.#draw();
  }

  #draw(): void {
    this.#drawing = this.#drawing
      .then(async () => this.#bar.show((await this.facts()) ?? this.#failure()))
      .catch(showError);
  }
}

/** Where the receipts of a store's repository are. */
function stateFolderOf({ store }: OpenStore): string | undefined {
  return store.state instanceof FolderState ? store.state.folder : undefined;
}
