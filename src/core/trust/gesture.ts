/** What a person's gesture writes into their own ledger. */
import { claimDigest } from "../memory/claim.ts";
import type { ApprovalLedger, LedgerApproval } from "../ports.ts";
import type { ProposedFile } from "../proposal.ts";

/** The very bytes of a write, whatever the files are by now. */
export async function recordApproval(
  ledger: ApprovalLedger,
  files: readonly ProposedFile[],
  about: Pick<LedgerApproval, "by" | "at" | "store"> & Required<Pick<LedgerApproval, "commit">>,
): Promise<void> {
  for (const { after } of files) {
    if (after === null) continue;
    const until = after.front.expires_at ?? null;
    await ledger.add({ claimDigest: claimDigest(after), ...about, memory: after.id, until });
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
