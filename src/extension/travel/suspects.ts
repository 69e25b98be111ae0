/** What a person suspects: a row, a memory, or what they pick from the history or type. */
import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import { suspicionOf, wordsFor, type Suspicion } from "../../core/provenance/roots.ts";
import { REACHES, type Reach } from "../../core/provenance/take-back.ts";
import { actorName } from "../../core/view/actor.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { plainLabel } from "../label.ts";
import type { Picked } from "../picked.ts";
import { EntryNode, SessionNode } from "../timeline/nodes.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { askStore } from "./points.ts";
import { suspicionAt } from "./trace-nodes.ts";

export interface Suspected {
  readonly store: OpenStore;
  readonly suspicion: Suspicion;
  /** For a person: a title, a session, a place. */
  readonly title: string;
}

interface SuspicionItem extends QuickPickItem {
  /** Undefined where the person is to type it. */
  readonly suspicion?: Suspicion;
}

/** As many sessions and writers as are offered, the newest first. */
const MOST_OFFERED = 20;

/** Null for a row that stands for nothing of the kind. */
export function suspectedOf(node: unknown): Suspected | null {
  if (node instanceof EntryNode) {
    const { store, entry } = node;
    return { store, suspicion: { kind: "commit", commit: entry.commit }, title: entry.text.subject };
  }
  if (node instanceof SessionNode && node.stretch.session !== undefined) {
    const { store, session } = node.stretch;
    return { store, suspicion: { kind: "session", session }, title: `session ${session}` };
  }
  return suspicionAt(node);
}

export function suspectedMemory({ store, id, path, title }: Picked): Suspected {
  return { store, suspicion: { kind: "memory", id, path }, title };
}

/** A commit that a link names. */
export function suspectedCommit(store: OpenStore, commit: string): Suspected {
  const suspicion = { kind: "commit", commit } as const;
  return { store, suspicion, title: wordsFor(suspicion) };
}

/** From the history: a session, a writer, or what is typed. Undefined where the person left. */
export async function askSuspected(workspace: Workspace, title: string): Promise<Suspected | undefined> {
  const store = await askStore(workspace, title);
  if (store === undefined) return undefined;
  const items = await itemsOf(store);
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: "Who or what brought it in?",
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  const suspicion = chosen.suspicion ?? (await typedSuspicion(store, title));
  return suspicion === undefined ? undefined : { store, suspicion, title: wordsFor(suspicion) };
}

const REACH_ITEMS: Readonly<Record<Reach, { readonly label: string; readonly detail: string }>> = {
  roots: { label: "Only what it brought in", detail: "What was made from it stays." },
  derived: {
    label: "With what was derived from it",
    detail: "Also what names it, took its place, or repeats it. What a person rewrote since stays.",
  },
  context: {
    label: "With all that was written while it was in context",
    detail: "Also what only could have been led by it. This takes back the most.",
  },
};

/** How far a taking back reaches. Undefined where the person left. */
export async function askReach(title: string): Promise<Reach | undefined> {
  const items = REACHES.map((reach) => ({ reach, ...REACH_ITEMS[reach] }));
  const options = { title: `Take back "${title}"`, placeHolder: "How far? You see what changes before it is done." };
  return (await window.showQuickPick(items, options))?.reach;
}

async function itemsOf({ store }: OpenStore): Promise<SuspicionItem[]> {
  const now = store.environment.now();
  const sessions = new Map<string, SuspicionItem>();
  const actors = new Map<string, SuspicionItem>();
  for (const { text, at } of await store.journal.entries()) {
    const age = shortSpan(since(at, now) ?? 0);
    const { session, actor } = text;
    if (session !== undefined && !sessions.has(session) && sessions.size < MOST_OFFERED)
      sessions.set(session, {
        label: plainLabel(session),
        description: plainLabel(`${actorName(actor)} · ${age}`),
        suspicion: { kind: "session", session },
      });
    if (actor !== undefined && !actors.has(actor) && actors.size < MOST_OFFERED)
      actors.set(actor, { label: plainLabel(actor), description: age, suspicion: { kind: "actor", actor } });
  }
  return [
    { label: "Type a source, a commit or an id…", description: "A host such as pastes.example is every place on it" },
    { label: "Sessions", kind: QuickPickItemKind.Separator },
    ...sessions.values(),
    { label: "Writers", kind: QuickPickItemKind.Separator },
    ...actors.values(),
  ];
}

async function typedSuspicion({ store }: OpenStore, title: string): Promise<Suspicion | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: "The place that was cited, such as pastes.example, or a commit, a session or a memory's id.",
  });
  return text === undefined || text.trim() === "" ? undefined : suspicionOf(store, text.trim());
}
