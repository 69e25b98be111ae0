import { isBroken } from "../../core/memory/model.ts";
import type { MemoryStore } from "../../core/store.ts";
import { EXPIRY_CAUSES, expireMemories } from "../../core/verbs.ts";
import { UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { storesFor } from "../context.ts";
import { findAnytime, hasEnded } from "../naming.ts";
import { answerOfWrite } from "../written.ts";

export const expire: Command = {
  name: "expire",
  usage: ["expire ID... --cause wrong|outdated|duplicate|other [--reason TEXT]"],
  about:
    "Stops using memories: they leave the store in one commit. History keeps them, and revert or renew brings them back. A broken file is named by its path.",
  options: {
    cause: {
      value: "CAUSE",
      choices: EXPIRY_CAUSES,
      summary: "Why: it was never so, is so no more, is said elsewhere, or another reason.",
    },
    reason: { value: "TEXT", summary: "More words, for the commit's message." },
    ...STORE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1000, name: "the id of at least one memory" },
  examples: [
    { line: "expire m_7k3q9f2d --cause outdated", says: "Ends one memory." },
    {
      line: 'expire m_7k3q9f2d m_1x8h2j5k --cause duplicate --reason "Both say what m_0a2b4c6d says."',
      says: "Ends two in one commit.",
    },
  ],
  async run(context, args) {
    args.required("cause");
    const cause = args.choice("cause", EXPIRY_CAUSES) ?? "other";
    const stores = await storesFor(context, args);
    const found = [];
    for (const name of new Set(args.operands)) found.push(await pathOf(stores, name));
    const [first] = found;
    if (first === undefined) throw new UsageError("expire needs the id of at least one memory.");
    const other = found.find(({ store }) => store !== first.store);
    if (other !== undefined)
      throw new UsageError(
        `One change is one commit, and these memories are in two stores. Expire those of the ${other.store.label} store by themselves.`,
      );
    const paths = [...new Set(found.map(({ path }) => path))];
    const written = await expireMemories(first.store, paths, { ...actOf(context, args), cause });
    return answerOfWrite(first.store, written, "Expired", { paths });
  },
};

async function pathOf(stores: readonly MemoryStore[], name: string): Promise<{ store: MemoryStore; path: string }> {
  for (const store of stores) {
    const file = (await store.snapshot()).at(name);
    if (file !== undefined && isBroken(file)) return { store, path: name };
  }
  const { store, id, path, present } = await findAnytime(stores, name);
  if (!present) throw hasEnded({ id });
  return { store, path };
}
