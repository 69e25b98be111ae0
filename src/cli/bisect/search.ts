/** A bisection that survives being stopped: every verdict is kept in local state as soon as it is known. */
import { jsonOf } from "../../core/json.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { BisectState, Verdict } from "../../core/provenance/bisect.ts";
import type { LocalState } from "../../core/ports.ts";

export interface Search extends BisectState {
  readonly run: string;
  readonly question: string | null;
  /** As they were named, to tell the same search from another. */
  readonly named: { readonly good: string | null; readonly bad: string | null };
}

const STATE = "bisect";

/** Null where none is under way, or its record was cut short: the search begins again. */
export async function readSearch(state: LocalState): Promise<Search | null> {
  const bytes = await state.read(STATE);
  return bytes === null ? null : jsonOf(new TextDecoder().decode(bytes), isSearch);
}

export async function writeSearch(state: LocalState, search: Search): Promise<void> {
  await state.write(STATE, new TextEncoder().encode(JSON.stringify(search)));
}

export async function dropSearch(state: LocalState): Promise<void> {
  await state.remove(STATE);
}

/** The search with one more commit judged. */
export function judged(search: Search, commit: ObjectId, verdict: Verdict): Search {
  return { ...search, verdicts: { ...search.verdicts, [commit]: verdict } };
}

export function isSameSearch(a: Search, b: Pick<Search, "run" | "question" | "named">): boolean {
  return a.run === b.run && a.question === b.question && a.named.good === b.named.good && a.named.bad === b.named.bad;
}

function isSearch(value: unknown): value is Search {
  if (typeof value !== "object" || value === null) return false;
  const { good, bad, run, verdicts, named } = value as Partial<Record<keyof Search, unknown>>;
  return (
    [good, bad, run].every((one) => typeof one === "string") &&
    typeof verdicts === "object" &&
    verdicts !== null &&
    typeof named === "object" &&
    named !== null
  );
}
