/** The refs of a store and what they lead to: whether each can be read, and whether anything is missing behind it. */
import { isDamaged, lastLogged, putBackRef } from "../../git/repairs.ts";
import type { Repository } from "../../git/repository.ts";
import { counted } from "../words.ts";
import { type Finding, notice, ok, problem, repairable } from "./finding.ts";

/** A ref that a power cut left empty; its last value is in its log. Nothing can be read while it is so. */
export async function checkRefs(repository: Repository, refs: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const ref of refs) {
    if (!(await isDamaged(repository, ref))) continue;
    const finding = problem(
      "damaged-ref",
      `The ref ${ref} is damaged, so the store can't be read.`,
      `Its last good value is at the end of logs/${ref} in the git folder; put it back with git update-ref.`,
    );
    const last = await lastLogged(repository, ref);
    if (last === null) findings.push(finding);
    else
      findings.push(
        repairable(finding, async () =>
          (await putBackRef(repository, ref, last))
            ? `Put ${ref} back to ${last.slice(0, 9)}, the last value in its log.`
            : `The ref ${ref} is whole again already.`,
        ),
      );
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
