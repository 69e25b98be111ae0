import { POLICY_FILE } from "./memory/policy.ts";
import { storeReadme, policyText } from "./memory/store-files.ts";
import type { Act, Change, Written } from "./proposal.ts";
import type { MemoryStore } from "./store.ts";

/**
 * Starts a store with its rules and a page for reviewers, in one commit. Only on a person's word. Never adopts a branch
 * that is there already: throws StoreExistsError, or NotAStoreError where it isn't one of ours.
 */
export async function initialiseStore(store: MemoryStore, act: Act): Promise<Written> {
  const file = (path: string, text: string): Change => ({ kind: "restore", path, read: null, bytes: new TextEncoder().encode(text) });
  return store.commit({
    operation: "init",
    changes: [file(POLICY_FILE, policyText), file("README.md", storeReadme)],
    subject: "Start the memory store",
    ...act,
  });
}
