/**
 * The stores that one door sees: the project's and the person's. One view over both; each answer names its store.
 */
import { MemoryNotFoundError, NoStoreError, StoreExistsError } from "./errors.ts";
import { initialiseStore } from "./initialise.ts";
import { claimDigest } from "./memory/claim.ts";
import type { Memory } from "./memory/model.ts";
import { effectiveTrust } from "./memory/trust.ts";
import type { Caller, Draft } from "./proposal.ts";
import { makeReceipt, receiptLine } from "./recall/receipt.ts";
import { type Question, recall, type RecallResult, type RecallStore } from "./recall/recall.ts";
import type { Session } from "./session.ts";
import type { MemoryStore } from "./store.ts";
import { findMemory } from "./verbs.ts";

/** A recall with the receipt's id, by which it can be found again. */
export type Recalled = RecallResult & { readonly receipt: string };

/** The log of receipts in local state, one JSON line each. */
export const RECEIPTS = "receipts";

export type StoreLabel = "project" | "personal";

export class Stores {
  /** The repository's own store; null outside a repository. */
  readonly project: MemoryStore | null;
  /** The person's store in the user's data directory. It exists from the first preference on. */
  readonly personal: MemoryStore;

  constructor(project: MemoryStore | null, personal: MemoryStore) {
    this.project = project;
    this.personal = personal;
  }

  /** The stores that exist, the project's first: on a contradiction it takes precedence. */
  async existing(): Promise<MemoryStore[]> {
    const stores = [this.project, this.personal].filter((store) => store !== null);
    const there = await Promise.all(stores.map((store) => store.exists()));
    return stores.filter((_, i) => there[i]);
  }

  /**
   * Where a new claim belongs: a preference without a scope is about the person, all else is about the project. `wish` is
   * the caller's own word. Throws NoStoreError where the project has no store: creating one needs a person's consent.
   */
  async storeFor(draft: Pick<Draft, "type" | "scope">, wish?: StoreLabel): Promise<MemoryStore> {
    const aboutPerson = draft.type === "Preference" && (draft.scope?.length ?? 0) === 0;
    const label = wish ?? (aboutPerson ? "personal" : "project");
    if (label === "personal") return this.#personalStore();
    if (this.project === null) throw new NoStoreError("This folder is in no git repository, so it has no project memory. Open a repository, or use the personal store.");
    return this.project;
  }

  /** The memory that a caller names, in whichever store has it. Throws MemoryNotFoundError. */
  async find(name: string): Promise<{ store: MemoryStore; memory: Memory }> {
    const stores = await this.existing();
    let failure: MemoryNotFoundError | undefined;
    for (const store of stores) {
      try {
        return { store, memory: findMemory(await store.snapshot(), name) };
      } catch (error) {
        if (!(error instanceof MemoryNotFoundError)) throw error;
        failure ??= error;
      }
    }
    throw failure ?? noStore();
  }

  /** The personal store begins with the first write to it, on the consent that the project's store was started with. */
  async #personalStore(): Promise<MemoryStore> {
    if (await this.personal.exists()) return this.personal;
    if (this.project === null || !(await this.project.exists())) {
      throw new NoStoreError("There is no personal memory store yet. Ask the user to run `git memory init --placement personal`.");
    }
    const caller: Caller = { channel: "cli", actor: "git-memory", trust: "agent" };
    await initialiseStore(this.personal, { caller, reason: "" }).catch((error: unknown) => {
      // Another process may have been first.
      if (!(error instanceof StoreExistsError)) throw error;
    });
    return this.personal;
  }

  /** Chooses memories of both stores for a request, notes them in the session, and keeps the receipt. */
  async recall(question: Omit<Question, "now" | "mode">, session: Session): Promise<Recalled> {
    const stores = await this.existing();
    const [first] = stores;
    if (first === undefined) throw noStore();
    const asked: Question = { ...question, now: first.environment.now(), mode: await first.mode() };
    const { tokens, limit } = (await first.policy()).budgets;
    const result = recall({
      stores: await Promise.all(stores.map(recallStore)),
      question: asked,
      ceilings: { budget: tokens, limit },
    });
    const receipt = makeReceipt(asked, result, { session: session.id });
    await first.state.append(RECEIPTS, receiptLine(receipt));
    session.gave(result.chosen);
    return { ...result, receipt: receipt.id };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.project?.dispose(), this.personal.dispose()]);
  }
}

async function recallStore(store: MemoryStore): Promise<RecallStore> {
  const snapshot = await store.snapshot();
  const [{ memories, index }, approved] = await Promise.all([store.index.at(snapshot), store.approvals.digests()]);
  const changed = await store.citations.changed(memories);
  const isReviewed = (memory: Memory): boolean => approved.has(claimDigest(memory));
  return {
    label: store.label,
    commit: snapshot.commit,
    memories,
    index,
    trustOf: (memory) => effectiveTrust(memory, (id) => snapshot.get(id), isReviewed),
    changedSources: (memory) => changed.get(memory.blob) ?? [],
  };
}

function noStore(): NoStoreError {
  return new NoStoreError("There is no memory store here yet. Ask the user to run `git memory init`, or to press the button in the Memory view.");
}
