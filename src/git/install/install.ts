/** Puts the merge driver and the text conversion into one repository, and takes them out again to the byte. */
import fs from "node:fs/promises";
import path from "node:path";
import { GitError, InvalidInputError } from "../../core/errors.ts";
import { withBlock, withoutBlock } from "../../core/onboarding/fenced-block.ts";
import type { GitCommand } from "../git-command.ts";
import type { Repository } from "../repository.ts";
import { ATTRIBUTE_LINES, ATTRIBUTES_BLOCK, isOurs, type Program, type Setting, settingsFor } from "./settings.ts";
import { hasCode } from "../system-error.ts";

/** One thing that is written, or taken out; equal texts where nothing is to do. */
export interface Step {
  /** A setting's name, or the attributes' file. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface InstallPlan {
  readonly settings: readonly Step[];
  readonly attributes: Step;
}

/** @param program null: what is to be taken out. Throws InvalidInputError where somebody else uses these names. */
export async function planInstall(repository: Repository, program: Program | null): Promise<InstallPlan> {
  const names = settingsFor(program ?? { env: {}, words: ["git-memory"] });
  const settings: Step[] = [];
  for (const { key, value } of names) {
    const before = await read(repository.git, key);
    const isForeign = before !== null && !isOurs({ key, value: before });
    if (isForeign && program !== null)
      throw new InvalidInputError(
        `${key} is set already, and not by Commit to Memory. Nothing was changed; remove it with \`git config --unset ${key}\`, or keep it.`,
      );
    settings.push({ name: key, before, after: isForeign ? before : program === null ? null : value });
  }
  const file = path.join(repository.commonDir, "info", "attributes");
  const before = await fs.readFile(file, "utf8").catch(absent);
  const after =
    program !== null
      ? withBlock(before, ATTRIBUTES_BLOCK, ATTRIBUTE_LINES)
      : before === null
        ? null
        : withoutBlock(before, ATTRIBUTES_BLOCK);
  return { settings, attributes: { name: file, before, after } };
}

export function isDone({ settings, attributes }: InstallPlan): boolean {
  return [...settings, attributes].every(({ before, after }) => before === after);
}

/** Does what was planned. Throws GitError; what was done until then stays, and the same plan can be made and done again. */
export async function applyInstall({ git }: Repository, { settings, attributes }: InstallPlan): Promise<void> {
  for (const { name, before, after } of settings) {
    if (before === after) continue;
    await write(git, after === null ? { key: name, value: null } : { key: name, value: after });
  }
  for (const section of new Set(settings.map(({ name }) => name.slice(0, name.lastIndexOf("."))))) {
    await removeIfEmpty(git, section);
  }
  const { name, before, after } = attributes;
  if (before === after) return;
  if (after === null) {
    await fs.rm(name);
    return;
  }
  await fs.mkdir(path.dirname(name), { recursive: true });
  const beside = `${name}.${process.pid}.new`;
  await fs.writeFile(beside, after);
  await fs.rename(beside, name);
}

async function read(git: GitCommand, key: string): Promise<string | null> {
  const answer = await git.run(["config", "--local", "--get", key]);
  return answer.ok ? answer.stdout.toString("utf8").replace(/\n$/, "") : null;
}

async function write(git: GitCommand, { key, value }: { key: string; value: Setting["value"] | null }): Promise<void> {
  const answer = await git.run(
    value === null ? ["config", "--local", "--unset", key] : ["config", "--local", key, value],
  );
  if (!answer.ok) throw new GitError(`git config could not write ${key}: ${answer.stderr.trim()}`);
}

/** Older versions of git leave the heading of a section whose last key was taken out. */
async function removeIfEmpty(git: GitCommand, section: string): Promise<void> {
  const left = await git.run(["config", "--local", "--get-regexp", `^${section.replace(".", "\\.")}\\.`]);
  if (!left.ok) await git.run(["config", "--local", "--remove-section", section]);
}

function absent(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}
