/** The versions that a review compares as read-only documents, claim first, and the findings as comments on their lines. */
import {
  CommentMode,
  comments,
  CommentThreadCollapsibleState,
  commands,
  MarkdownString,
  Range,
  workspace as editor,
  type CommentController,
  type Disposable,
  type TextDocumentContentProvider,
  type Uri,
} from "vscode";
import type { Concern } from "../../core/pull-request/model.ts";
import { concernComment } from "../../core/view/reviewed-change.ts";
import { appendPlain } from "../editor/hover.ts";
import type { Workspace } from "../workspace.ts";
import { CHANGE_SCHEME, nothingBeside, shownText, type Reviewed, type ReviewRow } from "./reviewed.ts";

/** What menus over a comment ask for. */
const THREAD = "memoryChange";

export class ChangeDocuments implements TextDocumentContentProvider, Disposable {
  readonly #workspace: Workspace;
  readonly #registered: Disposable;
  /** There only while a review is, so that nobody else sees an empty list of comments. */
  #controller: CommentController | undefined;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#registered = editor.registerTextDocumentContentProvider(CHANGE_SCHEME, this);
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    await this.#workspace.ready();
    const store = this.#workspace.byKey(uri.path.split("/")[1] ?? "");
    return store === undefined ? "" : (await shownText(store, uri)).text;
  }

  /** Puts the findings on the lines, in the place of those that were there. */
  async comment({ store, rows }: Reviewed): Promise<void> {
    const placed = await Promise.all(
      rows.map(async ({ left, right, concerns }) => {
        const uri = right ?? left;
        return uri === undefined ? [] : [{ uri, concerns, shown: await shownText(store, uri) }];
      }),
    );
    this.uncomment();
    const controller = comments.createCommentController("commitToMemory.changes", "Memory changes");
    this.#controller = controller;
    for (const { uri, concerns, shown } of placed.flat()) {
      for (const concern of concerns) {
        const line = concern.region === undefined ? 0 : shown.lineOf(concern.region.line);
        const { label } = concernComment(concern);
        const thread = controller.createCommentThread(uri, new Range(line, 0, line, 0), [
          { author: { name: "Commit to Memory" }, body: bodyOf(concern), mode: CommentMode.Preview, label },
        ]);
        thread.canReply = false;
        thread.label = label;
        thread.contextValue = THREAD;
        thread.collapsibleState =
          concern.level === "allow" ? CommentThreadCollapsibleState.Collapsed : CommentThreadCollapsibleState.Expanded;
      }
    }
  }

  uncomment(): void {
    this.#controller?.dispose();
    this.#controller = undefined;
  }

  /** One row as a diff. */
  async open({ left, right }: ReviewRow, title: string): Promise<void> {
    await commands.executeCommand("vscode.diff", left ?? nothingBeside(right), right ?? nothingBeside(left), title, {
      preview: true,
    });
  }

  /** All rows that can be shown, in one editor of diffs. */
  async openAll({ rows, base, head }: Reviewed): Promise<void> {
    const files = rows.flatMap(({ left, right }) => {
      const label = right ?? left;
      return label === undefined ? [] : [[label, left ?? nothingBeside(right), right ?? nothingBeside(left)]];
    });
    if (files.length > 0)
      await commands.executeCommand("vscode.changes", `Memory: ${base.words} → ${head.words}`, files);
  }

  dispose(): void {
    this.uncomment();
    this.#registered.dispose();
  }
}

/** Words of others stand in our sentences, so nothing in them becomes a link, an image or HTML. */
function bodyOf(concern: Concern): MarkdownString {
  const { sentence, advice } = concernComment(concern);
  const body = new MarkdownString();
  appendPlain(body, sentence);
  body.appendMarkdown("\n\n");
  appendPlain(body, advice);
  return body;
}
