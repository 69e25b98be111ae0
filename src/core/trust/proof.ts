/** An approval that comes without a gesture: the signatures in the change set itself must vouch for all that it stores. */
import { GestureNeededError } from "../errors.ts";
import { claimDigest } from "../memory/claim.ts";
import type { Change, Proposal, ProposedFile } from "../proposal.ts";
import { isApprovalPath, readApproval, type SignedApproval } from "./signed-approval.ts";
import { isRulesFile, rulesDigest } from "./rules.ts";
import type { Team } from "./team.ts";

/** Whether a change set brings a signature at all. */
export function bringsSignature(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind === "restore" && isApprovalPath(change.path));
}

/**
 * The proposal as the person's own who signed it. Every memory that it stores must be signed in it, by a signer whom the
 * trusted base allows; it removes nothing and touches nothing else. Throws GestureNeededError.
 */
export async function provenBySignature(
  proposal: Proposal,
  files: readonly ProposedFile[],
  team: Team | null,
): Promise<Proposal> {
  const signed: SignedApproval[] = [];
  for (const { path, bytes } of files) {
    if (bytes === null || !isApprovalPath(path)) continue;
    const approval = readApproval(bytes);
    if (approval === null) throw refused("The signature can't be read");
    const { signers } = (await team?.base.rules()) ?? { signers: { ssh: null, gpg: null } };
    const answer = team === null ? "no-signers" : await team.signatures.answer(approval, signers);
    if (answer !== "valid") throw refused(REASONS[answer]);
    signed.push(approval);
  }
  const [first] = signed;
  if (first === undefined) throw refused("There is no signature");
  for (const { path, bytes, after } of files) {
    if (isApprovalPath(path)) continue;
    const rules = bytes !== null && isRulesFile(path) ? { id: path, digest: rulesDigest(bytes) } : null;
    const stored = after === null ? rules : { id: after.id, digest: claimDigest(after) };
    const covers =
      stored !== null && signed.some(({ claim, memory }) => memory === stored.id && claim === stored.digest);
    if (!covers) throw refused(`The signature does not cover ${path}`);
  }
  return { ...proposal, caller: { ...proposal.caller, actor: `human:${first.by}`, trust: "user", gesture: true } };
}

const REASONS = {
  "no-signers": "No signers are trusted here yet, so a signature proves nobody",
  "unknown-signer": "That key is not among the allowed signers of the trusted base",
  bad: "The signature does not fit",
  unavailable: "The signature can't be checked, because ssh-keygen or gpg is not installed",
  unreadable: "The signature can't be read",
} as const;

function refused(why: string): GestureNeededError {
  return new GestureNeededError(`${why}. Nothing was approved; a person can approve it in the editor.`);
}
