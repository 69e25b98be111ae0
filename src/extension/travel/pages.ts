/** Read-only documents of ours: what is about to be done and what differs, in words, with commands over the lines. */
import {
  CodeLens,
  EventEmitter,
  languages,
  Position,
  Range,
  ThemeColor,
  Uri,
  window,
  workspace as editor,
  type Disposable,
  type Event,
  type TextDocument,
} from "vscode";
import type { Page } from "../../core/view/page.ts";

const PAGE_SCHEME = "memory-page";
/** Pages of what is about to be done, so that its key works on them alone. */
export const PLAN_SCHEME = "memory-plan";
const SCHEMES = [PAGE_SCHEME, PLAN_SCHEME];

/** A command over a line of a page. */
export interface PageLens {
  /** 0-based. */
  readonly line: number;
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly unknown[];
}

export interface ShownPage {
  readonly page: Page;
  readonly lenses: readonly PageLens[];
}

export class Pages implements Disposable {
  readonly #shown = new Map<string, ShownPage>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #lensesChanged = new EventEmitter<void>();
  /** A shape beside the colour: what went is struck through, what came is underlined. */
  readonly #looks = {
    gone: window.createTextEditorDecorationType({
      textDecoration: "line-through",
      backgroundColor: new ThemeColor("diffEditor.removedTextBackground"),
    }),
    new: window.createTextEditorDecorationType({
      textDecoration: "underline",
      backgroundColor: new ThemeColor("diffEditor.insertedTextBackground"),
    }),
  };
  readonly #subscriptions: Disposable[];
  #count = 0;

  constructor() {
    this.#subscriptions = [
      this.#changed,
      this.#lensesChanged,
      this.#looks.gone,
      this.#looks.new,
      ...SCHEMES.flatMap((scheme) => [
        editor.registerTextDocumentContentProvider(scheme, this),
        languages.registerCodeLensProvider({ scheme }, this),
      ]),
      editor.onDidChangeTextDocument(({ document }) => {
        if (SCHEMES.includes(document.uri.scheme)) this.#draw();
      }),
      window.onDidChangeVisibleTextEditors(() => this.#draw()),
      editor.onDidCloseTextDocument(({ uri }) => void this.#shown.delete(uri.toString())),
    ];
  }

  get onDidChange(): Event<Uri> {
    return this.#changed.event;
  }

  get onDidChangeCodeLenses(): Event<void> {
    return this.#lensesChanged.event;
  }

  /** @param title what the tab says. */
  async open(kind: "page" | "plan", title: string, shown: (uri: Uri) => ShownPage): Promise<Uri> {
    const uri = Uri.from({
      scheme: kind === "plan" ? PLAN_SCHEME : PAGE_SCHEME,
      path: `/${++this.#count}/${title.replaceAll(/[/\\]+/g, " ")}`,
    });
    this.#shown.set(uri.toString(), shown(uri));
    const document = await editor.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true });
    this.#draw();
    return uri;
  }

  /** Nothing where it was closed meanwhile. */
  update(uri: Uri, shown: ShownPage): void {
    if (!this.#shown.has(uri.toString())) return;
    this.#shown.set(uri.toString(), shown);
    this.#changed.fire(uri);
    this.#lensesChanged.fire();
  }

  provideTextDocumentContent(uri: Uri): string {
    // A page of an earlier session of the window: its matter is gone with it.
    return this.#shown.get(uri.toString())?.page.text ?? "This page was closed with its window. Ask for it again.\n";
  }

  provideCodeLenses({ uri }: TextDocument): CodeLens[] {
    const lenses = this.#shown.get(uri.toString())?.lenses ?? [];
    return lenses.map(
      ({ line, title, command, arguments: args }) =>
        new CodeLens(new Range(line, 0, line, 0), { title, command, arguments: [...args] }),
    );
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #draw(): void {
    for (const one of window.visibleTextEditors) {
      const page = this.#shown.get(one.document.uri.toString())?.page;
      // The text on the screen follows a moment later than what is to be shown.
      if (page === undefined || one.document.getText() !== page.text) continue;
      for (const kind of ["gone", "new"] as const) {
        const marks = page.marks.filter((mark) => mark.kind === kind);
        one.setDecorations(
          this.#looks[kind],
          marks.map(({ line, start, end }) => new Range(new Position(line, start), new Position(line, end))),
        );
      }
    }
  }
}
