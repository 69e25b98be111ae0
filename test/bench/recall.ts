/**
 * How well and how fast recall ranks, on folders in the BEIR layout (`corpus.jsonl`, `queries.jsonl`, `qrels.tsv`), with
 * plain MiniSearch (its defaults) beside it in the same run. Documents that name a `group` are a store of their own: a
 * question with a group is asked of that store alone.
 *
 *   node test/bench/recall.ts DIR...
 *   node test/bench/recall.ts --synthetic 100000
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv, memoryUsage } from "node:process";
import MiniSearch from "minisearch";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import type { Memory, Trust } from "../../src/core/memory/model.ts";
import { recall } from "../../src/core/recall/recall.ts";

interface Row {
  readonly _id: string;
  readonly title: string;
  readonly text: string;
  readonly group: string;
  readonly date: string;
}

interface Engine {
  readonly name: string;
  readonly build: (rows: readonly Row[]) => (question: string, limit: number) => string[];
}

const CUTOFF = 10;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A date as data sets write it (`2023-05-08…`, `1:56 pm on 8 May, 2023`) as the instant that a memory would carry. */
function instantOf(date: string): string | null {
  const iso = /\d{4}-\d{2}-\d{2}/.exec(date)?.[0];
  if (iso !== undefined) return `${iso}T00:00:00Z`;
  const [, day, name, year] = /(\d{1,2}) ([A-Z][a-z]{2})[a-z]*,? (\d{4})/.exec(date) ?? [];
  const month = MONTHS.indexOf(name ?? "") + 1;
  if (day === undefined || month === 0) return null;
  return `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}T00:00:00Z`;
}

function memoryOf(row: Row): Memory {
  const at = instantOf(row.date);
  return {
    id: `path:${row._id}`,
    title: row.title,
    path: row._id,
    blob: createHash("sha1").update(row._id).digest("hex"),
    front: { type: "Fact", ...(at === null ? {} : { generated: { by: "agent", at } }) },
    body: row.text,
  };
}

const ours: Engine = {
  name: "Commit to Memory",
  build(rows) {
    const memories = rows.map(memoryOf);
    const index = LexicalIndex.build(memories);
    const ids = new Map(memories.map((memory) => [memory.blob, memory.path]));
    return (question, limit) => index.search(question, { limit }).hits.map((hit) => ids.get(hit.blob) ?? "");
  },
};

const miniSearch: Engine = {
  name: "MiniSearch, defaults",
  build(rows) {
    const index = new MiniSearch<Row>({ idField: "_id", fields: ["title", "text"] });
    index.addAll(rows);
    return (question, limit) =>
      index
        .search(question)
        .slice(0, limit)
        .map((hit) => String(hit.id));
  },
};

function readRows(file: string): Row[] {
  const rows: Row[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) throw new Error(`${file} holds a line that is no object.`);
    const fields = new Map<string, unknown>(Object.entries(value));
    const text = (key: string): string => String(fields.get(key) ?? "");
    rows.push({ _id: text("_id"), title: text("title"), text: text("text"), group: text("group"), date: text("date") });
  }
  return rows;
}

function readRelevance(file: string): Map<string, Map<string, number>> {
  const relevance = new Map<string, Map<string, number>>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [question, document, score] = line.trim().split("\t");
    const gain = Number(score);
    if (question === undefined || document === undefined || !(gain > 0)) continue;
    const known = relevance.get(question) ?? new Map<string, number>();
    relevance.set(question, known.set(document, gain));
  }
  return relevance;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** nDCG with the gains of the judgements: 2^gain - 1 over log2(rank + 1). */
function discounted(gains: readonly number[]): number {
  return gains.slice(0, CUTOFF).reduce((sum, gain, rank) => sum + (2 ** gain - 1) / Math.log2(rank + 2), 0);
}

function groupBy(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return groups;
}

function heap(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

function measure(
  engine: Engine,
  stores: ReadonlyMap<string, Row[]>,
  questions: readonly Row[],
  relevance: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Record<string, string> {
  const heapBefore = heap();
  const started = performance.now();
  const asks = new Map([...stores].map(([group, rows]) => [group, engine.build(rows)]));
  const buildTime = performance.now() - started;
  const memory = heap() - heapBefore;
  const sums = { r1: 0, r5: 0, r10: 0, mrr: 0, ndcg: 0 };
  for (const question of questions) asks.get(question.group)?.(question.text, CUTOFF);
  const times: number[] = [];
  for (const question of questions) {
    const wanted = relevance.get(question._id) ?? new Map<string, number>();
    const ask = asks.get(question.group);
    const begun = performance.now();
    const found = ask === undefined ? [] : ask(question.text, CUTOFF);
    times.push(performance.now() - begun);
    const gains = found.map((id) => wanted.get(id) ?? 0);
    const recallAt = (rank: number): number => gains.slice(0, rank).filter((gain) => gain > 0).length / wanted.size;
    const first = gains.findIndex((gain) => gain > 0);
    sums.r1 += recallAt(1);
    sums.r5 += recallAt(5);
    sums.r10 += recallAt(10);
    sums.mrr += first < 0 ? 0 : 1 / (first + 1);
    sums.ndcg += discounted(gains) / discounted([...wanted.values()].sort((a, b) => b - a));
  }
  times.sort((a, b) => a - b);
  const mean = (sum: number): string => (sum / questions.length).toFixed(4);
  const ms = (share: number): string => percentile(times, share).toFixed(3);
  return {
    engine: engine.name,
    "recall@1": mean(sums.r1),
    "recall@5": mean(sums.r5),
    "recall@10": mean(sums.r10),
    "MRR@10": mean(sums.mrr),
    "nDCG@10": mean(sums.ndcg),
    "p50 ms": ms(0.5),
    "p95 ms": ms(0.95),
    "p99 ms": ms(0.99),
    "build ms": buildTime.toFixed(0),
    "memory MB": memory.toFixed(1),
  };
}

function table(rows: readonly Record<string, string>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(columns), ...rows.map((row) => line(columns.map((column) => row[column] ?? "")))].join("\n");
}

function benchFolder(folder: string): void {
  const rows = readRows(join(folder, "corpus.jsonl"));
  const relevance = readRelevance(join(folder, "qrels.tsv"));
  const questions = readRows(join(folder, "queries.jsonl")).filter((question) => relevance.has(question._id));
  const stores = groupBy(rows);
  const named = stores.has("") && stores.size === 1 ? "" : `, ${stores.size} stores`;
  console.log(`\n${folder}: ${rows.length} documents${named}, ${questions.length} questions`);
  console.log(table([ours, miniSearch].map((engine) => measure(engine, stores, questions, relevance))));
}

/** A reproducible stream of numbers in [0, 1): mulberry32. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of English text's commonest words so many are stop words, which no index holds. */
const STOP_RANKS = 150;

/** Words by Zipf's law without its head, over a vocabulary that grows with the store, as in real text. */
function words(random: () => number, vocabulary: number): () => string {
  const syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "tra"];
  return () => {
    let rank = Math.floor(STOP_RANKS * (vocabulary / STOP_RANKS) ** random());
    let word = "";
    do {
      word += syllables[rank % syllables.length];
      rank = Math.floor(rank / syllables.length);
    } while (rank > 0);
    return `${word}x`;
  };
}

function synthetic(count: number): void {
  const random = randomness(count);
  const word = words(random, Math.round(40 * Math.sqrt(count * 45)));
  const text = (length: number): string => Array.from({ length }, word).join(" ");
  const rows = Array.from({ length: count }, (_, at): Row => ({
    _id: `d${at}`,
    title: text(6),
    text: text(30 + Math.floor(random() * 30)),
    group: "",
    date: "",
  }));
  const memories = rows.map(memoryOf);
  const heapBefore = heap();
  let begun = performance.now();
  const since = (): string => {
    const now = performance.now();
    const taken = (now - begun).toFixed(2);
    begun = now;
    return taken;
  };
  const index = LexicalIndex.build(memories);
  console.log(`\n${count} memories of about 50 words\nbuild ${since()} ms, ${(heap() - heapBefore).toFixed(1)} MB`);
  const bytes = index.serialize();
  since();
  const loaded = LexicalIndex.deserialize(bytes);
  loaded.search(text(4));
  console.log(`load ${since()} ms with a first search, ${(bytes.length / 1e6).toFixed(1)} MB`);
  const fresh = Array.from({ length: 200 }, (_, at) =>
    memoryOf({ _id: `new${at}`, title: text(6), text: text(40), group: "", date: "" }),
  );
  since();
  for (const memory of fresh) loaded.add(memory);
  console.log(`add ${(Number(since()) / fresh.length).toFixed(3)} ms a memory`);
  for (const [name, length] of [
    ["short question, 6 words", 6],
    ["six sentences, 90 words", 90],
  ] as const) {
    for (let warm = 0; warm < 50; warm++) loaded.search(text(length));
    const times = Array.from({ length: 500 }, () => {
      const question = text(length);
      const start = performance.now();
      loaded.search(question, { limit: CUTOFF });
      return performance.now() - start;
    }).sort((a, b) => a - b);
    console.log(
      `${name}: p50 ${percentile(times, 0.5).toFixed(3)}, p95 ${percentile(times, 0.95).toFixed(3)}, p99 ${percentile(times, 0.99).toFixed(3)} ms`,
    );
  }
  wholeRecall(memories, loaded, text);
}

/** Filters, ranking, packing and the envelope too, as a request meets them. */
function wholeRecall(memories: readonly Memory[], index: LexicalIndex, text: (length: number) => string): void {
  index.sync(memories);
  const stores = [{ label: "project", commit: null, memories, index, trustOf: (): Trust => "user" }];
  const times = Array.from({ length: 300 }, () => {
    const question = { text: text(6), now: new Date("2026-11-23T00:00:00Z") };
    const start = performance.now();
    recall({ stores, question });
    return performance.now() - start;
  }).toSorted((a, b) => a - b);
  console.log(
    `whole recall, 6 words: p50 ${percentile(times, 0.5).toFixed(3)}, p95 ${percentile(times, 0.95).toFixed(3)}, p99 ${percentile(times, 0.99).toFixed(3)} ms`,
  );
}

const given = argv.slice(2);
if (given[0] === "--synthetic") synthetic(Number(given[1] ?? 10_000));
else if (given.length > 0) for (const folder of given) benchFolder(folder);
else console.log("Say which folders to measure, or --synthetic and a number of memories.");
