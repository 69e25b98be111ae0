/** Change sets for the gate's tests: real files, read back by the real reader. */
import type { GateInput } from "../../src/core/gate/gate.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import type { Verdict } from "../../src/core/gate/verdict.ts";
import type { Caller, ProposedFile } from "../../src/core/proposal.ts";

export const agent: Caller = { channel: "tool", actor: "copilot/gpt-5.2", trust: "agent" };
export const PATH = "semantic/convention/a-claim-m_7k3q9f2d4cxw.md";

const BLOB = "0".repeat(40);

/** A new file with this text; what can't be read as a memory is judged by its bytes alone. */
export function newFile(text: string, path = PATH): ProposedFile {
  const bytes = new TextEncoder().encode(text);
  return { path, bytes, before: null, after: memoryOf(path, bytes) };
}

/** A readable memory with this body and these further lines of front matter. */
export function memoryText(body: string, extraLines: readonly string[] = [], title = "A claim"): string {
  return [
    "---",
    "type: Convention",
    "id: m_7k3q9f2d4cxw",
    `title: ${JSON.stringify(title)}`,
    ...extraLines,
    "---",
    "",
    body,
    "",
  ].join("\n");
}

export function inputOf(files: readonly ProposedFile[], rest: Partial<GateInput> = {}): GateInput {
  return { files, caller: agent, operation: "add", reason: "", ...rest };
}

/** A new memory with this body, in a change set of its own. */
export function withBody(body: string, rest: Partial<GateInput> = {}): GateInput {
  return inputOf([newFile(memoryText(body))], rest);
}

/** A verdict without the model's score, for tests of what is decided and why. */
export function decided({ kind, findings }: Verdict): Verdict {
  return { kind, findings };
}

function memoryOf(path: string, bytes: Uint8Array): Memory | null {
  const read = readMemory(path, BLOB, bytes);
  return isBroken(read) ? null : read;
}
