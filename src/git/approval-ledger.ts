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
    const approvals = lines.flatMap((line) => approvalOf(line) ?? []);
    return new Set(
      approvals.filter(({ at }) => until === undefined || at <= until.getTime()).map(({ digest }) => digest),
    );
  }

  async add(approval: Parameters<ApprovalLedger["add"]>[0]): Promise<void> {
    await this.#state.append(FILE, JSON.stringify(approval));
  }
}

/** A line cut short by a crash approves nothing. */
function approvalOf(line: string): { readonly digest: string; readonly at: number } | null {
  try {
    const value: unknown = JSON.parse(line);
    if (
      typeof value !== "object" ||
      value === null ||
      !("claimDigest" in value) ||
      typeof value.claimDigest !== "string"
    )
      return null;
    return {
      digest: value.claimDigest,
      at: "at" in value && typeof value.at === "string" ? Date.parse(value.at) : Number.NaN,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
