/** Cards as read-only documents, with the commands over each claim and what the rules saw marked in it. */
import {
  CodeLens,
  commands,
  EventEmitter,
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
  type Disposable,
  type Event,
  type TextDocument,
  type TextEditor,
} from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import { reviewDocument, type ReviewDocument } from "../../core/review/document.ts";
import { lookAt, type Look } from "../../core/review/look.ts";
import { COMMANDS } from "../command-ids.ts";
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
  readonly #changed = new EventEmitter<Uri>();
  readonly #lensesChanged = new EventEmitter<void>();
  readonly #shown = new Map<string, Shown>();
  readonly #mark = window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor("editor.findMatchHighlightBackground"),
    // A shape beside the colour: the marked words are boxed.
    border: "1px solid",
    borderColor: new ThemeColor("editorWarning.foreground"),
    overviewRulerColor: new ThemeColor("editorWarning.foreground"),
  });
  readonly #subscriptions: Disposable[];

  constructor(workspace: Workspace, queue: ReviewQueue) {
    this.#workspace = workspace;
    this.#queue = queue;
    const documents = { scheme: REVIEW_SCHEME };
    this.#subscriptions = [
      this.#changed,
      this.#lensesChanged,
      this.#mark,
      editor.registerTextDocumentContentProvider(REVIEW_SCHEME, this),
      languages.registerCodeLensProvider(documents, this),
      languages.registerFoldingRangeProvider(documents, this),
      editor.onDidChangeTextDocument(({ document }) => this.#drawIn(document)),
      window.onDidChangeVisibleTextEditors(() => this.#draw()),
      editor.onDidCloseTextDocument(({ uri }) => void this.#shown.delete(uri.toString())),
      queue.onDidChange(() => this.#reread()),
      // What is believed by now decides what a claim would change and speak against.
      workspace.onDidChange(() => this.#reread()),
    ];
  }

  get onDidChange(): Event<Uri> {
    return this.#changed.event;
  }

  get onDidChangeCodeLenses(): Event<void> {
    return this.#lensesChanged.event;
  }

  /** Undefined where no such document is open. */
  shown(uri: Uri): Shown | undefined {
    return this.#shown.get(uri.toString());
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
    this.#draw();
    return shown;
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    await this.#workspace.ready();
    const store = this.#workspace.byKey(uri.path.split("/")[1] ?? "");
    if (store === undefined) return "";
    await this.#queue.refresh();
    const looks: Look[] = [];
    for (const held of this.#queue.card(store, uri.query)) looks.push(await lookAt(store.store, held));
    const page = reviewDocument(looks, store.store.environment.now(), (id) => titleIn(store, id));
    this.#shown.set(uri.toString(), { store, looks, page });
    this.#lensesChanged.fire();
    return page.text;
  }

  provideCodeLenses({ uri }: TextDocument): CodeLens[] {
    const shown = this.shown(uri);
    if (shown === undefined || shown.store.readOnly) return [];
    const plain = shown.looks.filter((look) => look.plain);
    const top = new Range(0, 0, 0, 0);
    const all =
      plain.length < 2
        ? []
        : [
            new CodeLens(top, {
              title: `Approve the ${plain.length} plain facts`,
              command: COMMANDS.approveHeld,
              arguments: [uri, ALL_PLAIN],
            }),
          ];
    return [...all, ...shown.page.parts.flatMap(({ id, first }) => this.#lensesOf(uri, shown, id, first))];
  }

  provideFoldingRanges({ uri }: TextDocument): FoldingRange[] {
    const folds = this.shown(uri)?.page.folds ?? [];
    return folds.map(({ first, last }) => new FoldingRange(first, last, FoldingRangeKind.Region));
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #lensesOf(uri: Uri, { looks }: Shown, id: string, line: number): CodeLens[] {
    const look = looks.find(({ held }) => held.id === id);
    if (look === undefined) return [];
    const at = new Range(line, 0, line, 0);
    const lens = (title: string, command: string): CodeLens =>
      new CodeLens(at, { title, command, arguments: [uri, id] });
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

  #reread(): void {
    for (const document of editor.textDocuments) {
      if (document.uri.scheme === REVIEW_SCHEME) this.#changed.fire(document.uri);
    }
  }

  #drawIn(document: TextDocument): void {
    if (document.uri.scheme === REVIEW_SCHEME) this.#draw();
  }

  #draw(): void {
    for (const one of window.visibleTextEditors) {
      const shown = this.shown(one.document.uri);
      // The text on the screen follows a moment later than what was read.
      if (shown === undefined || one.document.getText() !== shown.page.text) continue;
      one.setDecorations(
        this.#mark,
        shown.page.marks.map(({ line, start, end, sentence, rule }) => ({
          range: new Range(new Position(line, start), new Position(line, end)),
          hoverMessage: card(`${sentence} (${rule})`),
        })),
      );
    }
  }
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
