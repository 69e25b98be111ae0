/** What a person's gesture writes into their own ledger. */
import { type Grounds, judgeFound } from "../gate/admission.ts";
import type { Verdict } from "../gate/verdict.ts";
import { claimDigest } from "../memory/claim.ts";
import type { Memory } from "../memory/model.ts";
import { stampedTrust } from "../memory/trust.ts";
import type { ApprovalLedger, LedgerApproval, StoreRepository } from "../ports.ts";
import type { Operation, Proposal, ProposedFile } from "../proposal.ts";
import { isRulesFile, rulesDigest } from "./rules.ts";

/** The operations by which somebody words a claim: they have it before them. What brings old words back is none. */
const WORDED: ReadonlySet<Operation> = new Set(["add", "update", "supersede", "import"]);

/**
 * The files of a write that it vouches for: all that a person approved or was asked about, and what they worded themselves
 * where the gate wants a person's word. Without that it would be stored and not be used.
 *
 * @param signed the signatures in it prove the person. A signature vouches for a claim wherever it is read, and for rules
 * only here and now, or an older one could be put back with them.
 */
export async function vouchedFor(
  files: readonly ProposedFile[],
  { operation, caller }: Proposal,
  { kind }: Verdict,
  { signed, grounds }: { readonly signed: boolean; readonly grounds: () => Promise<Grounds> },
): Promise<readonly ProposedFile[]> {
  if (signed) return files.filter(({ path }) => isRulesFile(path));
  if (kind === "confirm" || operation === "approve") return files;
  if (caller.gesture !== true || !WORDED.has(operation)) return [];
  const known = await grounds();
  return files.filter(({ before, after }) => after !== null && !isWorded(before, after) && wantsWord(after, known));
}

/** Whether the words stood there before: who pins a claim or moves its end has not said it. */
function isWorded(before: Memory | null, after: Memory): boolean {
  return before !== null && before.title === after.title && before.body === after.body;
}

function wantsWord(memory: Memory, grounds: Grounds): boolean {
  return judgeFound(memory, stampedTrust(memory), grounds).kind === "quarantine";
}

/** The very bytes of a write, whatever the files are by now. */
export async function recordApproval(
  ledger: ApprovalLedger,
  files: readonly ProposedFile[],
  about: Pick<LedgerApproval, "by" | "at"> & Required<Pick<LedgerApproval, "commit">>,
  { location, identity }: Pick<StoreRepository, "location" | "identity">,
): Promise<void> {
  for (const { path, bytes, after } of files) {
    if (after !== null) {
      const until = after.front.expires_at ?? null;
      await ledger.add({ claimDigest: claimDigest(after), ...about, store: location, memory: after.id, until });
    } else if (bytes !== null && isRulesFile(path)) {
      // Every store has a file of this name, so it counts in this one alone.
      await ledger.add({ claimDigest: rulesDigest(bytes), ...about, store: identity, memory: path, until: null });
    }
  }
}

/** A person who takes back the end of what they had approved has not changed their mind about it. */
export async function approvedBefore(ledger: ApprovalLedger, files: readonly ProposedFile[]): Promise<ProposedFile[]> {
  const approved = await ledger.approvals();
  return files.filter(
    ({ before, after }) =>
      before === null &&
      after !== null &&
      approved.some((one) => one.memory === after.id && one.claimDigest === claimDigest(after)),
  );
}
