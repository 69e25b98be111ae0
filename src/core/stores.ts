/**
 * The stores that one door sees: the project's and the person's. One view over both; each answer names its store.
 */
import { LocalStateError, MemoryNotFoundError, NoRepositoryError, NoStoreError, StoreExistsError } from "./errors.ts";
import { initialiseStore } from "./initialise.ts";
import type { Memory, MemoryId } from "./memory/model.ts";
import type { Caller, Draft } from "./proposal.ts";
import { pastOf } from "./recall/as-of.ts";
import { ask, type Asked, presentViews, type View } from "./recall/ask.ts";
import { everyEntry, textOfAll, tokensOfAll } from "./recall/everything.ts";
import { makeReceipt, type Receipt } from "./recall/receipt.ts";
import { ReceiptLog } from "./recall/receipt-log.ts";
import type { RecallResult } from "./recall/recall.ts";
import { lowerMode, type Mode } from "./mode.ts";
import type { Question } from "./recall/question.ts";
import { type Difference, differenceOf, rebuild, type Rebuilt } from "./recall/replay.ts";
import type { Session } from "./session.ts";
import type { MemoryStore } from "./store.ts";
import { findMemory } from "./verbs.ts";

/** A recall with the receipt's id, by which it can be found again; null where none could be kept, which `note` then says. */
export type Recalled = RecallResult & { readonly receipt: string | null };

/** A question as a door asks it. */
export interface RecallRequest extends Omit<Question, "now" | "mode"> {
  /** May only lower the mode in force here. */
  readonly mode?: Mode;
  /** A commit or tag of the store, or a date: the answer is the one of then. */
  readonly asOf?: string;
  /** Counts the tokens of a text as the host's model does. The budget then holds by that count as well. */
  readonly countTokens?: (text: string) => Promise<number>;
}

/** An old recall made again, and what the same question would be given now. */
export type Replayed = Rebuilt & { readonly receipt: Receipt; readonly today: Difference };

export type StoreLabel = "project" | "personal";

/**
 * Where a new claim belongs: a preference without a scope is about the person, all else is about the project. `wish` is the
 * caller's own word.
 */
export function labelFor(draft: Pick<Draft, "type" | "scope">, wish?: StoreLabel): StoreLabel {
  const aboutPerson = draft.type === "Preference" && (draft.scope?.length ?? 0) === 0;
  return wish ?? (aboutPerson ? "personal" : "project");
}

export class Stores {
  /** The repository's own store; null outside a repository. */
  readonly project: MemoryStore | null;
  /** The person's store in the user's data directory. It exists from the first preference on. */
  readonly personal: MemoryStore;
  readonly #logs = new Map<MemoryStore, ReceiptLog>();
  #asking: Promise<unknown> = Promise.resolve();

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
   * The store that a new claim belongs in, by `labelFor`. Throws NoRepositoryError where it would be the project's and there
   * is none.
   */
  async storeFor(draft: Pick<Draft, "type" | "scope">, wish?: StoreLabel): Promise<MemoryStore> {
    if (labelFor(draft, wish) === "personal") return this.#personalStore();
    if (this.project === null)
      throw new NoRepositoryError(
        "This folder is in no git repository, so it has no project memory. Open a repository, or use the personal store.",
      );
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
      throw new NoStoreError(
        "There is no personal memory store yet. Ask the user to run `git memory init --placement personal`.",
      );
    }
    const caller: Caller = { channel: "cli", actor: "git-memory", trust: "agent" };
    await initialiseStore(this.personal, { caller, reason: "" }).catch((error: unknown) => {
      // Another process may have been first.
      if (!(error instanceof StoreExistsError)) throw error;
    });
    return this.personal;
  }

  /** Chooses memories of both stores for a request, notes them in the session, and keeps the receipt. */
  async recall(request: RecallRequest, session: Session): Promise<Recalled> {
    return this.#inTurn(() => this.#recall(request, session));
  }

  /** The same choice without a trace: no receipt, no session. For measuring. */
  async preview(request: Omit<RecallRequest, "mode" | "asOf">): Promise<RecallResult> {
    return this.#inTurn(async () => {
      const stores = await this.#there();
      const { countTokens, ...asked } = request;
      const question = { ...asked, now: stores[0].environment.now() };
      return (await withinCount(await presentViews(stores), question, await ceilingsOf(stores[0]), countTokens)).result;
    });
  }

  /**
   * Makes the recall of a receipt again. Throws MemoryNotFoundError where there is no such receipt, NotReplayableError where
   * git no longer has what it was made from.
   */
  async replay(name: string): Promise<Replayed> {
    return this.#inTurn(async () => {
      const stores = await this.#there();
      const receipt = await (await this.receipts()).find(name);
      const [first] = stores;
      const { mode: _then, ...asked } = receipt.question;
      const question = { ...asked, now: first.environment.now(), mode: await first.mode() };
      const today = await ask(
        question.mode === "off" ? [] : await presentViews(stores),
        question,
        await ceilingsOf(first),
      );
      const rebuilt = await rebuild(receipt, stores);
      return { ...rebuilt, receipt, today: differenceOf(rebuilt.result, today.result) };
    });
  }

  /** All that may be recalled now, as one text: what a request would carry without choosing. */
  async everything(): Promise<{ readonly text: string; readonly tokens: number; readonly ids: readonly MemoryId[] }> {
    const stores = await this.#there();
    const now = stores[0].environment.now();
    const views = await presentViews(stores);
    const entries = everyEntry(views, now).filter(({ ends }) => ends > now.getTime());
    return {
      text: textOfAll(entries, views, now),
      tokens: tokensOfAll(entries, now),
      ids: entries.map(({ id }) => id),
    };
  }

  /** The receipts of the recalls that were made here: in this repository, or outside of any for the person's own store. */
  async receipts(): Promise<ReceiptLog> {
    const [first] = await this.#there();
    return this.#logOf(first);
  }

  async dispose(): Promise<void> {
    await this.#asking;
    await Promise.all([this.project?.dispose(), this.personal.dispose()]);
  }

  async #recall(request: RecallRequest, session: Session): Promise<Recalled> {
    const stores = await this.#there();
    const [first] = stores;
    const { asOf, countTokens, mode: wish, ...asked } = request;
    const madeAt = first.environment.now();
    const mode = lowerMode(await first.mode(), wish ?? "full", session.mode);
    const past = asOf === undefined || mode === "off" ? null : await pastOf(stores, asOf, madeAt);
    // Where memory is off, nothing of it is even looked at.
    const views = mode === "off" ? [] : (past?.views ?? (await presentViews(stores)));
    const question: Question = { ...asked, intent: asked.intent ?? session.intent, now: past?.moment ?? madeAt, mode };
    const ceilings = await ceilingsOf(first, past?.views[0]);
    const { result, reviewed, refused } = await withinCount(views, question, ceilings, countTokens);
    const receipt = makeReceipt(question, result, {
      session: session.id,
      code: views[0]?.code ?? null,
      reviewed,
      refused,
      ...(past === null || asOf === undefined ? {} : { asOf: { name: asOf, madeAt } }),
    });
    const notKept = await this.#logOf(first)
      .append(receipt, madeAt)
      .then(() => null, whyNotKept);
    // What was believed once is no version that a write could be made against.
    if (past === null) session.gave(result.chosen);
    if (notKept === null) return { ...result, receipt: receipt.id };
    const note = `This recall is not recorded and can't be replayed. ${notKept}`;
    return { ...result, receipt: null, note: result.note === "" ? note : `${result.note}\n${note}` };
  }

  #logOf(store: MemoryStore): ReceiptLog {
    let log = this.#logs.get(store);
    if (log === undefined) this.#logs.set(store, (log = new ReceiptLog(store.state)));
    return log;
  }

  async #there(): Promise<[MemoryStore, ...MemoryStore[]]> {
    const [first, ...others] = await this.existing();
    if (first === undefined) throw noStore();
    return [first, ...others];
  }

  /** An index stands at one snapshot at a time, so questions are answered one after the other. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#asking.then(work);
    this.#asking = turn.catch(() => undefined);
    return turn;
  }
}

async function ceilingsOf(store: MemoryStore, view?: View): Promise<{ budget: number; limit: number }> {
  const { budgets } = view === undefined ? await store.policy() : await store.policyAt(view.snapshot);
  return { budget: budgets.tokens, limit: budgets.limit };
}

/** Our own bound holds for the tokenizers that it was checked against; where the host's counts more, less is chosen. */
async function withinCount(
  views: readonly View[],
  question: Question,
  ceilings: { readonly budget: number; readonly limit: number },
  countTokens: RecallRequest["countTokens"],
): Promise<Asked> {
  let asked = await ask(views, question, ceilings);
  if (countTokens === undefined) return asked;
  const { budget } = asked.result;
  for (
    let counted = await countTokens(asked.result.text);
    counted > budget;
    counted = await countTokens(asked.result.text)
  ) {
    const smaller = Math.floor(asked.result.tokens * (budget / counted)) - 1;
    asked = await ask(views, question, { ...ceilings, budget: Math.max(0, smaller) });
  }
  return asked;
}

/** A repository that can't be written can still be read. */
function whyNotKept(error: unknown): string {
  if (error instanceof LocalStateError) return error.message;
  throw error;
}

/** For whoever asks where no store is. */
export function noStore(): NoStoreError {
  return new NoStoreError(
    "There is no memory store here yet. Ask the user to run `git memory init`, or to press the button in the Memory view.",
  );
}
