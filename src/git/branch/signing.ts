/** Signs the writes that wait for a key, oldest first, before any branch takes them. */
import { SigningError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Opened } from "../opened.ts";
import { writeObject } from "../objects/loose.ts";
import { contentOf, type Pending } from "./pending.ts";
import { asUnsigned, decodeCommit, encodeRaw, isUnsigned } from "./raw-commit.ts";

type Means = Pick<Opened, "objects" | "writer" | "signer">;

export interface Signed {
  /** The same writes; those that were made anew have new ids. */
  readonly pending: Pending;
  /** How many of them, from the oldest on, need no signature any more. */
  readonly ready: number;
  /** Why the others do still; null where none does. */
  readonly why: string | null;
  /** For each commit that was made anew, the one that stands for it. */
  readonly now: ReadonlyMap<ObjectId, ObjectId>;
}

/** Stores commits, and moves no ref. `asked` as for `Signer.sign`. */
export async function signWaiting(
  { objects, writer, signer }: Means,
  pending: Pending,
  asked: boolean,
): Promise<Signed> {
  const now = new Map<ObjectId, ObjectId>();
  const count = await readyIn({ objects }, pending);
  if (count === pending.writes.length) return { pending, ready: count, why: null, now };
  const writes = pending.writes.slice(0, count);
  let ready = count;
  let why: string | null = null;
  for (const write of pending.writes.slice(count)) {
    const raw = decodeCommit(await contentOf(objects, write));
    const onto = writes.at(-1) ?? pending.base;
    const wants = isUnsigned(raw) || raw.isSigned;
    const bytes = encodeRaw({ ...raw, parents: [onto, ...raw.parents.slice(1)] });
    let signed: ObjectId | null = null;
    try {
      if (wants && why === null) signed = await signer.sign(bytes, asked);
    } catch (error) {
      if (!(error instanceof SigningError)) throw error;
      why = whyUnsigned(error);
    }
    const isOnto = raw.parents[0] === onto;
    const kept = isOnto ? write : writeObject(await writer(), "commit", raw.isSigned ? asUnsigned(bytes) : bytes);
    writes.push(signed ?? kept);
    if (why === null) ready = writes.length;
    if (write !== writes.at(-1)) now.set(write, signed ?? kept);
  }
  return { pending: { ...pending, writes }, ready, why, now };
}

/** How many writes, from the oldest on, need no signature. */
export async function readyIn({ objects }: Pick<Means, "objects">, { writes }: Pending): Promise<number> {
  for (const [count, write] of writes.entries())
    if (isUnsigned(decodeCommit(await contentOf(objects, write)))) return count;
  return writes.length;
}

/** As the end of a sentence. */
export function whyUnsigned({ said }: Pick<SigningError, "said">): string {
  return `the key that signs it can't be used now (${said})`;
}
