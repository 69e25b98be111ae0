/** The gate at the door of one store: what is believed already, what must not come back, and what was just written. */
import type { GateStore, RecentWrite } from "./gate/anomalies.ts";
import { judge } from "./gate/gate.ts";
import type { Verdict } from "./gate/verdict.ts";
import type { Policy } from "./memory/policy.ts";
import { instantOf } from "./memory/time.ts";
import { effectiveTrust } from "./memory/trust.ts";
import type { Environment, LocalState } from "./ports.ts";
import type { Proposal, ProposedFile } from "./proposal.ts";
import { StoreIndex } from "./recall/store-index.ts";
import type { Snapshot } from "./snapshot.ts";
import type { EvidenceBook } from "./trust/evidence.ts";
import type { Graves } from "./trust/graves.ts";

/** Beliefs about the same things that a claim is held against; the best by their words. */
const MOST_ALIKE = 24;
/** As much of a body as is searched with: the claim comes first. */
const SEARCHED = 600;
/** How long a write counts for the rate, in milliseconds; twice the time in which a burst is looked for. */
const REMEMBERED_MS = 20 * 60_000;

export interface StoreGateParts {
  readonly state: LocalState;
  readonly evidence: Pick<EvidenceBook, "at">;
  readonly graves: Pick<Graves, "buried">;
  readonly environment: Environment;
}

export class StoreGate {
  readonly #parts: StoreGateParts;
  /** One of its own: a recall's index must stay where the recall has put it. */
  readonly #index: StoreIndex;
  #recent: RecentWrite[] = [];

  constructor(parts: StoreGateParts) {
    this.#parts = parts;
    this.#index = new StoreIndex(parts.state);
  }

  /** Judges a change set against the snapshot that it was made on. */
  async judge(base: Snapshot, files: readonly ProposedFile[], proposal: Proposal, policy: Policy): Promise<Verdict> {
    const now = this.#parts.environment.now();
    return judge({
      files,
      caller: proposal.caller,
      operation: proposal.operation,
      reason: proposal.reason,
      // A revert repeats the subject of what it takes back; judging that again would keep poison from being reverted.
      ...(proposal.subject === undefined || proposal.operation === "revert" ? {} : { subject: proposal.subject }),
      ...(proposal.note === undefined ? {} : { note: proposal.note }),
      ...(proposal.caller.gesture === true ? { tier: "reviewed" as const } : {}),
      policy,
      store: await this.#view(base),
      tombstones: await this.#parts.graves.buried(base),
      now: instantOf(now),
    });
  }

  /** Notes a write that was stored, for the rate of later ones. */
  wrote({ caller }: Proposal, memories: number): void {
    const now = this.#parts.environment.now();
    const since = now.getTime() - REMEMBERED_MS;
    const { session, actor } = caller;
    const write = { at: instantOf(now), actor, memories, ...(session === undefined ? {} : { session }) };
    // Oldest first, so that where the first is not over none is.
    const isOver = Date.parse(this.#recent[0]?.at ?? write.at) <= since;
    const recent = isOver ? this.#recent.filter(({ at }) => Date.parse(at) > since) : this.#recent;
    this.#recent = [...recent, write];
  }

  async dispose(): Promise<void> {
    await this.#index.dispose();
  }

  async #view(base: Snapshot): Promise<GateStore> {
    const [{ index, memoryOf }, evidence] = await Promise.all([this.#index.at(base), this.#parts.evidence.at(base)]);
    return {
      get: (id) => base.get(id),
      about: ({ title, body }) => {
        const hits = index.best(`${title}\n${body.slice(0, SEARCHED)}`, MOST_ALIKE);
        return hits.flatMap(({ blob }) => memoryOf(blob) ?? []);
      },
      trustOf: (memory) =>
        effectiveTrust(
          memory,
          (id) => base.get(id),
          (one) => evidence.isReviewed(one),
        ),
      recent: this.#recent,
    };
  }
}
