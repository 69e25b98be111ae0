/** Which remote a store is synced with. What a person chose is kept beside the repository; their git configuration is left alone. */
import { TeamRemoteError } from "../../core/errors.ts";
import { isObject, jsonOf } from "../../core/json.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { LocalState } from "../../core/ports.ts";
import { withoutCredentials } from "../../core/trust/server-address.ts";
import { MEMORY_BRANCH } from "../git-store.ts";
import type { GitCommand } from "../git-command.ts";

export interface Remote {
  /** As git takes it: a name, or an address. */
  readonly name: string;
  /** Where git goes to. */
  readonly address: string;
  /** The address as it is configured, which git may replace by another (`url.<base>.insteadOf`): a mirror, or a short form. */
  readonly written: string;
  /** Whether the user's git configuration has it under a name. */
  readonly isNamed: boolean;
  /** For people: never with a password in it. */
  readonly shown: string;
}

/** What is remembered of syncs, in local state. */
interface Memo {
  /** What a person chose. */
  readonly remote?: string;
  /** The commit that each address had when it was asked last. */
  readonly seen?: Readonly<Record<string, ObjectId>>;
}

const FILE = "sync.json";

export class SyncMemo {
  readonly #state: LocalState;

  constructor(state: LocalState) {
    this.#state = state;
  }

  async chosen(): Promise<string | null> {
    return (await this.#read()).remote ?? null;
  }

  async choose(remote: string): Promise<void> {
    await this.#write({ ...(await this.#read()), remote });
  }

  async seen(address: string): Promise<ObjectId | null> {
    return (await this.#read()).seen?.[withoutCredentials(address)] ?? null;
  }

  async see(address: string, commit: ObjectId): Promise<void> {
    const memo = await this.#read();
    const key = withoutCredentials(address);
    if (memo.seen?.[key] !== commit) await this.#write({ ...memo, seen: { ...memo.seen, [key]: commit } });
  }

  async #read(): Promise<Memo> {
    const bytes = await this.#state.read(FILE);
    return bytes === null ? {} : memoOf(new TextDecoder().decode(bytes));
  }

  async #write(memo: Memo): Promise<void> {
    await this.#state.write(FILE, new TextEncoder().encode(`${JSON.stringify(memo)}\n`));
  }
}

/** What can't be read is as if it weren't there: the next sync writes it anew. */
function memoOf(text: string): Memo {
  const value = jsonOf(text, isObject) ?? {};
  const { remote, seen } = value as { readonly remote?: unknown; readonly seen?: unknown };
  const commits = typeof seen === "object" && seen !== null ? Object.entries(seen) : [];
  return {
    ...(typeof remote === "string" ? { remote } : {}),
    seen: Object.fromEntries(commits.filter(([, commit]) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(String(commit)))),
  };
}

export interface Choice {
  /** What the caller named. */
  readonly named?: string;
  /** Asks a person which of several; absent where nobody can answer. */
  readonly ask?: (names: readonly string[]) => Promise<string | undefined>;
  /** Keep what was named for the next time. */
  readonly remember?: boolean;
  /** Only a remote that a person named will do: what is personal goes nowhere by default. */
  readonly onlyNamed: boolean;
}

/**
 * The named one; else what was chosen before, the branch's upstream, `origin`, or the only one there is; else a person is
 * asked, once. Null where there is no remote at all. Throws TeamRemoteError where the choice is a person's.
 */
export async function chooseRemote(git: GitCommand, memo: SyncMemo, choice: Choice): Promise<Remote | null> {
  const names = await remoteNames(git);
  if (choice.named !== undefined) {
    const remote = await remoteOf(git, choice.named, names);
    if (choice.remember === true) await memo.choose(choice.named);
    return remote;
  }
  const chosen = await memo.chosen();
  if (chosen !== null) return remoteOf(git, chosen, names);
  if (choice.onlyNamed)
    throw new TeamRemoteError(
      "Your personal store is synced only with a remote that you name. Say which: `git memory sync --store personal --remote ADDRESS --remember`.",
    );
  const upstream = await git.run(["config", "--get", `branch.${MEMORY_BRANCH}.remote`]);
  const usual = [upstream.ok ? upstream.stdout.toString("utf8").trim() : "", "origin"];
  const found = usual.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined);
  if (found !== undefined) return remoteOf(git, found, names);
  if (names.length === 0) return null;
  const answer = (await choice.ask?.(names))?.trim();
  if (answer === undefined || !names.includes(answer))
    throw new TeamRemoteError(
      `There are several remotes (${names.join(", ")}). Say which one the memory goes to: \`git memory sync --remote NAME --remember\`.`,
    );
  await memo.choose(answer);
  return remoteOf(git, answer, names);
}

async function remoteNames(git: GitCommand): Promise<string[]> {
  const answer = await git.run(["remote"]);
  return answer.ok
    ? answer.stdout
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

async function remoteOf(git: GitCommand, name: string, names: readonly string[]): Promise<Remote> {
  if (names.includes(name)) {
    const said = async (...words: readonly string[]): Promise<string> => {
      const answer = await git.run(words);
      return answer.ok ? answer.stdout.toString("utf8").trim() : name;
    };
    const [address, written] = [await said("remote", "get-url", name), await said("config", `remote.${name}.url`)];
    return { name, address, written, isNamed: true, shown: name };
  }
  const isAddress =
    /^[a-z][a-z0-9+.-]*:\/\/|^[^/\s]+:(?!:)|^\.{0,2}\/|^[A-Za-z]:[\\/]/.test(name) && !name.includes("::");
  if (name.startsWith("-") || !isAddress)
    throw new TeamRemoteError(
      `There is no remote named "${name}". ${names.length === 0 ? "Add one with `git remote add origin ADDRESS`." : `Those here: ${names.join(", ")}.`}`,
    );
  return { name, address: name, written: name, isNamed: false, shown: withoutCredentials(name) };
}
