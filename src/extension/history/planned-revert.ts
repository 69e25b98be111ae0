/** A revert that is on the screen: shown first, done by its button, and done once. */
import { commands, type Uri } from "vscode";
import type { RevertedFile, RevertPlan } from "../../core/provenance/revert.ts";
import type { Acts } from "../acts.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { guard, say, sayDone } from "../messages.ts";
import type { OpenStore } from "../workspace.ts";
import type { PastVersions } from "./past-versions.ts";

/** Whether a planned revert is on the screen, so that the diff's title bar offers it. */
const PENDING_KEY = "commitToMemory.revertPlanned";

interface Planned {
  readonly store: OpenStore;
  readonly plan: RevertPlan;
  readonly title: string;
}

export class PlannedRevert {
  readonly #acts: Acts;
  readonly #versions: PastVersions;
  #planned: Planned | undefined;

  constructor(acts: Acts, versions: PastVersions) {
    this.#acts = acts;
    this.#versions = versions;
  }

  /** Shows what would change, and offers to do it. Does not wait for the answer. */
  async show(store: OpenStore, plan: RevertPlan, title: string): Promise<void> {
    await this.#draw({ store, plan, title });
    await this.#plan({ store, plan, title });
    void say(`This is what the revert would change: "${title}".`, "Revert").then((answer) => {
      if (answer === "Revert" && this.#planned?.plan === plan) void guard(() => this.apply());
    });
  }

  /** Nothing where none is planned (any more). */
  async apply(): Promise<void> {
    if (this.#planned === undefined) return;
    const { store, plan, title } = this.#planned;
    await this.#plan(undefined);
    sayDone(await this.#acts.revert(store.store, plan), title);
  }

  async #plan(next: Planned | undefined): Promise<void> {
    this.#planned = next;
    await commands.executeCommand("setContext", PENDING_KEY, next !== undefined);
  }

  async #draw({ store, plan, title }: Planned): Promise<void> {
    const name = `${title} (now, and after the revert)`;
    const [first, ...others] = plan.files;
    if (first === undefined) return;
    if (others.length === 0) {
      await commands.executeCommand("vscode.diff", ...this.#sides(store, first), name, { preview: true });
      return;
    }
    const files = plan.files.map((file) => [memoryUri(store, file.change.path), ...this.#sides(store, file)]);
    await commands.executeCommand("vscode.changes", name, files);
  }

  #sides(store: OpenStore, { change: { path }, now, outcome, bytes }: RevertedFile): [Uri, Uri] {
    const after = outcome === "same" ? versionUri(store, path, now) : this.#versions.offer(store.key, path, bytes);
    return [versionUri(store, path, now), after];
  }
}
