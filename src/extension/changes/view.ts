/** The list of a reviewed change: what needs a decision first, each row with a check mark. It is there only while a review is. */
import {
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  window,
  type Disposable,
  type Event,
  type TreeDataProvider,
  type TreeView,
} from "vscode";
import { whatIsNeeded } from "../../core/pull-request/wording.ts";
import { changeRow, otherRow, type Decision } from "../../core/view/reviewed-change.ts";
import { openingOf } from "./documents.ts";
import type { ChangeMarks, Pair } from "./marks.ts";
import type { Reviewed, ReviewRow } from "./reviewed.ts";

export const CHANGES_VIEW_ID = "commitToMemory.changes";

export class ChangesView implements TreeDataProvider<ReviewRow>, Disposable {
  readonly #marks: ChangeMarks;
  readonly #changed = new EventEmitter<undefined>();
  readonly #view: TreeView<ReviewRow>;
  readonly #checking: Disposable;
  #reviewed: Reviewed | null = null;

  /** @param check a person set or took away a check mark. */
  constructor(marks: ChangeMarks, check: (row: ReviewRow, isChecked: boolean) => void) {
    this.#marks = marks;
    this.#view = window.createTreeView<ReviewRow>(CHANGES_VIEW_ID, {
      treeDataProvider: this,
      canSelectMany: true,
      manageCheckboxStateManually: true,
    });
    this.#checking = this.#view.onDidChangeCheckboxState(({ items }) => {
      for (const [row, state] of items) check(row, state === TreeItemCheckboxState.Checked);
    });
  }

  get onDidChangeTreeData(): Event<undefined> {
    return this.#changed.event;
  }

  get tree(): Pick<TreeView<ReviewRow>, "selection"> {
    return this.#view;
  }

  get undecided(): number {
    return this.getChildren().filter((row) => this.decisionOn(row) === null).length;
  }

  /** Null: nothing is reviewed. */
  show(reviewed: Reviewed | null): void {
    this.#reviewed = reviewed;
    this.#view.description = reviewed === null ? "" : `${reviewed.base.words} → ${reviewed.head.words}`;
    this.#view.message = reviewed === null ? "" : [whatIsNeeded(reviewed.review), ...reviewed.review.unseen].join(" ");
    this.redraw();
  }

  redraw(): void {
    const count = this.undecided;
    this.#view.badge =
      count === 0
        ? undefined
        : { value: count, tooltip: `${count} ${count === 1 ? "change" : "changes"} to decide on` };
    this.#changed.fire(undefined);
  }

  decisionOn({ key, versions }: ReviewRow): Decision | null {
    return this.#reviewed === null ? null : this.#marks.of(pairOf(this.#reviewed), key, versions);
  }

  getChildren(row?: ReviewRow): ReviewRow[] {
    return row === undefined ? [...(this.#reviewed?.rows ?? [])] : [];
  }

  getTreeItem(row: ReviewRow): TreeItem {
    const decision = this.decisionOn(row);
    const { label, description, icon, spoken, tooltip } =
      row.belief === null ? otherRow(row.name, row.concerns, decision) : changeRow(row.belief, decision);
    const item = new TreeItem(label);
    item.id = row.key;
    item.description = description;
    item.iconPath =
      icon === "error" ? new ThemeIcon(icon, new ThemeColor("list.errorForeground")) : new ThemeIcon(icon);
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: spoken };
    item.contextValue = row.belief === null || row.belief.withheld ? "change.other" : "change.belief";
    item.checkboxState = {
      state: decision === null ? TreeItemCheckboxState.Unchecked : TreeItemCheckboxState.Checked,
      tooltip: decision === null ? "Mark as looked at" : "Decide again",
    };
    const opening = openingOf(row);
    if (opening !== undefined) item.command = opening;
    return item;
  }

  dispose(): void {
    this.#checking.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }
}

/** A review by what it compares, so that its marks are found again after a restart. */
export function pairOf({ store, base, head }: Pick<Reviewed, "store" | "base" | "head">): Pair {
  return JSON.stringify([store.key, base.name, head.name]);
}
