/** Which programs named git run in a repository, where the system tells. */
import fs from "node:fs";

/** The command lines of those that work in one of the folders; null where the system has no list of processes to look at. */
export function gitProcessesIn(folders: readonly string[]): readonly string[] | null {
  const ids = fs.existsSync("/proc/self") ? fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : null;
  return (
    ids?.flatMap((id) => {
      const words = textOf(`/proc/${id}/cmdline`).split("\0");
      if (!/(?:^|\/)git(?:-[\w-]+)?$/.test(words[0] ?? "") || isWaiting(words)) return [];
      const places = [linkOf(`/proc/${id}/cwd`), ...words.map((word) => word.replace(/^--git-dir=/, ""))];
      return places.some((place) => folders.some((folder) => place === folder || place.startsWith(`${folder}/`)))
        ? [words.join(" ").trim()]
        : [];
    }) ?? null
  );
}

/** Those by which our own stores read and write wait for the next question, and hold a lock for microseconds. */
function isWaiting(words: readonly string[]): boolean {
  return words.includes("cat-file") || (words.includes("update-ref") && words.includes("--stdin"));
}

/** Empty where the process has ended meanwhile, or is another user's. */
function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return "";
  }
}
