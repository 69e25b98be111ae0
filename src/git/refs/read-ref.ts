/** What a ref points to, read without a process where refs are files, so that asking often costs nothing. */
import fs from "node:fs";
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { ObjectReader } from "../objects/reader.ts";
import type { Repository } from "../repository.ts";

const OBJECT_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

export class RefReader {
  readonly #repository: Repository;
  readonly #objects: ObjectReader;
  #packed: { readonly stamp: string; readonly refs: ReadonlyMap<string, ObjectId> } = { stamp: "", refs: new Map() };

  constructor(repository: Repository, objects: ObjectReader) {
    this.#repository = repository;
    this.#objects = objects;
  }

  async read(ref: string): Promise<ObjectId | null> {
    if (this.#repository.refFormat === "reftable") return this.#objects.resolve(ref);
    const loose = textOf(path.join(this.#repository.commonDir, ref));
    const value = loose?.trim();
    if (value !== undefined && OBJECT_ID.test(value)) return value;
    if (value?.startsWith("ref: ")) return this.#objects.resolve(ref);
    // A power cut can leave an empty ref. Taking it for an absent one would start a second history.
    if (value !== undefined)
      throw new GitError(
        `The ref ${ref} is damaged. Its last good value is at the end of logs/${ref} in the git folder; put it back with \`git update-ref\`.`,
      );
    // `pack-refs` writes the packed file before it removes the loose one, so this order never misses a ref.
    const packed = this.#packedRefs().get(ref);
    if (packed === undefined && !fs.existsSync(this.#repository.commonDir))
      throw new GitError(
        `The repository is no longer at ${this.#repository.commonDir}. Open it again where it is now; if it was removed, there is nothing left to read.`,
      );
    return packed ?? null;
  }

  #packedRefs(): ReadonlyMap<string, ObjectId> {
    const file = path.join(this.#repository.commonDir, "packed-refs");
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return new Map();
    const stamp = `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
    if (stamp !== this.#packed.stamp) {
      const lines = (textOf(file) ?? "").split("\n");
      this.#packed = {
        stamp,
        refs: new Map(
          lines
            .filter((line) => /^[0-9a-f]{40,64} /.test(line))
            .map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]),
        ),
      };
    }
    return this.#packed.refs;
  }
}

/** Read at once: a ref is one line, and the way to another thread and back costs ten times the reading. */
function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EISDIR")
    )
      return null;
    throw error;
  }
}
