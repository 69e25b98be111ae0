import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { mergeFile, type MergedFile, pathInStore } from "../../core/merge/file.ts";
import { GitCommand } from "../../git/git-command.ts";
import { type Command, EXIT } from "../command.ts";

export const mergeDriver: Command = {
  name: "merge-driver",
  usage: ["merge-driver BASE OURS THEIRS MARKER-SIZE PATH"],
  about:
    "Merges one file for git, which calls it after `git memory git install`: lists unite, ends and trust resolve to the stricter, and what only a person can choose stands between markers in the body. The result replaces OURS. Exit code 1 where somebody has to choose.",
  options: {},
  operands: { least: 5, most: 5, name: "the five words that git gives a merge driver" },
  examples: [{ line: "merge-driver %O %A %B %L %P", says: "Is what git's configuration holds." }],
  async run(context, args) {
    const [base = "", ours = "", theirs = "", size = "", name = ""] = args.operands;
    const file = (word: string): string => path.resolve(context.folder, word);
    const [b, o, t] = await Promise.all([base, ours, theirs].map(async (word) => readBytes(file(word))));
    if (b === undefined || o === undefined || t === undefined || !/^[1-9]\d{0,3}$/.test(size))
      throw new InvalidInputError(
        "The marker size must be a number. Let git call this: `git memory git install` says how.",
      );
    const marks = { ours: "ours", theirs: "theirs", size: Number(size) };
    // An empty base is how git says that there is none.
    const merged = mergeFile(pathInStore(name), b.length === 0 ? null : b, o, t, marks);
    const { conflicts } = merged.byRule
      ? await written(file(ours), merged)
      : await byGit(context.folder, args.operands);
    const what = conflicts.join(", ");
    return {
      exit: conflicts.length === 0 ? EXIT.done : EXIT.failed,
      json: { path: name, conflicts },
      lines: [],
      aside: conflicts.length === 0 ? [] : [`${name}: a person has to choose (${what}). Look between the markers.`],
    };
  },
};

async function readBytes(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw new InvalidInputError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
}

async function written(file: string, merged: MergedFile): Promise<Pick<MergedFile, "conflicts">> {
  await writeFile(file, merged.bytes);
  return merged;
}

/** A file that our rules don't know is merged as git would have merged it. */
async function byGit(folder: string, words: readonly string[]): Promise<Pick<MergedFile, "conflicts">> {
  const [base = "", ours = "", theirs = "", size = ""] = words;
  const labels = ["ours", "base", "theirs"].flatMap((label) => ["-L", label]);
  const command = ["merge-file", "-q", ...labels, `--marker-size=${size}`, ours, base, theirs];
  return { conflicts: (await new GitCommand({ folder }).run(command)).ok ? [] : ["file"] };
}
