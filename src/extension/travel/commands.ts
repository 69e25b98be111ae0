/** Time travel's commands: to a moment and back, snapshots, differences, causes, what followed, and taking back. */
import { ProgressLocation, window, type Disposable } from "vscode";
import { contaminationOf } from "../../core/provenance/contamination.ts";
import { planRestore } from "../../core/provenance/restore.ts";
import { nameSnapshot, removeSnapshot } from "../../core/provenance/snapshots.ts";
import { planTakeBack } from "../../core/provenance/take-back.ts";
import type { Acts } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import type { PastVersions } from "../history/past-versions.ts";
import { showChange } from "../history/show.ts";
import { whisper } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { Selection } from "../picked.ts";
import { askIn } from "../review/consent.ts";
import { SnapshotNode } from "../timeline/nodes.ts";
import type { TimelineProvider } from "../timeline/provider.ts";
import { MEMORY_SCHEME, placeOf } from "../editor/uris.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { Conflicts } from "./conflicts.ts";
import { Differences } from "./differences.ts";
import { Erasing } from "./erasing.ts";
import { Pages } from "./pages.ts";
import { planOfRestore, planOfTakeBack } from "./plan.ts";
import { Plans } from "./plans.ts";
import { askPoint, askStore, pointOf, type Point } from "./points.ts";
import { askReach, askSuspected, suspectedCommit, suspectedMemory, suspectedOf, type Suspected } from "./suspects.ts";
import { findCause } from "./symptoms.ts";
import type { TimeTravel } from "./then.ts";
import { FollowerNode, StepNode, SuspectNode } from "./trace-nodes.ts";
import { Trace } from "./trace-view.ts";

export interface TravelParts {
  readonly workspace: Workspace;
  readonly selection: Selection;
  readonly acts: Acts;
  readonly person: EditorPerson;
  readonly versions: PastVersions;
  readonly timeline: TimelineProvider;
  readonly past: TimeTravel;
  readonly pages: Pages;
  readonly plans: Plans;
}

type TravelCommand =
  | "travel"
  | "travelHere"
  | "backToNow"
  | "nameSnapshot"
  | "removeSnapshot"
  | "restoreThen"
  | "compare"
  | "findCause"
  | "lineage"
  | "openTraced"
  | "closeTrace"
  | "takeBack"
  | "erase"
  | "openConflict"
  | "showDiffs"
  | "applyRevert";

export class Travel implements Disposable {
  readonly #parts: TravelParts;
  readonly #trace = new Trace();
  readonly #differences: Differences;
  readonly #erasing: Erasing;

  constructor(parts: TravelParts) {
    this.#parts = parts;
    this.#differences = new Differences(parts.pages);
    this.#erasing = new Erasing(parts.pages, parts.person);
  }

  commands(): CommandHandlers<TravelCommand> {
    const { past, plans, selection, workspace } = this.#parts;
    return {
      travel: () => this.#travel(undefined),
      travelHere: (node) => this.#travel(node),
      backToNow: () => past.back(),
      nameSnapshot: (node) => this.#name(node),
      removeSnapshot: async (node) => {
        if (node instanceof SnapshotNode) await this.#remove(node);
      },
      restoreThen: (node) => this.#restore(node),
      compare: (node) => this.#compare(node),
      findCause: async (...args) => {
        const answer = await thinking(() => findCause({ workspace, selection }, args));
        if (answer !== undefined) await this.#trace.showSuspects(answer.symptom, answer.ranked);
      },
      lineage: async (...args) => {
        const suspected = await this.#suspected(args, "Show what followed");
        if (suspected === undefined) return;
        const { store, suspicion, title } = suspected;
        await this.#trace.showFollowers(title, store, await thinking(() => contaminationOf(store.store, suspicion)));
      },
      openTraced: (node) => this.#openTraced(node),
      closeTrace: () => this.#trace.close(),
      takeBack: (...args) => this.#takeBack(args),
      erase: async (...args) => this.#erasing.erase((await selection.of(args))[0]),
      openConflict: (page, path) => plans.openConflict(page, path),
      showDiffs: async (uri) => {
        if (!(await this.#differences.showDiffs(uri))) await plans.showDiffs(uri);
      },
      applyRevert: async (page) => {
        await workspace.ready();
        await plans.apply(page);
      },
    };
  }

  dispose(): void {
    this.#trace.dispose();
  }

  async #travel(node: unknown): Promise<void> {
    const point = await this.#point(node, "Travel to a moment");
    if (point === undefined) return;
    await this.#parts.past.go(point.store, point.name);
    whisper(`You see the memory ${this.#parts.past.label ?? "as it is now"}.`);
  }

  async #name(node: unknown): Promise<void> {
    const point = pointOf(node);
    const title = point === null ? "Name the memory as it is now" : `Name the memory as of ${point.words}`;
    const store = point?.store ?? (await askStore(this.#parts.workspace, title));
    if (store === undefined) return;
    const name = await window.showInputBox({ title, prompt: "A name such as before-release-2." });
    if (name === undefined || name.trim() === "") return;
    await nameSnapshot(store.store, name.trim(), point?.name);
    this.#parts.timeline.redraw();
    whisper(`Snapshot named ${name.trim()}.`);
  }

  async #remove({ store, snapshot: { name } }: SnapshotNode): Promise<void> {
    const detail = "Only the name goes. What was believed then stays in the history.";
    if ((await askIn({ message: `Delete the snapshot "${name}"?`, detail }, "Delete", "Keep It")) !== "Delete") return;
    await removeSnapshot(store.store, name);
    this.#parts.timeline.redraw();
    whisper(`Snapshot ${name} deleted.`);
  }

  async #restore(node: unknown): Promise<void> {
    const { acts, plans } = this.#parts;
    const point = await this.#point(node, "Restore the memory as of a moment");
    if (point === undefined) return;
    const { store, words } = point;
    const plan = await thinking(() => planRestore(store.store, point.name));
    await plans.show(await planOfRestore(acts, store, plan, words));
  }

  /** A row is compared with now; without one, both moments are asked for. */
  async #compare(node: unknown): Promise<void> {
    const from = await this.#point(node, "Compare: from which moment");
    if (from === undefined) return;
    const to = pointOf(node) === null ? await askPoint(from.store, "Compare: to which moment", true) : null;
    if (to === undefined) return;
    await thinking(() => this.#differences.show(from, to));
  }

  async #takeBack(args: readonly unknown[]): Promise<void> {
    const { acts, plans } = this.#parts;
    const suspected = await this.#suspected(args, "Take back");
    if (suspected === undefined) return;
    const reach = await askReach(suspected.title);
    if (reach === undefined) return;
    const { store, suspicion } = suspected;
    const plan = await thinking(() => planTakeBack(store.store, suspicion, reach));
    await plans.show(planOfTakeBack(acts, store, plan));
  }

  /** A row, a memory, the commit that a link names beside it, or what the person picks. */
  async #suspected(args: readonly unknown[], title: string): Promise<Suspected | undefined> {
    const { selection, workspace } = this.#parts;
    const [first, commit] = args;
    const row = suspectedOf(first);
    if (row !== null) return row;
    const active = window.activeTextEditor?.document.uri;
    const isMemoryOpen = active?.scheme === MEMORY_SCHEME && placeOf(active)?.path !== "";
    if (first === undefined && !isMemoryOpen) return askSuspected(workspace, title);
    const [picked] = await selection.of(args);
    return typeof commit === "string" ? suspectedCommit(picked.store, commit) : suspectedMemory(picked);
  }

  async #openTraced(node: unknown): Promise<void> {
    if (node instanceof FollowerNode) {
      const { entry, change, title } = node.node;
      await showChange(node.store, entry, change, title);
    }
    const step = node instanceof SuspectNode ? node.suspect.path[0] : node instanceof StepNode ? node.step : undefined;
    if (step === undefined || !(node instanceof SuspectNode || node instanceof StepNode)) return;
    if (step.entry !== null && step.change !== null) await showChange(node.store, step.entry, step.change, step.title);
  }

  async #point(node: unknown, title: string): Promise<Point | undefined> {
    const named = pointOf(node);
    if (named !== null) return named;
    const store: OpenStore | undefined = await askStore(this.#parts.workspace, title);
    return store === undefined ? undefined : ((await askPoint(store, title)) ?? undefined);
  }
}

/** A long history takes a moment to go through. */
async function thinking<T>(work: () => Promise<T>): Promise<T> {
  return window.withProgress({ location: ProgressLocation.Window, title: "Memory: looking back…" }, work);
}

/** The parts that other features show through. */
export function travelParts(versions: PastVersions): { readonly pages: Pages; readonly plans: Plans } & Disposable {
  const [pages, conflicts] = [new Pages(), new Conflicts()];
  const plans = new Plans({ versions, pages, conflicts });
  return {
    pages,
    plans,
    dispose: () => {
      conflicts.dispose();
      pages.dispose();
    },
  };
}
