/** What a person does to memories in this window: each act is one commit, is remembered, and can be taken back. */
import type { ObjectId } from "../core/memory/model.ts";
import type { Act, Written } from "../core/proposal.ts";
import { planRevertOfCommit, revert } from "../core/provenance/revert.ts";
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
import { withConsent, withOwnWord, type Consent } from "./review/consent.ts";

/** What was done, so that it can be said and undone. */
export interface Done {
  /** `Expired.`, `Expired 3 memories.` */
  readonly sentence: string;
  readonly commits: readonly Made[];
  /** Takes it back where that is more than reverting the commits. */
  readonly takeBack?: () => Promise<readonly Made[]>;
  /** What is said after it was taken back. */
  readonly undone?: string;
}

/** A commit of one store. */
export interface Made {
  readonly store: MemoryStore;
  readonly commit: ObjectId;
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
    const write = (yes: Consent): Promise<Written> =>
      updateMemory(target.store, target.name, { title }, { ...act, ...yes });
    return this.#one("Title changed.", target.store, await withConsent(write));
  }

  /** @param expires a duration such as `30d`, a date, or null for no end. */
  async renew(target: Target, expires: string | null): Promise<Done> {
    const caller = await this.#person.caller(target.store, "user");
    const write = (yes: Consent): Promise<Written> =>
      renewMemory(target.store, target.name, expires, { caller, reason: "", ...yes });
    const written = await withConsent(write);
    return this.#one(expires === null ? "Kept without an end." : "Renewed.", target.store, written);
  }

  /**
   * Throws ConflictError where the memory is another one than `read` by now: what is confirmed is what was shown. Not for
   * Undo: the approval is evidence of its own, and taking back its commit would not take it back.
   */
  async confirm(target: Target): Promise<Done> {
    const caller = await this.#person.caller(target.store, "user");
    const act = { caller, reason: "Confirmed in the editor.", ...versionOf(target) };
    const write = (yes: Consent): Promise<Written> => confirmMemory(target.store, target.name, { ...act, ...yes });
    return said("Confirmed as yours.", target.store, await withConsent(write));
  }

  /**
   * The whole file as it was saved. Raises no trust; where the change is one that only a person may make, it is stored as
   * the person's own after they said in a dialog that it is. Throws CancellationError where they said no.
   */
  async save(store: MemoryStore, path: string, read: ObjectId, bytes: Uint8Array): Promise<Done> {
    const reason = "Saved in the editor.";
    const asSaved = { caller: await this.#person.caller(store, "agent"), reason, attended: true } as const;
    const written = await withOwnWord(
      async () => replaceMemory(store, path, read, bytes, asSaved),
      async (yes) => {
        const caller = await this.#person.caller(store, "user");
        return replaceMemory(store, path, read, bytes, { caller, reason, ...yes });
      },
    );
    return this.#one("Saved.", store, written);
  }

  /** A write that was planned and shown before, by the person at this window. */
  async carryOut(sentence: string, store: MemoryStore, write: (act: Act) => Promise<Written>): Promise<Done> {
    const caller = await this.#person.caller(store, "user");
    return this.#one(sentence, store, await withConsent((yes) => write({ caller, reason: "", ...yes })));
  }

  /** Takes an act of this window back, by default the last, as a commit of its own. Null where there is none (any more). */
  async undo(which: Done | undefined = this.#done.at(-1)): Promise<Done | null> {
    const last = this.#done.find((done) => done === which);
    if (last === undefined) return null;
    const commits = await (last.takeBack?.() ?? this.#revertAll(last.commits));
    this.#done = this.#done.filter((done) => done !== last);
    return { sentence: last.undone ?? "Undone.", commits };
  }

  /** An act that another feature did in this window, so that Undo knows of it. */
  note(done: Done): Done {
    return this.#remember(done);
  }

  async #revertAll(made: readonly Made[]): Promise<Made[]> {
    const commits: Made[] = [];
    for (const { store, commit } of made) {
      const caller = await this.#person.caller(store, "user");
      const plan = await planRevertOfCommit(store, commit);
      const act = { caller, reason: "Undone in the Memory view." };
      commits.push({ store, commit: (await withConsent((yes) => revert(store, plan, { ...act, ...yes }))).commit });
    }
    return commits;
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
