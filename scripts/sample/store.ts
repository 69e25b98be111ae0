/**
 * The sample's store as commits, in the published format (memory-schema/README.md). Written by hand here and not through
 * the store, because the past days, actors and sessions that make it worth looking at are not any door's to claim.
 */
import { createHash } from "node:crypto";
import { ALICE, BOB } from "./code.ts";
import type { ImportCommit } from "./fast-import.ts";
import { HISTORY, WRITERS, type SampleClaim, type SampleStep } from "./history.ts";

/** The blob and commit of a path of the code at a moment. */
export type Cite = (path: string, at: Date) => { readonly commit: string; readonly blob: string };

interface Kept {
  readonly id: string;
  readonly path: string;
  readonly head: readonly string[];
  body: string;
  /** What the file held before its newest change. */
  before: string | null;
}

const STORE_README = `---
type: Reference
title: "What this branch is"
---

This branch holds what coding agents believe about the project: one claim a file, one change a commit.
`;

const DAY_MS = 86_400_000;
/** Git writes seconds; the steps of one day are kept apart by minutes, in their order. */
const stepTime = (step: SampleStep, index: number, now: Date): Date =>
  new Date(Math.floor((now.getTime() - step.daysAgo * DAY_MS) / 1000) * 1000 + index * 60_000);

export function storeCommits(now: Date, cite: Cite): ImportCommit[] {
  const kept = new Map<string, Kept>();
  const [first] = HISTORY;
  if (first === undefined) return [];
  const birth = new Date(stepTime(first, 0, now).getTime() - 60_000);
  const init: ImportCommit = {
    at: birth,
    author: ALICE,
    committer: ALICE,
    message:
      "memory(init): Start the memory of this project\n\nMemory-Op: init\nMemory-Actor: human:alice\nMemory-Channel: editor\n",
    files: { "policy.yaml": "format: 1\n", "README.md": STORE_README },
  };
  return [init, ...HISTORY.map((step, index) => commitOf(step, stepTime(step, index, now), now, kept, cite))];
}

function commitOf(step: SampleStep, at: Date, now: Date, kept: Map<string, Kept>, cite: Cite): ImportCommit {
  const writer = WRITERS[step.by];
  const person = step.by === "bob" ? BOB : ALICE;
  const author =
    writer.trust === "user" ? person : `${writer.actor} <${writer.actor.replaceAll("/", "-")}@agents.invalid>`;
  const common = { at, author, committer: person };
  if (step.act === "by-hand") return { ...common, message: `${step.reason}\n`, files: { [step.path]: step.text } };

  const memory = step.act === "add" ? newMemory(step.key, step.claim, step, at, now, cite) : kept.get(step.key);
  if (memory === undefined) throw new Error(`The sample's history changes "${step.key}" before it is added.`);
  kept.set(step.key, memory);
  return { ...common, message: message(step, memory), files: { [memory.path]: apply(step, memory) } };
}

/** The file's text after the step; null where the step removes it. */
function apply(step: Exclude<SampleStep, { act: "by-hand" }>, memory: Kept): string | null {
  if (step.act === "expire") return null;
  if (step.act === "revert") {
    if (memory.before === null) throw new Error(`The sample's history has nothing to revert on "${step.key}".`);
    return memory.before;
  }
  if (step.act === "update") {
    memory.before = fileText(memory);
    memory.body = step.body;
  }
  return fileText(memory);
}

function newMemory(key: string, claim: SampleClaim, step: SampleStep, at: Date, now: Date, cite: Cite): Kept {
  const id = sampleId(key);
  const writer = WRITERS[step.by];
  const slug = claim.title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const head = [`type: ${claim.type}`, `id: ${id}`, `title: ${JSON.stringify(claim.title)}`];
  if (claim.tags !== undefined) head.push(`tags: ${quoted(claim.tags)}`);
  if (claim.scope !== undefined) head.push(`scope: ${quoted(claim.scope)}`);
  if (claim.pinned === true) head.push("pinned: true");
  head.push(`generated: { by: ${JSON.stringify(writer.actor)}, at: ${instant(at)} }`);
  const session = step.session === undefined ? "" : `session: ${step.session}, `;
  const turn = step.turn === undefined ? "" : `turn: ${step.turn}, `;
  head.push(`origin: { channel: "${writer.channel}", ${session}${turn}trust: "${writer.trust}" }`);
  if (claim.cites !== undefined) {
    const { path, lines } = claim.cites;
    const { commit, blob } = cite(path, at);
    head.push(`sources: [{ resource: "repo:/${path}", lines: "${lines}", commit: "${commit}", blob: "${blob}" }]`);
  }
  if (claim.endsInDays !== undefined) {
    head.push(`expires_at: ${instant(new Date(now.getTime() + claim.endsInDays * DAY_MS))}`);
  }
  return { id, path: `semantic/${claim.type.toLowerCase()}/${slug}-${id}.md`, head, body: claim.body, before: null };
}

function fileText(memory: Kept): string {
  return `---\n${memory.head.join("\n")}\n---\n\n${memory.body}\n`;
}

function message(step: Exclude<SampleStep, { act: "by-hand" }>, memory: Kept): string {
  const writer = WRITERS[step.by];
  const title = JSON.parse((memory.head[2] ?? "").slice("title: ".length));
  const trailers = [`Memory-Op: ${step.act}`, `Memory-Id: ${memory.id}`];
  if (step.session !== undefined) trailers.push(`Memory-Session: ${step.session}`);
  if (step.turn !== undefined) trailers.push(`Memory-Turn: ${step.turn}`);
  trailers.push(`Memory-Actor: ${writer.actor}`, `Memory-Channel: ${writer.channel}`, "Memory-Gate: allow");
  return `memory(${step.act}): ${title}\n\n${step.reason}\n\n${trailers.join("\n")}\n`;
}

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** The same id for the same key, so that tests can name a memory. */
export function sampleId(key: string): string {
  const digest = createHash("sha256").update(key).digest();
  return `m_${[...digest.subarray(0, 12)].map((byte) => CROCKFORD[byte % 32]).join("")}`;
}

function quoted(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}

function instant(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}
