/** A failure as an exit code, a JSON object and lines for people. */
import { ConflictError, MemoryError } from "../core/errors.ts";
import { BlockedError, HeldForReviewError } from "../core/gate/verdict.ts";
import { UsageError } from "./arguments.ts";
import { EXIT, type Exit } from "./command.ts";
import { type Line, linesOf, toned } from "./terminal.ts";

export interface Failure {
  readonly exit: Exit;
  readonly json: object;
  readonly lines: readonly Line[];
}

export function failureOf(error: unknown): Failure {
  if (error instanceof BlockedError) {
    const findings = error.findings.map(({ rule, path, line, forPerson, forModel }) => ({
      rule,
      path,
      ...(line === undefined ? {} : { line }),
      message: forPerson,
      advice: forModel,
    }));
    return failure(EXIT.blocked, error, { findings }, [
      headline("The gate refused this; nothing was stored."),
      ...findings.map(({ rule, message }): Line => [`  ${message} `, { text: `(${rule})`, tone: "quiet" }]),
    ]);
  }
  if (error instanceof HeldForReviewError) {
    const { id, commit, store } = error.held;
    const notices = [...new Set(error.findings.map(({ forPerson }) => forPerson))];
    return {
      exit: EXIT.held,
      json: { status: "held", held: id, store, commit, memories: [], notices },
      lines: [toned(error.message, "warning")],
    };
  }
  if (error instanceof ConflictError) {
    const [base, theirs, mine] = [textOf(error.base), textOf(error.theirs), textOf(error.mine)];
    return failure(EXIT.conflict, error, { path: error.path, base, theirs, mine }, [
      headline(error.message),
      ...version("What you had read:", base),
      ...version(`What is there now (${error.path}):`, theirs),
      ...version("What you wanted to store:", mine),
    ]);
  }
  if (error instanceof UsageError)
    return failure(EXIT.usage, error, { suggestion: error.suggestion }, [headline(error.message)]);
  if (error instanceof MemoryError) {
    return failure(error.code === "invalid-input" ? EXIT.usage : EXIT.failed, error, {}, [headline(error.message)]);
  }
  const message = `git-memory failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`;
  const stack = error instanceof Error && error.stack !== undefined ? linesOf(error.stack, "quiet") : [];
  return { exit: EXIT.failed, json: { error: { code: "internal", message } }, lines: [headline(message), ...stack] };
}

function failure(exit: Exit, error: MemoryError, more: object, lines: readonly Line[]): Failure {
  return { exit, json: { error: { code: error.code, message: error.message, ...more } }, lines };
}

function headline(message: string): Line {
  return toned(message, "bad");
}

function version(title: string, text: string | null): Line[] {
  return [
    toned(title, "strong"),
    ...(text === null
      ? ["  (no file)"]
      : linesOf(text).map((line): Line => ["  ", ...(typeof line === "string" ? [line] : line)])),
  ];
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
