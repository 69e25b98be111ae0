import { MemoryNotFoundError } from "../../core/errors.ts";
import { hintOfVersion, hintsOfReceipt } from "../../core/provenance/symptom.ts";
import { type Hint, hintsFor, originOf, type Suspect, suspectsOf } from "../../core/provenance/why.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Stores } from "../../core/stores.ts";
import type { Arguments } from "../arguments.ts";
import type { Answer, Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { type Context, storesFor } from "../context.ts";
import { findAnytime } from "../naming.ts";
import { nameOf, stepJson, stepLine } from "../tainted.ts";
import { type Line, toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";

const DEFAULT_LIMIT = 5;

interface Ranked extends Suspect {
  readonly store: MemoryStore;
}

export const why: Command = {
  name: "why",
  usage: ["why ID | TEXT | RECEIPT [--text TEXT] [--at WHEN] [--limit COUNT]"],
  about:
    "Ranks the beliefs that could have caused something: a text (what the agent said or did), a receipt (what it had been given), or one memory. For each it names the write that brought the claim in, its session, and the way back to where it came from.",
  options: {
    text: {
      value: "TEXT",
      summary: "With a receipt or an id: the wrong words, which tell the guilty line from the others.",
    },
    at: { value: "WHEN", summary: "Look into what was believed at a commit, snapshot or date." },
    limit: { value: "COUNT", summary: `At most this many beliefs. Default: ${DEFAULT_LIMIT}.` },
    ...STORE_OPTION,
  },
  operands: { least: 1, most: 1, name: "one id, text or receipt" },
  examples: [
    { line: 'why "it skips the token check for staff"', says: "Which beliefs could be behind that." },
    { line: "why r_3f9a1c2b4d5e6f70", says: "Which of the memories that one recall gave out." },
  ],
  async run(context, args) {
    const stores = await storesFor(context, args);
    const ranked: Ranked[] = [];
    for (const { store, hints, text } of await hintsOf(context, args, stores)) {
      for (const suspect of await suspectsOf(store, hints, text)) ranked.push({ ...suspect, store });
    }
    const told = ranked.toSorted((a, b) => b.score - a.score).slice(0, args.count("limit") ?? DEFAULT_LIMIT);
    return answerOf(told);
  },
};

interface Hints {
  readonly store: MemoryStore;
  readonly hints: readonly Hint[];
  readonly text: string;
}

async function hintsOf(context: Context, args: Arguments, stores: readonly MemoryStore[]): Promise<Hints[]> {
  const [what, text = "", at] = [args.operand(0) ?? "", args.text("text"), args.text("at")];
  if (/^r_[0-9a-f]{4,}$/.test(what)) return hintsInReceipt(await context.stores(), stores, what, text);
  if (/^m_[0-9a-z]{4,}$/.test(what)) return [await hintOfMemory(stores, what, text)];
  const limit = (args.count("limit") ?? DEFAULT_LIMIT) * 2;
  // A commit belongs to one store.
  return Promise.all(
    (at === undefined ? stores : stores.slice(0, 1)).map(async (store) => {
      const snapshot = at === undefined ? await store.snapshot() : await store.snapshotAt(at);
      return { store, text: what, hints: await hintsFor(store, snapshot, what, limit) };
    }),
  );
}

async function hintOfMemory(stores: readonly MemoryStore[], name: string, text: string): Promise<Hints> {
  const { store, path, blob } = await findAnytime(stores, name);
  const hint = await hintOfVersion(store, path, blob);
  if (hint === null)
    throw new MemoryNotFoundError(
      `${name} can't be read as a memory. \`git memory history ${name}\` shows who wrote it.`,
    );
  return { store, text, hints: [hint] };
}

async function hintsInReceipt(
  all: Stores,
  stores: readonly MemoryStore[],
  name: string,
  text: string,
): Promise<Hints[]> {
  const receipt = await (await all.receipts()).find(name);
  const symptom = text === "" ? receipt.question.text : text;
  return Promise.all(
    stores.map(async (store) => ({ store, hints: await hintsOfReceipt(store, receipt), text: symptom })),
  );
}

function answerOf(suspects: readonly Ranked[]): Answer {
  return {
    json: {
      suspects: suspects.map((suspect) => ({
        store: suspect.store.label,
        id: suspect.memory.id,
        title: suspect.memory.title,
        path: suspect.memory.path,
        present: suspect.present,
        score: Math.round(suspect.score * 1000) / 1000,
        trust: suspect.trust,
        introduced: stepJson(suspect.path[0] ?? originOf(suspect)),
        origin: stepJson(originOf(suspect)),
        way: suspect.path.map(stepJson),
      })),
    },
    lines:
      suspects.length === 0
        ? ["No belief has these words."]
        : suspects.flatMap((suspect, i) => [...(i === 0 ? [] : [""]), ...linesFor(suspect, i + 1)]),
  };
}

function linesFor(suspect: Ranked, rank: number): Line[] {
  const { memory, path, store, present, trust } = suspect;
  const now = store.environment.now();
  const { entry } = originOf(suspect);
  return [
    [
      `${rank}. `,
      ...nameOf(memory),
      {
        text: `  ${present ? "" : "not believed now, "}trust: ${trust}`,
        tone: trust === "untrusted" ? "warning" : "quiet",
      },
    ],
    ...path.map((step) => stepLine(step, now)),
    ...(entry === null
      ? []
      : [toned(`   Take back: git memory revert ${shortCommit(entry.commit)} --with-derived --dry-run`, "quiet")]),
  ];
}
