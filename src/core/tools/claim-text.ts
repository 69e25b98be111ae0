/** A memory in plain lines, for a model to read. Goes into a fence: every word of it is somebody else's. */
import type { Memory, Source } from "../memory/model.ts";

/** The claim: title, body, and the keys that say what it is about. */
export function claimText(memory: Memory): string {
  const { front } = memory;
  const about = [
    front.type,
    ...(front.pinned === true ? ["pinned"] : []),
    ...line("scope", front.scope),
    ...line("tags", front.tags),
    ...line("sources", front.sources?.map(sourceText)),
    ...line("supersedes", front.supersedes),
    ...line("derived from", front.derived_from),
    ...(front.expires_at === undefined ? [] : [`ends: ${front.expires_at}`]),
  ];
  return [
    memory.title,
    about.join("; "),
    ...(front.description === undefined ? [] : [front.description]),
    "",
    memory.body.trim(),
  ].join("\n");
}

export function sourceText(source: Source): string {
  const place = source.resource.replace(/^repo:\//, "");
  return source.lines === undefined ? place : `${place}:${source.lines}`;
}

function line(name: string, values: readonly string[] | undefined): string[] {
  return values === undefined || values.length === 0 ? [] : [`${name}: ${values.join(", ")}`];
}
