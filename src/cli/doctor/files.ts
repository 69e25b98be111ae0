/** Looking at files that may not be there. */
import fs from "node:fs/promises";

/** Milliseconds since the file was last changed; null where there is none. */
export async function ageOf(file: string): Promise<number | null> {
  const found = await fs.stat(file).catch(absent);
  return found === null ? null : Date.now() - found.mtimeMs;
}

/** A file's text; null where there is none. */
export async function textOf(file: string): Promise<string | null> {
  return fs.readFile(file, "utf8").catch(absent);
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await fs.readdir(folder).catch(absent)) ?? [];
}

function absent(error: unknown): null {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
  throw error;
}
