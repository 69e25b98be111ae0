/**
 * What waits, made ready to be looked at: the card's own findings and what the gate says today, what stands there now, and
 * what it speaks against. A card lies on a ref that anybody with the repository can write to, so nothing on it is relied on.
 */
import { contradicts } from "../gate/contradiction.ts";
import { judge, scanText } from "../gate/gate.ts";
import type { Finding, Verdict } from "../gate/verdict.ts";
import { isBroken, type BrokenMemory, type Memory, type Trust } from "../memory/model.ts";
import { isMemoryPath, readMemory } from "../memory/parse.ts";
import type { Policy } from "../memory/policy.ts";
import { instantOf } from "../memory/time.ts";
import { lowerOf } from "../memory/trust.ts";
import type { ProposedFile } from "../proposal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { witnessesOf } from "../trust/corroboration.ts";
import { digestOfHeld, memoriesOf } from "./decide.ts";
import { isRejection } from "./lost-rejections.ts";
import type { Held } from "./quarantine.ts";

/** One file of what waits. */
export interface LookedFile {
  readonly path: string;
  /** The text as it would be stored; null: the file would go. */
  readonly text: string | null;
  /** What is there now; null where there is nothing. */
  readonly now: string | null;
  readonly memory: Memory | BrokenMemory | null;
  readonly before: Memory | null;
  /** Whether another version is there by now than when this was proposed. */
  readonly overtaken: boolean;
  readonly contradicts: readonly Memory[];
  /** Others that wait and say the same, found apart from it. They are told to whoever decides, and decide nothing. */
  readonly witnesses: readonly Memory[];
  /** What the gate sees line by line: a finding names its first place, and a reader wants them all. */
  readonly seen: readonly Finding[];
}

export interface Look {
  readonly held: Held;
  /** Of exactly what is looked at; an approval hands it back. */
  readonly digest: string;
  readonly title: string;
  readonly files: readonly LookedFile[];
  /** What the gate finds now, the gravest first, each rule once in a file. */
  readonly findings: readonly Finding[];
  /** What the card says was found when it came, and is not found now. Words of whoever wrote the card. */
  readonly told: readonly Finding[];
  /** Nothing is said against it but where it comes from: such claims of one session may be approved together. */
  readonly plain: boolean;
  /** It would weaken security or do worse: approving it needs a reason and an end. */
  readonly grave: boolean;
  /** The gate refuses it whoever approves it. */
  readonly refused: boolean;
  /** The moment at which it lapses, in milliseconds since 1970; null where the policy lets it wait for ever. */
  readonly lapses: number | null;
}

/** The finding that speaks of the source alone. */
const UNVOUCHED = "origin/untrusted";
/** Rules have no end, and each change of them is read by itself. */
const CHANGED_RULES = "rules/changed";
/** Longer texts are marked up to here; the gate's own findings go all the way. */
const MOST_LINES = 500;
const SUBJECT = "<subject>";
/** More contradictions than these are no help. */
const MOST_CONTRADICTIONS = 5;
const SEVERITY: readonly Finding["verdict"][] = ["block", "confirm", "quarantine", "allow"];

/** Throws what reading the store throws. */
export async function lookAt(store: MemoryStore, held: Held): Promise<Look> {
  const snapshot = await store.snapshot();
  const policy = await store.policyAt(snapshot);
  const witnesses = await witnessesIn(store, held, policy);
  const files = await Promise.all(
    held.files.map(async (file) => ({
      ...(await lookAtFile(store, snapshot, policy, file, held.found?.inForce)),
      witnesses: witnesses.get(file.path) ?? [],
    })),
  );
  const judgeAs = (tier: Trust): Verdict =>
    judge({
      files: files.filter(({ path }) => held.found === undefined || !isRejection(path)).map(proposed),
      caller: held.caller,
      operation: held.operation,
      reason: held.reason,
      subject: held.subject,
      policy,
      now: instantOf(store.environment.now()),
      tier,
    });
  const findings = merged(judgeAs(lowerOf(held.caller.trust, "agent")).findings);
  const told = merged(held.findings).filter(({ rule }) => !findings.some((finding) => finding.rule === rule));
  // As an approval will be judged: what would only wait passes then, and what is grave is asked about.
  const approval = judgeAs("reviewed");
  const readable = files.every(({ memory }) => memory !== null && !isBroken(memory));
  return {
    held,
    digest: digestOfHeld(held),
    title: titleOf(held, files),
    files,
    findings,
    told,
    plain: readable && [...findings, ...told].every(({ rule }) => rule === UNVOUCHED),
    grave: approval.findings.some(({ verdict, rule }) => verdict === "confirm" && rule !== CHANGED_RULES),
    refused: approval.kind === "block",
    lapses: policy.gate.waiting === null || held.found !== undefined ? null : Date.parse(held.at) + policy.gate.waiting,
  };
}

async function lookAtFile(
  store: MemoryStore,
  snapshot: Snapshot,
  policy: Policy,
  { path, read, bytes }: Held["files"][number],
  inForce?: Uint8Array,
): Promise<Omit<LookedFile, "witnesses">> {
  const blob = snapshot.blobAt(path);
  const [stored] = blob === null ? [] : await store.repository.blobs([blob]);
  const there = inForce ?? stored;
  const memory = bytes === null || !isMemoryPath(path) ? null : readMemory(path, "", bytes);
  const before = snapshot.at(path);
  return {
    path,
    text: bytes === null ? null : decoded(bytes),
    now: there === undefined ? null : decoded(there),
    memory,
    before: before === undefined || isBroken(before) ? null : before,
    overtaken: blob !== read,
    contradicts: memory === null || isBroken(memory) ? [] : against(memory, snapshot),
    seen: bytes === null ? [] : lineByLine(path, decoded(bytes), policy),
  };
}

/**
 * Only among what our own doors held: the stamps of a file that was found in the tree are whatever its writer made of them,
 * so two forged files would vouch for each other.
 */
async function witnessesIn(
  store: MemoryStore,
  held: Held,
  policy: Policy,
): Promise<ReadonlyMap<string, readonly Memory[]>> {
  const facts = memoriesOf(held).filter(({ front }) => front.type === "Fact");
  if (facts.length === 0 || store.quarantine === null) return new Map();
  const others = (await store.quarantine.waiting(policy.gate.waiting)).flatMap(memoriesOf);
  const isPlain = ({ title, body }: Memory): boolean =>
    scanText(`${title}\n${body}`, { tier: "untrusted", policy }).findings.every(({ rule }) => rule === UNVOUCHED);
  return new Map(facts.map((fact) => [fact.path, witnessesOf(fact, others, isPlain)]));
}

function lineByLine(path: string, text: string, policy: Policy): Finding[] {
  let start = 0;
  return text.split("\n").flatMap((line, place) => {
    const from = start;
    start += line.length + 1;
    if (place >= MOST_LINES || line.trim() === "") return [];
    return scanText(line, { tier: "reviewed", policy }).findings.flatMap((finding): Finding[] => {
      const { span, forPerson } = finding;
      if (span === undefined) return [];
      const moved = { start: from + span.start, end: from + span.end };
      return [
        {
          ...finding,
          path,
          line: place + 1,
          span: moved,
          forPerson: forPerson.replace(/^Line 1\b/, `Line ${place + 1}`),
        },
      ];
    });
  });
}

function proposed({ path, text, memory, before }: LookedFile): ProposedFile {
  const after = memory === null || isBroken(memory) ? null : memory;
  return { path, bytes: text === null ? null : new TextEncoder().encode(text), after, before };
}

/** Only what shares a longer word can speak against it, and comparing words is much cheaper than comparing claims. */
function against(memory: Memory, snapshot: Snapshot): Memory[] {
  const words = wordsOf(memory);
  const found: Memory[] = [];
  for (const other of snapshot.memories()) {
    if (other.path === memory.path || ![...wordsOf(other)].some((word) => words.has(word))) continue;
    if (contradicts(memory, other)) found.push(other);
    if (found.length === MOST_CONTRADICTIONS) break;
  }
  return found;
}

function wordsOf({ title }: Memory): ReadonlySet<string> {
  return new Set(title.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);
}

function merged(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rule}\n${finding.path}`;
    if (!first.has(key)) first.set(key, finding);
  }
  // The commit's subject is the claim's title, so what is seen in the file is not said of it again.
  const inFiles = new Set(findings.filter(({ path }) => path !== SUBJECT).map(({ rule }) => rule));
  const kept = [...first.values()].filter(({ path, rule }) => path !== SUBJECT || !inFiles.has(rule));
  return kept.toSorted((a, b) => SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict));
}

function titleOf(held: Held, files: readonly LookedFile[]): string {
  const titles = files.flatMap(({ memory, before }) =>
    memory !== null && !isBroken(memory) ? memory.title : (before?.title ?? []),
  );
  const [title] = titles;
  if (title === undefined) return held.subject;
  return titles.length === 1 ? title : `${title} and ${titles.length - 1} more`;
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
