/** The view's data: sections and their rows, read from what the window already knows and only as far as they are unfolded. */
import { EventEmitter, window, type Disposable, type Event, type TreeDataProvider, type TreeItem } from "vscode";
import type { Memory } from "../../core/memory/model.ts";
import { effectiveTrust } from "../../core/memory/trust.ts";
import type { EvidenceView } from "../../core/trust/evidence.ts";
import { standingWords } from "../../core/trust/words.ts";
import type { BeliefChange } from "../../core/provenance/journal-entry.ts";
import { removals, type Removal } from "../../core/view/past.ts";
import { aboutFile, GROUP_ABOVE, groupsOf, sectionsOf, type Placed, type Sections } from "../../core/view/sections.ts";
import { COMMANDS } from "../command-ids.ts";
import { titlesOf } from "../history/titles.ts";
import { storeInView } from "../in-view.ts";
import type { ReviewQueue } from "../review/queue.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { olderItem } from "../timeline/items.ts";
import { OlderNode } from "../timeline/nodes.ts";
import type { TimeTravel } from "../travel/then.ts";
import { isPastViewNode, ThenNode } from "../travel/then-nodes.ts";
import { pathInRepository } from "./active-file.ts";
import {
  cardItem,
  groupItem,
  itemOf,
  moreItem,
  noticeItem,
  type RowContext,
  sectionItem,
  storeNameOf,
} from "./items.ts";
import {
  BeliefNode,
  BrokenNode,
  CardNode,
  GroupNode,
  MoreNode,
  NoticeNode,
  PastNode,
  SectionNode,
  type Node,
} from "./nodes.ts";

/** A first change is drawn at once, those that follow it within this time (an import, a pull) together. Milliseconds. */
const QUIET = 100;
/** As many rows as a list shows at first and adds at a time: VS Code asks for each row that is unfolded, seen or not. */
export const PAGE = 100;

export class BeliefsProvider implements TreeDataProvider<Node>, Disposable {
  readonly #workspace: Workspace;
  readonly #queue: Pick<ReviewQueue, "waiting" | "onDidChange">;
  readonly #travel: TimeTravel;
  readonly #changed = new EventEmitter<Node | undefined>();
  readonly #didRead = new EventEmitter<void>();
  readonly #subscriptions: Disposable[];
  readonly #sections = {
    needsYou: new SectionNode("needsYou"),
    aboutFile: new SectionNode("aboutFile"),
    believed: new SectionNode("believed"),
    past: new SectionNode("past"),
  };
  /** How many rows of a long list are shown, by the list's name. */
  readonly #shown = new Map<string, number>();
  #view: Sections<OpenStore> = { needsYou: [], believed: [], ended: [] };
  #about: readonly Placed<OpenStore>[] = [];
  readonly #evidence = new Map<OpenStore, Promise<EvidenceView>>();
  #timer: NodeJS.Timeout | undefined;
  #again = false;

  constructor(workspace: Workspace, queue: Pick<ReviewQueue, "waiting" | "onDidChange">, past: TimeTravel) {
    this.#workspace = workspace;
    this.#travel = past;
    this.#queue = queue;
    this.#subscriptions = [
      this.#changed,
      this.#didRead,
      workspace.onDidChange(() => this.#soon()),
      queue.onDidChange(() => this.#soon()),
      past.onDidChange(() => this.#changed.fire(undefined)),
      window.onDidChangeActiveTextEditor(() => this.#followEditor()),
    ];
    this.#read();
  }

  get onDidChangeTreeData(): Event<Node | undefined> {
    return this.#changed.event;
  }

  /** The sections were read again. */
  get onDidRead(): Event<void> {
    return this.#didRead.event;
  }

  /** What the badge counts. */
  get needingYou(): number {
    return this.#view.needsYou.length;
  }

  /** Reads again and redraws everything; also lets time pass for what ends or grows old. */
  redraw(): void {
    this.#read();
    this.#didRead.fire();
    this.#changed.fire(undefined);
  }

  showMore(node: MoreNode): void {
    const list = listName(node.parent);
    this.#shown.set(list, this.#limit(list) + PAGE);
    this.#changed.fire(node.parent);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const rowsOfThen = this.#travel.childrenOf(node);
    if (rowsOfThen !== undefined) return rowsOfThen;
    if (node === undefined) return this.#roots();
    if (node instanceof GroupNode)
      return this.#page(
        node,
        node.items.map((item) => new BeliefNode("believed", item)),
      );
    if (!(node instanceof SectionNode)) return [];
    if (node.section === "needsYou") {
      return this.#page(
        node,
        this.#view.needsYou.map((item) => {
          if ("card" in item) return new CardNode(item.store, item.card);
          return "broken" in item ? new BrokenNode(item.store, item.broken) : new BeliefNode("needsYou", item);
        }),
      );
    }
    if (node.section === "aboutFile")
      return this.#page(
        node,
        this.#about.map((item) => new BeliefNode("aboutFile", item)),
      );
    if (node.section === "past") return this.#past(node);
    if (this.#view.believed.length > GROUP_ABOVE)
      return Array.from(groupsOf(this.#view.believed), ([type, items]) => new GroupNode(type, items));
    return this.#page(
      node,
      this.#view.believed.map((item) => new BeliefNode("believed", item)),
    );
  }

  async getTreeItem(node: Node): Promise<TreeItem> {
    if (node instanceof SectionNode) return sectionItem(node, this.#count(node));
    if (node instanceof GroupNode) return groupItem(node);
    if (node instanceof MoreNode) return moreItem(node);
    if (node instanceof OlderNode) return olderItem(node);
    if (node instanceof NoticeNode) return noticeItem(node);
    if (isPastViewNode(node)) {
      const name = node instanceof ThenNode ? storeNameOf(node.store, this.#workspace.stores) : undefined;
      return this.#travel.itemOf(node, name);
    }
    const now = node.store.store.environment.now();
    const storeName = storeNameOf(node.store, this.#workspace.stores);
    if (node instanceof CardNode) return cardItem(node, { now, storeName });
    return itemOf(node, { now, ...(await this.#judged(node)), storeName });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #roots(): Node[] {
    if (this.#workspace.stores.length === 0) return [];
    const { needsYou, aboutFile, believed, past } = this.#sections;
    return [
      ...noticesOf(this.#workspace),
      ...(this.#view.needsYou.length > 0 ? [needsYou] : []),
      ...(this.#about.length > 0 ? [aboutFile] : []),
      believed,
      past,
    ];
  }

  #soon(): void {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.redraw();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#soon();
    }, QUIET);
  }

  #read(): void {
    this.#evidence.clear();
    const shelves = this.#workspace.stores.map((store) => ({
      store,
      memories: store.snapshot.memories(),
      broken: store.snapshot.broken(),
      changed: store.changed,
      tombstones: store.tombstones,
      refused: store.refused,
      waiting: this.#queue.waiting(store),
      apart: store.folder !== null && store !== storeInView(this.#workspace),
    }));
    const now = this.#workspace.stores[0]?.store.environment.now() ?? new Date();
    this.#view = sectionsOf(shelves, now);
    this.#about = this.#aboutNow();
  }

  #followEditor(): void {
    const before = this.#about;
    this.#about = this.#aboutNow();
    if (before.length === 0 && this.#about.length === 0) return;
    // The section itself comes and goes with its content.
    const appears = before.length === 0 || this.#about.length === 0;
    this.#changed.fire(appears ? undefined : this.#sections.aboutFile);
  }

  #aboutNow(): readonly Placed<OpenStore>[] {
    const uri = window.activeTextEditor?.document.uri;
    if (uri === undefined) return [];
    const paths = new Map(this.#workspace.stores.map((store) => [store, pathInRepository(store, uri)]));
    // A person's own memories speak of paths of whatever project is open.
    const anyPath = [...paths.values()].find((path) => path !== null) ?? null;
    return [...paths].flatMap(([store, own]) => {
      const path = store.folder === null ? anyPath : own;
      return path === null
        ? []
        : aboutFile(
            this.#view.believed.filter((item) => item.store === store),
            path,
          );
    });
  }

  async #past(section: SectionNode): Promise<Node[]> {
    const ended = this.#view.ended.map((item) => new BeliefNode("past", item));
    const removed: { store: OpenStore; removal: Removal }[] = [];
    for (const store of this.#workspace.stores) {
      const entries = await store.store.journal.entries();
      const { snapshot } = store;
      const found = removals(entries, (id, path) => snapshot.get(id) !== undefined || snapshot.at(path) !== undefined);
      removed.push(...found.map((removal) => ({ store, removal })));
    }
    removed.sort((a, b) => (a.removal.entry.at < b.removal.entry.at ? 1 : -1));
    const limit = this.#limit(listName(section));
    const shown = removed.slice(0, Math.max(0, limit - ended.length));
    const titles = new Map<BeliefChange, string>();
    for (const store of new Set(shown.map((one) => one.store))) {
      const own = shown.flatMap((one) => (one.store === store ? [one.removal.change] : []));
      for (const [change, title] of await titlesOf(store, own)) titles.set(change, title);
    }
    const nodes = [
      ...ended,
      ...shown.map(
        ({ store, removal }) => new PastNode(store, removal, titles.get(removal.change) ?? removal.change.path),
      ),
    ];
    const hidden = ended.length + removed.length - nodes.length;
    return hidden > 0 ? [...nodes, new MoreNode(section, hidden)] : nodes;
  }

  #page(parent: SectionNode | GroupNode, nodes: Node[]): Node[] {
    const limit = this.#limit(listName(parent));
    return nodes.length <= limit ? nodes : [...nodes.slice(0, limit), new MoreNode(parent, nodes.length - limit)];
  }

  /** The evidence is read once for all the rows of a drawing. */
  async #judged(node: BeliefNode | BrokenNode | PastNode): Promise<Pick<RowContext, "trust" | "standing">> {
    if (!(node instanceof BeliefNode)) return { trust: "agent", standing: [] };
    const { store, memory } = node;
    let reading = this.#evidence.get(store);
    if (reading === undefined) this.#evidence.set(store, (reading = store.store.evidence(store.snapshot)));
    const evidence = await reading;
    const isReviewed = (one: Memory): boolean => evidence.isReviewed(one);
    const trust = effectiveTrust(memory, (id) => store.snapshot.get(id), isReviewed);
    return { trust, standing: standingWords(evidence, memory) };
  }

  #limit(list: string): number {
    return this.#shown.get(list) ?? PAGE;
  }

  #count(node: SectionNode): number | null {
    if (node.section === "needsYou") return this.#view.needsYou.length;
    if (node.section === "aboutFile") return this.#about.length;
    return node.section === "believed" ? this.#view.believed.length : null;
  }
}

/** The states in which there are rows all the same; where there are none, the view's own welcome speaks. */
function noticesOf({ state, stores }: Workspace): NoticeNode[] {
  if (state === "no-store") {
    return [
      new NoticeNode({
        label: "This project has no memory yet",
        description: "Start with its rules",
        command: COMMANDS.startWithRules,
      }),
    ];
  }
  const tooltip = stores.find((store) => store.obstacle !== undefined)?.obstacle?.message ?? "";
  if (state === "newer-format") {
    const command = "workbench.extensions.action.checkForUpdates";
    const label = "A newer version wrote this";
    return [new NoticeNode({ label, description: "Read only. Check for updates", command, tooltip })];
  }
  if (state !== "broken-policy") return [];
  const label = "policy.yaml can't be read";
  return [new NoticeNode({ label, description: "Read only. Show why", command: COMMANDS.refresh, tooltip })];
}

function listName(parent: SectionNode | GroupNode): string {
  return parent instanceof SectionNode ? parent.section : `believed/${parent.type}`;
}
