import { MemoryNotFoundError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import { isBroken, type Memory, type MemoryId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { MemoryStore } from "../store.ts";
import { done, failed, type ToolAnswer } from "./answer.ts";
import { claimText } from "./claim-text.ts";
import { asData } from "./data.ts";
import { defineTool } from "./definition.ts";
import type { ToolContext } from "./context.ts";
import { historyText, provenanceOf } from "./history.ts";
import { requireReading } from "./mode.ts";
import { endedMemory } from "./past.ts";

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
    await requireReading(context);
    try {
      const { store, memory } = await context.stores.find(id);
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
  const trust = await store.trustOf(snapshot, memory);
  if (!(await store.admission())(memory, trust)) {
    return failed(
      "held",
      `${memory.id} came into the store without passing the gate, and it would not have passed. Its words are shown to people only. Tell the user to look at it in the Memory view.`,
    );
  }
  const changed = (await store.citations.changed([memory])).get(memory.blob);
  const { inForce, stale, staleBecause } = lifecycle(memory, store.environment.now(), changed);
  const entries = await store.journal.of(memory.id, memory.path);
  session.gave([memory]);
  if (!inForce) session.hears(memory.id, null);
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
  const ended = await endedMemory(stores, id);
  if (ended === undefined) return undefined;
  session.hears(id, null);
  const { store, path, blob, entries } = ended;
  const [bytes] = await store.repository.blobs([blob]);
  const file = readMemory(path, blob, bytes ?? new Uint8Array());
  const said = isBroken(file) ? [] : [claimText(file), ""];
  const head = `${id} has ended and is not believed any more; ${store.label} store.`;
  const text = [...said, historyText(entries)].join("\n");
  return done(`${head}\n${asData(text, session.id)}`, {
    id,
    store: store.label,
    path,
    in_force: false,
    provenance: provenanceOf(entries),
  });
}
