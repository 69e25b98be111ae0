/** Changes to files of the person's own, outside the store: shown before, done all or not at all, and undone exactly. */
import { dirname } from "node:path";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { MemoryError } from "../../core/errors.ts";

/** One file; null is absence. */
export interface FileEdit {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A file is not as it was shown any more. Nothing was written. */
export class FileChangedError extends MemoryError {
  readonly code = "file-changed";
}

/** The text of a file, null where there is none. Throws FileChangedError for one that is no UTF-8 text. */
export async function readText(path: string): Promise<string | null> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new FileChangedError(`${path} is not UTF-8 text, so it was left alone. Change it by hand.`, { cause: error });
  }
}

/** Writes every edit, or none. Throws FileChangedError where a file is not as it was when the edit was shown. */
export async function applyEdits(edits: readonly FileEdit[]): Promise<void> {
  for (const edit of edits) {
    if ((await readText(edit.path)) !== edit.before) {
      throw new FileChangedError(
        `${edit.path} was changed meanwhile, so nothing was written. Look at the change again.`,
      );
    }
  }
  const written: FileEdit[] = [];
  try {
    for (const edit of edits) {
      written.push(edit);
      await write(edit.path, edit.after);
    }
  } catch (error) {
    for (const edit of written) await write(edit.path, edit.before);
    throw error;
  }
}

/** Truncates and writes, so that a link stays a link and the file keeps its mode. */
async function write(path: string, text: string | null): Promise<void> {
  if (text === null) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  return writeFile(path, text);
}
