/**
 * Erasing, the third verb: a memory's text leaves the history for good. The commits that held it are written anew, a
 * tombstone says that something was here, and what this machine kept of it beside the repository is dropped.
 */
import { InvalidInputError, MemoryNotFoundError, ModeError } from "../errors.ts";
import { scanText } from "../gate/gate.ts";
import { makeErasedTombstone, readTombstone, saltOf, type TombstoneFile } from "../gate/tombstones.ts";
import type { Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { assertWritable } from "../memory/policy.ts";
import type { Erasure, ErasureRequest, LocalState } from "../ports.ts";
import type { Act } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { Versions } from "./versions.ts";

/** What is to go, for showing it first. */
export interface ErasePlan {
  readonly id: MemoryId;
  /** The last title, for the person who decides. */
  readonly title: string;
  /** Where the file is now; null where it has left the tree. */
  readonly path: string | null;
  readonly blobs: ReadonlySet<ObjectId>;
  /** The commits that touched it, newest first. */
  readonly entries: readonly JournalEntry[];
  /** Every title and line that it ever had, longest first: they are taken out of messages too. */
  readonly words: readonly string[];
  /** Single words of it that stand for something particular, as keys, passwords and names of hosts do; in small letters. */
  readonly telling: ReadonlySet<string>;
  /** Memories that name it as what they were made from: they may say the same, and stay. */
  readonly derived: readonly { readonly id: MemoryId; readonly title: string }[];
}

/** Shorter lines occur in messages by chance. */
const SHORTEST_LINE = 12;
/** Stands in messages for what was erased; as the subject of a commit that changes nothing, for all of it. */
export const REDACTED = "(erased)";
/** As long as a subject can be of a title that was cut for it. */
const CUT_AT = 40;

/** Finds every version of a memory, under whatever name. Throws MemoryNotFoundError. */
export async function planErase(store: MemoryStore, name: { id: MemoryId; path: string }): Promise<ErasePlan> {
  const versions = new Versions(store.repository);
  const entries = await store.journal.entries();
  const own = new Map<ObjectId, BeliefChange>();
  const touching = new Set<JournalEntry>();
  const note = (entry: JournalEntry, change: BeliefChange): void => {
    touching.add(entry);
    for (const blob of [change.before, change.after]) if (blob !== null) own.set(blob, change);
  };
  for (const entry of await store.journal.of(name.id, name.path)) {
    for (const change of entry.changes)
      if (change.id === name.id || change.path === name.path || own.has(change.after ?? change.before ?? ""))
        note(entry, change);
  }
  // Copies and files that were renamed by hand carry the id inside.
  if (name.id.startsWith("m_")) {
    await versions.load(entries.flatMap(({ changes }) => changes.flatMap(({ before, after }) => [before, after])));
    for (const entry of entries) {
      for (const change of entry.changes) if (await carries(versions, change, name.id)) note(entry, change);
    }
  }
  if (own.size === 0)
    throw new MemoryNotFoundError(
      `No memory answers to "${name.id}", now or in history. \`git memory history\` shows all.`,
    );
  const snapshot = await store.snapshot();
  const there = snapshot.get(name.id) ?? snapshot.at(name.path);
  const words = new Set<string>();
  const telling = new Set<string>();
  for (const [blob, change] of own) {
    const [memory, text] = [await versions.memory(blob, change.path), await versions.text(blob)];
    for (const word of wordsOf(memory, text)) words.add(word);
    const said = memory === null ? text : `${memory.title} ${memory.front.description ?? ""} ${memory.body}`;
    for (const word of tellingWords(said)) telling.add(word);
  }
  const [newest] = [...own];
  return {
    id: name.id,
    title: newest === undefined ? name.id : await versions.titleOf({ ...newest[1], after: newest[0] }),
    path: there?.path ?? null,
    blobs: new Set(own.keys()),
    entries: entries.filter((entry) => touching.has(entry)),
    words: [...words].toSorted((a, b) => b.length - a.length),
    telling,
    derived: [...snapshot.memories()]
      .filter(({ id, front }) => id !== name.id && (front.derived_from ?? []).includes(name.id))
      .map(({ id, title }) => ({ id, title })),
  };
}

export interface EraseAct extends Act {
  /** Leave no digest of it: a digest of something short or guessable can be guessed. */
  readonly withoutTombstone?: boolean;
  /** Go on though a remote has it. */
  readonly pushedToo?: boolean;
}

export interface Erased extends Erasure {
  readonly tombstone: string | null;
  /** Records of recalls that had given it out, and were dropped. */
  readonly receipts: number;
}

/** Throws ErasePushedError where a remote has it and the act does not say so: nothing is changed then. */
export async function eraseMemory(store: MemoryStore, plan: ErasePlan, act: EraseAct): Promise<Erased> {
  const { withoutTombstone, pushedToo, caller } = act;
  // Asked before anything is done: the tombstone's commit would be refused too late.
  if (caller.channel !== "editor" && (await store.mode()) !== "full") {
    throw new ModeError(
      "Memory is off or read-only in this repository, so nothing was erased. A person can change that in the status bar.",
    );
  }
  const policy = await store.policy();
  assertWritable(policy);
  const { kind, findings } = scanText(act.reason, { tier: caller.trust, policy });
  if (kind === "block" || kind === "quarantine") {
    throw new InvalidInputError(
      `The reason can't be stored as it is. ${findings[0]?.forPerson ?? ""} Word it otherwise; nothing was erased.`,
    );
  }
  const repeatsLine = act.reason.split("\n").some((line) => plan.words.some((word) => line.includes(word)));
  if (repeatsLine || tellingWords(act.reason).some((word) => plan.telling.has(word))) {
    throw new InvalidInputError(
      "The reason repeats words of the memory, and it would stay in the history. Word it without them.",
    );
  }
  const tombstone = withoutTombstone === true ? null : await tombstoneOf(store, plan, act.reason);
  const closing = tombstone === null ? {} : { closing: await closingCommit(store, tombstone, act) };
  let receipts = 0;
  const beforehand = async (): Promise<void> => {
    await forgetDerived(store);
    receipts = await forgetReceipts(store.state, store.environment.now(), plan);
  };
  const erasure = await store.repository.exclusively(() =>
    store.repository.erase({
      blobs: plan.blobs,
      redact: redaction(plan),
      pushedToo: pushedToo ?? false,
      beforehand,
      ...closing,
    }),
  );
  // Another window may have written them anew meanwhile.
  await forgetDerived(store);
  await store.snapshot();
  return { ...erasure, tombstone: tombstone?.path ?? null, receipts };
}

/** What local state derives from the store's files; each is made again when it is needed. */
const DERIVED = ["snapshot", "index", "journal", "difference", "bisect"];
const RECEIPTS = "receipts";

async function forgetDerived({ state, admissions }: MemoryStore): Promise<void> {
  for (const cache of DERIVED) await state.remove(cache);
  await admissions.forget();
}

async function closingCommit(
  store: MemoryStore,
  { path, text }: TombstoneFile,
  { caller, reason }: Act,
): Promise<NonNullable<ErasureRequest["closing"]>> {
  const about = { operation: "erase", changes: [], subject: "A memory was erased", caller, reason } as const;
  return { changes: [{ path, content: new TextEncoder().encode(text) }], ...(await store.commitFor(about)) };
}

const SALT_BYTES = 16;

async function tombstoneOf(store: MemoryStore, plan: ErasePlan, reason: string): Promise<TombstoneFile | null> {
  const versions = new Versions(store.repository);
  const { now, random } = store.environment;
  for (const blob of plan.blobs) {
    const memory = await versions.memory(blob, plan.path ?? `semantic/${plan.id}.md`);
    if (memory === null) continue;
    const salt = (await sharedSalt(store)) ?? Buffer.from(random(SALT_BYTES)).toString("hex");
    return makeErasedTombstone({ ...memory, id: plan.id }, reason, now(), salt);
  }
  return null;
}

async function sharedSalt(store: MemoryStore): Promise<string | undefined> {
  const blobs = [...((await store.snapshot()).folders.get("tombstones")?.others.values() ?? [])];
  return saltOf((await store.repository.blobs(blobs)).flatMap((bytes) => readTombstone(bytes) ?? []));
}

/**
 * What a message is without the memory's words. Commits that touched it keep their trailers, so that history still says
 * that something was written here, by whom and when.
 */
function redaction({ entries, words }: ErasePlan): (message: string, commit: ObjectId) => string {
  const touched = new Set(entries.map(({ commit }) => commit));
  const cuts = words.flatMap((word) => (word.length > CUT_AT ? [`${word.slice(0, CUT_AT)}`] : []));
  return (message, commit) => {
    const [subject = "", ...rest] = message.split("\n");
    const clean = [...words.map((word) => ({ word, cut: false })), ...cuts.map((word) => ({ word, cut: true }))].reduce(
      (text, { word, cut }) => without(text, word, cut),
      [subject, ...(touched.has(commit) ? keptLines(rest) : rest)].join("\n"),
    );
    return clean;
  };
}

/** A reason is free text, and was written about the memory: nobody knows which words of it are the memory's own. */
function keptLines(lines: readonly string[]): string[] {
  const kept = lines.filter((line) =>
    /^(?:Memory-[A-Za-z]+: |This (?:reverts|restores) |[A-Z][A-Za-z-]+-by: )/.test(line),
  );
  const [notes, trailers] = [
    kept.filter((line) => line.startsWith("This ")),
    kept.filter((line) => !line.startsWith("This ")),
  ];
  return ["", ...notes, ...(notes.length > 0 && trailers.length > 0 ? [""] : []), ...trailers, ""];
}

/** @param cut the text goes on in the memory, so what follows up to the line's end may be more of it. */
function without(text: string, word: string, cut: boolean): string {
  if (!text.includes(word)) return text;
  if (!cut) return text.replaceAll(word, REDACTED);
  return text
    .split("\n")
    .map((line) => (line.includes(word) ? `${line.slice(0, line.indexOf(word))}${REDACTED}` : line))
    .join("\n");
}

async function carries(versions: Versions, { path, before, after }: BeliefChange, id: MemoryId): Promise<boolean> {
  for (const blob of [before, after]) if ((await versions.memory(blob, path))?.front.id === id) return true;
  return false;
}

/** The title, its spelling in a path, and every line that is long enough to be told from others. */
function wordsOf(memory: Memory | null, text: string): string[] {
  const body = memory === null ? text : memory.body;
  const lines = body
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE);
  const { title, front } = memory ?? { title: "", front: undefined };
  return [title, front?.description ?? "", ...lines].filter((word) => word.length >= 4);
}

/** Below it numbers and abbreviations meet by chance. */
const SHORTEST_TELLING = 5;

/** Words with a digit, a sign or a capital inside. Whole sentences are compared elsewhere; a password is one word. */
function tellingWords(text: string): string[] {
  return text
    .split(/[\s"'`(){}[\]<>,;]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word.length >= SHORTEST_TELLING && /\p{N}|[^\p{L}\p{N}]|\p{Ll}\p{Lu}/u.test(word))
    .map((word) => word.toLowerCase());
}

/** Drops the records of recalls that gave it out, or whose question has its words. Who appends meanwhile loses nothing. */
async function forgetReceipts(state: LocalState, now: Date, plan: ErasePlan): Promise<number> {
  // A full part is never appended to, so it can be written anew.
  await state.rename(RECEIPTS, `${RECEIPTS}-${String(now.getTime()).padStart(13, "0")}-r_erase`);
  let dropped = 0;
  for (const { name } of await state.list(`${RECEIPTS}-`)) {
    const bytes = await state.read(name);
    const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
    const kept = lines.filter(
      (line) => !line.includes(plan.id) && !plan.words.some((word) => line.includes(JSON.stringify(word).slice(1, -1))),
    );
    if (kept.length === lines.length) continue;
    dropped += lines.length - kept.length;
    if (kept.every((line) => line === "")) await state.remove(name);
    else await state.write(name, new TextEncoder().encode(kept.join("\n")));
  }
  return dropped;
}
