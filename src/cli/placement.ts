/** What a person is told before a store is put into the code's own branch, and the yes that it takes. */
import { NoRepositoryError } from "../core/errors.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Stores } from "../core/stores.ts";
import { ProjectRepository } from "../git/branch/project-repository.ts";
import { UsageError } from "./arguments.ts";
import type { Line } from "./terminal.ts";

/** The price of the placement `branch`, one point a line. */
export const PRICE: readonly Line[] = [
  "In .memory/ of the code's branch, memory is reviewed with the code and is true for this branch. The price:",
  "  - Each write is a commit of this branch: it is in git log, in pull requests, and in what you push.",
  "  - A branch believes what it has. What is learned on one is known on another after a merge, which can conflict.",
  "  - A write lands at a quiet moment. Until then it waits on refs/memory/pending/, already recalled, and is not pushed.",
  "  - On the remote's default branch nothing lands by itself; git memory land does it.",
  "  - A claim can be expired and reverted, but its text can't be erased from the code's history by this program.",
];

/** The project's store where it may be on either kind of branch. Throws NoRepositoryError, UsageError. */
export function projectOf(stores: Stores): { readonly store: MemoryStore; readonly repository: ProjectRepository } {
  if (stores.project === null)
    throw new NoRepositoryError("This folder is in no git repository. Go to one, or name one with -C.");
  const { repository } = stores.project;
  if (!(repository instanceof ProjectRepository))
    throw new UsageError("This repository is bare: no branch is checked out, so its store can only be dedicated.");
  return { store: stores.project, repository };
}
