/** The status bar: the mode and what waits, and for a moment after a recall what it used. */
import { type Disposable, StatusBarAlignment, type StatusBarItem, window } from "vscode";
import { failedWords, recallWords, type RecallCount, type StatusFacts, statusWords } from "./words.ts";

/** How long the line after a recall stays, in milliseconds. */
const RECALL_SHOWN_MS = 10_000;

export interface StatusCommands {
  readonly chooseMode: string;
  readonly refresh: string;
  readonly showLastRecall: string;
}

export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #recall: StatusBarItem;
  readonly #ids: StatusCommands;
  #hiding: NodeJS.Timeout | undefined;

  constructor(ids: StatusCommands) {
    this.#ids = ids;
    this.#item = window.createStatusBarItem("commitToMemory.mode", StatusBarAlignment.Right, 90);
    this.#item.name = "Memory Mode";
    this.#recall = window.createStatusBarItem("commitToMemory.recall", StatusBarAlignment.Right, 91);
    this.#recall.name = "Memory Recall";
    this.#recall.command = ids.showLastRecall;
  }

  /** Undefined hides the item: where there is no store there is no mode. A sentence says why there is one and it can't be read. */
  show(facts: StatusFacts | string | undefined): void {
    if (facts === undefined) {
      this.#item.hide();
      return;
    }
    const failed = typeof facts === "string";
    const { text, tooltip, spoken } = failed ? failedWords(facts) : statusWords(facts);
    // Trying again either works or says once more what is wrong.
    this.#item.command = failed ? this.#ids.refresh : this.#ids.chooseMode;
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: spoken, role: "button" };
    this.#item.show();
  }

  /** One quiet line: no notification, no sound. */
  recalled(count: RecallCount): void {
    const words = recallWords(count);
    this.#recall.text = `$(list-unordered) ${words}`;
    this.#recall.tooltip = "Show exactly these";
    this.#recall.accessibilityInformation = { label: `${words}. Show exactly these`, role: "button" };
    this.#recall.show();
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => this.#recall.hide(), RECALL_SHOWN_MS);
  }

  dispose(): void {
    clearTimeout(this.#hiding);
    this.#item.dispose();
    this.#recall.dispose();
  }
}
