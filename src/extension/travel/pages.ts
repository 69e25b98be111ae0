/** Read-only documents of ours: what is about to be done and what differs, in words, with commands over the lines. */
import {
  CodeLens,
  Position,
  Range,
  ThemeColor,
  Uri,
  window,
  workspace as editor,
  type Disposable,
  type TextEditor,
} from "vscode";
import type { Page } from "../../core/view/page.ts";
import { ShownDocuments } from "../documents/shown.ts";

const PAGE_SCHEME = "memory-page";
/** Pages of what is about to be done, so that its key works on them alone. */
export const PLAN_SCHEME = "memory-plan";

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
  readonly #documents: ShownDocuments<ShownPage> = new ShownDocuments({
    schemes: [PAGE_SCHEME, PLAN_SCHEME],
    // A page of an earlier session of the window: its matter is gone with it.
    text: (uri) => this.#documents.get(uri)?.page.text ?? "This page was closed with its window. Ask for it again.\n",
    lenses: ({ lenses }) => lenses.map(lensOf),
    mark: (on, { page }) => this.#mark(on, page),
  });
  #count = 0;

  /** @param title what the tab says. */
  async open(kind: "page" | "plan", title: string, shown: (uri: Uri) => ShownPage): Promise<Uri> {
    const uri = Uri.from({
      scheme: kind === "plan" ? PLAN_SCHEME : PAGE_SCHEME,
      path: `/${++this.#count}/${title.replaceAll(/[/\\]+/g, " ")}`,
    });
    this.#documents.set(uri, shown(uri));
    const document = await editor.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true });
    this.#documents.draw();
    return uri;
  }

  /** Nothing where it was closed meanwhile. */
  update(uri: Uri, shown: ShownPage): void {
    if (this.#documents.get(uri) === undefined) return;
    this.#documents.set(uri, shown);
    this.#documents.reread(uri);
  }

  dispose(): void {
    this.#documents.dispose();
    this.#looks.gone.dispose();
    this.#looks.new.dispose();
  }

  #mark(on: TextEditor, { marks }: Page): void {
    for (const kind of ["gone", "new"] as const) {
      const ranges = marks
        .filter((mark) => mark.kind === kind)
        .map(({ line, start, end }) => new Range(new Position(line, start), new Position(line, end)));
      on.setDecorations(this.#looks[kind], ranges);
    }
  }
}

function lensOf({ line, title, command, arguments: args }: PageLens): CodeLens {
  return new CodeLens(new Range(line, 0, line, 0), { title, command, arguments: [...args] });
}
