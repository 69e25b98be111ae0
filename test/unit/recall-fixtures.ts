import { createHash } from "node:crypto";
import type { FrontMatter, Memory, Trust } from "../../src/core/memory/model.ts";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import { recall, type RecallResult } from "../../src/core/recall/recall.ts";
import type { Question, RecallStore } from "../../src/core/recall/question.ts";

export const NOW = new Date("2026-11-23T10:00:00Z");
export const COMMIT = "9fceb02d0ae598e95dc970b74767f19372d61af8";

/** A memory as the parser would give it: its blob id follows from its content. */
export function memory(id: string, title: string, body = "", front: Partial<FrontMatter> = {}): Memory {
  const whole: FrontMatter = {
    type: "Convention",
    id,
    title,
    generated: { by: "copilot", at: "2026-11-20T08:00:00Z" },
    ...front,
  };
  const blob = createHash("sha1")
    .update(JSON.stringify([whole, body]))
    .digest("hex");
  return { id, title, path: `semantic/${whole.type.toLowerCase()}/${id}.md`, blob, front: whole, body };
}

export function store(memories: readonly Memory[], more: Partial<RecallStore> = {}): RecallStore {
  return {
    label: "project",
    commit: COMMIT,
    memories,
    index: LexicalIndex.build(memories),
    trustOf: (one): Trust => one.front.origin?.trust ?? "user",
    ...more,
  };
}

export function ask(
  memories: readonly Memory[],
  question: Partial<Question>,
  more: Partial<RecallStore> = {},
): RecallResult {
  return recall({ stores: [store(memories, more)], question: { text: "", now: NOW, ...question } });
}

export const trusted = (trust: Trust): Partial<FrontMatter> => ({ origin: { channel: "tool", trust } });
