/** What a person is told before a store is put into the code's own branch, and the yes that it takes. */
import { NoRepositoryError } from "../core/errors.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Stores } from "../core/stores.ts";
import { BRANCH_PRICE } from "../git/branch/price.ts";
import { GitStore } from "../git/git-store.ts";
import { ProjectRepository } from "../git/branch/project-repository.ts";
import { UsageError } from "./arguments.ts";
import type { Line } from "./terminal.ts";

/** The price of the placement `branch`, as the command line prints it. */
export const PRICE: readonly Line[] = [
  "In .memory/ of the code's branch, memory is reviewed with the code and is true for this branch. The price:",
  ...BRANCH_PRICE.map((point) => `  - ${point}`),
];

/** The project's store, wherever it is; outside of every repository the user's own, where there is one. Throws NoRepositoryError. */
export async function landingIn(
  stores: Stores,
): Promise<{ readonly store: MemoryStore; readonly repository: ProjectRepository | GitStore }> {
  const store = stores.project ?? stores.personal;
  const { repository } = store;
  const isThere = stores.project !== null || (await store.exists());
  if (isThere && (repository instanceof ProjectRepository || repository instanceof GitStore))
    return { store, repository };
  throw new NoRepositoryError("This folder is in no git repository. Go to one, or name one with -C.");
}

/** The project's store where it may be on either kind of branch. Throws NoRepositoryError, UsageError. */
export function projectOf(stores: Stores): { readonly store: MemoryStore; readonly repository: ProjectRepository } {
  if (stores.project === null)
    throw new NoRepositoryError("This folder is in no git repository. Go to one, or name one with -C.");
  const { repository } = stores.project;
  if (!(repository instanceof ProjectRepository))
    throw new UsageError("This repository is bare: no branch is checked out, so its store can only be dedicated.");
  return { store: stores.project, repository };
}
