/**
 * Ordinary weeks of development at a real store: sessions of agents through an MCP client that declares only what it must,
 * and through VS Code's tools, with reads of pages and dependencies; and a person who reviews what waits once a day.
 */
import { randomBytes } from "node:crypto";
import type { Caller } from "../../src/core/proposal.ts";
import { approveHeld } from "../../src/core/review/decide.ts";
import { lookAt } from "../../src/core/review/look.ts";
import { Session } from "../../src/core/session.ts";
import type { Stores } from "../../src/core/stores.ts";
import { tools } from "../../src/core/tools/tools.ts";
import { importMemories } from "../../src/core/verbs.ts";
import { chance, ordinaryClaim, ordinaryReason, pick, type OrdinaryClaim } from "./ordinary-work.ts";

/** What a review costs, in seconds: opening a card and approving its plain facts at once, and reading one order. */
export const SECONDS = { card: 6, order: 10 } as const;

export interface Weeks {
  readonly weeks: number;
  readonly sessions: number;
  /** Honest writes that were tried, and those of them that waited or were refused. */
  readonly writes: number;
  readonly waited: number;
  readonly refused: number;
  /** The same, without what came from outside or after it in the same session. */
  readonly own: { readonly writes: number; readonly waited: number };
  readonly cards: number;
  readonly orders: number;
  readonly secondsAWeek: number;
  /** Why own writes waited or were refused: one line each. */
  readonly alarms: readonly string[];
}

export interface WeeksOptions {
  readonly weeks: number;
  readonly seed: number;
  /** Further claims, e.g. from a file of real memories; they stand in for some of the invented ones. */
  readonly claims?: readonly OrdinaryClaim[];
  /** Sets the clock of the stores. */
  readonly setNow: (at: Date) => void;
}

const START = Date.parse("2026-11-02T08:00:00Z");
const DAY = 86_400_000;
const SESSIONS_A_DAY = 4;
/** Sessions that note something from a page, a dependency or a tool's output. */
const TAINTED = 0.3;
const REVIEWER: Caller = { channel: "editor", actor: "human:reviewer", trust: "user", gesture: true };

export async function liveWeeks(stores: Stores, options: WeeksOptions): Promise<Weeks> {
  const { weeks, seed, setNow, claims = [] } = options;
  const random = chance(seed);
  const { project } = stores;
  if (project === null) throw new Error("The folder is in no repository.");
  const count = { sessions: 0, writes: 0, waited: 0, refused: 0, ownWrites: 0, ownWaited: 0, cards: 0, orders: 0 };
  const alarms: string[] = [];
  const claim = (): OrdinaryClaim =>
    claims.length > 0 && random() < 0.5 ? pick(claims, random) : ordinaryClaim(random);

  setNow(new Date(START));
  await importMemories(
    project,
    Array.from({ length: 20 }, claim).map((one, n) => ({ ...one, title: `${one.title} (rule ${n + 1})` })),
    { caller: REVIEWER, reason: "The project's own rules.", subject: "the project's rules", confirmed: true },
  );

  const live = async (at: number): Promise<void> => {
    count.sessions++;
    let now = at;
    const channel = random() < 0.5 ? "mcp" : "tool";
    const session = new Session({ channel, actor: `${channel}-agent/1.0`, trust: "agent" }, project.environment);
    const known: string[] = [];
    let isOwn = true;
    const call = async (name: string, input: Readonly<Record<string, unknown>>): Promise<string | undefined> => {
      now += 60_000 + Math.floor(random() * 240_000);
      setNow(new Date(now));
      const tool = tools.find((one) => one.name === name);
      if (tool === undefined) throw new Error(`There is no tool ${name}.`);
      const { structured, isError, text } = await tool.run({ stores, session }, input);
      if (name === "memory_recall") return undefined;
      if (structured["duplicate"] === true) return undefined;
      if (isError && structured["error"] !== "blocked") throw new Error(`${name}: ${text}`);
      const isWaiting = structured["waiting"] === true;
      count.writes++;
      if (isOwn) count.ownWrites++;
      if (isWaiting) count.waited++;
      if (isError) count.refused++;
      if (isOwn && (isWaiting || isError)) {
        count.ownWaited++;
        alarms.push(
          `${String(input["title"] ?? input["id"])} | ${String(input["body"] ?? "")} | ${text.slice(0, 300)}`,
        );
      }
      return isWaiting || isError ? undefined : String(structured["id"]);
    };
    const remember = async (words: OrdinaryClaim, more: Readonly<Record<string, unknown>> = {}): Promise<void> => {
      const id = await call("memory_remember", { ...words, reason: ordinaryReason(random), store: "project", ...more });
      if (id !== undefined) known.push(id);
    };

    await call("memory_recall", { query: claim().title });
    const isTainted = random() < TAINTED;
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--)
      await remember(
        claim(),
        random() < 0.3 ? { sources: ["package.json:1-2"] } : random() < 0.2 ? { scope: ["src/**"] } : {},
      );
    const [first, second] = known;
    if (first !== undefined && random() < 0.4)
      await call("memory_update", { id: first, body: claim().body, reason: "It was more exact than that." });
    if (second !== undefined && random() < 0.2)
      await call("memory_update", { id: second, expires: "60d", reason: "Needed for the next two months." });
    if (first !== undefined && second !== undefined && random() < 0.15)
      await remember(claim(), { supersedes: [first, second] });
    else if (first !== undefined && random() < 0.15)
      await call("memory_expire", { id: first, cause: "outdated", reason: "It was changed today." });
    if (isTainted) {
      isOwn = false;
      const source = pick(["web", "dependency", "tool"], random);
      await remember(ordinaryClaim(random, "outside"), { source });
      for (let n = Math.floor(random() * 3); n > 0; n--) await remember(claim());
    }
  };

  const review = async (): Promise<void> => {
    const waiting = (await project.quarantine?.waiting(null)) ?? [];
    count.cards += new Set(waiting.map(({ id, caller }) => caller.session ?? id)).size;
    for (const held of waiting) {
      const look = await lookAt(project, held);
      if (!look.plain) count.orders++;
      const yes = { caller: REVIEWER, reason: "Read.", shown: look.digest, confirmed: true } as const;
      await approveHeld(project, held.id, yes);
    }
  };

  for (let week = 0; week < weeks; week++) {
    for (let day = 0; day < 5; day++) {
      const morning = START + (week * 7 + day) * DAY;
      for (let n = 0; n < SESSIONS_A_DAY; n++) await live(morning + n * 2 * 3_600_000);
      setNow(new Date(morning + 9 * 3_600_000));
      await review();
    }
  }
  const { sessions, writes, waited, refused, cards, orders } = count;
  const seconds = cards * SECONDS.card + orders * SECONDS.order;
  return {
    weeks,
    sessions,
    writes,
    waited,
    refused,
    cards,
    orders,
    alarms,
    own: { writes: count.ownWrites, waited: count.ownWaited },
    secondsAWeek: seconds / weeks,
  };
}

/** A clock and chance for the stores of such weeks. */
export function weeksEnvironment(): {
  environment: { now: () => Date; random: (n: number) => Buffer };
  setNow: (at: Date) => void;
} {
  let moment = new Date(START);
  return {
    environment: { now: () => moment, random: (length) => randomBytes(length) },
    setNow: (at) => {
      moment = at;
    },
  };
}
