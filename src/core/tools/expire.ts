import { ConflictError, MemoryNotFoundError } from "../errors.ts";
import { EXPIRY_CAUSES, expireMemories } from "../verbs.ts";
import { done } from "./answer.ts";
import { defineTool } from "./definition.ts";
import { requireWriting } from "./mode.ts";
import { endedMemory } from "./past.ts";
import { answerOfConflict, versionRead } from "./version.ts";
import { writtenText } from "./written.ts";

export const expireTool = defineTool({
  name: "memory_expire",
  title: "Expire a memory",
  description:
    "Ends a memory, so that no session is given it again. Its history stays, and a person can bring it back. " +
    "Use it when a memory is wrong, outdated or a duplicate, or when the user asks to forget it. " +
    "Don't use it to make room, or because a memory isn't about the current task. If another claim takes its place, use memory_remember with \"supersedes\" instead. " +
    "You must have read the memory in this session. Returns the commit.",
  inputSchema: {
    type: "object",
    properties: {
      id: { type: "string", description: "The memory's id, such as m_7k3q9f2d4cxw.", minLength: 1, maxLength: 300 },
      cause: {
        type: "string",
        enum: EXPIRY_CAUSES,
        description:
          "wrong: it was never so. outdated: it was so once. duplicate: another memory says it. other: see the reason.",
        maxLength: 20,
      },
      reason: {
        type: "string",
        description: "What shows that it should end, in a sentence. It becomes the commit message.",
        minLength: 1,
        maxLength: 2000,
      },
    },
    required: ["id", "cause", "reason"],
    additionalProperties: false,
  },
  readOnly: false,
  destructive: true,
  idempotent: true,
  work: async (context, { id, cause, reason }) => {
    const { stores, session } = context;
    await requireWriting(context);
    try {
      const { store, memory } = await stores.find(id);
      const read = versionRead(session, memory, undefined);
      const written = await expireMemories(store, [memory.id], { caller: session.caller(), reason, cause, read });
      session.hears(memory.id, null);
      return done(writtenText("Expired", written), {
        expired: true,
        id: memory.id,
        store: written.store,
        commit: written.commit,
        notices: written.notices,
      });
    } catch (error) {
      if (error instanceof ConflictError) return answerOfConflict(context, error);
      const ended = error instanceof MemoryNotFoundError ? await endedMemory(stores, id) : undefined;
      if (ended === undefined) throw error;
      session.hears(id, null);
      return done(`${id} has ended already; nothing was changed.`, { expired: false, id, store: ended.store.label });
    }
  },
});
