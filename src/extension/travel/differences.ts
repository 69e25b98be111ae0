/** What differs between two moments: in words first, and as one editor of diffs. */
import { commands, type Uri } from "vscode";
import { beliefDifferences, type BeliefDifference } from "../../core/review/difference.ts";
import { differencePage } from "../../core/view/plan-page.ts";
import { COMMANDS } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import type { OpenStore } from "../workspace.ts";
import type { Pages } from "./pages.ts";
import type { Point } from "./points.ts";

interface Shown {
  readonly store: OpenStore;
  readonly title: string;
  readonly differences: readonly BeliefDifference[];
}

/** As many pages as keep their diffs at hand. */
const MOST_KEPT = 20;

export class Differences {
  readonly #pages: Pages;
  readonly #shown = new Map<string, Shown>();

  constructor(pages: Pages) {
    this.#pages = pages;
  }

  /** @param to null is now. */
  async show(from: Point, to: Point | null): Promise<void> {
    const { store } = from;
    const [a, b] = [await store.store.commitOf(from.name), await store.store.commitOf(to?.name)];
    const differences = await beliefDifferences(store.store, a, b);
    const words = { from: from.words, to: to?.words ?? "now" };
    const title = `From ${words.from} to ${words.to}`;
    const page = differencePage(differences, words, store.store.environment.now());
    const uri = await this.#pages.open("page", title, (own) => ({
      page,
      lenses:
        differences.length === 0
          ? []
          : [{ line: 0, title: "Show as Diffs", command: COMMANDS.showDiffs, arguments: [own.toString()] }],
    }));
    this.#keep(uri, { store, title, differences });
  }

  /** False where the page is none of these. */
  async showDiffs(uri: unknown): Promise<boolean> {
    const shown = typeof uri === "string" ? this.#shown.get(uri) : undefined;
    if (shown === undefined) return false;
    const { store, title, differences } = shown;
    const files = differences.map(({ path, movedFrom, before, after }) => [
      memoryUri(store, path),
      versionUri(store, movedFrom ?? path, before),
      versionUri(store, path, after),
    ]);
    await commands.executeCommand("vscode.changes", title, files);
    return true;
  }

  #keep(uri: Uri, shown: Shown): void {
    this.#shown.set(uri.toString(), shown);
    const [oldest] = this.#shown.keys();
    if (oldest !== undefined && this.#shown.size > MOST_KEPT) this.#shown.delete(oldest);
  }
}
