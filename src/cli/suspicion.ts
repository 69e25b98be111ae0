/** What a command line suspects: by an option that says what it is, or by one word that is looked up. */
import { type Suspicion, suspicionOf } from "../core/provenance/roots.ts";
import type { MemoryStore } from "../core/store.ts";
import { type Arguments, UsageError } from "./arguments.ts";
import type { Options } from "./options.ts";
import { type Context, storesFor } from "./context.ts";
import { findAnytime } from "./naming.ts";

export const SUSPICION_OPTIONS: Options = {
  session: { value: "SESSION", summary: "All that one session wrote." },
  actor: { value: "NAME", summary: "All that one writer wrote, such as copilot or copilot/gpt-5.2." },
  source: { value: "PLACE", summary: "All that cites a source, the place below which it is, or its host." },
};

export interface Suspected {
  readonly store: MemoryStore;
  readonly suspicion: Suspicion;
}

/** Throws UsageError where nothing or too much is named, MemoryNotFoundError. */
export async function suspected(context: Context, args: Arguments): Promise<Suspected> {
  const named: Suspicion[] = [];
  const [session, actor, source] = [args.text("session"), args.text("actor"), args.text("source")];
  if (session !== undefined) named.push({ kind: "session", session });
  if (actor !== undefined) named.push({ kind: "actor", actor });
  if (source !== undefined) named.push({ kind: "source", source });
  const operand = args.operand(0);
  const [only] = named;
  if (named.length + (operand === undefined ? 0 : 1) !== 1) {
    throw new UsageError(
      `${args.command} takes one thing: an id, a commit, or one of --session, --actor and --source.`,
    );
  }
  const stores = await storesFor(context, args);
  if (only !== undefined) return { store: firstOf(stores), suspicion: only };
  return lookedUp(stores, operand ?? "");
}

async function lookedUp(stores: readonly MemoryStore[], name: string): Promise<Suspected> {
  if (name.startsWith("m_") || name.startsWith("path:") || /^(?:semantic|episodic)\/.*\.md$/.test(name)) {
    const { store, id, path } = await findAnytime(stores, name);
    return { store, suspicion: { kind: "memory", id, path } };
  }
  for (const store of stores) {
    const suspicion = await suspicionOf(store, name);
    if (suspicion.kind !== "source" || store === stores.at(-1)) return { store, suspicion };
  }
  return { store: firstOf(stores), suspicion: { kind: "source", source: name } };
}

function firstOf(stores: readonly MemoryStore[]): MemoryStore {
  const [first] = stores;
  if (first === undefined) throw new UsageError("There is no store to look into.");
  return first;
}
