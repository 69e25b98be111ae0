/** What a person holds in hand when something is wrong: selected words, a memory, or the receipt of an answer. */
import { Uri, window } from "vscode";
import { MemoryNotFoundError } from "../../core/errors.ts";
import { hintOfVersion, hintsOfReceipt } from "../../core/provenance/symptom.ts";
import { type Hint, hintsFor, type Suspect, suspectsOf } from "../../core/provenance/why.ts";
import { MEMORY_SCHEME } from "../editor/uris.ts";
import type { Picked, Selection } from "../picked.ts";
import type { OpenStore, Workspace } from "../workspace.ts";

export interface Ranked {
  readonly store: OpenStore;
  readonly suspect: Suspect;
}

export interface Answer {
  readonly symptom: string;
  readonly ranked: readonly Ranked[];
}

/** As many beliefs as are shown; more are looked at, since what vouches for each decides the order. */
const MOST_SHOWN = 5;
const MOST_LOOKED_AT = 10;
/** A symptom is repeated in the view by so many characters. */
const REPEATED = 60;

/** Undefined where the person left. Throws MemoryNotFoundError. */
export async function findCause(
  { workspace, selection }: { readonly workspace: Workspace; readonly selection: Selection },
  args: readonly unknown[],
): Promise<Answer | undefined> {
  const selected = isFromEditor(args) ? selectedText() : "";
  if (selected !== "") return causeOfText(workspace, selected);
  const [first] = args;
  const isMemory = first instanceof Uri ? first.scheme === MEMORY_SCHEME : first !== undefined || isMemoryOpen();
  if (isMemory) return causeOfMemory((await selection.of(args))[0]);
  const text = await window.showInputBox({
    title: "Find what is behind it",
    prompt: "What the agent said or did, or the receipt of its answer, such as r_3f9a1c2b4d5e6f70.",
  });
  return text === undefined || text.trim() === "" ? undefined : causeOfText(workspace, text.trim());
}

async function causeOfText(workspace: Workspace, text: string): Promise<Answer> {
  const ranked: Ranked[] = [];
  const log = /^r_[0-9a-f]{4,}$/.test(text) ? await workspace.storesFor()?.receipts() : undefined;
  const given = await log?.find(text);
  const words = given?.question.text ?? text;
  for (const store of workspace.stores) {
    const hints =
      given === undefined
        ? await hintsFor(store.store, await store.store.snapshot(), text, MOST_LOOKED_AT)
        : await hintsOfReceipt(store.store, given);
    ranked.push(...(await rank(store, hints, words)));
  }
  return { symptom: shortened(words), ranked: best(ranked) };
}

async function causeOfMemory({ store, id, path, blob, title }: Picked): Promise<Answer> {
  const version = blob ?? (await lastVersion(store, id, path));
  const hint = version === null ? null : await hintOfVersion(store.store, path, version);
  if (hint === null)
    throw new MemoryNotFoundError("This file can't be read as a memory. Its history shows who wrote it.");
  return { symptom: shortened(title), ranked: best(await rank(store, [hint], "")) };
}

async function rank(store: OpenStore, hints: readonly Hint[], text: string): Promise<Ranked[]> {
  return (await suspectsOf(store.store, hints, text)).map((suspect) => ({ store, suspect }));
}

function best(ranked: readonly Ranked[]): Ranked[] {
  return ranked.toSorted((a, b) => b.suspect.score - a.suspect.score).slice(0, MOST_SHOWN);
}

async function lastVersion({ store }: OpenStore, id: string, path: string): Promise<string | null> {
  const [entry] = await store.journal.of(id, path);
  const change = entry?.changes.find((one) => one.id === id || one.path === path);
  return change?.after ?? change?.before ?? null;
}

/** Menus of the editor pass the document, the palette nothing; a row of a view means itself. */
function isFromEditor([first]: readonly unknown[]): boolean {
  return first === undefined || first instanceof Uri;
}

function selectedText(): string {
  const editor = window.activeTextEditor;
  return editor === undefined ? "" : editor.document.getText(editor.selection).trim();
}

function isMemoryOpen(): boolean {
  return window.activeTextEditor?.document.uri.scheme === MEMORY_SCHEME;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > REPEATED ? `${line.slice(0, REPEATED - 1)}…` : line;
}
