/** The versions that a review compares as read-only documents, claim first, and the findings as comments on their lines. */
import {
  CommentMode,
  comments,
  CommentThreadCollapsibleState,
  commands,
  MarkdownString,
  Range,
  workspace as editor,
  type Command,
  type CommentController,
  type Disposable,
  type TextDocumentContentProvider,
  type Uri,
} from "vscode";
import type { Concern } from "../../core/pull-request/model.ts";
import { concernComment } from "../../core/view/reviewed-change.ts";
import { appendPlain } from "../editor/hover.ts";
import { plainLabel } from "../label.ts";
import type { Workspace } from "../workspace.ts";
import { CHANGE_SCHEME, shownText, type Reviewed, type ReviewRow } from "./reviewed.ts";

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
        const thread = controller.createCommentThread(uri, new Range(line, 0, line, 0), [
          { author: { name: "Commit to Memory" }, body: bodyOf(concern), mode: CommentMode.Preview },
        ]);
        thread.canReply = false;
        thread.label = concernComment(concern).label;
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

  /** All rows that can be shown, in one editor of diffs. */
  async openAll({ rows, base, head }: Reviewed): Promise<void> {
    const files = rows.flatMap(({ left, right }) => {
      const name = right ?? left;
      return name === undefined ? [] : [[name, left, right]];
    });
    if (files.length > 0)
      await commands.executeCommand("vscode.changes", `Memory: ${base.words} → ${head.words}`, files);
  }

  dispose(): void {
    this.uncomment();
    this.#registered.dispose();
  }
}

/**
 * Opens one row as a diff; what comes or ends as a whole has the editor to itself. These are VS Code's own commands, because
 * they alone are told how a row was chosen: a click leaves the focus in the view, Enter does not.
 */
export function openingOf({ left, right, name, belief }: ReviewRow): Command | undefined {
  const title = plainLabel(belief?.title ?? name);
  const [only] = left === undefined ? [right] : right === undefined ? [left] : [];
  if (only !== undefined) return { command: "vscode.open", title, arguments: [only] };
  return left === undefined ? undefined : { command: "vscode.diff", title, arguments: [left, right, title] };
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
