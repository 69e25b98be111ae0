/** One memory as a row of a list: its label, what stands beside it, its shape, and what a screen reader says. */
import type { Lifecycle } from "../memory/lifecycle.ts";
import type { BrokenMemory, Memory, Trust } from "../memory/model.ts";
import { actorName, spokenActor } from "./actor.ts";
import { shortSpan, since, spokenSpan } from "./age.ts";

/** Names of VS Code's codicons; any other face maps them. */
export type RowIcon =
  | "verified"
  | "account"
  | "sparkle"
  | "pinned"
  | "history"
  | "watch"
  | "circle-slash"
  | "error"
  | "git-compare"
  | "shield";

export interface Row {
  readonly label: string;
  /** Short: who and when, or what is out of the ordinary. */
  readonly description: string;
  readonly icon: RowIcon;
  /** One sentence that says all that the row's text, shape and place say. */
  readonly spoken: string;
}

/** What is out of the ordinary, gravest first: the order of the section *Needs you*. */
export const EXCEPTIONS = ["conflict", "waiting", "refused", "broken", "stale", "ending"] as const;
export type Exception = (typeof EXCEPTIONS)[number];

/** A memory that ends sooner than this is shown to a person, who may want to keep it. Milliseconds. */
export const ENDING_SOON = 3 * 24 * 3_600_000;

/** @param refused why it is not in use, though it stands in the tree */
export function exceptionOf(life: Lifecycle, conflict?: string | null, refused?: string | null): Exception | null {
  if (typeof refused === "string") return "refused";
  if (typeof conflict === "string") return "conflict";
  if (life.stale) return "stale";
  return life.endsIn !== null && life.endsIn <= ENDING_SOON ? "ending" : null;
}

/** A file that a merge left with both sides in it, or one that can't be read for another reason. */
export function brokenException(file: BrokenMemory): Exception {
  return file.problems.some(({ code }) => code === "conflict-markers") ? "conflict" : "broken";
}

/** As many characters as a side bar of 300 pixels shows of a title and what stands beside it. */
const NARROW_ROW = 34;
/** A title is recognised by so many. */
const SHORTEST_TITLE = 18;

/** A title cut at a word, so that what stands beside it is seen; the row's tooltip and speech have the whole. */
export function shortTitle(title: string, beside: string): string {
  const most = Math.max(SHORTEST_TITLE, NARROW_ROW - beside.length);
  const characters = Array.from(title);
  if (characters.length <= most) return title;
  const word = characters.slice(0, most).lastIndexOf(" ");
  const cut = characters.slice(0, word > most / 2 ? word : most - 1).join("");
  return `${cut.replace(/[\s,;:–-]+$/u, "")}…`;
}

/** What a row says besides the memory itself. */
export interface Beside {
  /** Named where it isn't the only project's: `personal`, or a folder's name. */
  readonly store?: string | undefined;
  /** How it is at odds with another memory, in a few words. */
  readonly conflict?: string | null;
  /** Why the gate keeps it out of use, in a sentence. */
  readonly refused?: string | null;
}

export function beliefRow(
  memory: Memory,
  life: Lifecycle,
  trust: Trust,
  now: Date,
  { store, conflict, refused }: Beside = {},
): Row {
  const exception = exceptionOf(life, conflict, refused);
  const age = since(memory.front.generated?.at, now);
  const by = memory.front.generated?.by;
  const written = by === undefined ? [] : [actorName(by)];
  const dated = age === null ? [] : [shortSpan(age)];
  const short = exception === null ? [...written, ...dated] : [exceptionText(exception, life, conflict), ...written];
  const spokenWriter = `written ${by === undefined ? "by hand" : `by ${spokenActor(by)}`}${age === null ? "" : ` ${spokenSpan(age)} ago`}`;
  return {
    label: memory.title,
    description: [...short, ...(store === undefined ? [] : [store])].join(" · "),
    icon: iconOf(memory, exception, trust),
    spoken: [
      memory.title,
      memory.front.type.toLowerCase(),
      life.expired ? "ended" : exception === "refused" ? "not in use" : "in force",
      ...(exception === null ? [] : [spokenException(exception, life, conflict ?? refused)]),
      ...(memory.front.pinned === true ? ["pinned"] : []),
      ...(trust === "reviewed" ? ["confirmed"] : []),
      spokenWriter,
      ...(store === undefined ? [] : [store]),
    ].join(", "),
  };
}

export function brokenRow(file: BrokenMemory, store?: string): Row {
  const line = file.problems[0]?.line ?? 1;
  const name = nameOfPath(file.path);
  const exception = brokenException(file);
  return {
    label: name,
    description: [`${exception} · line ${line}`, ...(store === undefined ? [] : [store])].join(" · "),
    icon: "error",
    spoken: `${name}, ${exception} in line ${line}, not in use. ${file.problems[0]?.message ?? ""}`.trim(),
  };
}

/** `use-pnpm-m_7k3q9f2d4cxw.md` reads as `use pnpm` where nothing better is known. */
export function nameOfPath(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/(?:-m_[0-9a-z]{12})?\.md$/, "");
  return name.replaceAll("-", " ").trim() || path;
}

/** What stands first beside the title: `package.json changed`, `ends in 2d`. */
export function exceptionText(exception: Exception, life: Lifecycle, conflict?: string | null): string {
  if (exception === "conflict") return conflict ?? "conflict";
  if (exception === "refused") return "not in use";
  if (exception === "ending") return `ends in ${shortSpan(life.endsIn ?? 0)}`;
  // A file's own name is enough beside a title; the whole path is spoken and in the tooltip.
  return (life.staleBecause[0] ?? "stale").replace(/^.*\//, "").replace(/\.$/, "");
}

function spokenException(exception: Exception, life: Lifecycle, why?: string | null): string {
  if (exception === "conflict") return `in conflict: ${why ?? ""}`;
  if (exception === "refused") return (why ?? "").replace(/\.$/, "");
  if (exception === "ending") return `ends in ${spokenSpan(life.endsIn ?? 0)}`;
  return `stale: ${life.staleBecause.join(" ").replace(/\.$/, "")}`;
}

function iconOf(memory: Memory, exception: Exception | null, trust: Trust): RowIcon {
  if (exception === "conflict") return "git-compare";
  if (exception === "refused") return "shield";
  if (exception !== null) return exception === "stale" ? "history" : "watch";
  if (memory.front.pinned === true) return "pinned";
  if (trust === "reviewed") return "verified";
  return trust === "user" ? "account" : "sparkle";
}
