/** Cards as read-only documents, with the commands over each claim and what the rules saw marked in it. */
import {
  CodeLens,
  commands,
  FoldingRange,
  FoldingRangeKind,
  languages,
  MarkdownString,
  Position,
  Range,
  ThemeColor,
  Uri,
  window,
  workspace as editor,
  type DecorationOptions,
  type Disposable,
  type TextDocument,
  type TextEditor,
} from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import { reviewDocument, type ReviewDocument } from "../../core/review/document.ts";
import { lookAt, type Look } from "../../core/review/look.ts";
import { COMMANDS } from "../command-ids.ts";
import { ShownDocuments } from "../documents/shown.ts";
import { appendPlain } from "../editor/hover.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import type { ReviewQueue } from "./queue.ts";

export const REVIEW_SCHEME = "memory-review";

/** What the lens over all plain facts passes in the place of a claim's id. */
export const ALL_PLAIN = "plain";

/** What is on the screen: an approval binds exactly this. */
export interface Shown {
  readonly store: OpenStore;
  readonly looks: readonly Look[];
  readonly page: ReviewDocument;
}

export function cardUri(store: Pick<OpenStore, "key">, name: string): Uri {
  return Uri.from({ scheme: REVIEW_SCHEME, path: `/${store.key}/review/Review`, query: name });
}

export class ReviewDocuments implements Disposable {
  readonly #workspace: Workspace;
  readonly #queue: ReviewQueue;
  readonly #mark = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor("editor.findMatchHighlightBackground"),
    // A shape beside the colour: the marked words are boxed.
    border: "1px solid",
    borderColor: new ThemeColor("editorWarning.foreground"),
    overviewRulerColor: new ThemeColor("editorWarning.foreground"),
  });
  readonly #documents: ShownDocuments<Shown>;
  readonly #subscriptions: Disposable[];

  constructor(workspace: Workspace, queue: ReviewQueue) {
    this.#workspace = workspace;
    this.#queue = queue;
    this.#documents = new ShownDocuments({
      schemes: [REVIEW_SCHEME],
      text: (uri) => this.#text(uri),
      lenses: lensesOf,
      mark: (on, { page }) => on.setDecorations(this.#mark, page.marks.map(decorationOf)),
    });
    this.#subscriptions = [
      this.#mark,
      this.#documents,
      languages.registerFoldingRangeProvider({ scheme: REVIEW_SCHEME }, this),
      queue.onDidChange(() => this.#documents.rereadAll()),
      // What is believed by now decides what a claim would change and speak against.
      workspace.onDidChange(() => this.#documents.rereadAll()),
    ];
  }

  /** Undefined where no such document is open. */
  shown(uri: Uri): Shown | undefined {
    return this.#documents.get(uri);
  }

  /** The proposal that a line belongs to; undefined above the first. */
  partAt(uri: Uri, line: number): Look | undefined {
    const shown = this.shown(uri);
    const part = shown?.page.parts.find(({ first, last }) => first <= line && line <= last);
    return shown?.looks.find(({ held }) => held.id === part?.id);
  }

  /** Opens a card with its machine keys folded away. */
  async open(store: OpenStore, name: string): Promise<TextEditor> {
    const document = await editor.openTextDocument(cardUri(store, name));
    const shown = await window.showTextDocument(document, { preview: true });
    const selectionLines = this.shown(document.uri)?.page.folds.map(({ first }) => first) ?? [];
    if (selectionLines.length > 0) await commands.executeCommand("editor.fold", { selectionLines });
    this.#documents.draw();
    return shown;
  }

  provideFoldingRanges({ uri }: TextDocument): FoldingRange[] {
    const folds = this.shown(uri)?.page.folds ?? [];
    return folds.map(({ first, last }) => new FoldingRange(first, last, FoldingRangeKind.Region));
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async #text(uri: Uri): Promise<string> {
    await this.#workspace.ready();
    const store = this.#workspace.byKey(uri.path.split("/")[1] ?? "");
    if (store === undefined) return "";
    await this.#queue.refresh();
    const looks: Look[] = [];
    for (const held of this.#queue.card(store, uri.query)) looks.push(await lookAt(store.store, held));
    const page = reviewDocument(looks, store.store.environment.now(), (id) => titleIn(store, id));
    this.#documents.set(uri, { store, looks, page });
    return page.text;
  }
}

function lensesOf({ store, looks, page }: Shown, uri: Uri): CodeLens[] {
  if (store.readOnly) return [];
  const plain = looks.filter((look) => look.plain);
  const all =
    plain.length < 2
      ? []
      : [
          new CodeLens(new Range(0, 0, 0, 0), {
            title: `Approve the ${plain.length} plain facts`,
            command: COMMANDS.approveHeld,
            arguments: [uri, ALL_PLAIN],
          }),
        ];
  const parts = page.parts.flatMap(({ id, first }) => {
    const look = looks.find(({ held }) => held.id === id);
    return look === undefined ? [] : lensesOver(look, uri, first);
  });
  return [...all, ...parts];
}

function lensesOver(look: Look, uri: Uri, line: number): CodeLens[] {
  const at = new Range(line, 0, line, 0);
  const lens = (title: string, command: string): CodeLens =>
    new CodeLens(at, { title, command, arguments: [uri, look.held.id] });
  const texts = look.files.filter(({ text }) => text !== null);
  return [
    ...(look.refused ? [] : [lens("Approve", COMMANDS.approveHeld)]),
    ...(look.files.length === 1 && texts.length === 1 ? [lens("Edit and Approve", COMMANDS.editHeld)] : []),
    lens("Reject", COMMANDS.rejectHeld),
    ...(look.files.some(({ now }) => now !== null)
      ? [lens("Compare with what is believed", COMMANDS.compareHeld)]
      : []),
  ];
}

function decorationOf({ line, start, end, sentence, rule }: ReviewDocument["marks"][number]): DecorationOptions {
  return {
    range: new Range(new Position(line, start), new Position(line, end)),
    hoverMessage: card(`${sentence} (${rule})`),
  };
}

function card(sentence: string): MarkdownString {
  const text = new MarkdownString();
  appendPlain(text, sentence);
  return text;
}

function titleIn(store: OpenStore, id: string): string | undefined {
  const file = store.snapshot.get(id);
  return file === undefined || isBroken(file) ? undefined : file.title;
}
