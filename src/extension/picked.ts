/** Which memories a command is about: what it was given, the view's selection, or the memory in the active editor. */
import { commands, Uri, window, type TreeView } from "vscode";
import { InvalidInputError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import { isBroken } from "../core/memory/model.ts";
import { idOfPath } from "../core/provenance/journal.ts";
import type { Target } from "./acts.ts";
import { placeOf } from "./editor/uris.ts";
import { nodeId } from "./tree/items.ts";
import { BeliefNode, BrokenNode, isItem, type PastNode, type ItemNode, type Node } from "./tree/nodes.ts";
import type { OpenStore, Workspace } from "./workspace.ts";

/** One memory that a command is about. */
export interface Picked {
  readonly store: OpenStore;
  readonly path: string;
  /** Its id, or `path:…` where it has none. */
  readonly id: string;
  readonly title: string;
  /** The version that the person sees; null where it is not in the store now. */
  readonly blob: ObjectId | null;
}

/** In command links and lenses: a memory by names alone. */
export interface Reference {
  readonly key: string;
  readonly path: string;
}

/** What a key binding of the view passes, because keys pass no rows. */
export const FROM_VIEW = "view";

export class Selection {
  readonly #workspace: Workspace;
  readonly #view: Pick<TreeView<Node>, "selection">;

  constructor(workspace: Workspace, view: Pick<TreeView<Node>, "selection">) {
    this.#workspace = workspace;
    this.#view = view;
  }

  /**
   * Menus pass a row and all selected rows; links a reference; the editor's title a document; keys nothing. Throws
   * InvalidInputError where nothing is meant, so that there is always a first one.
   */
  async of(args: readonly unknown[]): Promise<readonly [Picked, ...Picked[]]> {
    const [first, ...rest] = await this.#meant(args);
    if (first === undefined)
      throw new InvalidInputError("Select a memory in the Memory view, or open one, and try again.");
    return [first, ...rest];
  }

  async #meant(args: readonly unknown[]): Promise<readonly Picked[]> {
    const [first, all] = args;
    if (first === FROM_VIEW) return (await underKey(this.#view, nodeId)).filter((row) => isItem(row)).map(ofNode);
    if (isItem(first)) {
      const rows: readonly unknown[] = Array.isArray(all) && all.includes(first) ? all : [first];
      return rows.filter((row) => isItem(row)).map(ofNode);
    }
    const named = first instanceof Uri ? placeOf(first) : referenceOf(first);
    if (named !== null) return this.#at(named);
    const active = window.activeTextEditor === undefined ? null : placeOf(window.activeTextEditor.document.uri);
    return active === null ? this.#view.selection.filter((row) => isItem(row)).map(ofNode) : this.#at(active);
  }

  #at({ key, path }: Reference): readonly Picked[] {
    const store = this.#workspace.byKey(key);
    if (store === undefined || path === "") return [];
    const file = store.snapshot.at(path);
    if (file === undefined) return [{ store, path, id: idOfPath(path), title: path, blob: null }];
    return [
      {
        store,
        path,
        blob: file.blob,
        ...(isBroken(file) ? { id: `path:${path}`, title: path } : { id: file.id, title: file.title }),
      },
    ];
  }
}

/**
 * What a key in a view means: the selected rows where the focus is on one of them, else the focused row. VS Code tells
 * extensions the selection only, so the focused row is found by toggling it in the selection and back.
 */
export async function underKey<Row>(
  view: Pick<TreeView<Row>, "selection">,
  idOf: (row: Row) => string,
): Promise<readonly Row[]> {
  const before = view.selection;
  await commands.executeCommand("list.toggleSelection");
  const after = view.selection;
  await commands.executeCommand("list.toggleSelection");
  const known = new Set(before.map(idOf));
  const focused = after.filter((row) => !known.has(idOf(row)));
  return focused.length > 0 ? focused : before;
}

export function targetOf(picked: Picked): Target {
  const name = picked.blob === null ? picked.id : picked.path;
  return { store: picked.store.store, name, ...(picked.blob === null ? {} : { read: picked.blob }) };
}

function ofNode(node: ItemNode): Picked {
  if (node instanceof BeliefNode) {
    const { id, title, path, blob } = node.memory;
    return { store: node.store, path, id, title, blob };
  }
  if (node instanceof BrokenNode) {
    const { path, blob } = node.file;
    return { store: node.store, path, id: `path:${path}`, title: path, blob };
  }
  return ofPast(node);
}

function ofPast(node: PastNode): Picked {
  const { path, id } = node.removal.change;
  return { store: node.store, path, id, title: node.title, blob: null };
}

function referenceOf(value: unknown): Reference | null {
  if (typeof value !== "object" || value === null || !("key" in value) || !("path" in value)) return null;
  const { key, path } = value;
  return typeof key === "string" && typeof path === "string" ? { key, path } : null;
}
