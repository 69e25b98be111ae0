/** The status bar: the mode and what waits, and for a moment after a recall what it used. */
import { type Disposable, StatusBarAlignment, type StatusBarItem, window } from "vscode";
import { recallWords, type RecallCount, type StatusFacts, statusWords } from "./words.ts";

/** How long the line after a recall stays, in milliseconds. */
const RECALL_SHOWN_MS = 10_000;

export interface StatusCommands {
  readonly chooseMode: string;
  readonly showLastRecall: string;
}

export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #recall: StatusBarItem;
  #hiding: NodeJS.Timeout | undefined;

  constructor(ids: StatusCommands) {
    this.#item = window.createStatusBarItem("commitToMemory.mode", StatusBarAlignment.Right, 90);
    this.#item.name = "Memory Mode";
    this.#item.command = ids.chooseMode;
    this.#recall = window.createStatusBarItem("commitToMemory.recall", StatusBarAlignment.Right, 91);
    this.#recall.name = "Memory Recall";
    this.#recall.command = ids.showLastRecall;
  }

  /** Undefined hides the item: where there is no store there is no mode. */
  show(facts: StatusFacts | undefined): void {
    if (facts === undefined) {
      this.#item.hide();
      return;
    }
    const { text, tooltip, spoken } = statusWords(facts);
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
