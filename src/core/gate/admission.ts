/**
 * What is in the tree need not have come through a door of ours: a pull, a hand edit or an agent with a shell puts it there
 * too. So what would reach a prompt is judged when it is first seen there, and what the gate would not have stored is not
 * recalled. The answer is kept by version, because under the same rules the same words always get the same one.
 */
import { createHash } from "node:crypto";
import type { Instant, Memory, Trust } from "../memory/model.ts";
import type { Policy } from "../memory/policy.ts";
import type { LocalState } from "../ports.ts";
import { GATE_VERSION, judge } from "./gate.ts";
import type { Tombstone } from "./tombstones.ts";
import type { Verdict, VerdictKind } from "./verdict.ts";

const FILE = "admitted";
/** The log is begun anew past this size, in bytes: what is forgotten is judged again. */
const MOST_BYTES = 8_000_000;

/** Of one answer: the gate's version, the grounds, the trust, the memory's version, the verdict. */
const WORDS = 5;

/** What a found memory is judged by. */
export interface Grounds {
  readonly policy: Policy;
  readonly tombstones: readonly Tombstone[];
  readonly now: Instant;
  /** Stands for all of the above in what is remembered. */
  readonly digest: string;
}

export function groundsOf(policy: Policy, tombstones: readonly Tombstone[], now: Instant): Grounds {
  const allowed = policy.gate.allowed.filter(({ expires }) => Date.parse(expires) > Date.parse(now));
  const rules = { ...policy.gate, allowed, needed: policy.trust.needed, tombstones };
  const digest = createHash("sha256").update(JSON.stringify(rules)).digest("hex").slice(0, 16);
  return { policy, tombstones, now, digest };
}

export class Admissions {
  readonly #state: LocalState;
  /** By the grounds, the trust and the version. */
  readonly #known = new Map<string, VerdictKind>();
  #fresh: string[] = [];
  #loaded: Promise<void> | undefined;

  constructor(state: LocalState) {
    this.#state = state;
  }

  /** Reads what is known; to be awaited before `admits`. */
  async ready(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /**
   * Whether the words of a memory may be recalled, as far as the gate is concerned.
   *
   * @param trust the trust that it has by its evidence and lineage: an approval lets pass what would wait, never what is refused
   */
  admits(memory: Memory, trust: Trust, grounds: Grounds): boolean {
    const key = `${grounds.digest} ${trust} ${memory.blob}`;
    let kind = this.#known.get(key);
    if (kind === undefined) {
      ({ kind } = judgeFound(memory, trust, grounds));
      this.#known.set(key, kind);
      this.#fresh.push(`${GATE_VERSION} ${key} ${kind}`);
    }
    return kind === "allow" || kind === "confirm";
  }

  /** Keeps what was judged since, for the next process. */
  async save(): Promise<void> {
    const lines = this.#fresh;
    if (lines.length === 0) return;
    this.#fresh = [];
    // It may fail (a full disk, a read-only folder): what it would have saved is then judged again.
    await this.#state.append(FILE, lines.join(" ")).catch(() => undefined);
  }

  /** After an erasure nothing tells of what was erased. */
  async forget(): Promise<void> {
    this.#known.clear();
    this.#fresh = [];
    await this.#state.remove(FILE);
  }

  async #load(): Promise<void> {
    const bytes = await this.#state.read(FILE).catch(() => null);
    if (bytes === null) return;
    if (bytes.length > MOST_BYTES) {
      await this.#state.remove(FILE);
      return;
    }
    for (const line of new TextDecoder().decode(bytes).split("\n")) {
      const words = line.split(" ");
      // A line holds all that was judged at once.
      for (let at = 0; at < words.length; at += WORDS) {
        const [version, grounds, trust, blob, kind] = words.slice(at, at + WORDS);
        if (version === String(GATE_VERSION) && isKind(kind)) this.#known.set(`${grounds} ${trust} ${blob}`, kind);
      }
    }
  }
}

/** What the gate says of a memory that was found in the tree, whoever put it there. */
export function judgeFound(memory: Memory, trust: Trust, { policy, tombstones, now }: Grounds): Verdict {
  const { title, path, front, body } = memory;
  const words = [title, front.description ?? "", ...(front.tags ?? []), body].join("\n");
  return judge({
    files: [{ path, bytes: new TextEncoder().encode(words), before: null, after: memory }],
    caller: { channel: "sync", actor: front.generated?.by ?? "unknown", trust },
    operation: "add",
    reason: "",
    found: true,
    tier: trust,
    policy,
    tombstones,
    now,
  });
}

function isKind(text: string | undefined): text is VerdictKind {
  return text === "allow" || text === "confirm" || text === "quarantine" || text === "block";
}
