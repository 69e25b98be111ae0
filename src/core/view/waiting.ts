/** What waits for review as rows of a list: one session is one card. */
import { memoriesOf } from "../review/decide.ts";
import type { Held } from "../review/quarantine.ts";
import { actorName, spokenActor } from "./actor.ts";
import { since, spokenSpan } from "./age.ts";
import type { Row } from "./belief.ts";
import { spelledLine } from "./spelled.ts";

export interface Card<S> {
  readonly store: S;
  /** The session, or where it is not known the id under which its one change waits: the same over redraws. */
  readonly name: string;
  /** Oldest first; never empty. */
  readonly held: readonly Held[];
}

/** The newest card first. */
export function cardsOf<S>(store: S, waiting: readonly Held[]): Card<S>[] {
  const groups = new Map<string, Held[]>();
  for (const held of waiting) {
    const name = cardName(held);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [held]);
    else group.push(held);
  }
  return Array.from(groups, ([name, held]) => ({ store, name, held })).reverse();
}

export function cardName({ id, caller }: Pick<Held, "id" | "caller">): string {
  return caller.session ?? id;
}

/** @param store named where it isn't the only project's. */
export function waitingRow({ held }: Card<unknown>, now: Date, store?: string): Row {
  const [first] = held;
  const label = held.length === 1 ? spelledLine(first?.subject ?? "a change") : `${held.length} claims of one session`;
  const actor = first?.caller.actor;
  const age = since(first?.at, now) ?? 0;
  const why = whyShort(held);
  return {
    label,
    description: [`waiting · ${why}`, actorName(actor), ...(store === undefined ? [] : [store])].join(" · "),
    icon: "shield",
    spoken: [
      label,
      `waiting for your review, ${why}, proposed by ${spokenActor(actor)} ${spokenSpan(age)} ago`,
      "not in use",
      ...(store === undefined ? [] : [store]),
    ].join(", "),
  };
}

/** `from a web page`, `from outside`, `2 rules`: why it waits, in a few words. */
function whyShort(held: readonly Held[]): string {
  const rules = new Set(
    held.flatMap(({ findings }) => findings.filter(({ verdict }) => verdict !== "allow").map(({ rule }) => rule)),
  );
  const named = [...rules].filter((rule) => rule !== "origin/untrusted").length;
  if (named > 0) return named === 1 ? "1 rule" : `${named} rules`;
  if (!rules.has("origin/untrusted")) return "to be read";
  const cited = held.flatMap(memoriesOf).flatMap(({ front }) => front.sources ?? []);
  return cited.some(({ resource }) => /^https?:/i.test(resource)) ? "from a web page" : "from outside";
}
