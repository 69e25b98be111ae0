/** The card behind the blame line: where a line came from, with the ways to go on. */
import { Hover, MarkdownString, type HoverProvider, type Position, type TextDocument } from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import { standingWords } from "../../core/trust/words.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { changeVerb, doorWords, entryActor } from "../../core/view/change.ts";
import { COMMANDS } from "../command-ids.ts";
import type { OpenStore } from "../workspace.ts";
import type { Blame, LineBlame } from "./blame.ts";

/** All that the card can run. */
const LINKS = [
  COMMANDS.why,
  COMMANDS.openChange,
  COMMANDS.showSession,
  COMMANDS.history,
  COMMANDS.lineage,
  COMMANDS.takeBack,
  COMMANDS.revert,
];

/** More recalled memories than this are counted, not named. */
const MOST_NAMED = 5;

export class ProvenanceHover implements HoverProvider {
  readonly #blame: Blame;

  constructor(blame: Blame) {
    this.#blame = blame;
  }

  /** At the end of a line, where the blame is drawn; elsewhere in it a card would be in the way of reading. */
  async provideHover(document: TextDocument, position: Position): Promise<Hover | null> {
    const end = document.lineAt(position.line).range.end;
    if (position.character < end.character) return null;
    const found = await this.#blame.at(document, position.line);
    if (found === null || found.line?.entry === null) return null;
    const evidence = await found.store.store.evidence(found.store.snapshot);
    return new Hover(provenanceCard(found, standingWords(evidence, found.memory)));
  }
}

/** Only our own commands can be run from it, and what memories and commits say is shown as plain text. */
export function provenanceCard(
  { store, memory, line, key }: LineBlame,
  standing: readonly string[] = [],
): MarkdownString {
  const card = new MarkdownString("", true);
  card.isTrusted = { enabledCommands: LINKS };
  const entry = line?.entry;
  if (entry === null || entry === undefined) return card.appendText("Not stored yet: not yet a belief.");
  const change = entry.changes.find(({ id, path }) => id === memory.id || path === memory.path);
  const done = change === undefined ? "changed" : changeVerb(entry, change);
  appendPlain(
    card,
    `${entryActor(entry)} · ${done} · ${shortSpan(since(entry.at, store.store.environment.now()) ?? 0)} · ${entry.commit.slice(0, 8)}`,
  );
  card.appendMarkdown("\n\n");
  appendPlain(card, entry.text.reason === "" ? "No reason was given." : entry.text.reason);
  for (const fact of [...factsOf(store, entry), ...standing]) {
    card.appendMarkdown("\n\n");
    appendPlain(card, fact);
  }
  if (key !== null && key.entry !== null) {
    card.appendMarkdown("\n\n");
    const age = shortSpan(since(key.entry.at, store.store.environment.now()) ?? 0);
    appendPlain(
      card,
      `Key ${key.key}: last written by ${entryActor(key.entry)} · ${age} · ${key.entry.commit.slice(0, 8)}`,
    );
  }
  const reference = { key: store.key, path: memory.path };
  const links = [
    link("question", "Why", COMMANDS.why, [reference, entry.commit]),
    link("diff", "Diff", COMMANDS.openChange, [reference, entry.commit]),
    ...(entry.text.session === undefined
      ? []
      : [link("comment-discussion", "Session", COMMANDS.showSession, [reference, entry.commit])]),
    link("history", "History", COMMANDS.history, [reference]),
    link("git-branch", "What followed", COMMANDS.lineage, [reference, entry.commit]),
    ...(store.readOnly ? [] : [link("history", "Take back…", COMMANDS.takeBack, [reference, entry.commit])]),
    ...(store.readOnly ? [] : [link("discard", "Revert the last change", COMMANDS.revert, [reference])]),
  ];
  card.appendMarkdown(`\n\n${links.join(" · ")}`);
  return card;
}

/**
 * Text of others as itself. Word by word, because the editor's own way turns every space into one that doesn't break, and
 * with a joiner in whatever would become a link by looking like one.
 */
export function appendPlain(card: MarkdownString, text: string): void {
  for (const word of text.split(/\s+/)) {
    card.appendText(
      word
        .replaceAll("://", ":\u2060//")
        .replaceAll(/\bwww\./gi, "www\u2060.")
        .replaceAll("@", "\u2060@"),
    );
    card.appendMarkdown(" ");
  }
}

function factsOf(store: OpenStore, entry: JournalEntry): string[] {
  const { session, turn, context } = entry.text;
  const names = context.slice(0, MOST_NAMED).map((id) => {
    const file = store.snapshot.get(id);
    return file === undefined || isBroken(file) ? id : file.title;
  });
  const more = context.length > names.length ? ` and ${context.length - names.length} more` : "";
  const where = [
    session === undefined ? undefined : `session ${session}`,
    turn === undefined ? undefined : `turn ${turn}`,
    `through ${doorWords(entry)}`,
  ];
  return [
    where.filter((part) => part !== undefined).join(", "),
    names.length === 0 ? "" : `It had read: ${names.join("; ")}${more}`,
  ].filter((fact) => fact !== "");
}

function link(icon: string, label: string, command: string, args: readonly unknown[]): string {
  return `[$(${icon}) ${label}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
}
