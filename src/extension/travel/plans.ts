/** What is about to be done to the history: shown first, gone on with by one key, and done once. */
import { commands, window, type Disposable, type Uri } from "vscode";
import { InvalidInputError } from "../../core/errors.ts";
import type { Page } from "../../core/view/page.ts";
import type { PlannedFile } from "../../core/view/plan-page.ts";
import type { Done } from "../acts.ts";
import { COMMANDS } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { guard, say, sayDone } from "../messages.ts";
import { closeTabOf } from "../review/tabs.ts";
import type { OpenStore } from "../workspace.ts";
import type { PastVersions } from "../history/past-versions.ts";
import type { Conflicts } from "./conflicts.ts";
import type { PageLens, Pages, ShownPage } from "./pages.ts";

/** Whether a plan is on the screen, so that its key and the diff's title bar carry it out. */
const PENDING_KEY = "commitToMemory.planned";

export interface Plan {
  readonly store: OpenStore;
  /** What it is about, in a few words. */
  readonly title: string;
  /** What going on does: `Revert`, `Take Back`, `Restore`. */
  readonly verb: string;
  readonly page: Page;
  readonly files: readonly PlannedFile[];
  /** Whether there is more to say than a diff shows. */
  readonly needsWords: boolean;
  /** The plan with one conflict decided. */
  readonly decide: (path: string, bytes: Uint8Array) => Plan;
  readonly carryOut: () => Promise<Done>;
}

interface Shown {
  plan: Plan;
  /** The page, where there is one. */
  uri: Uri | null;
}

export class Plans implements Disposable {
  readonly #parts: { readonly versions: PastVersions; readonly pages: Pages; readonly conflicts: Conflicts };
  #shown: Shown | undefined;

  constructor(parts: { readonly versions: PastVersions; readonly pages: Pages; readonly conflicts: Conflicts }) {
    this.#parts = parts;
  }

  /** Shows what would change, and offers to do it. Does not wait for the answer. */
  async show(plan: Plan): Promise<void> {
    const shown: Shown = { plan, uri: null };
    await this.#note(shown);
    if (plan.needsWords || plan.files.length !== 1) {
      shown.uri = await this.#parts.pages.open(`${plan.verb}: ${plan.title}`, () => this.#pageOf(plan));
      return;
    }
    await this.#diffs(plan);
    void say(`This is what it would change: "${plan.title}".`, plan.verb).then((answer) => {
      if (answer === plan.verb && this.#shown === shown) void guard(() => this.apply());
    });
  }

  /** Nothing where none is planned (any more). */
  async apply(): Promise<void> {
    if (this.#shown === undefined) return;
    const { plan, uri } = this.#shown;
    const { files } = plan;
    if (files.length > 0 && files.every(({ action }) => action === "conflict" || action === "stays"))
      throw new InvalidInputError(
        files.some(({ action }) => action === "conflict")
          ? "Every change of this plan is in conflict. Decide what the memories are to say first."
          : "There is nothing to do: the store is as it would be already.",
      );
    await this.#note(undefined);
    try {
      sayDone(await plan.carryOut(), plan.title);
    } catch (error) {
      await this.#note({ plan, uri });
      throw error;
    }
    if (uri !== null) await closeTabOf(uri);
  }

  /** Each file of the plan as it is and as it would be. */
  async showDiffs(): Promise<void> {
    if (this.#shown !== undefined) await this.#diffs(this.#shown.plan);
  }

  /** Opens both texts of a conflict in one, to be edited and saved. */
  async openConflict(path: unknown): Promise<void> {
    const shown = this.#shown;
    const file = shown?.plan.files.find((one) => one.path === path);
    if (shown === undefined || file?.merged === undefined) return;
    const start = file.action === "resolved" ? (file.after ?? file.merged) : file.merged;
    await this.#parts.conflicts.open(file.path, start, (bytes) => {
      shown.plan = shown.plan.decide(file.path, bytes);
      if (shown.uri === null) return;
      this.#parts.pages.update(shown.uri, this.#pageOf(shown.plan));
      void window.showTextDocument(shown.uri, { preview: true });
    });
  }

  dispose(): void {
    this.#shown = undefined;
  }

  async #note(shown: Shown | undefined): Promise<void> {
    this.#shown = shown;
    await commands.executeCommand("setContext", PENDING_KEY, shown !== undefined);
  }

  #pageOf({ page, files, verb }: Plan): ShownPage {
    const lens = (line: number, title: string, command: string, ...args: readonly unknown[]): PageLens => ({
      line,
      title,
      command,
      arguments: args,
    });
    const open = files.filter(({ action }) => action !== "stays");
    const conflicts = page.items.flatMap(({ line, path }) => {
      const file = files.find((one) => one.path === path && one.merged !== undefined);
      if (file === undefined) return [];
      const title = file.action === "conflict" ? "Decide What It Is to Say" : "Edit the Decision";
      return [lens(line, title, COMMANDS.openConflict, path)];
    });
    return {
      page,
      lenses: [
        ...(open.length === 0
          ? []
          : [lens(0, verb, COMMANDS.applyRevert), lens(0, "Show as Diffs", COMMANDS.showDiffs)]),
        ...conflicts,
      ],
    };
  }

  async #diffs({ store, title, files, verb }: Plan): Promise<void> {
    const name = `${title} (now, and after: ${verb})`;
    const { versions } = this.#parts;
    const sides = (file: PlannedFile): [Uri, Uri] => [
      versionUri(store, file.path, file.now),
      versions.offer(store.key, file.path, file.after),
    ];
    const [first, ...others] = files.filter(({ action }) => action !== "stays");
    if (first === undefined) return;
    if (others.length === 0) {
      await commands.executeCommand("vscode.diff", ...sides(first), name, { preview: true });
      return;
    }
    const resources = [first, ...others].map((file) => [memoryUri(store, file.path), ...sides(file)]);
    await commands.executeCommand("vscode.changes", name, resources);
  }
}
