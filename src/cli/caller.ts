/**
 * Who is calling, as far as a command line can know. A terminal proves no person, because any agent can open one, so all
 * that is written here is `agent`, or less where the caller says that the words came from elsewhere.
 */
import type { Trust } from "../core/memory/model.ts";
import type { Act, Caller } from "../core/proposal.ts";
import { SESSION_VARIABLE, sessionNamed } from "../core/session-name.ts";
import { type Arguments, UsageError } from "./arguments.ts";
import type { Context, Host } from "./context.ts";

/** Variables that agents set in the shells they open, and the agent's name. A label, never a claim of trust. */
const AGENTS = [
  ["CLAUDECODE", "claude-code"],
  ["CODEX_SANDBOX", "codex"],
  ["CODEX_SANDBOX_NETWORK_DISABLED", "codex"],
  ["CODEX_THREAD_ID", "codex"],
  ["CURSOR_AGENT", "cursor"],
  ["GEMINI_CLI", "gemini-cli"],
  ["CLINE_ACTIVE", "cline"],
  ["OPENCODE", "opencode"],
] as const;

const LONGEST_ACTOR = 100;

export function callerOf(host: Host, args: Arguments): Caller {
  const session = sessionOf(host);
  return {
    channel: "cli",
    actor: actorOf(host, args.text("actor")),
    trust: trustOf(args),
    ...(session === undefined ? {} : { session }),
  };
}

/** The caller and the reason, for a verb of the core. */
export function actOf(context: Context, args: Arguments, reason = args.text("reason") ?? ""): Act {
  return { caller: callerOf(context.host, args), reason };
}

/** For a command in which `--actor` and `--source` say what is looked for, and not who writes. */
export function seekerOf(context: Context, args: Arguments): Act {
  const session = sessionOf(context.host);
  const caller: Caller = {
    channel: "cli",
    actor: actorOf(context.host, undefined),
    trust: "agent",
    ...(session === undefined ? {} : { session }),
  };
  return { caller, reason: args.text("reason") ?? "" };
}

function actorOf(host: Host, option: string | undefined): string {
  const named = option ?? host.env["COMMIT_TO_MEMORY_ACTOR"];
  if (named === undefined || named.trim() === "")
    return AGENTS.find(([variable]) => (host.env[variable] ?? "") !== "")?.[1] ?? "cli";
  const actor = named.trim();
  if (/^human:/i.test(actor))
    throw new UsageError("A terminal can't prove a person, so --actor names a program, such as claude-code/2.1.");
  if (actor.length > LONGEST_ACTOR || /\p{Cc}/u.test(actor))
    throw new UsageError(`An actor is one line of at most ${LONGEST_ACTOR} characters.`);
  return actor;
}

/** The session that whoever started us named. Throws InvalidInputError where that is no name. */
export function sessionOf(host: Host): string | undefined {
  return sessionNamed(host.env[SESSION_VARIABLE]);
}

function trustOf(args: Arguments): Trust {
  return args.text("source") === undefined ? "agent" : "untrusted";
}
