import { ConflictError } from "../errors.ts";
import { parseExpiry } from "../memory/lifecycle.ts";
import type { Memory } from "../memory/model.ts";
import type { Edits } from "../proposal.ts";
import { updateMemory } from "../verbs.ts";
import { done, failed, type ToolAnswer } from "./answer.ts";
import { defineTool } from "./definition.ts";
import type { ToolContext } from "./context.ts";
import { requireWriting } from "./mode.ts";
import { findPresent } from "./past.ts";
import type { InputOf } from "./schema.ts";
import { answerOfConflict, versionRead } from "./version.ts";
import { writtenText } from "./written.ts";

const inputSchema = {
  type: "object",
  properties: {
    id: { type: "string", description: "The memory's id, such as m_7k3q9f2d4cxw.", minLength: 1, maxLength: 300 },
    reason: {
      type: "string",
      description: "Why it has to change, in a sentence. It becomes the commit message.",
      minLength: 1,
      maxLength: 2000,
    },
    read: {
      type: "string",
      description:
        "The version that you read, as memory_inspect gave it. Leave out to mean the one that you were given last.",
      minLength: 7,
      maxLength: 64,
    },
    title: { type: "string", description: "The new claim in one line.", minLength: 1, maxLength: 200 },
    body: { type: "string", description: "The whole new body, not a part of it.", minLength: 1, maxLength: 20_000 },
    tags: {
      type: "array",
      description: "All tags; an empty list removes them.",
      items: { type: "string", minLength: 1, maxLength: 60 },
      maxItems: 12,
    },
    scope: {
      type: "array",
      description: "All globs of the code that it is about; an empty list means everywhere.",
      items: { type: "string", minLength: 1, maxLength: 300 },
      maxItems: 20,
    },
    expires: {
      type: "string",
      description: 'When it ends by itself: a duration ("30d") or a date ("2027-01-31").',
      minLength: 1,
      maxLength: 40,
    },
  },
  required: ["id", "reason"],
  additionalProperties: false,
} as const;

type Input = InputOf<typeof inputSchema>;

export const updateTool = defineTool({
  name: "memory_update",
  title: "Update a memory",
  description:
    "Changes a memory that exists: its title, body, tags, scope or end. Keys that you leave out stay as they are. " +
    'Use it when a memory is right in the main but needs correcting. When a different claim takes its place, use memory_remember with "supersedes"; when nothing does, use memory_expire. ' +
    "You must have read the memory in this session, by memory_recall or memory_inspect. " +
    "Returns the commit. If somebody changed the memory since you read it, nothing is stored and you are shown both versions.",
  inputSchema,
  readOnly: false,
  destructive: true,
  idempotent: true,
  work: update,
});

async function update(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const { stores, session } = context;
  await requireWriting(context);
  const { store, memory } = await findPresent(stores, input.id);
  if (Object.keys(editsOf(input)).length === 0) {
    return failed(
      "invalid-input",
      "There is nothing to change. Give at least one of: title, body, tags, scope, expires.",
    );
  }
  try {
    const read = versionRead(session, memory, input.read);
    const edits = read === memory.blob ? withoutSame(editsOf(input), memory, store.environment.now()) : editsOf(input);
    if (Object.keys(edits).length === 0) {
      return done(`${memory.id} says that already; nothing was changed.`, {
        stored: false,
        id: memory.id,
        store: store.label,
        version: memory.blob,
      });
    }
    const written = await updateMemory(store, memory.id, edits, {
      caller: session.caller(),
      reason: input.reason,
      read,
    });
    const blob = written.memories[0]?.blob ?? null;
    if (blob !== null) session.knows([{ id: memory.id, blob }]);
    return done(writtenText("Updated", written), {
      stored: true,
      id: memory.id,
      store: written.store,
      commit: written.commit,
      version: blob,
      notices: written.notices,
    });
  } catch (error) {
    if (error instanceof ConflictError) return answerOfConflict(context, error);
    throw error;
  }
}

function editsOf({ title, body, tags, scope, expires }: Input): Edits {
  return {
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(body === undefined ? {} : { body: body.trim() }),
    ...(tags === undefined ? {} : { tags: tags.length === 0 ? null : tags }),
    ...(scope === undefined ? {} : { scope: scope.length === 0 ? null : scope }),
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
}

/** A call that is sent twice must not make an empty commit. */
function withoutSame(edits: Edits, memory: Memory, now: Date): Edits {
  const { front } = memory;
  const { expires_at: expires } = edits;
  const there: Readonly<Record<string, unknown>> = {
    title: memory.title,
    body: memory.body.trim(),
    tags: front.tags ?? null,
    scope: front.scope ?? null,
    expires_at: front.expires_at,
  };
  const wanted: Readonly<Record<string, unknown>> = {
    ...edits,
    ...(typeof expires === "string" ? { expires_at: parseExpiry(expires, now) } : {}),
  };
  return Object.fromEntries(
    Object.entries(edits).filter(([key]) => JSON.stringify(wanted[key]) !== JSON.stringify(there[key])),
  );
}
