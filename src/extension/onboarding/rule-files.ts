/** Which rules files a folder has, as they stand on disk, with the version in git where they stand as committed. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "../../core/errors.ts";
import type { RuleFile } from "../../core/onboarding/rules-files.ts";
import { GitCommand } from "../../git/git-command.ts";
import { prefixInRepository, versionsAtHead } from "./code-at-head.ts";

/**
 * Where agents look for rules. git finds them, so that what it ignores (dependencies, build output) is not searched, and
 * what a dependency says is not taken for the project's own word.
 */
const PLACES = [
  "**/CLAUDE.md",
  "**/AGENTS.md",
  "**/GEMINI.md",
  ".claude/rules/**/*.md",
  ".github/copilot-instructions.md",
  ".github/instructions/**/*.instructions.md",
  ".cursor/rules/**/*.mdc",
  ".cursorrules",
  ".clinerules",
  ".clinerules/**/*.md",
  ".windsurfrules",
  ".windsurf/rules/**/*.md",
];
const VENDORED = ["**/node_modules/**", "**/vendor/**", "**/third_party/**"];

/** A rules file is read by a person; a larger one is something else. */
const LARGEST_BYTES = 512 * 1024;

export interface FoundRules {
  readonly files: readonly RuleFile[];
  /** Files that were found and could not be taken, each with a sentence. */
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
}

/** @param folder in a git repository. Throws GitError. */
export async function findRuleFiles(folder: string): Promise<FoundRules> {
  const [paths, prefix] = await Promise.all([rulePaths(folder), prefixInRepository(folder)]);
  const contents = new Map<string, Uint8Array>();
  const unread: { path: string; reason: string }[] = [];
  for (const path of paths) {
    const bytes = await readRules(join(folder, path));
    if (typeof bytes === "string") unread.push({ path: prefix + path, reason: bytes });
    else if (bytes !== null) contents.set(path, bytes);
  }
  const versions = await versionsAtHead(folder, contents);
  const files = Array.from(contents, ([path, bytes]): RuleFile => ({
    path: prefix + path,
    text: new TextDecoder().decode(bytes),
    ...versions.get(path),
  }));
  return { files, unread };
}

async function rulePaths(folder: string): Promise<string[]> {
  const specs = [...PLACES.map((place) => `:(glob)${place}`), ...VENDORED.map((place) => `:(exclude,glob)${place}`)];
  const listed = await new GitCommand({ folder }).run([
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
    "--deduplicate",
    "--",
    ...specs,
  ]);
  if (!listed.ok) throw new GitError(`git ls-files failed: ${listed.stderr.trim()}`);
  const paths = listed.stdout
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
  // The root's rules first: they speak for the whole project.
  return paths.sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1));
}

/** The bytes, null where the file is gone from disk, or why it can't be taken. */
async function readRules(path: string): Promise<Uint8Array | string | null> {
  try {
    if ((await stat(path)).size > LARGEST_BYTES) return "It is larger than 512 kB.";
    const bytes = await readFile(path);
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return bytes;
  } catch (error) {
    if (error instanceof TypeError) return "It is not UTF-8 text.";
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EISDIR")) return null;
    throw error;
  }
}
