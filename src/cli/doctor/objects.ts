/** The refs of a store and what they lead to: whether each can be read, and whether anything is missing behind it. */
import fs from "node:fs/promises";
import path from "node:path";
import type { Repository } from "../../git/repository.ts";
import { counted } from "../words.ts";
import { textOf } from "./files.ts";
import { type Finding, notice, ok, problem, repairable } from "./finding.ts";

const OBJECT_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** A ref that a power cut left empty; its last value is in its log. Nothing can be read while it is so. */
export async function checkRefs(repository: Repository, refs: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const ref of refs) {
    const file = path.join(repository.commonDir, ...ref.split("/"));
    const value = (await textOf(file).catch(() => null))?.trim();
    if (value === undefined || value.startsWith("ref: ") || OBJECT_ID.test(value)) continue;
    const finding = problem(
      "damaged-ref",
      `The ref ${ref} is damaged, so the store can't be read.`,
      `Its last good value is at the end of logs/${ref} in the git folder; put it back with git update-ref.`,
    );
    const last = await lastLogged(repository, ref);
    findings.push(last === null ? finding : repairable(finding, () => putBack(repository, ref, file, last)));
  }
  return findings;
}

/** Reads the names of all objects behind the refs, without their contents. */
export async function checkObjects(repository: Repository, refs: readonly string[]): Promise<Finding[]> {
  const there = (await repository.git.ask(["for-each-ref", "--format=%(refname)", ...refs]))
    .split("\n")
    .filter((line) => line !== "");
  if (there.length === 0) return [];
  const answer = await repository.git.run(["rev-list", "--objects", "--missing=print", "--no-object-names", ...there]);
  if (!answer.ok)
    return [
      problem(
        "objects",
        `The store's history can't be read to its end: ${answer.stderr.trim().split("\n").at(-1) ?? ""}`,
        "Run git fsck, and fetch the branch from a clone that has it.",
      ),
    ];
  const missing = answer.stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line.startsWith("?"));
  if (missing.length === 0) return [ok("objects", "Every object behind the store's refs is there.")];
  const { promisor } = await repository.settings();
  const lacks = `${counted(missing.length, "object", "objects")} of the store's history`;
  return promisor === null
    ? [
        problem(
          "objects",
          `The repository lacks ${lacks}, first ${missing[0]?.slice(1) ?? ""}.`,
          "Fetch the branch from a clone that has it (git fetch --refetch REMOTE agent-memory). What is believed now may still be whole.",
        ),
      ]
    : [notice("objects", `This partial clone has not fetched ${lacks} yet.`, "They are fetched when they are needed.")];
}

async function lastLogged({ commonDir, git }: Repository, ref: string): Promise<string | null> {
  const log = (await textOf(path.join(commonDir, "logs", ...ref.split("/")))) ?? "";
  const ids = log.split("\n").map((line) => line.split(" ")[1] ?? "");
  const last = ids.findLast((id) => OBJECT_ID.test(id) && !/^0+$/.test(id));
  if (last === undefined) return null;
  return (await git.run(["cat-file", "-e", `${last}^{tree}`])).ok ? last : null;
}

async function putBack(repository: Repository, ref: string, file: string, last: string): Promise<string> {
  const value = (await textOf(file))?.trim() ?? "";
  if (OBJECT_ID.test(value)) return `The ref ${ref} is whole again already.`;
  // git itself can't write over a ref that it can't read.
  await fs.rm(file, { force: true });
  await repository.git.ask(["update-ref", "--create-reflog", "-m", "memory: put back", ref, last, ""]);
  return `Put ${ref} back to ${last.slice(0, 9)}, the last value in its log.`;
}
