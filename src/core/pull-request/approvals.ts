/** Signed approvals in a review: who vouches for a claim, by the signers of the base alone. */
import { claimDigest } from "../memory/claim.ts";
import type { Instant, Memory, ObjectId } from "../memory/model.ts";
import type { AllowedSigners, SignatureAnswer, SignatureVerifier } from "../ports.ts";
import { isApprovalPath, readApproval, type SignedApproval } from "../trust/signed-approval.ts";
import type { Approval } from "./model.ts";

/**
 * A file under `approvals/`. `other-claim`: it was signed for other words than those that are here; `overruled`: what it
 * approves ended or was rejected since.
 */
export interface CheckedApproval {
  readonly path: string;
  readonly approval: SignedApproval | null;
  readonly answer: SignatureAnswer | "unreadable" | "other-claim" | "future" | "overruled";
}

export interface Approvals {
  /** By a memory's blob. */
  readonly of: ReadonlyMap<ObjectId, Approval>;
  readonly checked: ReadonlyMap<string, CheckedApproval>;
}

interface Means {
  readonly signers: AllowedSigners;
  readonly verifier: SignatureVerifier;
  readonly now: Date;
}

/** Whether something in the histories speaks louder than an approval of that moment. Asked only where a signature is valid. */
export type Beaten = (memory: Memory, at: Instant) => Promise<boolean>;

/** @param files `approvals/` as it would be. @param memories those that are reviewed or spoken of, in every version. */
export async function checkApprovals(
  files: ReadonlyMap<string, Uint8Array>,
  memories: readonly Memory[],
  { signers, verifier, now, beaten }: Means & { readonly beaten: Beaten },
): Promise<Approvals> {
  const byClaim = new Map<string, Memory[]>();
  for (const memory of files.size === 0 ? [] : memories) {
    const key = `${memory.id} ${claimDigest(memory)}`;
    byClaim.set(key, [...(byClaim.get(key) ?? []), memory]);
  }
  const of = new Map<ObjectId, Approval>();
  const checked = new Map<string, CheckedApproval>();
  for (const [path, bytes] of files) {
    if (!isApprovalPath(path)) continue;
    const approval = readApproval(bytes);
    const covered = approval === null ? [] : (byClaim.get(`${approval.memory} ${approval.claim}`) ?? []);
    const answer = await answerTo(approval, covered, { signers, verifier, now });
    if (approval === null || answer !== "valid") {
      checked.set(path, { path, approval, answer });
      continue;
    }
    const counting: Memory[] = [];
    for (const memory of covered) if (!(await beaten(memory, approval.at))) counting.push(memory);
    checked.set(path, { path, approval, answer: counting.length === 0 ? "overruled" : answer });
    for (const { blob } of counting) of.set(blob, { by: approval.by, evidence: "signature" });
  }
  return { of, checked };
}

async function answerTo(
  approval: SignedApproval | null,
  covered: readonly Memory[],
  { signers, verifier, now }: Means,
): Promise<CheckedApproval["answer"]> {
  if (approval === null) return "unreadable";
  if (covered.length === 0) return "other-claim";
  const { payload, armor, by, at } = approval;
  if (Date.parse(at) > now.getTime()) return "future";
  return verifier.verify({ payload, armor, by, at, signers });
}
