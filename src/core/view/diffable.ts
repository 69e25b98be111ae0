/**
 * A file of a store as text for `git diff`: the claim first, what the program keeps for itself in one line at the end. Every
 * key is there in some words, so that no change of meaning is hidden. Never written back.
 */
import { canonicalJson } from "../memory/claim.ts";
import { isMemoryId } from "../memory/id.ts";
import { isBroken, type Memory, type Source } from "../memory/model.ts";
import { readMemoryText } from "../memory/parse.ts";
import { readFrontMatter } from "../memory/frontmatter.ts";
import { createHash } from "node:crypto";

/** A file that is no memory or tombstone of this format stays as it is. */
export function diffableText(text: string): string {
  const memory = readMemoryText("memory.md", "", text);
  if (!isBroken(memory)) return memory.front.id === undefined ? text : memoryText(memory);
  const read = readFrontMatter(text);
  return read.ok && read.values["type"] === "Tombstone" ? tombstoneText(read.values) : text;
}

function memoryText({ title, front, body }: Memory): string {
  const { tags, scope, pinned, sources = [], stale_after, expires_at, description, extra = {} } = front;
  const facts = [
    front.type,
    scope === undefined ? "everywhere" : scope.join(", "),
    ...(pinned === true ? ["pinned"] : []),
    ...(tags === undefined ? [] : [tags.map((tag) => `#${tag}`).join(" ")]),
  ];
  const lines = [
    title,
    ...(description === undefined ? [] : [description]),
    facts.join(" · "),
    "",
    ...body.replace(/\s+$/, "").split(/\r?\n/),
    "",
    ...sources.map((source) => `rests on ${sourceText(source)}`),
    ...listLine("made from", front.derived_from),
    ...listLine("replaced", front.supersedes),
    ...(front.verified ?? []).map(({ by, at }) => `confirmed by ${by} on ${at}`),
    ...(stale_after === undefined ? [] : [`to be checked by ${stale_after}`]),
    ...(expires_at === undefined ? [] : [`ends ${expires_at}`]),
    ...Object.entries(extra).map(([key, value]) => `${key}: ${canonicalJson(value)}`),
    machineLine(front),
  ];
  return `${lines.join("\n")}\n`;
}

function sourceText({ resource, lines, commit, blob }: Source): string {
  const place = `${resource.replace(/^repo:\//, "")}${lines === undefined ? "" : `:${lines}`}`;
  const version = commit ?? blob;
  return version === undefined ? place : `${place} (${version.slice(0, 9)})`;
}

function listLine(words: string, ids: readonly string[] | undefined): string[] {
  return ids === undefined || ids.length === 0 ? [] : [`${words} ${ids.join(", ")}`];
}

/** Who, when, how it came in, with what in mind. */
function machineLine({ id, generated, origin }: Memory["front"]): string {
  const session = origin?.session === undefined ? [] : [`session ${origin.session}`];
  const turn = origin?.turn === undefined ? [] : [`turn ${origin.turn}`];
  return [
    ...(generated === undefined ? [] : [generated.by, generated.at]),
    ...(origin === undefined ? [] : [`through ${origin.channel}`, `trust ${origin.trust}`, ...session, ...turn]),
    ...(origin?.context === undefined ? [] : [`knowing ${origin.context.join(", ")}`]),
    ...(id !== undefined && isMemoryId(id) ? [id] : []),
  ].join(" · ");
}

function tombstoneText(values: Readonly<Record<string, unknown>>): string {
  const { id, kind, at, reason, ...digests } = values;
  const digest = createHash("sha256").update(canonicalJson(digests), "utf8").digest("hex");
  return `Kept out: ${String(id)}, ${String(kind)} on ${String(at)}\n${String(reason ?? "")}\ndigests ${digest.slice(0, 12)}\n`;
}
