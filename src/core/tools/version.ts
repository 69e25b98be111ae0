/** Which version of a memory a write was made against, and what a model is told when that is not the one there now. */
import { ConflictError, InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import type { Memory, MemoryId, ObjectId } from "../memory/model.ts";
import type { Session } from "../session.ts";
import type { MemoryStore } from "../store.ts";
import { type ToolAnswer, failed } from "./answer.ts";
import type { ToolContext } from "./context.ts";
import { asData } from "./data.ts";
import { claimText } from "./claim-text.ts";

/** Git's own shortest abbreviation. */
const SHORTEST_VERSION = 7;

/**
 * The version that the caller had read: the one it names, else the one that its session was given last.
 *
 * @throws InvalidInputError where it never read the memory; ConflictError where it names a version that is neither there
 * now nor was given to it.
 */
export function versionRead(session: Session, memory: Memory, named: string | undefined): ObjectId {
  const given = session.given(memory.id);
  if (named === undefined) {
    if (given !== undefined) return given;
    throw new InvalidInputError(
      `You haven't read ${memory.id} in this session, so you would change what you haven't seen. Call memory_inspect with its id, then call again.`,
    );
  }
  const version = [memory.blob, given].find(
    (one) => named.length >= SHORTEST_VERSION && one?.startsWith(named.toLowerCase()),
  );
  if (version !== undefined) return version;
  throw new ConflictError(`There is another version of ${memory.id} now.`, {
    path: memory.path,
    base: null,
    theirs: null,
    mine: null,
  });
}

/**
 * Shows what the session had read, what is there now, and what was refused; from then on the session has read the newer one.
 */
export async function answerOfConflict(context: ToolContext, error: ConflictError): Promise<ToolAnswer> {
  const there = await currentVersion(context, error.path);
  if (there === null)
    return failed(
      error.code,
      "The memory ended after you read it. Nothing was stored. Call memory_inspect with its id to see why.",
    );
  const { store, memory: now } = there;
  const base = error.base ?? (await givenVersion(store, context.session, now.id));
  context.session.gave([now]);
  const version = (title: string, bytes: Uint8Array | null): string[] =>
    bytes === null ? [] : [title, asData(new TextDecoder().decode(bytes), context.session.id)];
  const text = [
    `${now.id} was changed by somebody else after you read it. Nothing was stored.`,
    ...version("What you had read:", base),
    `What it says now, version ${now.blob}:`,
    asData(claimText(now), context.session.id),
    ...version("What you wanted to store:", error.mine),
    "Decide whether your change still holds against what it says now. If it does, call again with both merged; that counts as having read this version.",
  ];
  return failed(error.code, text.join("\n"), { id: now.id, version: now.blob });
}

async function currentVersion(
  { stores }: ToolContext,
  path: string,
): Promise<{ store: MemoryStore; memory: Memory } | null> {
  try {
    return await stores.find(path);
  } catch (error) {
    if (error instanceof MemoryNotFoundError) return null;
    throw error;
  }
}

async function givenVersion(store: MemoryStore, session: Session, id: MemoryId): Promise<Uint8Array | null> {
  const given = session.given(id);
  return given === undefined ? null : ((await store.repository.blobs([given]))[0] ?? null);
}
