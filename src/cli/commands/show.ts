import { MemoryNotFoundError } from "../../core/errors.ts";
import { lifecycle } from "../../core/memory/lifecycle.ts";
import { isBroken, type BrokenMemory, type Memory } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import { notInUse } from "../../core/review/not-in-use.ts";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import type { MemoryStore } from "../../core/store.ts";
import { evidenceJson, evidenceWords } from "../../core/trust/words.ts";
import type { Answer, Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { entryJson, entryLine } from "../entry.ts";
import { findAnytime, type NamedAnytime } from "../naming.ts";
import { type Line, linesOf, toned } from "../terminal.ts";

interface Version {
  readonly store: MemoryStore;
  readonly file: Memory | BrokenMemory;
  readonly text: string;
  /** In the tree that was asked for. */
  readonly present: boolean;
  readonly entries: readonly JournalEntry[];
}

export const show: Command = {
  name: "show",
  usage: ["show ID [--at WHEN]"],
  about:
    "Shows one memory: its state, who wrote it and why, its version, and the file as it is. Memories that have ended are found too.",
  options: {
    at: { value: "WHEN", summary: "As it was at a commit, tag, snapshot or date (2026-11-20), or so long ago (3d)." },
    ...STORE_OPTION,
  },
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [
    { line: "show m_7k3q9f2d", says: "The beginning of an id is enough." },
    { line: "show m_7k3q9f2d --at 9fceb02de", says: "As it was at a commit." },
  ],
  async run(context, args) {
    const found = await findAnytime(await storesFor(context, args), args.operand(0) ?? "");
    const at = args.text("at");
    return answerOf(await versionOf(at === undefined ? found : await foundAt(found, at)));
  },
};

async function foundAt(found: NamedAnytime, at: string): Promise<NamedAnytime> {
  const snapshot = await found.store.snapshotAt(at);
  const file = snapshot.get(found.id) ?? snapshot.at(found.path);
  if (file === undefined)
    throw new MemoryNotFoundError(
      `${found.id} was not there at ${at}. \`git memory history ${found.id}\` shows when it was.`,
    );
  return { ...found, path: file.path, blob: file.blob, present: true };
}

async function versionOf({ store, id, path, blob, present }: NamedAnytime): Promise<Version> {
  const [bytes] = await store.repository.blobs([blob]);
  const content = bytes ?? new Uint8Array();
  const file = readMemory(path, blob, content);
  return { store, file, present, text: new TextDecoder().decode(content), entries: await store.journal.of(id, path) };
}

async function answerOf(version: Version): Promise<Answer> {
  const { file } = version;
  return isBroken(file) ? brokenAnswer(version, file) : memoryAnswer(version, file);
}

function brokenAnswer(version: Version, { path, blob, problems }: BrokenMemory): Answer {
  const { store, present, text } = version;
  return {
    json: {
      store: store.label,
      id: `path:${path}`,
      path,
      blob,
      present,
      broken: problems.map(({ code, line, message }) => ({ code, line, message })),
      front: null,
      body: null,
      text,
      state: null,
      trust: null,
      approval: null,
      doubts: [],
      history: historyJson(version),
    },
    lines: [
      ...problems.map(({ line, message }) => toned(`Broken, line ${line}: ${message}`, "bad")),
      ...fileLines(version),
    ],
  };
}

async function memoryAnswer(version: Version, memory: Memory): Promise<Answer> {
  const { store, present, text } = version;
  const { id, path, blob, title, body } = memory;
  const { inForce, stale, staleBecause } = lifecycle(memory, store.environment.now());
  const snapshot = await store.snapshot();
  const [trust, evidence] = [await store.trustOf(snapshot, memory), await store.evidence(snapshot)];
  const approval = evidence.of(memory);
  const unused =
    snapshot.get(id)?.blob === blob ? ((await notInUse(store, snapshot, [memory])).get(blob) ?? null) : null;
  const { extra, ...front } = memory.front;
  const states = [
    present && inForce ? (unused === null ? "in force" : "not in use") : "has ended",
    ...(stale ? [`stale (${staleBecause.join(" ")})`] : []),
    `trust: ${trust}`,
    ...(approval === null ? [] : [evidenceWords(approval)]),
    ...(present && inForce && front.expires_at !== undefined ? [`ends ${front.expires_at.slice(0, 10)}`] : []),
  ];
  const warnings = [
    ...(unused === null ? [] : [`It is recalled for nobody until a person confirms it. ${unused}`]),
    ...evidence.doubts(memory).map(({ message }) => message),
  ];
  return {
    json: {
      store: store.label,
      id,
      path,
      blob,
      present,
      broken: [],
      front: { ...front, ...(extra === undefined ? {} : { extra }) },
      body,
      text,
      state: { in_force: present && inForce, stale: staleBecause, not_in_use: unused },
      trust,
      ...evidenceJson(evidence, memory),
      history: historyJson(version),
    },
    lines: [
      toned(title, "strong"),
      `${id} · ${front.type} · ${store.label} · ${states.join(" · ")}`,
      ...warnings.map((warning) => toned(warning, "warning")),
      ...fileLines(version),
    ],
  };
}

function historyJson({ store, entries }: Version): object {
  const [last] = entries;
  const first = entries.at(-1);
  return {
    first: first === undefined ? null : entryJson(store, first),
    last: last === undefined ? null : entryJson(store, last),
    changes: entries.length,
  };
}

/** Who wrote it, where it is, and the file as it is. */
function fileLines({ store, file, present, text, entries }: Version): Line[] {
  const now = store.environment.now();
  const [last] = entries;
  const first = entries.at(-1);
  return [
    ...(first === undefined ? [] : [entryLine("Written by ", first, now)]),
    ...(last === undefined || last === first ? [] : [entryLine(present ? "Last changed by " : "Ended by ", last, now)]),
    toned(`${file.path} · version ${file.blob}`, "quiet"),
    "",
    ...linesOf(text),
  ];
}
