import { POLICY_FILE } from "./memory/policy.ts";
import type { ObjectId } from "./memory/model.ts";
import { policyText, signedPolicyText, storeReadme } from "./memory/store-files.ts";
import type { Act, Change, Written } from "./proposal.ts";
import type { MemoryStore } from "./store.ts";

/**
 * Starts a store with its rules and a page for reviewers, in one commit. Only on a person's word. Never adopts a branch
 * that is there already: throws StoreExistsError, or NotAStoreError where it isn't one of ours.
 * @param sign whether every commit is to be signed, this one too: then it throws SigningError where the key can't be used
 */
export async function initialiseStore(store: MemoryStore, act: Act, sign = false): Promise<Written> {
  const file = (path: string, text: string): Change => ({
    kind: "restore",
    path,
    read: null,
    bytes: new TextEncoder().encode(text),
  });
  return store.commit({
    operation: "init",
    changes: [file(POLICY_FILE, sign ? signedPolicyText : policyText), file("README.md", storeReadme)],
    subject: "Start the memory store",
    ...act,
  });
}

/**
 * A fresh clone has the team's memory on the remote's branch only, where it is read from. Makes the local branch at the same
 * commit, so nothing is believed that was not before. Null where there is no such memory, or the branch is there already.
 */
export async function adoptRemoteStore(store: MemoryStore): Promise<ObjectId | null> {
  if (!(await store.exists())) return null;
  const { repository } = store;
  const isLocal = (await repository.refs(repository.ref)).some(({ ref }) => ref === repository.ref);
  if (isLocal) return null;
  // Throws where the remote's branch is no memory store.
  const { commit } = await store.snapshot();
  const isMade =
    commit !== null && (await repository.exclusively(async () => repository.setRef(repository.ref, commit)));
  return isMade ? commit : null;
}
