/** The claims that this user approved, one JSON line each, in the data directory: no repository can bring its own. */
import type { ApprovalLedger } from "../core/ports.ts";
import { FolderState } from "./local-state.ts";

const FILE = "approvals.jsonl";

export class FileLedger implements ApprovalLedger {
  readonly #state: FolderState;

  constructor(dataDirectory: string) {
    this.#state = new FolderState(dataDirectory);
  }

  async digests(): Promise<ReadonlySet<string>> {
    const bytes = await this.#state.read(FILE);
    const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
    return new Set(lines.flatMap((line) => digestOf(line) ?? []));
  }

  async add(approval: Parameters<ApprovalLedger["add"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(approval));
  }
}

/** A line cut short by a crash approves nothing. */
function digestOf(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "claimDigest" in value && typeof value.claimDigest === "string" ? value.claimDigest : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
