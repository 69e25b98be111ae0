/** The memory in `.memory/` of the code's branch: its price first, in a dialog; and landing what waits. */
import { InvalidInputError } from "../../core/errors.ts";
import { initialiseStore } from "../../core/initialise.ts";
import type { MemoryStore } from "../../core/store.ts";
import { BRANCH_PRICE } from "../../git/branch/price.ts";
import { GitStore } from "../../git/git-store.ts";
import { ProjectRepository } from "../../git/branch/project-repository.ts";
import { shortName } from "../../git/branch/work-tree.ts";
import type { Done } from "../acts.ts";
import type { EditorPerson } from "../person.ts";
import { askIn } from "../review/consent.ts";

/** Starts a store in the branch that is checked out; undefined where the person did not agree. Throws StoreExistsError. */
export async function startInBranch(store: MemoryStore, person: EditorPerson): Promise<Done | undefined> {
  const repository = inWorkTree(store);
  repository.beginIn("branch");
  try {
    if (!(await store.exists())) {
      const message = "Keep this project's memory in .memory/ of the code's own branch?";
      const detail = BRANCH_PRICE.map((point) => `• ${point}`).join("\n");
      if ((await askIn({ message, detail }, "Keep It There", "Back")) !== "Keep It There") return undefined;
    }
    const caller = await person.caller(store, "user");
    const written = await initialiseStore(store, { caller, reason: "Started in the editor." });
    return {
      sentence: ["The memory is in .memory/ of this branch.", ...written.notices].join(" "),
      commits: [{ store, commit: written.commit }],
    };
  } finally {
    repository.beginIn("dedicated");
  }
}

/** Lets the branch take what waits, for a quiet moment or for the key that signs it. What came of it, in words. */
export async function landNow(store: MemoryStore): Promise<string> {
  const { branch, landed, waiting, why, aside } = await landing(store).land(true);
  const on = branch === null ? "" : ` on ${shortName(branch)}`;
  const said = [
    ...(landed > 0 ? [`${writes(landed)} landed${on}.`] : []),
    ...(waiting.length > 0 ? [`${writes(waiting.length)} still waiting: ${why ?? ""}.`] : []),
    ...(aside.length > 0
      ? [`${writes(aside.length)} set aside, because the branch changed the same memory: git memory land lists them.`]
      : []),
  ];
  return said.length === 0 ? "Nothing waits to land here." : said.join(" ");
}

function landing({ repository }: MemoryStore): ProjectRepository | GitStore {
  if (repository instanceof ProjectRepository || repository instanceof GitStore) return repository;
  throw new InvalidInputError("This store is in no git repository, so nothing can wait to land.");
}

function inWorkTree({ repository }: MemoryStore): ProjectRepository {
  if (repository instanceof ProjectRepository) return repository;
  throw new InvalidInputError("This repository is bare: no branch is checked out, so nothing can be kept in one.");
}

function writes(count: number): string {
  return count === 1 ? "1 write" : `${count} writes`;
}
