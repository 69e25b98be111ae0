/** A repository that is made once and then written for each test: its git processes cost more than most tests. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export class Template {
  readonly #make: (folder: string) => void;
  /** In memory, and not in a folder: nobody would know when the last test of a worker is over. */
  #entries: ReadonlyMap<string, Uint8Array | null> | undefined;

  /** @param make makes the repository in a folder that is there and empty */
  constructor(make: (folder: string) => void) {
    this.#make = make;
  }

  copyTo(folder: string): void {
    this.#entries ??= this.#read();
    for (const [name, bytes] of this.#entries) {
      const place = path.join(folder, name);
      if (bytes === null) fs.mkdirSync(place, { recursive: true });
      else fs.writeFileSync(place, bytes);
    }
  }

  /** Each folder before what lies in it, with null for its bytes. */
  #read(): ReadonlyMap<string, Uint8Array | null> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "memory-template-"));
    try {
      this.#make(folder);
      const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
      const read = entries.map((entry): [string, Uint8Array | null] => {
        const place = path.join(entry.parentPath, entry.name);
        return [path.relative(folder, place), entry.isDirectory() ? null : fs.readFileSync(place)];
      });
      return new Map([["", null], ...read.toSorted(([a], [b]) => a.length - b.length)]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}
