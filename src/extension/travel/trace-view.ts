/** The third view: what could be behind a symptom, or what followed from a belief. It is there only while it has an answer. */
import {
  commands,
  EventEmitter,
  window,
  type Disposable,
  type Event,
  type TreeDataProvider,
  type TreeItem,
} from "vscode";
import type { Contamination, Tainted } from "../../core/provenance/contamination.ts";
import type { Suspect } from "../../core/provenance/why.ts";
import { followersOf } from "../../core/view/trace.ts";
import type { OpenStore } from "../workspace.ts";
import {
  FollowerNode,
  HeadingNode,
  StepNode,
  SuspectNode,
  traceItem,
  WashedNode,
  type TraceNode,
} from "./trace-nodes.ts";

export const TRACE_VIEW_ID = "commitToMemory.trace";

const SHOWN_KEY = "commitToMemory.traced";

export class Trace implements TreeDataProvider<TraceNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly #view = window.createTreeView<TraceNode>(TRACE_VIEW_ID, { treeDataProvider: this, showCollapseAll: true });
  #roots: readonly TraceNode[] = [];

  get onDidChangeTreeData(): Event<undefined> {
    return this.#changed.event;
  }

  /** @param symptom what was asked about, in the person's words. */
  async showSuspects(
    symptom: string,
    suspects: readonly { readonly store: OpenStore; readonly suspect: Suspect }[],
  ): Promise<void> {
    const nodes = suspects.map(({ store, suspect }, i) => new SuspectNode(store, suspect, i + 1));
    await this.#show(nodes, nodes.length === 0 ? `No belief has these words: ${symptom}` : `Behind: ${symptom}`);
  }

  async showFollowers(title: string, store: OpenStore, { nodes, washed, present }: Contamination): Promise<void> {
    const children = followersOf(nodes);
    const isPresent = (node: Tainted): boolean => present.has(node.change.id);
    const build = (node: Tainted, wanted: (one: Tainted) => boolean): FollowerNode =>
      new FollowerNode(
        store,
        node,
        isPresent(node),
        (children.get(node) ?? []).filter(wanted).map((one) => build(one, wanted)),
      );
    const derives = ({ relation }: Tainted): boolean => relation !== "context";
    const begun = (children.get(null) ?? []).filter(derives).map((node) => build(node, derives));
    // Each stands by itself here: what led to it is said in its row.
    const inContext = nodes.filter((node) => !derives(node)).map((node) => build(node, () => false));
    const rewritten = washed.map((one) => new WashedNode(store, one));
    await this.#show(
      [
        ...begun,
        ...(inContext.length === 0 ? [] : [new HeadingNode("Merely in context", inContext)]),
        ...(rewritten.length === 0 ? [] : [new HeadingNode("Rewritten since", rewritten)]),
      ],
      `What followed from: ${title}`,
    );
  }

  async close(): Promise<void> {
    this.#roots = [];
    await commands.executeCommand("setContext", SHOWN_KEY, false);
    this.#changed.fire(undefined);
  }

  getChildren(node?: TraceNode): TraceNode[] {
    if (node === undefined) return [...this.#roots];
    if (node instanceof HeadingNode) return [...node.rows];
    if (node instanceof FollowerNode) return [...node.below];
    if (!(node instanceof SuspectNode)) return [];
    return node.suspect.path.map((step) => new StepNode(node.store, step));
  }

  getTreeItem(node: TraceNode): TreeItem {
    const now = node instanceof HeadingNode ? new Date() : node.store.store.environment.now();
    return traceItem(node, now);
  }

  dispose(): void {
    this.#view.dispose();
    this.#changed.dispose();
  }

  async #show(roots: readonly TraceNode[], message: string): Promise<void> {
    this.#roots = roots;
    await commands.executeCommand("setContext", SHOWN_KEY, true);
    this.#view.message = message;
    this.#changed.fire(undefined);
    await commands.executeCommand(`${TRACE_VIEW_ID}.focus`);
  }
}
