/** What is about to be done to the history: shown first, gone on with by one key, and done once. */
import { commands, Uri, window } from "vscode";
import { InvalidInputError } from "../../core/errors.ts";
import type { Page } from "../../core/view/page.ts";
import type { PlannedFile } from "../../core/view/plan-page.ts";
import type { Done } from "../acts.ts";
import { COMMANDS } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { guard, say, sayDone } from "../messages.ts";
import { closeTabOf } from "../documents/tabs.ts";
import type { OpenStore } from "../workspace.ts";
import type { PastVersions } from "../history/past-versions.ts";
import type { Conflicts } from "./conflicts.ts";
import { PLAN_SCHEME, type PageLens, type Pages, type ShownPage } from "./pages.ts";

/** Whether a plan is on the screen as a diff, so that the diff's title bar carries it out. */
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

export class Plans {
  readonly #parts: { readonly versions: PastVersions; readonly pages: Pages; readonly conflicts: Conflicts };
  /** By their pages. Each page carries out what it shows, whatever was planned after it. */
  readonly #byPage = new Map<string, Plan>();
  /** The plan that a diff shows. */
  #inDiff: Plan | undefined;

  constructor(parts: { readonly versions: PastVersions; readonly pages: Pages; readonly conflicts: Conflicts }) {
    this.#parts = parts;
  }

  /** Shows what would change, and offers to do it. Does not wait for the answer. */
  async show(plan: Plan): Promise<void> {
    if (plan.needsWords || plan.files.length !== 1) {
      const shown = (uri: Uri): ShownPage => this.#pageOf(uri, plan);
      const uri = await this.#parts.pages.open("plan", `${plan.verb}: ${plan.title}`, shown);
      this.#byPage.set(uri.toString(), plan);
      return;
    }
    await this.#diffs(plan);
    await this.#noteInDiff(plan);
    void say(`This is what it would change: "${plan.title}".`, plan.verb).then((answer) => {
      if (answer === plan.verb && this.#inDiff === plan) void guard(() => this.#carryOutInDiff(plan));
    });
  }

  /** What the page shows that is named or active, else what the diff shows; nothing where none is planned (any more). */
  async apply(named: unknown): Promise<void> {
    const uri = named instanceof Uri ? named : window.activeTextEditor?.document.uri;
    if (uri?.scheme !== PLAN_SCHEME) {
      if (this.#inDiff !== undefined) await this.#carryOutInDiff(this.#inDiff);
      return;
    }
    const plan = this.#byPage.get(uri.toString());
    if (plan === undefined)
      throw new InvalidInputError("This was done already, or its window was closed. Ask for it again.");
    assertOpen(plan);
    // Once: a second press while it is under way finds nothing.
    this.#byPage.delete(uri.toString());
    try {
      sayDone(await plan.carryOut(), plan.title);
    } catch (error) {
      this.#byPage.set(uri.toString(), plan);
      throw error;
    }
    await closeTabOf(uri);
  }

  /** Each file of a page's plan as it is and as it would be. */
  async showDiffs(page: unknown): Promise<void> {
    const uri = typeof page === "string" ? page : window.activeTextEditor?.document.uri.toString();
    const plan = uri === undefined ? undefined : this.#byPage.get(uri);
    if (plan !== undefined) await this.#diffs(plan);
  }

  /** Opens both texts of a conflict in one, to be edited and saved. */
  async openConflict(page: unknown, path: unknown): Promise<void> {
    const key = typeof page === "string" ? page : "";
    const file = this.#byPage.get(key)?.files.find((one) => one.path === path);
    if (file?.merged === undefined) return;
    const start = file.action === "resolved" ? (file.after ?? file.merged) : file.merged;
    await this.#parts.conflicts.open(file.path, start, (bytes) => {
      const plan = this.#byPage.get(key)?.decide(file.path, bytes);
      if (plan === undefined) return;
      this.#byPage.set(key, plan);
      const uri = Uri.parse(key);
      this.#parts.pages.update(uri, this.#pageOf(uri, plan));
      void window.showTextDocument(uri, { preview: true });
    });
  }

  async #carryOutInDiff(plan: Plan): Promise<void> {
    await this.#noteInDiff(undefined);
    sayDone(await plan.carryOut(), plan.title);
  }

  async #noteInDiff(plan: Plan | undefined): Promise<void> {
    this.#inDiff = plan;
    await commands.executeCommand("setContext", PENDING_KEY, plan !== undefined);
  }

  #pageOf(uri: Uri, { page, files, verb }: Plan): ShownPage {
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
      return [lens(line, title, COMMANDS.openConflict, uri.toString(), path)];
    });
    return {
      page,
      lenses: [
        ...(open.length === 0
          ? []
          : [
              lens(0, `${verb}`, COMMANDS.applyRevert, uri),
              lens(0, "Show as Diffs", COMMANDS.showDiffs, uri.toString()),
            ]),
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

function assertOpen({ files }: Plan): void {
  if (files.length > 0 && !files.every(({ action }) => action === "conflict" || action === "stays")) return;
  throw new InvalidInputError(
    files.some(({ action }) => action === "conflict")
      ? "Every change of this plan is in conflict. Decide what the memories are to say first."
      : "There is nothing to do: the store is as it would be already.",
  );
}
