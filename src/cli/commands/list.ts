import type { Memory, Trust } from "../../core/memory/model.ts";
import { effectiveTrust } from "../../core/memory/trust.ts";
import { tombstonesIn } from "../../core/merge/discrepancies.ts";
import { changedRules } from "../../core/review/changed-rules.ts";
import { notInUse } from "../../core/review/not-in-use.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Evidence } from "../../core/trust/evidence.ts";
import { approvalJson } from "../../core/trust/words.ts";
import { actorName } from "../../core/view/actor.ts";
import { beliefRow } from "../../core/view/belief.ts";
import { type Placed, type PlacedBroken, type Sections, sectionsOf } from "../../core/view/sections.ts";
import type { Arguments } from "../arguments.ts";
import type { Answer, Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { oneLine, whoOf } from "../entry.ts";
import { pastOf, type PastMemory } from "../past.ts";
import { type Line, type Piece, table, toned } from "../terminal.ts";
import { ageOf, counted, shortIds } from "../words.ts";

/** A memory as it is listed; the same memory has another trust in another store. */
type Listed = Placed<MemoryStore> & Judged;

interface Judged {
  readonly trust: Trust;
  readonly approval: Evidence | null;
}

interface Listing {
  readonly memories: readonly Listed[];
  readonly broken: readonly PlacedBroken<MemoryStore>[];
  readonly past: readonly PastMemory[];
  /** Files that are still there though their end has come, where they are not listed. */
  readonly endedInTree: number;
}

export const list: Command = {
  name: "list",
  usage: [
    "list [--type TYPE]... [--tag TAG]... [--store STORE] [--at WHEN]",
    "list --past [--type TYPE]... [--tag TAG]...",
    "list --broken",
  ],
  about:
    "Lists what is believed now: pinned first, then newest, with what is out of the ordinary. --past lists what has ended, --broken the files that can't be read.",
  options: {
    type: { value: "TYPE", many: true, summary: "Only this type." },
    tag: { value: "TAG", many: true, summary: "Only memories with this tag." },
    past: { summary: "What was believed once and has ended." },
    broken: { summary: "Only files that can't be read as memories." },
    at: {
      value: "WHEN",
      summary: "What was believed at a commit, tag, snapshot or date (2026-11-20), or so long ago (3d).",
    },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "list", says: "All that is believed in this repository, and your own preferences." },
    { line: "list --type Pitfall --tag postgres --json", says: "A selection, as JSON." },
    { line: "list --at agent-memory~20", says: "What was believed in the project twenty commits ago." },
  ],
  async run(context, args) {
    const all = await storesFor(context, args);
    const at = args.text("at");
    // A commit belongs to one store.
    const stores = at === undefined ? all : all.slice(0, 1);
    const judged = new Map<Memory, Judged>();
    const shelves = [];
    for (const store of stores) {
      const snapshot = at === undefined ? await store.snapshot() : await store.snapshotAt(at);
      const memories = [...snapshot.memories()].filter((memory) =>
        fits(args, memory.front.type, memory.front.tags ?? []),
      );
      // As `store.trustOf`, with the evidence read once for all.
      const evidence = await store.evidence(snapshot);
      const isReviewed = (memory: Memory): boolean => evidence.isReviewed(memory);
      for (const memory of memories) {
        const trust = effectiveTrust(memory, (id) => snapshot.get(id), isReviewed);
        judged.set(memory, { trust, approval: evidence.of(memory) });
      }
      // The code that is checked out now says nothing of what was believed then.
      const changed = at === undefined ? await store.citations.changed(memories) : new Map();
      const tombstones = await tombstonesIn(store.repository, snapshot);
      // The rules of today say nothing of what was in use then.
      const refused = at === undefined ? await notInUse(store, snapshot) : new Map<string, string>();
      shelves.push({ store, memories, broken: snapshot.broken(), changed, tombstones, refused });
    }
    const past = args.flag("past")
      ? (await Promise.all(stores.map(pastOf))).flat().filter(({ type, tags }) => fits(args, type, tags))
      : [];
    const now = all[0]?.environment.now() ?? new Date();
    const sections = sectionsOf(shelves, now);
    const withTrust = (placed: Placed<MemoryStore>): Listed => ({
      ...placed,
      ...(judged.get(placed.memory) ?? { trust: "untrusted", approval: null }),
    });
    const rules = await Promise.all(stores.map(changedRules));
    const answer = answerOf(
      listingOf(sections, past, withTrust, args),
      args,
      now,
      context.host.columns,
      stores.length > 1,
    );
    const notes = rules.flatMap((held): Line[] => (held === null ? [] : [toned(CHANGED_RULES, "warning")]));
    return { ...answer, aside: [...(answer.aside ?? []), ...notes] };
  },
};

const CHANGED_RULES =
  "policy.yaml was changed and waits for a person; where it is milder than before it is not in force. See git memory queue.";

const UNUSED = "What is not in use is recalled for nobody until a person confirms it; git memory show ID says why.";

function listingOf(
  sections: Sections<MemoryStore>,
  past: readonly PastMemory[],
  withTrust: (placed: Placed<MemoryStore>) => Listed,
  args: Arguments,
): Listing {
  const broken = sections.needsYou.filter((item) => "broken" in item);
  const unused = sections.needsYou.filter((item) => "memory" in item).filter(({ refused }) => refused !== null);
  if (args.flag("broken")) return { memories: [], broken, past: [], endedInTree: 0 };
  if (args.flag("past")) return { memories: sections.ended.map(withTrust), broken: [], past, endedInTree: 0 };
  const filtered = args.flag("type") || args.flag("tag");
  return {
    memories: [...unused, ...sections.believed].map(withTrust),
    broken: filtered ? [] : broken,
    past: [],
    endedInTree: sections.ended.length,
  };
}

function answerOf(listing: Listing, args: Arguments, now: Date, width: number | null, severalStores: boolean): Answer {
  const { memories, broken, past, endedInTree } = listing;
  const short = shortIds([...memories.map(({ memory }) => memory.id), ...past.map(({ id }) => id)]);
  const nameOf = (id: string, path: string): Piece => ({
    text: id.startsWith("m_") ? short(id) : path,
    tone: "accent",
  });
  const rows = [
    ...broken.map(({ broken: file }): Piece[] => [
      { text: file.path, tone: "bad" },
      "",
      "",
      { text: `broken · line ${file.problems[0]?.line ?? 1}`, tone: "bad" },
    ]),
    ...memories.map(({ store, memory, life, exception, conflict, refused, trust }): Piece[] => {
      const row = beliefRow(memory, life, trust, now, {
        store: severalStores && store.label === "personal" ? store.label : undefined,
        conflict,
      });
      const marks = [
        ...(refused === null ? [] : ["not in use"]),
        ...(life.expired ? [`ended ${memory.front.expires_at?.slice(0, 10) ?? ""}`] : []),
        ...(trust === "untrusted" ? ["untrusted"] : []),
        ...(memory.front.pinned === true ? ["pinned"] : []),
      ];
      const tone = exception !== null || life.expired || trust === "untrusted" ? "warning" : "quiet";
      return [
        nameOf(memory.id, memory.path),
        { text: memory.front.type, tone: "quiet" },
        memory.title,
        { text: [...marks, row.description].join(" · "), tone },
      ];
    }),
    ...past.map(({ id, path, type, title, ended }): Piece[] => {
      const why = oneLine(ended.text.reason);
      const end = [
        ended.text.operation ?? "removed",
        actorName(whoOf(ended)),
        ageOf(ended.at, now),
        ...(why === "" ? [] : [why]),
      ];
      return [nameOf(id, path), { text: type, tone: "quiet" }, title, { text: end.join(" · "), tone: "quiet" }];
    }),
  ];
  const hint = `${counted(endedInTree, "memory has", "memories have")} come to an end and ${endedInTree === 1 ? "is" : "are"} not listed; see git memory list --past.`;
  return {
    json: jsonOf(listing),
    lines: rows.length === 0 ? [emptyText(args)] : table(rows, 2, width),
    aside: [
      ...(memories.some(({ refused }) => refused !== null) ? [toned(UNUSED, "warning")] : []),
      ...(endedInTree === 0 ? [] : [toned(hint, "quiet")]),
    ],
  };
}

function emptyText(args: Arguments): string {
  if (args.flag("past")) return "Nothing has ended.";
  if (args.flag("broken")) return "No file is broken.";
  return args.flag("type") || args.flag("tag") ? "Nothing fits." : "Nothing is believed yet.";
}

function jsonOf({ memories, broken, past, endedInTree }: Listing): object {
  return {
    memories: memories.map(memoryJson),
    broken: broken.map(({ store, broken: file }) => ({
      store: store.label,
      path: file.path,
      blob: file.blob,
      problems: file.problems.map(({ code, line, message }) => ({ code, line, message })),
    })),
    past: past.map(({ store, id, type, title, path, blob, ended }) => ({
      store: store.label,
      id,
      type,
      title,
      path,
      blob,
      ended: {
        at: ended.at,
        commit: ended.commit,
        operation: ended.text.operation ?? null,
        actor: whoOf(ended),
        reason: ended.text.reason,
      },
    })),
    ended_not_listed: endedInTree,
  };
}

function memoryJson({ store, memory, life, conflict, refused, trust, approval }: Listed): object {
  const { id, title, path, blob, front } = memory;
  return {
    store: store.label,
    id,
    type: front.type,
    title,
    path,
    blob,
    tags: front.tags ?? [],
    scope: front.scope ?? [],
    pinned: front.pinned === true,
    by: front.generated?.by ?? null,
    at: front.generated?.at ?? null,
    trust,
    approval: approvalJson(approval),
    in_force: life.inForce,
    stale: life.staleBecause,
    conflict,
    not_in_use: refused,
    expires_at: front.expires_at ?? null,
  };
}

function fits(args: Arguments, type: string, tags: readonly string[]): boolean {
  const wanted = args.texts("type");
  return (
    (wanted.length === 0 || wanted.some((one) => sameWord(one, type))) &&
    args.texts("tag").every((tag) => tags.some((own) => sameWord(own, tag)))
  );
}

function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
