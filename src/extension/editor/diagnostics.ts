/** What is wrong with an open memory, at its line, while it is written. */
import { Diagnostic, DiagnosticSeverity, languages, workspace, type Disposable, type TextDocument } from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import { isMemoryPath, readMemory } from "../../core/memory/parse.ts";
import { MEMORY_SCHEME, placeOf } from "./uris.ts";

/** Typing rests this long before the text is checked. Milliseconds. */
const REST = 200;

export class Problems implements Disposable {
  readonly #collection = languages.createDiagnosticCollection("commitToMemory");
  readonly #timers = new Map<TextDocument, NodeJS.Timeout>();
  readonly #subscriptions: Disposable[];

  constructor() {
    this.#subscriptions = [
      this.#collection,
      workspace.onDidOpenTextDocument((document) => this.#check(document)),
      workspace.onDidChangeTextDocument(({ document }) => this.#soon(document)),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
    ];
    for (const document of workspace.textDocuments) this.#check(document);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #soon(document: TextDocument): void {
    if (document.uri.scheme !== MEMORY_SCHEME) return;
    clearTimeout(this.#timers.get(document));
    this.#timers.set(
      document,
      setTimeout(() => this.#check(document), REST),
    );
  }

  #check(document: TextDocument): void {
    if (document.uri.scheme !== MEMORY_SCHEME) return;
    this.#collection.set(document.uri, problemsOf(document));
  }

  #forget(document: TextDocument): void {
    clearTimeout(this.#timers.get(document));
    this.#timers.delete(document);
    this.#collection.delete(document.uri);
  }
}

export function problemsOf(document: TextDocument): Diagnostic[] {
  const path = placeOf(document.uri)?.path ?? "";
  if (!isMemoryPath(path)) return [];
  const file = readMemory(path, "", new TextEncoder().encode(document.getText()));
  if (!isBroken(file)) return [];
  return file.problems.map(({ code, line, message }) => {
    const at = document.lineAt(Math.min(Math.max(line - 1, 0), document.lineCount - 1));
    const diagnostic = new Diagnostic(at.range, message, DiagnosticSeverity.Error);
    diagnostic.source = "Commit to Memory";
    diagnostic.code = code;
    return diagnostic;
  });
}
