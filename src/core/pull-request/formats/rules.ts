/** What a family of rules is about, in one sentence. The sentence of a finding says what was seen. */

const FAMILIES: readonly (readonly [prefix: string, sentence: string])[] = [
  ["secret/", "A credential in a memory, its history or a commit's message."],
  ["personal/", "Personal data in a memory, its history or a commit's message."],
  ["hidden/", "Characters that a reader can't see, or that reorder what is read."],
  ["forged/", "Text that imitates the structure by which memories are told from instructions."],
  ["fence/", "Text that imitates the structure by which memories are told from instructions."],
  ["tampering/", "Text that would change the store's own rules or vouches for itself."],
  ["danger/", "Text that hides, sends data away, fetches rules or runs what it fetched."],
  ["disguise/", "Text whose meaning is hidden from a reader."],
  ["security/", "Text that weakens a security control or grants rights."],
  ["order/", "Text that gives orders to whoever reads it."],
  ["origin/", "Text from a source that nobody vouches for."],
  ["score/", "Wording that resembles known attacks."],
  ["state/", "A claim that doesn't fit what is believed already."],
  ["escalation/", "A change by which a belief would weigh more than before."],
  ["size/", "A change out of proportion."],
  ["burst/", "Many writes in a short time."],
  ["trust/", "Trust that is claimed or missing."],
  ["lineage/", "A belief that rests on one that nobody vouches for."],
  ["citation/", "A citation that no longer holds."],
  ["approval/", "An approval that is lost, removed or unproven."],
  ["identity/", "A belief with another belief's id, or a new one of its own."],
  ["tombstone/", "A claim that was rejected or erased, or the mark of one."],
  ["policy/", "A change of the store's own rules."],
  ["signers/", "A change of who may approve beliefs."],
  ["broken/", "A file that can't be read as a memory."],
  ["merge/", "A belief that base and head have both changed."],
  ["stray/", "A file that is no memory."],
];

export function ruleSentence(rule: string): string {
  return FAMILIES.find(([prefix]) => rule.startsWith(prefix))?.[1] ?? "Something that a reviewer should look at.";
}
