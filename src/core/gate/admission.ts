/**
 * What is in the tree need not have come through a door of ours: a pull, a hand edit or an agent with a shell puts it there
 * too. So what would reach a prompt is judged when it is first seen there, and what the gate would not have stored is not
 * recalled. The answer is kept by version, because the same words always get the same one.
 */
import type { Memory } from "../memory/model.ts";
import type { Policy } from "../memory/policy.ts";
import { stampedTrust } from "../memory/trust.ts";
import type { LocalState } from "../ports.ts";
import { GATE_VERSION, judge } from "./gate.ts";
import type { Verdict, VerdictKind } from "./verdict.ts";

const FILE = "admitted";
/** The log is begun anew past this size, in bytes: what is forgotten is judged again. */
const MOST_BYTES = 8_000_000;

export class Admissions {
  readonly #state: LocalState;
  /** By whether content is graded, and the version. */
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

  /** Whether the words of a memory may be recalled, as far as the gate is concerned. */
  admits(memory: Memory, policy: Policy): boolean {
    const key = `${policy.gate.content} ${memory.blob}`;
    let kind = this.#known.get(key);
    if (kind === undefined) {
      ({ kind } = judgeFound(memory, policy));
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
    for (const line of lines) await this.#state.append(FILE, line).catch(() => undefined);
  }

  async #load(): Promise<void> {
    const bytes = await this.#state.read(FILE).catch(() => null);
    if (bytes === null) return;
    if (bytes.length > MOST_BYTES) {
      await this.#state.remove(FILE);
      return;
    }
    for (const line of new TextDecoder().decode(bytes).split("\n")) {
      const [version, content, blob, kind] = line.split(" ");
      if (version === String(GATE_VERSION) && isKind(kind)) this.#known.set(`${content} ${blob}`, kind);
    }
  }
}

/** What the gate says of a memory that was found in the tree, whoever put it there. */
export function judgeFound(memory: Memory, policy: Policy): Verdict {
  const { title, path, front, body } = memory;
  const words = [title, front.description ?? "", ...(front.tags ?? []), body].join("\n");
  return judge({
    files: [{ path, bytes: new TextEncoder().encode(words), before: null, after: memory }],
    caller: { channel: "sync", actor: front.generated?.by ?? "unknown", trust: stampedTrust(memory) },
    operation: "add",
    reason: "",
    policy,
  });
}

function isKind(text: string | undefined): text is VerdictKind {
  return text === "allow" || text === "confirm" || text === "quarantine" || text === "block";
}
