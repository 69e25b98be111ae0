/** Where the memory is kept: in `.memory/` of the code's branch, its price first, in a dialog; landing, moving, plain files. */
import { InvalidInputError } from "../../core/errors.ts";
import { initialiseStore } from "../../core/initialise.ts";
import type { MemoryStore } from "../../core/store.ts";
import { BRANCH_PRICE } from "../../git/branch/price.ts";
import { checkOutStore } from "../../git/branch/checkout.ts";
import { GitStore, MEMORY_BRANCH } from "../../git/git-store.ts";
import { findRepository } from "../../git/repository.ts";
import { ProjectRepository } from "../../git/branch/project-repository.ts";
import { shortName } from "../../git/branch/work-tree.ts";
import type { Done } from "../acts.ts";
import type { EditorPerson } from "../person.ts";
import { askIn } from "../review/consent.ts";

const PRICE = BRANCH_PRICE.map((point) => `• ${point}`).join("\n");

/** Starts a store in the branch that is checked out; undefined where the person did not agree. Throws StoreExistsError. */
export async function startInBranch(
  store: MemoryStore,
  person: EditorPerson,
  ask: typeof askIn = askIn,
): Promise<Done | undefined> {
  const repository = inWorkTree(store);
  repository.beginIn("branch");
  try {
    if (!(await store.exists())) {
      const message = "Keep this project's memory in .memory/ of the code's own branch?";
      if ((await ask({ message, detail: PRICE }, "Keep It There", "Back")) !== "Keep It There") return undefined;
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

/** Moves the store to the other of its two places, with its history; undefined where the person did not agree. */
export async function moveMemory(store: MemoryStore, ask: typeof askIn = askIn): Promise<string | undefined> {
  const repository = inWorkTree(store);
  await store.snapshot();
  const isInBranch = store.placement === "branch";
  const branch = repository.branch.branch;
  const on = branch === null ? "the checked-out branch" : shortName(branch);
  const [message, detail, yes] = isInBranch
    ? [
        `Move this project's memory from ${on} to a branch of its own?`,
        `The history of .memory/ becomes the branch ${MEMORY_BRANCH}, and one commit removes the folder from ${on}.`,
        "Move It Out",
      ]
    : [
        `Move this project's memory into .memory/ of ${on}?`,
        `One merge commit on ${on} brings it in with its history; the old branch is kept.\n${PRICE}`,
        "Move It There",
      ];
  if ((await ask({ message, detail }, yes, "Back")) !== yes) return undefined;
  await repository.moveTo(isInBranch ? "dedicated" : "branch", store.environment.now());
  const { why } = await repository.branch.land(false);
  // What is believed must be readable where it is now, or the move is none.
  await store.snapshot();
  const where = isInBranch ? `on the branch ${MEMORY_BRANCH}` : `in .memory/ of ${on}`;
  return [`The memory is ${where} now.`, ...(why === null ? [] : [`The commit on ${on} waits: ${why}.`])].join(" ");
}

/** Plain files of a store that is on a branch of its own, beside git's. Where they are, in words. */
export async function checkOutMemory(store: MemoryStore): Promise<string> {
  await store.snapshot();
  if (store.placement !== "dedicated")
    throw new InvalidInputError("This memory is in .memory/ of the checked-out branch, as plain files already.");
  const { folder, made } = await checkOutStore(await findRepository(store.repository.location));
  return `The memory is checked out in ${folder}${made ? "" : " already"}.`;
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
