/** What waits to be signed or to land and why, and a store that one in the code's branch hides. */
import { shortName } from "../../git/branch/work-tree.ts";
import { ProjectRepository } from "../../git/branch/project-repository.ts";
import type { Landed } from "../../git/branch/lander.ts";
import { GitStore } from "../../git/git-store.ts";
import type { MemoryStore } from "../../core/store.ts";
import { counted, shortCommit } from "../words.ts";
import { type Finding, notice, ok, problem } from "./finding.ts";

export async function checkWaiting(store: MemoryStore): Promise<Finding[]> {
  const { repository, placement } = store;
  if (repository instanceof GitStore) return unsigned(await repository.waiting());
  if (!(repository instanceof ProjectRepository)) return [];
  const findings: Finding[] = [];
  if (placement === "dedicated") findings.push(...unsigned(await repository.waiting()));
  if (placement === "branch") {
    const { branch, waiting, why, aside } = await repository.branch.waiting();
    const on = branch === null ? "" : shortName(branch);
    if (waiting.length > 0)
      findings.push(
        notice(
          "waiting",
          `${counted(waiting.length, "write waits", "writes wait")} to land on ${on}${why === null ? "" : `: ${why}`}.`,
          "They are recalled already. To land them now: git memory land",
        ),
      );
    if (aside.length > 0)
      findings.push(
        problem(
          "aside",
          `${counted(aside.length, "write does", "writes do")} not fit ${on}, which changed the same memory: ${aside.map(shortCommit).join(", ")}.`,
          "Look at each with git show, make the change anew, then forget the old one: git memory land --drop COMMIT",
        ),
      );
    if (waiting.length + aside.length === 0) findings.push(ok("waiting", "Nothing waits to land."));
    if ((await repository.dedicated.tip()) !== null)
      findings.push(
        notice(
          "two-stores",
          "This repository also has the branch agent-memory. On this branch the store is .memory/, so that one is not read.",
          "To bring it in, or after a move that was cut off: git memory move --to branch. To keep both, do nothing.",
        ),
      );
  }
  for (const { branch, count } of await repository.branch.waitingElsewhere())
    findings.push(
      notice(
        "waiting-elsewhere",
        `${counted(count, "write waits", "writes wait")} for the branch ${shortName(branch)}, which is not checked out here.`,
        `They land when it is. To take them over to this branch: git memory land --from ${shortName(branch)}`,
      ),
    );
  return findings;
}

/** Of a branch of the store's own, where only a key is waited for. */
function unsigned({ waiting }: Landed): Finding[] {
  return waiting.length === 0
    ? [ok("waiting", "Nothing waits to be signed.")]
    : [
        notice(
          "waiting",
          `${counted(waiting.length, "write waits", "writes wait")} to be signed.`,
          "They are recalled already, and land by themselves once the key can be used. To try it now: git memory land",
        ),
      ];
}
