/** Words for how one change follows from another, and the tree of all that did. */
import type { Edge, Tainted } from "../core/provenance/contamination.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Memory } from "../core/memory/model.ts";
import type { Step } from "../core/provenance/why.ts";
import { EDGE_WORDS, followersOf, STEP_WORDS } from "../core/view/trace.ts";
import { whoOf } from "./entry.ts";
import { type Line, type Piece, toned } from "./terminal.ts";
import { ageOf, shortCommit } from "./words.ts";

/** How one change follows from a memory, in a few words. */
export function reasonOf(edge: Edge): string {
  return EDGE_WORDS[edge.kind];
}

export function taintedJson(store: MemoryStore, node: Tainted, present: boolean): object {
  const { entry, change, title, relation, because } = node;
  return {
    store: store.label,
    id: change.id,
    title,
    path: change.path,
    kind: change.kind,
    relation,
    commit: entry.commit,
    at: entry.at,
    actor: whoOf(entry),
    session: entry.text.session ?? null,
    present,
    because: because.map(({ kind, from, node: origin }) => ({ kind, from, commit: origin?.entry.commit ?? null })),
  };
}

/** The roots, and below each what followed from it first of all. A change with several causes stands below the strongest. */
export function taintedTree(nodes: readonly Tainted[], isPresent: (node: Tainted) => boolean, now: Date): Line[] {
  const children = followersOf(nodes);
  const lines: Line[] = [];
  const show = (node: Tainted, lead: string, branch: string): void => {
    lines.push(lineOf(node, lead + branch, isPresent(node), now));
    const below = children.get(node) ?? [];
    const next = branch === "" ? lead : lead + (branch === "└─ " ? "   " : "│  ");
    below.forEach((child, i) => show(child, next, i === below.length - 1 ? "└─ " : "├─ "));
  };
  for (const root of children.get(null) ?? []) show(root, "", "");
  return lines;
}

function lineOf(node: Tainted, lead: string, isPresent: boolean, now: Date): Line {
  const { change, title, relation, because, entry } = node;
  const done = change.kind === "added" ? "" : `${change.kind}, `;
  const [edge] = because;
  const age = ageOf(entry.at, now);
  return [
    { text: lead, tone: "quiet" },
    { text: title, tone: relation === "context" ? "plain" : "strong" },
    { text: `  ${change.id}  `, tone: "quiet" },
    ...(edge === undefined
      ? []
      : [{ text: `${reasonOf(edge)} `, tone: relation === "context" ? "quiet" : "warning" } as const]),
    { text: `(${done}${whoOf(entry)}, ${age}, ${shortCommit(entry.commit)})`, tone: "quiet" },
    ...(isPresent ? [] : toned("  gone", "quiet")),
  ];
}

export function stepJson({ id, title, by, entry, trust, sources }: Step): object {
  return {
    id,
    title,
    by,
    commit: entry?.commit ?? null,
    at: entry?.at ?? null,
    actor: entry === null ? null : whoOf(entry),
    session: entry?.text.session ?? null,
    turn: entry?.text.turn ?? null,
    channel: entry?.text.channel ?? null,
    trust,
    sources: sources.map(({ resource }) => resource),
  };
}

/** One stop of a way back, for a person. */
export function stepLine({ id, title, by, entry, trust, sources }: Step, now: Date): Line {
  const where: Piece[] =
    entry === null
      ? [{ text: " (not in this history)", tone: "quiet" }]
      : [
          {
            text: ` ${whoOf(entry)}${entry.text.session === undefined ? "" : ` in ${entry.text.session}`}, ${ageOf(entry.at, now)}, ${shortCommit(entry.commit)}`,
            tone: "quiet",
          },
        ];
  return [
    `   ${by === null ? "written by" : `${STEP_WORDS[by]} `}`,
    ...(by === null ? [] : [{ text: title, tone: "strong" } as const, { text: `  ${id},`, tone: "quiet" } as const]),
    ...where,
    ...(trust === "untrusted" ? toned("  untrusted", "warning") : []),
    ...sources.map(({ resource }): Piece => ({ text: `  ${resource}`, tone: "accent" })),
  ];
}

/** How a list names a memory that may be gone. */
export function nameOf(memory: Pick<Memory, "id" | "title">): Piece[] {
  return [
    { text: memory.title, tone: "strong" },
    { text: `  ${memory.id}`, tone: "quiet" },
  ];
}
