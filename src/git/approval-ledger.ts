/** The claims that this user approved, one JSON line each, in the data directory: no repository can bring its own. */
import { jsonOf } from "../core/json.ts";
import type { ApprovalLedger, LedgerApproval } from "../core/ports.ts";
import { FolderState } from "./local-state.ts";

const FILE = "approvals.jsonl";

export class FileLedger implements ApprovalLedger {
  readonly #state: FolderState;
  #known: { readonly bytes: Uint8Array | null; readonly approved: readonly LedgerApproval[] } | undefined;

  constructor(dataDirectory: string) {
    this.#state = new FolderState(dataDirectory);
  }

  async approvals(until?: Date): Promise<readonly LedgerApproval[]> {
    const bytes = await this.#state.read(FILE);
    if (until !== undefined) return approvedIn(bytes, until);
    // It is read at each recall, and hardly ever changes.
    const known = this.#known;
    if (known !== undefined && sameBytes(known.bytes, bytes)) return known.approved;
    this.#known = { bytes, approved: approvedIn(bytes) };
    return this.#known.approved;
  }

  async add(approval: Parameters<ApprovalLedger["add"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(approval));
  }

  async withdraw(withdrawal: Parameters<ApprovalLedger["withdraw"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(withdrawal));
  }
}

function approvedIn(bytes: Uint8Array | null, until?: Date): readonly LedgerApproval[] {
  const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
  const approved = new Map<string, LedgerApproval>();
  // In the order of writing: what was taken back can be approved again.
  for (const entry of lines.flatMap((line) => entryOf(line) ?? [])) {
    if (until !== undefined && !(Date.parse(entry.at) <= until.getTime())) continue;
    if ("claimDigest" in entry) {
      // What is approved again counts from then.
      const key = `${entry.claimDigest} ${entry.memory}`;
      approved.delete(key);
      approved.set(key, entry);
    } else for (const [key, one] of approved) if (one.claimDigest === entry.withdrawn) approved.delete(key);
  }
  return [...approved.values()];
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

type Withdrawal = Parameters<ApprovalLedger["withdraw"]>[0];

/** A line cut short by a crash approves nothing. */
function entryOf(line: string): LedgerApproval | Withdrawal | null {
  return jsonOf(line, (value) => isApproval(value) || isWithdrawal(value));
}

function isApproval(value: unknown): value is LedgerApproval {
  return has(value, ["claimDigest", "by", "at", "memory"]);
}

function isWithdrawal(value: unknown): value is Withdrawal {
  return has(value, ["withdrawn", "at"]);
}

function has(value: unknown, keys: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const texts = new Map<string, unknown>(Object.entries(value));
  return keys.every((key) => typeof texts.get(key) === "string");
}
