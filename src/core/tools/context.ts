import type { Session } from "../session.ts";
import type { Stores } from "../stores.ts";

/** What a tool works on: the stores that its door sees, and who is asking. */
export interface ToolContext {
  readonly stores: Stores;
  readonly session: Session;
  /** What the host says of its model's window: the tokens that an answer may have, and how to count them. */
  readonly host?: { readonly budget: number; readonly countTokens: (text: string) => Promise<number> };
}
