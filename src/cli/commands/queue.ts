import { GestureNeededError, MemoryNotFoundError } from "../../core/errors.ts";
import { reviewDocument } from "../../core/review/document.ts";
import { lookAt, type Look } from "../../core/review/look.ts";
import { notInUse } from "../../core/review/not-in-use.ts";
import { fetchQueue, pushQueue } from "../../core/review/share.ts";
import { stillWaiting } from "../../core/review/waiting.ts";
import type { MemoryStore } from "../../core/store.ts";
import { actorName } from "../../core/view/actor.ts";
import { shortSpan } from "../../core/view/age.ts";
import { editMemory } from "../../core/memory/edit.ts";
import { parseExpiry } from "../../core/memory/lifecycle.ts";
import { isBroken } from "../../core/memory/model.ts";
import { approveHeldSigned } from "../../core/review/decide.ts";
import { spelledLine } from "../../core/view/spelled.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import type { Answer, Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { type Context, oneStore, storesFor } from "../context.ts";
import { callerOf } from "../caller.ts";
import { nearest } from "../nearest.ts";
import { SIGN_OPTIONS, signerFor } from "../signing.ts";
import { answerOfWrite } from "../written.ts";
import { type Line, linesOf, type Piece, table, toned } from "../terminal.ts";
import { ageOf, counted, shortIds } from "../words.ts";

interface Waiting {
  readonly store: MemoryStore;
  readonly look: Look;
}

const ACTS = ["show", "approve", "reject"] as const;
const SHARING = ["push", "fetch"] as const;

export const queue: Command = {
  name: "queue",
  usage: [
    "queue [--store STORE]",
    "queue show ID [--store STORE]",
    "queue approve ID --sign [--key FILE] [--reason TEXT] [--expires WHEN]",
    "queue push",
    "queue fetch",
  ],
  about:
    "Lists what the gate held and nobody has decided on yet: who proposed it, when and why it waits. It is in no recall until a person approves it. Approving and rejecting are for the editor, where a person's hand can be told from a program's. A terminal proves nobody, so here it takes a signature with an ssh key that has a passphrase or needs a touch, and rejecting is refused. push and fetch share the queue with whoever has the same remote; nothing of it is pushed otherwise.",
  options: {
    ...SIGN_OPTIONS,
    expires: { value: "WHEN", summary: "The end of what is approved: 30d, or a date." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 2, name: "show and one id" },
  examples: [
    { line: "queue", says: "All that waits, oldest first." },
    { line: "queue show q_7k3q9f2d", says: "One of them in full, with what each rule says of it." },
    {
      line: "queue approve q_7k3q9f2d --sign",
      says: "Shows it, asks for the passphrase, and stores it with the signature.",
    },
  ],
  async run(context, args) {
    const act = wordOf(args);
    if (act === "push" || act === "fetch") return shared(context, args, act);
    const stores = await storesFor(context, args);
    const { waiting, unreadable } = await readQueues(stores);
    const now = stores[0]?.environment.now() ?? new Date();
    if (act === "list") {
      const answer = listing(waiting, unreadable, now, context.host.columns, stores.length > 1);
      return { ...answer, aside: [...(answer.aside ?? []), ...(await unusedLines(stores))] };
    }
    const found = findWaiting(waiting, args.operand(1) ?? "");
    if (act === "approve" && args.flag("sign")) return approveWaiting(context, args, found, now);
    if (act !== "show")
      throw new GestureNeededError(
        `A terminal proves no person, so nothing is ${act === "approve" ? "approved" : "rejected"} here. Open the Memory view of the editor, choose "${spelledLine(found.look.title)}" under Needs you, and decide there.`,
      );
    return { json: { waiting: [waitingJson(found)], unreadable: [] }, lines: await shown(found, now) };
  },
};

/** What is grave needs a reason and an end, at a terminal as in the editor. */
async function approveWaiting(context: Context, args: Arguments, { store, look }: Waiting, now: Date): Promise<Answer> {
  const [reason, expires] = [args.text("reason") ?? "", args.text("expires")];
  if (look.grave && (reason.trim() === "" || expires === undefined))
    throw new UsageError("This weakens security or does worse, so approving it needs --reason and --expires.");
  const edited = expires === undefined ? new Map<string, Uint8Array>() : endingAt(look, parseExpiry(expires, now));
  const signer = await signerFor(context, store, args, await shown({ store, look }, now));
  const approval = { caller: callerOf(context.host, args), reason, shown: look.digest, edited, ...signer };
  return answerOfWrite(store, await approveHeldSigned(store, look.held.id, approval), "Approved");
}

function endingAt({ held }: Look, expires_at: string): Map<string, Uint8Array> {
  return new Map(
    held.files.flatMap(({ path, bytes }): [string, Uint8Array][] => {
      if (bytes === null) return [];
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      return [[path, new TextEncoder().encode(editMemory(text, { expires_at }))]];
    }),
  );
}

async function shared(context: Context, args: Arguments, act: "push" | "fetch"): Promise<Answer> {
  const store = await oneStore(context, args);
  const caller = callerOf(context.host, args);
  const { brought, settled } = await (act === "push" ? pushQueue(store, caller) : fetchQueue(store, caller));
  const changes = counted(brought, "change", "changes");
  const taken = settled === 0 ? "" : ` ${counted(settled, "decision was", "decisions were")} told.`;
  return {
    json: { brought, settled },
    lines: [act === "push" ? `${changes} pushed for others to review.${taken}` : `${changes} fetched for review here.`],
  };
}

function wordOf(args: Arguments): (typeof ACTS)[number] | (typeof SHARING)[number] | "list" {
  const [word, id] = args.operands;
  if (word === undefined) return "list";
  const sharing = SHARING.find((one) => one === word);
  if (sharing !== undefined) return sharing;
  const act = ACTS.find((one) => one === word);
  if (act === undefined) {
    const meant = nearest(word, [...ACTS, ...SHARING]);
    throw new UsageError(
      `queue takes show and an id, not "${word}".${meant === null ? "" : ` Did you mean ${meant}?`}`,
      meant,
    );
  }
  if (id === undefined) throw new UsageError(`queue ${act} needs an id. \`git memory queue\` lists them.`);
  return act;
}

async function readQueues(stores: readonly MemoryStore[]): Promise<{ waiting: Waiting[]; unreadable: string[] }> {
  const waiting: Waiting[] = [];
  const unreadable: string[] = [];
  for (const store of stores) {
    if (store.quarantine === null) continue;
    for (const held of await stillWaiting(store)) waiting.push({ store, look: await lookAt(store, held) });
    unreadable.push(...(await store.quarantine.unreadable()));
  }
  return { waiting: waiting.toSorted((a, b) => (a.look.held.at < b.look.held.at ? -1 : 1)), unreadable };
}

function findWaiting(waiting: readonly Waiting[], name: string): Waiting {
  const fits = waiting.filter(({ look }) => name.length > 2 && look.held.id.startsWith(name));
  const [found] = fits;
  if (found !== undefined && fits.length === 1) return found;
  if (found !== undefined)
    throw new UsageError(`${fits.length} ids begin with "${name}". Write more of the one that you mean.`);
  throw new MemoryNotFoundError(
    `Nothing waits under "${name}". It may have been decided on or have lapsed; \`git memory queue\` shows what waits.`,
  );
}

function listing(
  waiting: readonly Waiting[],
  unreadable: readonly string[],
  now: Date,
  width: number | null,
  severalStores: boolean,
): Answer {
  const short = shortIds(waiting.map(({ look }) => look.held.id));
  const rows = waiting.map(({ store, look }): Piece[] => {
    const { held, title, lapses } = look;
    const rules = [
      ...new Set([...look.findings, ...look.told].filter(({ verdict }) => verdict !== "allow").map(({ rule }) => rule)),
    ];
    const facts = [
      rules.length === 0 ? "to be read" : spelledLine(rules.join(", ")),
      ...(lapses === null ? [] : [`lapses in ${shortSpan(lapses - now.getTime())}`]),
      ...(severalStores ? [store.label] : []),
    ];
    return [
      { text: short(held.id), tone: "accent" },
      { text: ageOf(held.at, now), tone: "quiet" },
      { text: actorName(held.caller.actor), tone: "quiet" },
      spelledLine(title),
      { text: facts.join(" · "), tone: "warning" },
    ];
  });
  const hint = `${counted(waiting.length, "change waits", "changes wait")} for a person, in the editor's Memory view.`;
  return {
    json: { waiting: waiting.map(waitingJson), unreadable },
    lines: rows.length === 0 ? ["Nothing waits for review."] : table(rows, 3, width),
    aside: [...(rows.length === 0 ? [] : [toned(hint, "quiet")]), ...unreadable.map((text) => toned(text, "bad"))],
  };
}

/** What came by no door waits on the branch itself, and would else be missed here. */
async function unusedLines(stores: readonly MemoryStore[]): Promise<Line[]> {
  const found = await Promise.all(stores.map(async (store) => notInUse(store, await store.snapshot())));
  const count = found.reduce((sum, { size }) => sum + size, 0);
  if (count === 0) return [];
  const text = `${counted(count, "memory on the branch is", "memories on the branch are")} not in use until a person confirms; git memory doctor says why.`;
  return [toned(text, "warning")];
}

async function shown({ store, look }: Waiting, now: Date): Promise<Line[]> {
  const snapshot = await store.snapshot();
  const page = reviewDocument([look], now, (id) => {
    const file = snapshot.get(id);
    return file === undefined || isBroken(file) ? undefined : file.title;
  });
  return linesOf(page.text);
}

function waitingJson({ store, look }: Waiting): object {
  const { held, title, files, plain, refused, lapses } = look;
  const findings = [...look.findings, ...look.told];
  const { caller } = held;
  return {
    store: store.label,
    id: held.id,
    at: held.at,
    lapses_at: lapses === null ? null : new Date(lapses).toISOString(),
    operation: held.operation,
    title,
    reason: held.reason,
    actor: caller.actor,
    channel: caller.channel,
    session: caller.session ?? null,
    turn: caller.turn ?? null,
    trust: caller.trust,
    plain,
    refused,
    findings: findings.map(({ rule, verdict, path, line, forPerson }) => ({
      rule,
      verdict,
      path,
      line: line ?? null,
      message: forPerson,
    })),
    files: files.map(({ path, text, overtaken, contradicts }) => ({
      path,
      text,
      overtaken,
      contradicts: contradicts.map(({ id }) => id),
    })),
  };
}
