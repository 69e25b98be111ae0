/** Whom the store trusts, and what only looks like an approval. */
import type { MemoryStore } from "../../core/store.ts";
import { examineTrust } from "../../core/trust/examine.ts";
import type { Finding } from "./finding.ts";

export async function checkTrust(store: MemoryStore): Promise<readonly Finding[]> {
  return examineTrust(store);
}
