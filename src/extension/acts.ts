/** What a person does to memories in this window: each act is one commit, is remembered, and can be taken back. */
import type { ObjectId } from "../core/memory/model.ts";
import type { Written } from "../core/proposal.ts";
import { planRevertOfCommit, revert, type RevertPlan } from "../core/provenance/revert.ts";
import type { MemoryStore } from "../core/store.ts";
import {
  confirmMemory,
  expireMemories,
  type ExpiryCause,
  renewMemory,
  replaceMemory,
  updateMemory,
} from "../core/verbs.ts";
import type { EditorPerson } from "./person.ts";

/** What was done, so that it can be said and undone. */
export interface Done {
  /** `Expired.`, `Expired 3 memories.` */
  readonly sentence: string;
  readonly commits: readonly { readonly store: MemoryStore; readonly commit: ObjectId }[];
}

/** A message hands its act to the command that takes it back; any other argument is none. */
export function isDone(value: unknown): value is Done {
  return typeof value === "object" && value !== null && "commits" in value && "sentence" in value;
}

/** A memory by the store that has it and the version that the person saw. */
export interface Target {
  readonly store: MemoryStore;
  /** Its id, or its path where it has none or is broken. */
  readonly name: string;
  readonly read?: ObjectId;
}

/** As many acts as a person may want to take back in a row. */
const LONGEST_STACK = 50;

export class Acts {
  readonly #person: EditorPerson;
  #done: readonly Done[] = [];

  constructor(person: EditorPerson) {
    this.#person = person;
  }

  /** All of one store go in one commit. */
  async expire(targets: readonly Target[], cause: ExpiryCause, reason: string): Promise<Done> {
    const commits: { store: MemoryStore; commit: ObjectId }[] = [];
    for (const store of new Set(targets.map((target) => target.store))) {
      const own = targets.filter((target) => target.store === store);
      const [only] = own;
      const read = own.length === 1 && only?.read !== undefined ? { read: only.read } : {};
      const caller = await this.#person.caller(store, "user");
      const written = await expireMemories(
        store,
        own.map(({ name }) => name),
        { caller, cause, reason, ...read },
      );
      commits.push({ store, commit: written.commit });
    }
    return this.#remember({
      sentence: targets.length === 1 ? "Expired." : `Expired ${targets.length} memories.`,
      commits,
    });
  }

  async editTitle(target: Target, title: string): Promise<Done> {
    const caller = await this.#person.caller(target.store, "user");
    const act = { caller, reason: "Title edited in the Memory view.", ...versionOf(target) };
    return this.#one("Title changed.", target.store, await updateMemory(target.store, target.name, { title }, act));
  }

  /** @param expires a duration such as `30d`, a date, or null for no end. */
  async renew(target: Target, expires: string | null): Promise<Done> {
    const caller = await this.#person.caller(target.store, "user");
    const written = await renewMemory(target.store, target.name, expires, { caller, reason: "" });
    return this.#one(expires === null ? "Kept without an end." : "Renewed.", target.store, written);
  }

  /**
   * Throws ConflictError where the memory is another one than `read` by now: what is confirmed is what was shown. Not for
   * Undo: the approval is evidence of its own, and taking back its commit would not take it back.
   */
  async confirm(target: Target): Promise<Done> {
    const caller = await this.#person.caller(target.store, "user");
    const act = { caller, reason: "Confirmed in the editor.", ...versionOf(target) };
    return said("Confirmed as yours.", target.store, await confirmMemory(target.store, target.name, act));
  }

  /** The whole file as it was saved. Raises no trust. */
  async save(store: MemoryStore, path: string, read: ObjectId, bytes: Uint8Array): Promise<Done> {
    const caller = await this.#person.caller(store, "agent");
    return this.#one(
      "Saved.",
      store,
      await replaceMemory(store, path, read, bytes, { caller, reason: "Saved in the editor." }),
    );
  }

  async revert(store: MemoryStore, plan: RevertPlan): Promise<Done> {
    const caller = await this.#person.caller(store, "user");
    return this.#one("Reverted.", store, await revert(store, plan, { caller, reason: "" }));
  }

  /** Takes an act of this window back, by default the last, as a commit of its own. Null where there is none (any more). */
  async undo(which: Done | undefined = this.#done.at(-1)): Promise<Done | null> {
    const last = this.#done.find((done) => done === which);
    if (last === undefined) return null;
    const commits: { store: MemoryStore; commit: ObjectId }[] = [];
    for (const { store, commit } of last.commits) {
      const caller = await this.#person.caller(store, "user");
      const plan = await planRevertOfCommit(store, commit);
      commits.push({
        store,
        commit: (await revert(store, plan, { caller, reason: "Undone in the Memory view." })).commit,
      });
    }
    this.#done = this.#done.filter((done) => done !== last);
    return { sentence: "Undone.", commits };
  }

  /** An act that another feature did in this window, so that Undo knows of it. */
  note(done: Done): Done {
    return this.#remember(done);
  }

  #one(sentence: string, store: MemoryStore, written: Written): Done {
    return this.#remember(said(sentence, store, written));
  }

  #remember(done: Done): Done {
    this.#done = [...this.#done, done].slice(-LONGEST_STACK);
    return done;
  }
}

function versionOf(target: Target): { readonly read?: ObjectId } {
  return target.read === undefined ? {} : { read: target.read };
}

function said(sentence: string, store: MemoryStore, written: Written): Done {
  return { sentence: [sentence, ...written.notices].join(" "), commits: [{ store, commit: written.commit }] };
}
