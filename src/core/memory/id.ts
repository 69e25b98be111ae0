/** Names of memories and sessions: random, short enough to type, and impossible to misread. */
import type { MemoryId } from "./model.ts";

/** Crockford's base 32 in lower case: no i, l, o, u. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const MEMORY_ID = /^m_[0-9a-hjkmnp-tv-z]{12}$/;
const SESSION_ID = /^s_[0-9a-hjkmnp-tv-z]{6,32}$/;

/** A new memory's id: `m_` and 12 characters, 60 random bits. */
export function newMemoryId(random: (length: number) => Uint8Array): MemoryId {
  return `m_${letters(random(12))}`;
}

/** A new session's id: `s_` and 8 characters, 40 random bits. */
export function newSessionId(random: (length: number) => Uint8Array): string {
  return `s_${letters(random(8))}`;
}

/** The id under which a held proposal waits: `q_` and 12 characters. */
export function newHeldId(random: (length: number) => Uint8Array): string {
  return `q_${letters(random(12))}`;
}

/** Whether a text is an id of ours. `path:…`, which stands for a file without an id, is not. */
export function isMemoryId(text: string): boolean {
  return MEMORY_ID.test(text);
}

/** Whether a text is a session's id of ours. Hosts may bring their own. */
export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}

/** The id by which a file without one is known. */
export function pathId(path: string): MemoryId {
  return `path:${path}`;
}

function letters(bytes: Uint8Array): string {
  // 256 is a multiple of 32, so taking the low five bits of each byte favours no letter.
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join("");
}
