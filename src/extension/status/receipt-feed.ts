/**
 * The recalls that happen in this window's repositories, whichever process does them: each leaves a line in a file beside
 * the repository, and this follows the file's end.
 */
import { type FileHandle, open } from "node:fs/promises";
import { type Stats, unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";

/** How often the file is looked at, in milliseconds: a person sees a recall within this. */
const LOOK_MS = 1000;

/** How much of a long file's end is read at first, to find the last recall before this window opened. */
const TAIL_BYTES = 64 * 1024;

export interface FeedListener {
  /** Lines that were written since the last call, oldest first. `news`: false for what was there at the start. */
  (lines: readonly string[], news: boolean): void;
}

/** Follows the lines of `receipts` in a folder that may not exist yet. Returns the way to stop. */
export function followReceipts(folder: string, listener: FeedListener, failed: (error: unknown) => void): () => void {
  const path = join(folder, "receipts");
  /** Where the first line begins that was not told yet. */
  let offset = 0;
  let reading: Promise<void> = Promise.resolve();
  let stopped = false;

  const take = async (news: boolean): Promise<void> => {
    const file = await openIfThere(path);
    if (file === null) {
      offset = 0;
      return;
    }
    try {
      const { size } = await file.stat();
      // Shorter than before: it was cleared and started again.
      if (size < offset) offset = 0;
      const from = news ? offset : Math.max(0, size - TAIL_BYTES);
      if (size <= from) return;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      // A line that is still being written has no end yet and waits for the next look.
      const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      offset = from + end;
      const lines = buffer.toString("utf8", 0, end).split("\n").slice(0, -1);
      // A tail that starts in the middle of the file starts in the middle of a line.
      const whole = !news && from > 0 ? lines.slice(1) : lines;
      if (whole.length > 0 && !stopped) listener(whole, news);
    } finally {
      await file.close();
    }
  };
  const look = (news: boolean): void => {
    reading = reading.then(() => take(news)).catch(failed);
  };
  const changed = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) look(true);
  };
  look(false);
  watchFile(path, { interval: LOOK_MS, persistent: false }, changed);
  return () => {
    stopped = true;
    unwatchFile(path, changed);
  };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return open(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
}
