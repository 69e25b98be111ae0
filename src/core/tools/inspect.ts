import { MemoryNotFoundError, ModeError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import { isBroken, type Memory, type MemoryId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { MemoryStore } from "../store.ts";
import { done, type ToolAnswer } from "./answer.ts";
import { claimText } from "./claim-text.ts";
import { asData } from "./data.ts";
import { defineTool, type ToolContext } from "./definition.ts";
import { historyText, provenanceOf } from "./history.ts";

export const inspectTool = defineTool({
  name: "memory_inspect",
  title: "Inspect a memory",
  description:
    "Shows one memory in full with where it comes from: who wrote it, when, through which door and why, whether it is in force or stale, how far it is trusted, and its latest changes. Memories that have ended can be inspected too. " +
    "Use it before you change a memory, or when a memory contradicts what you see, to decide which of them is right. " +
    "Don't use it to search; memory_recall does that. Returns the memory as data, with its version.",
  inputSchema: {
    type: "object",
    properties: {
      id: {
        type: "string",
        description: "The memory's id, such as m_7k3q9f2d4cxw, a unique beginning of it, or its path in the store.",
        minLength: 1,
        maxLength: 300,
      },
    },
    required: ["id"],
    additionalProperties: false,
  },
  readOnly: true,
  destructive: false,
  idempotent: true,
  work: async (context, { id }) => {
    try {
      const { store, memory } = await context.stores.find(id);
      await refuseWhenOff(store);
      return await inspectPresent(context, store, memory);
    } catch (error) {
      if (!(error instanceof MemoryNotFoundError)) throw error;
      const past = await inspectPast(context, id);
      if (past === undefined) throw error;
      return past;
    }
  },
});

async function inspectPresent({ session }: ToolContext, store: MemoryStore, memory: Memory): Promise<ToolAnswer> {
  const snapshot = await store.snapshot();
  const { inForce, stale, staleBecause } = lifecycle(memory, store.environment.now());
  const trust = await store.trustOf(snapshot, memory);
  const entries = await store.journal.of(memory.id, memory.path);
  session.gave([memory]);
  const states = [
    inForce ? "in force" : "expired",
    ...(stale ? [`stale (${staleBecause.join(" ")})`] : []),
    `trust: ${trust}`,
  ];
  const head = `${memory.id} is ${states.join(", ")}; ${store.label} store, version ${memory.blob}.`;
  const text = [claimText(memory), "", historyText(entries, memory)].join("\n");
  return done(`${head}\n${asData(text, session.id)}`, {
    id: memory.id,
    store: store.label,
    path: memory.path,
    version: memory.blob,
    in_force: inForce,
    stale: staleBecause,
    trust,
    provenance: provenanceOf(entries, memory),
  });
}

/** A memory that was removed: its last text, and the commit that ended it. */
async function inspectPast({ stores, session }: ToolContext, id: MemoryId): Promise<ToolAnswer | undefined> {
  for (const store of await stores.existing()) {
    await refuseWhenOff(store);
    const entries = await store.journal.of(id);
    const last = entries[0]?.changes.find((change) => change.id === id);
    if (last?.kind !== "removed" || last.before === null) continue;
    const [bytes] = await store.repository.blobs([last.before]);
    if (bytes === undefined) continue;
    const file = readMemory(last.path, last.before, bytes);
    const said = isBroken(file) ? [] : [claimText(file), ""];
    const head = `${id} has ended and is not believed any more; ${store.label} store.`;
    return done(`${head}\n${asData([...said, historyText(entries)].join("\n"), session.id)}`, {
      id,
      store: store.label,
      path: last.path,
      in_force: false,
      provenance: provenanceOf(entries),
    });
  }
  return undefined;
}

async function refuseWhenOff(store: MemoryStore): Promise<void> {
  if ((await store.mode()) === "off")
    throw new ModeError(
      "Memory is off in this repository, so nothing is shown. A person can change that in the status bar.",
    );
}
