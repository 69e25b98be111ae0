/**
 * `@memory` in the chat: recalls, tells where a belief comes from, and asks the person at the window about what is to be
 * remembered or forgotten. It needs no model. What is typed into a chat proves nobody (a command line or another extension can
 * put a message there and send it), so that nothing is stored or ended without an answer in the window.
 */
import {
  chat,
  type ChatRequest,
  type ChatResponseStream,
  commands,
  Disposable,
  MarkdownString,
  window,
  workspace as editor,
  type QuickPickItem,
} from "vscode";
import { MemoryError } from "../../core/errors.ts";
import { HeldForReviewError } from "../../core/gate/verdict.ts";
import type { Environment } from "../../core/ports.ts";
import type { Caller } from "../../core/proposal.ts";
import type { Chosen } from "../../core/recall/recall.ts";
import { Session } from "../../core/session.ts";
import type { Stores } from "../../core/stores.ts";
import { inspectTool } from "../../core/tools/inspect.ts";
import type { Done } from "../acts.ts";
import { COMMANDS } from "../command-ids.ts";
import { memoryUri } from "../editor/uris.ts";
import { storesInView } from "../in-view.ts";
import { plainLabel } from "../label.ts";
import { writeMemory } from "../onboarding/write-memory.ts";
import type { EditorPerson } from "../person.ts";
import type { Reference } from "../picked.ts";
import type { OpenStore, Workspace } from "../workspace.ts";

/** As in package.json, `contributes.chatParticipants`. */
export const PARTICIPANT_ID = "commit-to-memory.memory";

/** Likewise; a message without one of these is a question for recall. */
export const CHAT_COMMANDS = ["recall", "why", "remember", "forget"] as const;
type ChatCommand = (typeof CHAT_COMMANDS)[number];

export interface ChatParts {
  readonly workspace: Workspace;
  readonly person: EditorPerson;
  readonly acts: { readonly note: (done: Done) => Done };
  readonly environment: Pick<Environment, "random">;
}

/** What a request has that is answered here. */
export type Asked = Pick<ChatRequest, "prompt" | "command">;

type Answering = (asked: string, stores: Stores, stream: ChatResponseStream) => Promise<void>;

const HELP = [
  "Ask what is believed: `@memory how is money stored?`",
  "`/recall` what is believed about your words",
  "`/why` where a belief comes from: who wrote it, when, through which door and why",
  "`/remember` a claim in your own words",
  "`/forget` a belief, which you pick from a list",
];

/** Answers one request into a stream. */
export type ChatAnswers = (asked: Asked, stream: ChatResponseStream) => Promise<void>;

/** Registers the participant as soon as the window is trusted, and not before. */
export function registerChat(answer: ChatAnswers): Disposable {
  let registered: Disposable | undefined;
  const follow = (): void => {
    if (!editor.isTrusted) return;
    registered ??= chat.createChatParticipant(PARTICIPANT_ID, async (request, _context, stream) =>
      answer(request, stream),
    );
  };
  follow();
  const listening = editor.onDidGrantWorkspaceTrust(follow);
  return new Disposable(() => {
    listening.dispose();
    registered?.dispose();
  });
}

export function chatAnswers(parts: ChatParts): ChatAnswers {
  const session = new Session({ channel: "chat", actor: "human", trust: "user" }, parts.environment);
  const work: Readonly<Record<ChatCommand, Answering>> = {
    recall: async (asked, stores, stream) => {
      const { text, note, chosen } = await stores.recall({ text: asked }, session);
      say(stream, note);
      if (text !== "") quote(stream, text);
      refer(stream, parts.workspace, chosen);
    },
    why: async (asked, stores, stream) => why(asked, stores, stream, parts.workspace, session),
    remember: async (asked, stores, stream) => remember(asked, stores, stream, parts),
    forget: async (asked, stores, stream) => forget(asked, stores, stream, parts.workspace),
  };
  return async ({ prompt, command }, stream) => {
    const asked = prompt.trim();
    if (asked === "" && command !== "remember") {
      stream.markdown(HELP.map((line) => `- ${line}`).join("\n"));
      return;
    }
    try {
      const stores = await storesInView(parts.workspace);
      if (stores === undefined) say(stream, "No memory is open in this window: it needs a folder in a git repository.");
      else await work[CHAT_COMMANDS.find((one) => one === command) ?? "recall"](asked, stores, stream);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      say(stream, error.message);
    }
  };
}

/** The provenance of the belief that is named, or that fits the words best, as an agent that asks would be told it. */
async function why(
  asked: string,
  stores: Stores,
  stream: ChatResponseStream,
  workspace: Workspace,
  session: Session,
): Promise<void> {
  const id = /^m_[0-9a-z]{4,12}$/.test(asked) ? asked : (await matches(asked, stores))[0]?.id;
  if (id === undefined) {
    say(stream, "Nothing that is believed here fits these words.");
    return;
  }
  const { text, structured } = await inspectTool.run({ stores, session }, { id });
  if (structured["error"] === "held")
    say(stream, `${id} did not pass the gate, so its words are not repeated here. Look at it in the Memory view.`);
  else if (structured["error"] === "not-found") say(stream, `No memory answers to ${id}.`);
  else quote(stream, text);
  const { store, path, version } = structured;
  refer(stream, workspace, [{ store, path, blob: version }]);
}

/** The words are the person's once they have looked at them in the window: typed, not confirmed, so they approve nothing. */
async function remember(asked: string, stores: Stores, stream: ChatResponseStream, parts: ChatParts): Promise<void> {
  const stamp = ({ gesture: _gesture, ...caller }: Caller): Caller => ({ ...caller, channel: "chat" });
  try {
    const done = await writeMemory(stores, parts.person, { line: asked, stamp, reason: "Typed in the chat." });
    if (done === undefined) say(stream, "Nothing was stored.");
    else say(stream, `${parts.acts.note(done).sentence} Undo in the Memory view takes it back.`);
  } catch (error) {
    if (!(error instanceof HeldForReviewError)) throw error;
    say(stream, "It waits for your review in the Memory view, and is not believed until you approve it there.");
  }
}

interface BeliefItem extends QuickPickItem {
  readonly place: Reference;
}

/** The person picks which, and then why; no word in the chat ends anything. */
async function forget(asked: string, stores: Stores, stream: ChatResponseStream, workspace: Workspace): Promise<void> {
  const items = (await matches(asked, stores)).flatMap((one): BeliefItem[] => {
    const store = storeOf(workspace, one);
    if (store === undefined) return [];
    const place = { key: store.key, path: one.path };
    return [{ label: plainLabel(one.title), description: plainLabel(`${one.trust}, ${one.store}`), place }];
  });
  if (items.length === 0) {
    say(stream, "Nothing that is believed here fits these words.");
    return;
  }
  const picked = await window.showQuickPick(items, {
    title: "Forget a belief",
    placeHolder: "It leaves what is believed; its history stays.",
  });
  const isThere = async (): Promise<boolean> =>
    picked !== undefined &&
    (await workspace.byKey(picked.place.key)?.store.snapshot())?.at(picked.place.path) !== undefined;
  if (picked !== undefined) await commands.executeCommand(COMMANDS.expire, picked.place);
  say(
    stream,
    picked === undefined || (await isThere())
      ? "Nothing was changed."
      : `Expired “${picked.label}”. Its history stays, and Undo in the Memory view brings it back.`,
  );
}

/** What a recall would give for the words, best first, without a trace of having asked and without what is pinned anyway. */
async function matches(asked: string, stores: Stores): Promise<readonly Chosen[]> {
  const { chosen } = await stores.preview({ text: asked });
  return chosen.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score);
}

/** A memory by the store's label, its place and its version. */
type Named = Readonly<Record<"store" | "path" | "blob", unknown>>;

function refer(stream: ChatResponseStream, workspace: Workspace, memories: readonly Named[]): void {
  for (const one of memories) {
    const store = storeOf(workspace, one);
    if (store !== undefined && typeof one.path === "string") stream.reference(memoryUri(store, one.path));
  }
}

function storeOf({ stores }: Workspace, { store: label, path, blob }: Named): OpenStore | undefined {
  if (typeof path !== "string") return undefined;
  return stores.find(({ store, snapshot }) => store.label === label && snapshot.blobAt(path) === blob);
}

/** Text in which nothing is markup. */
function say(stream: ChatResponseStream, text: string): void {
  stream.markdown(new MarkdownString().appendText(text).appendMarkdown("\n\n"));
}

/**
 * Other people's words, with their fence, in a block in which nothing is a link, a heading or an image. The editor's own
 * helper for blocks overlooks a closing mark that is indented, so that the mark here is longer than any in the words.
 */
function quote(stream: ChatResponseStream, text: string): void {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const mark = "`".repeat(longest + 1);
  stream.markdown(new MarkdownString().appendMarkdown(`\n${mark}text\n${text.trimEnd()}\n${mark}\n`));
}
