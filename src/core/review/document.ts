/**
 * What waits as one plain text to read before deciding: the claim first and in full, then why it waits, where it comes from,
 * what it would change or speaks against, and the file's own keys at the end. Whatever others wrote stands behind a bar, so
 * that no claim can write the lines by which it is judged.
 */
import { findSections } from "../memory/frontmatter.ts";
import type { PolicyChange } from "../pull-request/policy-change.ts";
import { CHANNELS, isBroken, type Memory } from "../memory/model.ts";
import { spokenActor } from "../view/actor.ts";
import { since, spokenSpan } from "../view/age.ts";
import { DOORS } from "../view/change.ts";
import { storedLines } from "../provenance/stored-lines.ts";
import { spell, spelledLine } from "../view/spelled.ts";
import { readTombstone } from "../gate/tombstones.ts";
import type { Finding } from "../gate/verdict.ts";
import type { Look, LookedFile } from "./look.ts";
import { isRejection } from "./lost-rejections.ts";
import type { HeldId } from "./quarantine.ts";
import { changesOfRules, keyWords, weakerWords } from "./rule-changes.ts";

/** What a finding is about, in the document's own lines and UTF-16 columns. */
export interface ReviewMark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly sentence: string;
  readonly rule: string;
}

/** The lines of one proposal, 0-based; `last` is its last one. */
export interface ReviewPart {
  readonly id: HeldId;
  readonly first: number;
  readonly last: number;
}

export interface ReviewDocument {
  readonly text: string;
  readonly parts: readonly ReviewPart[];
  readonly marks: readonly ReviewMark[];
  /** Lines that may be folded away, first and last. */
  readonly folds: readonly { readonly first: number; readonly last: number }[];
}

/** Stands before every line that is not ours. */
const BAR = "│ ";
/** Added, so that thirty days less a second aren't told as twenty-nine. Milliseconds. */
const MINUTE = 60_000;
const RULE = "─".repeat(64);

/** A stretch of a file's text, by UTF-16 offsets. */
interface Stretch {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** @param titleOf names memories that a session had read, where they are known. */
export function reviewDocument(
  looks: readonly Look[],
  now: Date,
  titleOf: (id: string) => string | undefined,
): ReviewDocument {
  const page = new Page();
  page.say(...opening(looks, now));
  for (const [place, look] of looks.entries()) {
    page.say("", looks.length === 1 ? RULE : `${RULE} ${place + 1} of ${looks.length}`);
    const first = page.next;
    tell(page, look, now, titleOf);
    page.parts.push({ id: look.held.id, first, last: page.next - 1 });
  }
  return page.finished();
}

function opening(looks: readonly Look[], now: Date): string[] {
  const [first] = looks;
  if (first === undefined) return ["Nothing waits here any more."];
  const plain = looks.filter((look) => look.plain).length;
  const lapses = looks.flatMap((look) => look.lapses ?? []);
  const soonest = Math.min(...lapses);
  return [
    whatWaits(looks, first),
    ...(lapses.length === 0
      ? []
      : [
          `${looks.length === 1 ? "It lapses" : "The first lapses"} in ${spokenSpan(Math.max(0, soonest - now.getTime()) + MINUTE)} if nobody decides.`,
        ]),
    ...(looks.length > 1 && plain > 1
      ? [`Approving from up here approves the ${plain} plain facts; inside a claim, that claim alone.`]
      : []),
  ];
}

function whatWaits(looks: readonly Look[], { held: { found, files } }: Look): string {
  if (found !== undefined)
    return files.every(({ path }) => isRejection(path))
      ? "Somebody took a rejection out of the store. It holds on until you say otherwise."
      : "The rules of this store were changed by nobody who is known here. Where they are milder than before, they are not in force until you approve them.";
  return looks.length === 1
    ? "This waits for your review. No agent is given it until you approve it."
    : `${looks.length} claims of one session wait for your review. No agent is given them until you approve them.`;
}

function tell(page: Page, look: Look, now: Date, titleOf: (id: string) => string | undefined): void {
  const { files } = look;
  for (const file of files) {
    const changes = changesOfRules(file);
    if (changes === null) claim(page, file, look);
    else rules(page, changes);
  }
  page.say("", "Why it waits");
  for (const { forPerson, rule } of look.findings) page.say(`  ${spelledLine(forPerson)} (${spelledLine(rule)})`);
  if (look.findings.length === 0)
    page.say(
      files.every(({ path }) => isRejection(path))
        ? "  Only a person takes a rejection back."
        : "  No rule speaks against it now. Read it all the same.",
    );
  list(
    page,
    "When it came, this was noted:",
    look.told.map(({ forPerson, rule }) => `${forPerson} (${rule})`),
  );
  if (look.refused) page.say("  The gate refuses it whoever approves it. Edit it, or reject it.");
  else if (look.grave) page.say("  Approving it needs a reason and an end.");
  // What was found in the tree came by no door: who put it there and when is anybody's guess.
  if (look.held.found === undefined) origin(page, look, now, titleOf);
  for (const file of files) {
    const where = files.length === 1 ? "" : ` (${spelledLine(file.path)})`;
    if (file.now !== null && !isRejection(file.path)) {
      page.say("", `What it would change${where}`);
      if (file.overtaken)
        page.say("  Somebody changed this memory after it was proposed, so it can't be approved as it is.");
      for (const line of changedLines(file.now, file.text ?? "")) page.quote(line);
    }
    for (const other of file.contradicts) {
      page.say("", `It speaks against what is believed${where}`);
      page.quote(other.title);
      page.quote(other.body.trim());
    }
  }
  for (const file of files) {
    if (changesOfRules(file) !== null) claim(page, file, look);
    keys(page, file, look);
  }
}

/** Before the file itself, in which a key that changed would have to be found among all the others. */
function rules(page: Page, change: PolicyChange): void {
  const { keys, unreadable } = change;
  const weaker = weakerWords(change);
  page.say("", "The rules that it would change");
  for (const key of keys) page.quote(keyWords(key));
  if (keys.length === 0) page.say("  Only comments or the way in which it is written.");
  if (weaker !== null) page.say(`  ${weaker}`);
  if (unreadable !== null) page.say(`  It can't be read. Line ${unreadable.line}: ${spelledLine(unreadable.message)}`);
}

/** Title, description and body, as they would be read by agents. */
function claim(page: Page, file: LookedFile, look: Look): void {
  const { memory, before, text, path } = file;
  page.say("");
  if (text === null) {
    if (isRejection(path)) return rejection(page, file);
    page.quote(before?.title ?? path);
    page.say("", `It would end this memory${before === null ? "" : ", which is believed now"}.`);
    return;
  }
  if (memory === null || isBroken(memory)) {
    page.quote(path);
    page.say("");
    page.stretch({ text, from: 0, to: text.length }, findingsFor(look, file));
    page.say(
      "",
      memory === null ? "It is no memory, but a file of the store itself." : "It can't be read as a memory.",
    );
    return;
  }
  const marked = findingsFor(look, file);
  page.line(memory.title, marked, text);
  if (memory.front.description !== undefined) page.line(memory.front.description, marked, text);
  page.say("");
  page.stretch(trimmed(text, bodyStart(text)), marked);
  page.say("", facts(memory, before));
}

function rejection(page: Page, { now }: LookedFile): void {
  const tombstone = readTombstone(new TextEncoder().encode(now ?? ""));
  page.say(
    `A claim was ${tombstone?.kind ?? "rejected"} on ${tombstone?.at.slice(0, 10) ?? "an unknown day"}. The reason:`,
  );
  page.quote(tombstone === null || tombstone.reason === "" ? "none was given" : tombstone.reason);
  page.say("Approving this lets it be stored again. Rejecting this puts the file back.");
}

function facts({ front }: Memory, before: Memory | null): string {
  const parts = [
    front.type,
    ...(front.scope === undefined ? [] : [`about ${front.scope.join(", ")}`]),
    ...(front.pinned === true ? ["pinned: part of every recall it fits"] : []),
    ...(front.expires_at === undefined ? [] : [`ends on ${front.expires_at.slice(0, 10)}`]),
    before === null ? "new" : `changes "${before.title}"`,
  ];
  return spelledLine(parts.join(" · "));
}

function origin(page: Page, { held, files }: Look, now: Date, titleOf: (id: string) => string | undefined): void {
  const { caller } = held;
  const door = CHANNELS.find((channel) => channel === caller.channel);
  const age = since(held.at, now);
  page.say("", "Where it comes from");
  page.say(
    `  ${spelledLine(spokenActor(caller.actor))} (${spelledLine(caller.actor)}), through ${door === undefined ? spelledLine(String(caller.channel)) : DOORS[door]}`,
  );
  page.say(`  ${spelledLine(held.at)}${age === null ? "" : `, ${spokenSpan(age)} ago`}`);
  if (caller.session !== undefined)
    page.say(`  Session ${spelledLine(caller.session)}${caller.turn === undefined ? "" : `, turn ${caller.turn}`}`);
  const trusts = files.flatMap(({ memory }) =>
    memory === null || isBroken(memory) ? [] : (memory.front.origin?.trust ?? []),
  );
  page.say(`  Trust: ${trusts.includes("untrusted") ? "untrusted" : (trusts[0] ?? spelledLine(caller.trust))}`);
  if (held.reason.trim() !== "") {
    page.say("  Its reason:");
    page.quote(held.reason.trim());
  }
  const memories = files.flatMap(({ memory }) => (memory === null || isBroken(memory) ? [] : memory));
  const sources = memories.flatMap(({ front }) => front.sources ?? []);
  list(
    page,
    "It rests on:",
    sources.map(
      ({ resource, lines }) => `${resource.replace(/^repo:\//, "")}${lines === undefined ? "" : `:${lines}`}`,
    ),
  );
  const named = (ids: readonly string[]): string[] =>
    ids.map((id) => `${titleOf(id) ?? "a memory that is not believed now"} (${id})`);
  list(page, "It was made from:", named(memories.flatMap(({ front }) => front.derived_from ?? [])));
  list(page, "It would take the place of:", named(memories.flatMap(({ front }) => front.supersedes ?? [])));
  list(
    page,
    "Found apart from it, by another agent in another session on another site:",
    files.flatMap(({ witnesses }) => witnesses.map(({ front }) => `${actorOf(front)}: ${sourcesOf(front)}`)),
  );
  list(page, "The session had read:", named(caller.recalled ?? []));
}

function actorOf({ generated }: Memory["front"]): string {
  return generated === undefined ? "somebody" : spokenActor(generated.by);
}

function sourcesOf({ sources = [] }: Memory["front"]): string {
  return sources.map(({ resource }) => resource).join(", ");
}

function list(page: Page, heading: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  page.say(`  ${heading}`);
  for (const line of lines) page.quote(line);
}

function keys(page: Page, file: LookedFile, look: Look): void {
  const { memory, text, path } = file;
  if (memory === null || isBroken(memory) || text === null) return;
  page.say("", `Kept with it, as ${spelledLine(path)}`);
  const first = page.next - 1;
  page.stretch(trimmed(text, 0, bodyStart(text)), findingsFor(look, file));
  page.folds.push({ first, last: page.next - 1 });
}

/** `- gone`, `+ new`, and what stays, for small texts that are read whole. */
function changedLines(now: string, then: string): string[] {
  const [old, fresh] = [linesOf(now), linesOf(then)];
  const from = storedLines(old, fresh);
  const lines: string[] = [];
  let at = 0;
  let added: string[] = [];
  const flush = (until: number): void => {
    lines.push(...old.slice(at, until).map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`));
    added = [];
  };
  for (const [place, line] of fresh.entries()) {
    const known = from[place] ?? null;
    if (known === null) {
      added.push(line);
      continue;
    }
    flush(known);
    at = known + 1;
    lines.push(`  ${line}`);
  }
  flush(old.length);
  return lines;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function bodyStart(text: string): number {
  const found = findSections(text);
  return found.ok ? found.sections.bodyStart : 0;
}

function trimmed(text: string, from: number, to: number = text.length): Stretch {
  return { text, from, to: from + text.slice(from, to).trimEnd().length };
}

/** What is marked in a file: each place once, under the gravest rule that saw it. */
function findingsFor({ findings, told }: Look, { path, seen }: LookedFile): readonly Finding[] {
  const kept: Finding[] = [];
  for (const finding of [...findings, ...seen, ...told]) {
    const { span } = finding;
    if (finding.path !== path || span === undefined) continue;
    if (!kept.some((other) => other.span !== undefined && other.span.start < span.end && span.start < other.span.end))
      kept.push(finding);
  }
  return kept;
}

/** The lines as they come, with the places of what is marked in them. */
class Page {
  readonly parts: ReviewPart[] = [];
  readonly folds: { first: number; last: number }[] = [];
  readonly #lines: string[] = [];
  readonly #marks: ReviewMark[] = [];

  /** The number of the line that comes next. */
  get next(): number {
    return this.#lines.length;
  }

  finished(): ReviewDocument {
    return { text: `${this.#lines.join("\n")}\n`, parts: this.parts, marks: this.#marks, folds: this.folds };
  }

  /** Our own words. */
  say(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** Words of others, all of them. */
  quote(raw: string): void {
    for (const line of spell(raw).text.split(/\r?\n/)) this.#lines.push(`${BAR}${line}`);
  }

  /** One value of the front matter on a line of its own; what a rule saw in it is marked here too. */
  line(raw: string, findings: readonly Finding[], text: string): void {
    const { text: spelled, at } = spell(raw.replaceAll(/\s+/g, " "));
    for (const { span, forPerson, rule } of findings) {
      const seen = span === undefined ? "" : text.slice(span.start, span.end);
      const found = seen === "" ? -1 : raw.indexOf(seen);
      if (found >= 0) this.#mark(this.next, at(found), at(found + seen.length), forPerson, rule);
    }
    this.#lines.push(`${BAR}${spelled}`);
  }

  /** A part of a file exactly as it is, with what rules saw in it. */
  stretch({ text, from, to }: Stretch, findings: readonly Finding[]): void {
    const { text: spelled, at } = spell(text.slice(from, to));
    const first = this.next;
    const lines = spelled.split("\n");
    const starts = lines.reduce<number[]>((all, line) => [...all, (all.at(-1) ?? 0) + line.length + 1], [0]);
    for (const { span, forPerson, rule } of findings) {
      if (span === undefined || span.end <= from || span.start >= to) continue;
      const [start, end] = [at(Math.max(span.start - from, 0)), at(Math.min(span.end, to) - from)];
      for (const [place, line] of lines.entries()) {
        const begin = starts[place] ?? 0;
        const [a, b] = [Math.max(start - begin, 0), Math.min(end - begin, line.length)];
        if (a < b) this.#mark(first + place, a, b, forPerson, rule);
      }
    }
    for (const line of lines) this.#lines.push(`${BAR}${line.replace(/\r$/, "")}`);
  }

  #mark(line: number, start: number, end: number, sentence: string, rule: string): void {
    this.#marks.push({
      line,
      start: start + BAR.length,
      end: end + BAR.length,
      sentence: spelledLine(sentence),
      rule: spelledLine(rule),
    });
  }
}
