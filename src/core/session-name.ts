/** The name that whoever starts an agent gives its session, so that it outlives a restart. */
import { InvalidInputError } from "./errors.ts";
import { isSessionId } from "./memory/id.ts";

/** The variable that carries it. */
export const SESSION_VARIABLE = "COMMIT_TO_MEMORY_SESSION";

/**
 * Undefined where nobody gave one. Throws InvalidInputError where the name is none of the format: a session under another
 * name than it was given would be free of all that was said about it.
 */
export function sessionNamed(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (!isSessionId(value))
    throw new InvalidInputError(
      `${SESSION_VARIABLE} holds no session's name. Set it to s_ and 6 to 32 digits or small letters without i, l, o and u, such as s_9d2k4m7x, or unset it.`,
    );
  return value;
}
