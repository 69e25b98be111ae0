/** The claims that this user approved, one JSON line each, in the data directory: no repository can bring its own. */
import type { ApprovalLedger } from "../core/ports.ts";
import { FolderState } from "./local-state.ts";

const FILE = "approvals.jsonl";

export class FileLedger implements ApprovalLedger {
  readonly #state: FolderState;

  constructor(dataDirectory: string) {
    this.#state = new FolderState(dataDirectory);
  }

  async digests(until?: Date): Promise<ReadonlySet<string>> {
    const bytes = await this.#state.read(FILE);
    const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
    const approved = new Set<string>();
    // In the order of writing: what was taken back can be approved again.
    for (const { digest, at, counts } of lines.flatMap((line) => entryOf(line) ?? [])) {
      if (until !== undefined && !(at <= until.getTime())) continue;
      if (counts) approved.add(digest);
      else approved.delete(digest);
    }
    return approved;
  }

  async add(approval: Parameters<ApprovalLedger["add"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(approval));
  }

  async withdraw(withdrawal: Parameters<ApprovalLedger["withdraw"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(withdrawal));
  }
}

interface Entry {
  readonly digest: string;
  readonly at: number;
  /** Whether it is an approval, or takes one back. */
  readonly counts: boolean;
}

/** A line cut short by a crash approves nothing. */
function entryOf(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    const at = "at" in value && typeof value.at === "string" ? Date.parse(value.at) : Number.NaN;
    if ("claimDigest" in value && typeof value.claimDigest === "string")
      return { digest: value.claimDigest, at, counts: true };
    if ("withdrawn" in value && typeof value.withdrawn === "string")
      return { digest: value.withdrawn, at, counts: false };
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
