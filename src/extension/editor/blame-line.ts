/** Why a line is believed, drawn after it: who, the reason, how long ago, who approved. */
import { Range, ThemeColor, window, workspace, type Disposable, type TextEditor } from "vscode";
import { blameText } from "../../core/view/change.ts";
import type { Workspace } from "../workspace.ts";
import type { Blame, LineBlame } from "./blame.ts";
import { MEMORY_SCHEME } from "./uris.ts";

export const BLAME_SETTING = "commitToMemory.blame.enabled";
/** The cursor rests this long before its line is looked up. Milliseconds. */
const REST = 120;
const NOT_STORED = "not yet a belief";

export class BlameLine implements Disposable {
  readonly #blame: Blame;
  readonly #report: (failure: unknown) => void;
  readonly #decoration = window.createTextEditorDecorationType({
    after: { color: new ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 3ch" },
  });
  readonly #subscriptions: Disposable[];
  #timer: NodeJS.Timeout | undefined;
  /** Only the newest look-up may draw. */
  #turn = 0;

  constructor(parts: {
    readonly blame: Blame;
    readonly stores: Workspace;
    readonly report: (failure: unknown) => void;
  }) {
    const { blame, stores } = parts;
    this.#blame = blame;
    this.#report = parts.report;
    this.#subscriptions = [
      this.#decoration,
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.#soon(textEditor)),
      window.onDidChangeActiveTextEditor((editor) => this.#soon(editor)),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document === window.activeTextEditor?.document) this.#soon(window.activeTextEditor);
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(BLAME_SETTING)) this.#soon(window.activeTextEditor);
      }),
      stores.onDidChange(() => this.#soon(window.activeTextEditor)),
    ];
    this.#soon(window.activeTextEditor);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #soon(editor: TextEditor | undefined): void {
    if (editor?.document.uri.scheme !== MEMORY_SCHEME) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(editor).catch(this.#report), REST);
  }

  async #draw(editor: TextEditor): Promise<void> {
    const turn = ++this.#turn;
    const line = editor.selection.active.line;
    const found = isOn(editor) ? await this.#blame.at(editor.document, line) : null;
    const text = found === null ? null : await blameLineText(found);
    if (turn !== this.#turn) return;
    if (text === null || line >= editor.document.lineCount) {
      editor.setDecorations(this.#decoration, []);
      return;
    }
    const end = editor.document.lineAt(line).range.end;
    editor.setDecorations(this.#decoration, [
      { range: new Range(end, end), renderOptions: { after: { contentText: text } } },
    ]);
  }
}

/** What is drawn after a line; null where nothing is known of it. */
export async function blameLineText({ store, memory, line }: LineBlame): Promise<string | null> {
  if (line === null) return NOT_STORED;
  if (line.entry === null) return null;
  const evidence = await store.store.evidence(store.snapshot);
  return blameText(line.entry, store.store.environment.now(), evidence.of(memory));
}

function isOn(editor: TextEditor): boolean {
  return workspace.getConfiguration(undefined, editor.document).get<boolean>(BLAME_SETTING, true);
}
