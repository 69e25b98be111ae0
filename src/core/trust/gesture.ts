/** What a person's gesture writes into their own ledger. */
import { claimDigest } from "../memory/claim.ts";
import type { ApprovalLedger, LedgerApproval, StoreRepository } from "../ports.ts";
import type { ProposedFile } from "../proposal.ts";
import { isRulesFile, rulesDigest } from "./rules.ts";

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
