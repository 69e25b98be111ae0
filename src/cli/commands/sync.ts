import { isMemoryPath } from "../../core/memory/parse.ts";
import { ProjectRepository } from "../../git/branch/project-repository.ts";
import { codeBranchSentence, fetchCodeBranch } from "../../git/sync/code-branch.ts";
import { type Synced, type SyncOptions, syncStore } from "../../git/sync/sync.ts";
import { proposalSentence, syncSentence } from "../../git/sync/words.ts";
import type { Arguments } from "../arguments.ts";
import { callerOf } from "../caller.ts";
import { type Command, EXIT } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { type Context, storeToSync } from "../context.ts";
import { type Line, toned } from "../terminal.ts";

/** The remote that a store is synced with, as both commands take it. */
export const REMOTE_OPTIONS = {
  ...STORE_OPTION,
  remote: { value: "REMOTE", summary: "A remote's name or address. Default: the branch's upstream, else origin." },
  remember: { summary: "Use this remote from now on (kept beside the repository, not in your git configuration)." },
} as const;

export function syncOptions(context: Context, args: Arguments): SyncOptions {
  const { host } = context;
  const named = args.text("remote");
  const keep = args.choice("keep", ["here", "server"]);
  return {
    caller: { ...callerOf(host, args), channel: "sync" },
    asks: host.ask !== undefined,
    remember: args.flag("remember"),
    ...(named === undefined ? {} : { named }),
    ...(keep === undefined ? {} : { keep }),
    ...(host.ask === undefined
      ? {}
      : { ask: async (names) => host.ask?.(`Which remote does the memory go to (${names.join(", ")})? `) }),
  };
}

export const sync: Command = {
  name: "sync",
  usage: ["sync [--remote REMOTE] [--remember] [--store STORE]", "sync --keep (here|server)"],
  about:
    "Fetches the memory branch, merges what came with what is here, and pushes. Where a memory was worded differently on both sides, the server's words stand and yours wait in the queue. What came is judged by the gate and not recalled where it fails. A server that takes pull requests only gets a branch for review instead. Being offline is no error. What waits for review, sessions and local state are never pushed.",
  options: {
    ...REMOTE_OPTIONS,
    keep: {
      value: "HISTORY",
      choices: ["here", "server"],
      summary: "After one of the two was rewritten: which goes on. The other's newer writes are made anew on top.",
    },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "sync", says: "What came, what went and what waits, in one sentence." },
    {
      line: "sync --store personal --remote git@example.com:me/memory.git --remember",
      says: "Syncs your personal store, with this address from now on.",
    },
  ],
  async run(context, args) {
    const store = await storeToSync(context, args);
    const options = syncOptions(context, args);
    await store.exists();
    const { repository } = store;
    if (store.placement === "branch" && repository instanceof ProjectRepository) {
      const fetched = await fetchCodeBranch(store, repository, options);
      const { branch, remote, behind, ahead, isOffline } = fetched;
      return {
        json: {
          status: isOffline ? "offline" : "fetched",
          store: store.label,
          remote,
          commit: null,
          came: 0,
          went: 0,
          held_back: [],
          conflicts: [],
          notes: [],
          notices: [],
          proposed: null,
          code: { branch, behind, ahead },
        },
        lines: [codeBranchSentence(fetched)],
      };
    }
    const synced = await syncStore(store, options);
    return {
      exit: synced.status === "proposed" ? EXIT.held : EXIT.done,
      json: {
        status: synced.status,
        store: store.label,
        remote: synced.remote,
        commit: synced.commit,
        came: synced.came,
        went: synced.went,
        held_back: synced.heldBack,
        conflicts: synced.conflicts,
        notes: synced.notes,
        notices: synced.notices,
        proposed: synced.proposed,
        code: null,
      },
      lines: linesOf(synced),
      aside: synced.notices.map((notice) => toned(notice, "warning")),
    };
  },
};

function linesOf(synced: Synced): Line[] {
  const { heldBack, conflicts, notes, proposed, status } = synced;
  return [
    [{ text: syncSentence(synced), tone: status === "synced" ? "good" : "plain" }],
    ...(proposed === null ? [] : [proposalSentence(proposed)]),
    ...heldBack.map((one): Line => [
      { text: `  Not recalled until a person approved it: `, tone: "warning" },
      one.title,
      { text: `  ${one.id}`, tone: "quiet" },
    ]),
    ...conflicts.map((one): Line => [
      { text: "  Changed on both sides: ", tone: "warning" },
      one.title,
      {
        text: `  (${conflictWords(one)})`,
        tone: "quiet",
      },
    ]),
    ...notes.map((note): Line => [`  ${NOTES[note.kind]}: `, note.title, { text: `  ${note.path}`, tone: "quiet" }]),
  ];
}

function conflictWords({ path, held }: Synced["conflicts"][number]): string {
  if (held !== null) return `the server's words stand; yours wait as ${held}`;
  return isMemoryPath(path)
    ? `${path}; not believed until a person chose between its markers`
    : `${path}; the server's stands`;
}

const NOTES: Readonly<Record<Synced["notes"][number]["kind"], string>> = {
  ended: "Ended by one side, changed by the other; it stays ended",
  "kept-out": "Kept out by a tombstone",
  moved: "Two wanted one file; stored beside it",
};
