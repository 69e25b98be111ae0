/** Read-only documents of ours: what each one shows, commands over its lines, and marks in its words. */
import {
  EventEmitter,
  languages,
  window,
  workspace as editor,
  type CodeLens,
  type Disposable,
  type Event,
  type TextDocument,
  type TextEditor,
  type Uri,
} from "vscode";

/** What the documents of some schemes show. */
export interface Showing<Shown extends { readonly page: { readonly text: string } }> {
  readonly schemes: readonly string[];
  /** The text of a document that is opened or read again. */
  readonly text: (uri: Uri) => string | Promise<string>;
  readonly lenses: (shown: Shown, uri: Uri) => CodeLens[];
  /** Puts the marks on a text that is on the screen. */
  readonly mark: (on: TextEditor, shown: Shown) => void;
}

export class ShownDocuments<Shown extends { readonly page: { readonly text: string } }> implements Disposable {
  readonly #kind: Showing<Shown>;
  readonly #shown = new Map<string, Shown>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #lensesChanged = new EventEmitter<void>();
  readonly #subscriptions: Disposable[];

  constructor(kind: Showing<Shown>) {
    this.#kind = kind;
    this.#subscriptions = [
      this.#changed,
      this.#lensesChanged,
      ...kind.schemes.flatMap((scheme) => [
        editor.registerTextDocumentContentProvider(scheme, this),
        languages.registerCodeLensProvider({ scheme }, this),
      ]),
      editor.onDidChangeTextDocument(({ document }) => {
        if (this.#isOurs(document)) this.draw();
      }),
      window.onDidChangeVisibleTextEditors(() => this.draw()),
      editor.onDidCloseTextDocument(({ uri }) => void this.#shown.delete(uri.toString())),
    ];
  }

  get onDidChange(): Event<Uri> {
    return this.#changed.event;
  }

  get onDidChangeCodeLenses(): Event<void> {
    return this.#lensesChanged.event;
  }

  /** Undefined where no such document is open. */
  get(uri: Uri): Shown | undefined {
    return this.#shown.get(uri.toString());
  }

  set(uri: Uri, shown: Shown): void {
    this.#shown.set(uri.toString(), shown);
    this.#lensesChanged.fire();
  }

  /** Asks for the text of a document again. */
  reread(uri: Uri): void {
    this.#changed.fire(uri);
  }

  /** Asks for the text of every open document again. */
  rereadAll(): void {
    for (const document of editor.textDocuments) if (this.#isOurs(document)) this.reread(document.uri);
  }

  draw(): void {
    for (const one of window.visibleTextEditors) {
      const shown = this.get(one.document.uri);
      // The text on the screen follows a moment later than what is to be shown.
      if (shown !== undefined && one.document.getText() === shown.page.text) this.#kind.mark(one, shown);
    }
  }

  provideTextDocumentContent(uri: Uri): string | Promise<string> {
    return this.#kind.text(uri);
  }

  provideCodeLenses({ uri }: TextDocument): CodeLens[] {
    const shown = this.get(uri);
    return shown === undefined ? [] : this.#kind.lenses(shown, uri);
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #isOurs({ uri }: TextDocument): boolean {
    return this.#kind.schemes.includes(uri.scheme);
  }
}
