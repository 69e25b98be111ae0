/** Bytes that are kept with their own digest before them, so that a cache which was cut short or changed is known for one. */
import { createHash } from "node:crypto";

/** Of SHA-1, in bytes: against accidents, not against whoever may write the file. */
const LENGTH = 20;

export function withDigest(content: Uint8Array): Uint8Array {
  return Buffer.concat([createHash("sha1").update(content).digest(), content]);
}

/** Computes the digest of what is read while the rest is still on its way. */
export class DigestCheck {
  readonly #hash = createHash("sha1");
  #seen = 0;

  /** The next bytes of the file, from its beginning. */
  readonly add = (part: Uint8Array): void => {
    this.#hash.update(part.subarray(Math.max(0, LENGTH - this.#seen)));
    this.#seen += part.length;
  };

  /** The content of a file that was added, or of which nothing was; null where the digest is another. Ends the check. */
  contentOf(bytes: Uint8Array): Buffer | null {
    if (this.#seen === 0) this.add(bytes);
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isWhole = this.#seen === all.length && this.#hash.digest().equals(all.subarray(0, LENGTH));
    return isWhole ? all.subarray(LENGTH) : null;
  }
}
