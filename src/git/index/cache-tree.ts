/**
 * The index's extension TREE: for each folder whose entries are just those of a tree, that tree and how many they are. git
 * believes it, so that only what is certain stays in it: a folder on the way to a change has its new tree where it had the
 * old one before and holds the same folders, and none else.
 */
import type { HashName } from "../objects/encode.ts";
import type { FolderStep } from "../objects/tree-steps.ts";

interface Node {
  readonly name: string;
  /** How many entries are in it and below; less than zero: it is not known of which tree they are. */
  readonly count: number;
  readonly id: string | null;
  readonly below: readonly Node[];
  /** Where it is in the bytes, with all below it. */
  readonly start: number;
  readonly end: number;
}

const UNKNOWN = -1;

/** The extension after a step; null where the bytes can't be read, and it is better left out. */
export function steppedCacheTree(bytes: Buffer, hash: HashName, step: FolderStep): Buffer | null {
  const root = nodeAt(bytes, 0, hash === "sha1" ? 20 : 32);
  if (root === null || root.end !== bytes.length) return null;
  return stepped(bytes, root, step).bytes;
}

function stepped(bytes: Buffer, node: Node, step: FolderStep): { readonly bytes: Buffer; readonly isKnown: boolean } {
  const below: Buffer[] = [];
  const folders = new Map(Array.from(step.folders, ([name, folder]) => [latin(name), folder]));
  const names = new Set(node.below.map(({ name }) => name));
  const keepsFolders = [...folders].every(([name, of]) => of.before !== null && of.after !== null && names.has(name));
  let isKnown = node.count >= 0 && node.id === step.before && step.after !== null && keepsFolders;
  for (const child of node.below) {
    const its = folders.get(child.name);
    const done = its === undefined ? null : stepped(bytes, child, its);
    if (done?.isKnown === false) isKnown = false;
    below.push(done?.bytes ?? bytes.subarray(child.start, child.end));
  }
  const count = isKnown ? node.count + step.more : UNKNOWN;
  const head = Buffer.from(`${node.name}\0${count} ${node.below.length}\n`, "latin1");
  const id = isKnown ? [Buffer.from(step.after ?? "", "hex")] : [];
  return { bytes: Buffer.concat([head, ...id, ...below]), isKnown };
}

/** As the nodes are named here: each byte as one character. */
function latin(name: string): string {
  return Buffer.from(name).toString("latin1");
}

/** Null where the bytes are no cache of trees. */
function nodeAt(bytes: Buffer, start: number, idLength: number): Node | null {
  const nameEnd = bytes.indexOf(0, start);
  const lineEnd = bytes.indexOf(0x0a, nameEnd);
  if (nameEnd < 0 || lineEnd < 0) return null;
  const numbers = /^(-?\d+) (\d+)$/.exec(bytes.toString("latin1", nameEnd + 1, lineEnd));
  if (numbers === null) return null;
  const [count, children] = [Number(numbers[1]), Number(numbers[2])];
  let end = lineEnd + 1;
  const id = count < 0 ? null : bytes.toString("hex", end, end + idLength);
  if (id !== null) end += idLength;
  const below: Node[] = [];
  for (let n = 0; n < children; n++) {
    const child = nodeAt(bytes, end, idLength);
    if (child === null) return null;
    below.push(child);
    end = child.end;
  }
  return end > bytes.length ? null : { name: bytes.toString("latin1", start, nameEnd), count, id, below, start, end };
}
