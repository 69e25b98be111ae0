/** The plans of the core as the editor shows them. */
import type { RestorePlan } from "../../core/provenance/restore.ts";
import { restore } from "../../core/provenance/restore.ts";
import { resolveRevert, revert, type RevertPlan } from "../../core/provenance/revert.ts";
import { wordsFor } from "../../core/provenance/roots.ts";
import { resolveTakeBack, takeBack, type TakeBackPlan } from "../../core/provenance/take-back.ts";
import {
  filesOfRevert,
  filesOfTakeBack,
  restorePage,
  revertPage,
  takeBackPage,
  type PlannedFile,
} from "../../core/view/plan-page.ts";
import type { Acts } from "../acts.ts";
import type { OpenStore } from "../workspace.ts";
import type { Plan } from "./plans.ts";

/** The revert of one commit, or of the last change of one memory. */
export function planOfRevert(acts: Acts, store: OpenStore, plan: RevertPlan, title: string): Plan {
  const build = (current: RevertPlan): Plan => {
    const files = filesOfRevert(current);
    return {
      store,
      title,
      verb: "Revert",
      page: revertPage(current, files),
      files,
      needsWords: files.some(({ action }) => action === "conflict" || action === "resolved"),
      decide: (path, bytes) => build(resolveRevert(current, path, bytes)),
      carryOut: () => {
        // What nobody decided stays as it is.
        const decided = { ...current, files: current.files.filter(({ outcome }) => outcome !== "conflict") };
        return acts.carryOut("Reverted.", store.store, (act) => revert(store.store, decided, act));
      },
    };
  };
  return build(plan);
}

export function planOfTakeBack(acts: Acts, store: OpenStore, plan: TakeBackPlan): Plan {
  return {
    store,
    title: wordsFor(plan.suspicion),
    verb: "Take Back",
    page: takeBackPage(plan),
    files: filesOfTakeBack(plan),
    needsWords: true,
    decide: (path, bytes) => planOfTakeBack(acts, store, resolveTakeBack(plan, path, bytes)),
    carryOut: () =>
      acts.carryOut("Taken back.", store.store, (act) => takeBack(store.store, plan, { ...act, leaveConflicts: true })),
  };
}

/** @param moment the state that comes back, in words. */
export async function planOfRestore(acts: Acts, store: OpenStore, plan: RestorePlan, moment: string): Promise<Plan> {
  const { differences } = plan;
  const before = await bytesOf(
    store,
    differences.map((one) => one.before),
  );
  const after = await bytesOf(
    store,
    differences.map((one) => one.after),
  );
  const files = differences.map(({ title, path }, i): PlannedFile => {
    const sides = { before: before[i] ?? null, after: after[i] ?? null };
    const action = sides.before === null ? "comes back" : sides.after === null ? "goes" : "changes back";
    return { title, path, action, now: differences[i]?.before ?? null, ...sides, notes: [] };
  });
  const built: Plan = {
    store,
    title: `the memory as of ${moment}`,
    verb: "Restore",
    page: restorePage(plan, `as of ${moment}`, store.store.environment.now()),
    files,
    needsWords: true,
    decide: () => built,
    carryOut: () => acts.carryOut("Restored.", store.store, (act) => restore(store.store, plan, act)),
  };
  return built;
}

/** The bytes of many versions by one reading; null for none. */
async function bytesOf({ store }: OpenStore, blobs: readonly (string | null)[]): Promise<(Uint8Array | null)[]> {
  const wanted = blobs.filter((blob) => blob !== null);
  const read = await store.repository.blobs(wanted);
  const byBlob = new Map(wanted.map((blob, i) => [blob, read[i] ?? null]));
  return blobs.map((blob) => (blob === null ? null : (byBlob.get(blob) ?? null)));
}
