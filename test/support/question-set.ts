/** The set of questions as agents ask them (test/fixtures/questions), and what recall makes of it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Memory, MemoryId, Trust } from "../../src/core/memory/model.ts";
import { inScope } from "../../src/core/recall/glob.ts";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import { recall } from "../../src/core/recall/recall.ts";
import type { RecallStore } from "../../src/core/recall/question.ts";

/** When all questions are asked. */
export const ASKED_AT = new Date("2026-11-23T10:00:00Z");

interface Row {
  readonly project: string;
  readonly key: string;
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly scope?: readonly string[];
  readonly tags?: readonly string[];
  readonly sources?: readonly string[];
  readonly trust: Trust;
  /** The day it was written. */
  readonly at: string;
  /** The day it ends. */
  readonly expires?: string;
  /** Keys of the same project. */
  readonly supersedes?: readonly string[];
}

export interface SetQuestion {
  readonly project: string;
  readonly kind: "task" | "error" | "near" | "superseded" | "expired" | "untrusted" | "scope" | "negative";
  readonly question: string;
  readonly files?: readonly string[];
  /** Any of these keys answers it. */
  readonly expect: readonly string[];
}

export interface Asked {
  readonly question: SetQuestion;
  /** The keys that recall chose, best first. */
  readonly chosen: readonly string[];
  readonly tokens: number;
  /** The place of the first that answers, from 1; null where none does. */
  readonly place: number | null;
  /** What must never be in a context: superseded, ended, untrusted, about other files. */
  readonly leaked: readonly string[];
}

const FOLDER = join(import.meta.dirname, "../fixtures/questions");

/** `m_` and twelve characters that follow from the key. */
function idOf(project: string, key: string): MemoryId {
  const digits = createHash("sha256").update(`${project} ${key}`).digest();
  return `m_${[...digits.subarray(0, 12)].map((byte) => "0123456789abcdefghjkmnpqrstvwxyz"[byte % 32]).join("")}`;
}

function memoryOf(row: Row): Memory {
  const { project, key, type, title, body, scope, tags, sources, trust, at, expires, supersedes } = row;
  const id = idOf(project, key);
  return {
    id,
    title,
    path: `${type === "Episode" ? "episodic" : "semantic"}/${type.toLowerCase()}/${key}-${id}.md`,
    blob: createHash("sha1").update(JSON.stringify(row)).digest("hex"),
    front: {
      type,
      id,
      title,
      generated: { by: "agent", at: `${at}T09:00:00Z` },
      origin: { channel: "tool", trust },
      ...(scope === undefined ? {} : { scope }),
      ...(tags === undefined ? {} : { tags }),
      ...(sources === undefined ? {} : { sources: sources.map((path) => ({ resource: `repo:/${path}` })) }),
      ...(expires === undefined ? {} : { expires_at: `${expires}T00:00:00Z` }),
      ...(supersedes === undefined ? {} : { supersedes: supersedes.map((one) => idOf(project, one)) }),
    },
    body,
  };
}

export class QuestionSet {
  readonly questions = readLines<SetQuestion>("questions.jsonl");
  readonly #rows = readLines<Row>("memories.jsonl");
  readonly #stores = new Map<string, RecallStore>();
  readonly #keys = new Map<MemoryId, string>();

  constructor() {
    for (const project of new Set(this.#rows.map((row) => row.project))) {
      const rows = this.#rows.filter((row) => row.project === project);
      const memories = rows.map(memoryOf);
      for (const [i, memory] of memories.entries()) this.#keys.set(memory.id, rows[i]?.key ?? "");
      const trusts = new Map(rows.map((row, i) => [memories[i]?.id, row.trust]));
      this.#stores.set(project, {
        label: "project",
        commit: "0".repeat(40),
        memories,
        index: LexicalIndex.build(memories),
        trustOf: (memory) => trusts.get(memory.id) ?? "untrusted",
      });
    }
  }

  get memories(): number {
    return this.#rows.length;
  }

  get projects(): readonly string[] {
    return [...this.#stores.keys()];
  }

  ask(question: SetQuestion): Asked {
    const store = this.#stores.get(question.project);
    if (store === undefined) throw new Error(`There is no project ${question.project}.`);
    const files = question.files ?? [];
    const result = recall({ stores: [store], question: { text: question.question, files, now: ASKED_AT } });
    const chosen = result.chosen.map(({ id }) => this.#keys.get(id) ?? "");
    const place = chosen.findIndex((key) => question.expect.includes(key));
    const forbidden = this.#forbidden(question.project, files);
    return {
      question,
      chosen,
      tokens: result.tokens,
      place: place < 0 ? null : place + 1,
      leaked: chosen.filter((key) => forbidden.has(key)),
    };
  }

  /** By the rows alone, not by what the program makes of them. */
  #forbidden(project: string, files: readonly string[]): ReadonlySet<string> {
    const rows = this.#rows.filter((row) => row.project === project);
    const superseded = new Set(rows.flatMap((row) => row.supersedes ?? []));
    return new Set(
      rows
        .filter(
          (row) =>
            superseded.has(row.key) ||
            row.trust === "untrusted" ||
            (row.expires !== undefined && row.expires <= ASKED_AT.toISOString().slice(0, 10)) ||
            (files.length > 0 && !inScope(row.scope, files)),
        )
        .map((row) => row.key),
    );
  }
}

export interface Figures {
  readonly asked: number;
  /** The share of questions with an answer that had one first, or among the first five. */
  readonly first: number;
  readonly firstFive: number;
  /** How many memories of a kind that must stay out reached a context. */
  readonly leaked: number;
  /** Questions of the kind `negative` that were given something. */
  readonly falseAnswers: number;
  readonly negatives: number;
  /** The mean of a request that was given something. */
  readonly tokens: number;
}

export function figuresOf(answers: readonly Asked[]): Figures {
  const share = (hits: readonly unknown[], of: readonly unknown[]): number =>
    of.length === 0 ? 0 : hits.length / of.length;
  const answerable = answers.filter(({ question }) => question.expect.length > 0);
  const negatives = answers.filter(({ question }) => question.kind === "negative");
  const given = answers.filter(({ chosen }) => chosen.length > 0);
  return {
    asked: answers.length,
    first: share(
      answerable.filter(({ place }) => place === 1),
      answerable,
    ),
    firstFive: share(
      answerable.filter(({ place }) => place !== null && place <= 5),
      answerable,
    ),
    leaked: answers.reduce((sum, { leaked }) => sum + leaked.length, 0),
    falseAnswers: negatives.filter(({ chosen }) => chosen.length > 0).length,
    negatives: negatives.length,
    tokens: given.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, given.length),
  };
}

function readLines<T>(file: string): T[] {
  const lines = readFileSync(join(FOLDER, file), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
