/** What a process does to its stores while things go wrong, and what it tells: what it begins, and what was acknowledged. */
import { initialiseStore } from "../../src/core/initialise.ts";
import { HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Written } from "../../src/core/proposal.ts";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import { planRestore, restore } from "../../src/core/provenance/restore.ts";
import { planRevertOfCommit, revert } from "../../src/core/provenance/revert.ts";
import { nameSnapshot } from "../../src/core/provenance/snapshots.ts";
import { approveHeld, digestOfHeld, rejectHeld } from "../../src/core/review/decide.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import {
  addMemory,
  expireMemories,
  importMemories,
  renewMemory,
  supersedeMemories,
  updateMemory,
} from "../../src/core/verbs.ts";
import { act, claim, human } from "../support/scratch.ts";

/** What an act is about to do, told before it begins. */
export interface Begun {
  readonly op: string;
  /** How many files the one commit changes that it may make; null where it makes none on the store's ref. */
  readonly files: number | null;
  /** What it changes, by name: what was acknowledged of these before may be so no more. `*` is everything. */
  readonly touches?: readonly string[];
}

/** What is so once the act was acknowledged. */
export type Fact =
  | { readonly is: "believed"; readonly subject: string; readonly title: string }
  | { readonly is: "gone"; readonly subject: string }
  | { readonly is: "waiting"; readonly subject: string }
  | { readonly is: "decided"; readonly subject: string }
  | { readonly is: "named"; readonly subject: string; readonly commit: string }
  | { readonly is: "committed"; readonly subject: string }
  | { readonly is: "erased"; readonly subject: string };

export type Tell = (begun: Begun, work: () => Promise<readonly Fact[]>) => Promise<void>;

export interface Scenario {
  /** Which of the prepared repositories it starts from. */
  readonly on: "store" | "no-store" | "checkout";
  readonly run: (store: MemoryStore, tell: Tell, stores: Stores) => Promise<void>;
}

/** What the prepared store has, by title. */
export const PREPARED = ["Claim number 1", "Claim number 2", "Claim number 3", "Claim number 4"] as const;

/** The title of the memory that is erased; its words are nowhere else. */
export const ERASED = PREPARED[1];

const byHand = { caller: human, reason: "It was looked at." };

function believed(written: Written): Fact[] {
  return [
    ...written.memories.map(({ id, title }): Fact => ({ is: "believed", subject: id, title })),
    { is: "committed", subject: written.commit },
  ];
}

async function idOf(store: MemoryStore, title: string): Promise<string> {
  const found = [...(await store.snapshot()).memories()].find((memory) => memory.title === title);
  if (found === undefined) throw new Error(`The prepared store has no "${title}".`);
  return found.id;
}

async function waiting(store: MemoryStore): Promise<Held> {
  const [held] = (await store.quarantine?.waiting(null)) ?? [];
  if (held === undefined) throw new Error("The prepared store holds nothing.");
  return held;
}

async function add(store: MemoryStore, tell: Tell, name: string): Promise<void> {
  await tell({ op: "add", files: 1 }, async () => believed(await addMemory(store, claim(name), act)));
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  add: {
    on: "store",
    async run(store, tell) {
      for (const name of ["a", "b", "c"]) await add(store, tell, name);
    },
  },
  update: {
    on: "store",
    async run(store, tell) {
      const id = await idOf(store, PREPARED[0]);
      for (const title of ["First again", "Second again"]) {
        await tell({ op: "update", files: 1, touches: [id] }, async () =>
          believed(await updateMemory(store, id, { title, body: `It is now: ${title}.` }, act)),
        );
      }
    },
  },
  expire: {
    on: "store",
    async run(store, tell) {
      const ids = [await idOf(store, PREPARED[0]), await idOf(store, PREPARED[1])];
      await tell({ op: "expire", files: 2, touches: ids }, async () => {
        const written = await expireMemories(store, ids, { ...act, cause: "outdated" });
        return [...ids.map((subject): Fact => ({ is: "gone", subject })), { is: "committed", subject: written.commit }];
      });
      await add(store, tell, "after");
    },
  },
  renew: {
    on: "store",
    async run(store, tell) {
      const id = await idOf(store, PREPARED[0]);
      await tell({ op: "renew", files: 1, touches: [id] }, async () =>
        believed(await renewMemory(store, id, "30d", act)),
      );
    },
  },
  "change set": {
    on: "store",
    async run(store, tell) {
      const ids = [await idOf(store, PREPARED[0]), await idOf(store, PREPARED[1]), await idOf(store, PREPARED[2])];
      await tell({ op: "supersede", files: 4, touches: ids }, async () => {
        const written = await supersedeMemories(store, ids, claim("all three"), act);
        const [added] = written.memories;
        return [
          ...ids.map((subject): Fact => ({ is: "gone", subject })),
          { is: "believed", subject: added?.id ?? "", title: added?.title ?? "" },
          { is: "committed", subject: written.commit },
        ];
      });
      await add(store, tell, "after");
    },
  },
  import: {
    on: "store",
    async run(store, tell) {
      const drafts = Array.from({ length: 12 }, (_, n) => claim(`imported ${n}`));
      await tell({ op: "import", files: drafts.length }, async () =>
        believed(await importMemories(store, drafts, { ...act, subject: "A dozen claims" })),
      );
    },
  },
  revert: {
    on: "store",
    async run(store, tell) {
      const id = await idOf(store, PREPARED[3]);
      const [last] = await store.journal.of(id);
      await tell({ op: "revert", files: 1, touches: [id] }, async () => {
        const written = await revert(store, await planRevertOfCommit(store, last?.commit ?? ""), byHand);
        return believed(written);
      });
      await add(store, tell, "after");
    },
  },
  init: {
    on: "no-store",
    async run(store, tell) {
      await tell({ op: "init", files: 2 }, async () => {
        const { commit } = await initialiseStore(store, byHand);
        return [{ is: "committed", subject: commit }];
      });
      await add(store, tell, "first");
    },
  },
  "init personal": {
    on: "no-store",
    async run(_project, tell, { personal }) {
      await tell({ op: "init", files: 2 }, async () => {
        const { commit } = await initialiseStore(personal, byHand);
        return [{ is: "committed", subject: commit }];
      });
      await add(personal, tell, "first");
    },
  },
  hold: {
    on: "store",
    async run(store, tell) {
      // In a session of its own: what it writes later counts as from outside, too.
      const caller = { ...act.caller, trust: "untrusted", session: "s_0u7s1d3r" } as const;
      for (const name of ["held a", "held b"]) {
        await tell({ op: "hold", files: null }, async () => {
          try {
            await addMemory(store, claim(name, { trust: "untrusted" }), { ...act, caller });
          } catch (error) {
            if (error instanceof HeldForReviewError) return [{ is: "waiting", subject: error.held.id }];
            throw error;
          }
          throw new Error("The gate let it pass.");
        });
      }
    },
  },
  approve: {
    on: "store",
    async run(store, tell) {
      const held = await waiting(store);
      await tell({ op: "approve", files: 1, touches: [held.id] }, async () => [
        ...believed(await approveHeld(store, held.id, { ...byHand, shown: digestOfHeld(held) })),
        { is: "decided", subject: held.id },
      ]);
    },
  },
  reject: {
    on: "store",
    async run(store, tell) {
      const held = await waiting(store);
      await tell({ op: "reject", files: 1, touches: [held.id] }, async () => {
        const written = await rejectHeld(store, held.id, byHand);
        return [
          { is: "decided", subject: held.id },
          ...(written === null ? [] : [{ is: "committed" as const, subject: written.commit }]),
        ];
      });
    },
  },
  "named snapshot": {
    on: "store",
    async run(store, tell) {
      await tell({ op: "name", files: null }, async () => {
        const { name, commit } = await nameSnapshot(store, "before-release");
        return [{ is: "named", subject: name, commit }];
      });
      await add(store, tell, "after");
    },
  },
  restore: {
    on: "store",
    async run(store, tell) {
      const [, , then] = await store.journal.entries();
      const plan = await planRestore(store, then?.commit ?? "");
      await tell({ op: "revert", files: plan.differences.length, touches: ["*"] }, async () => {
        const { commit } = await restore(store, plan, byHand);
        return [{ is: "committed", subject: commit }];
      });
    },
  },
  erase: {
    on: "store",
    async run(store, tell) {
      const id = await idOf(store, ERASED);
      const path = (await store.snapshot()).get(id)?.path ?? "";
      await tell({ op: "erase", files: 1, touches: ["*"] }, async () => {
        await eraseMemory(store, await planErase(store, { id, path }), byHand);
        return [{ is: "erased", subject: ERASED }];
      });
      await add(store, tell, "after");
    },
  },
  "branch checked out": {
    on: "checkout",
    async run(store, tell) {
      const id = await idOf(store, PREPARED[0]);
      await add(store, tell, "a");
      await tell({ op: "update", files: 1, touches: [id] }, async () =>
        believed(await updateMemory(store, id, { title: "Followed", body: "It follows." }, act)),
      );
    },
  },
};
