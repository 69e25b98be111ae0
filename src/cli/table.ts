/** Every command there is, in the order of the help. The code of one is loaded when it is called. */
import type { Command } from "./command.ts";

/** Headings of the help. The first holds the eight that most people need. */
export const GROUPS = [
  "Everyday",
  "History",
  "Causes",
  "Review",
  "Team",
  "Agents",
  "Place and upkeep",
  "Plain git",
] as const;

export interface CommandEntry {
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  readonly summary: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "init",
    group: "Everyday",
    summary: "Start a memory store.",
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "add",
    group: "Everyday",
    summary: "Store one claim.",
    load: async () => (await import("./commands/add.ts")).add,
  },
  {
    name: "list",
    group: "Everyday",
    summary: "List what is believed, or what was.",
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    name: "show",
    group: "Everyday",
    summary: "Show one memory and where it came from.",
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "recall",
    group: "Everyday",
    summary: "Choose memories for a question.",
    load: async () => (await import("./commands/recall.ts")).recall,
  },
  {
    name: "update",
    group: "Everyday",
    summary: "Change a memory.",
    load: async () => (await import("./commands/update.ts")).update,
  },
  {
    name: "expire",
    group: "Everyday",
    summary: "Stop using memories; history keeps them.",
    load: async () => (await import("./commands/expire.ts")).expire,
  },
  {
    name: "revert",
    group: "Everyday",
    summary: "Take back a commit, or a memory's last change.",
    load: async () => (await import("./commands/revert.ts")).revert,
  },
  {
    name: "history",
    group: "History",
    summary: "Show who changed what, when and why.",
    load: async () => (await import("./commands/history.ts")).history,
  },
  {
    name: "blame",
    group: "History",
    summary: "Show who wrote each line of a memory.",
    load: async () => (await import("./commands/blame.ts")).blame,
  },
  {
    name: "renew",
    group: "History",
    summary: "Move a memory's end, or bring it back.",
    load: async () => (await import("./commands/renew.ts")).renew,
  },
  {
    name: "diff",
    group: "History",
    summary: "Show what changed between two states, belief by belief.",
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  {
    name: "snapshot",
    group: "History",
    summary: "Give the present state a name.",
    load: async () => (await import("./commands/snapshot.ts")).snapshot,
  },
  {
    name: "snapshots",
    group: "History",
    summary: "List the named states.",
    load: async () => (await import("./commands/snapshots.ts")).snapshots,
  },
  {
    name: "restore",
    group: "History",
    summary: "Put all memories back as they were.",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "review",
    group: "Team",
    summary: "Review what a branch would bring, belief by belief.",
    load: async () => (await import("./commands/review.ts")).review,
  },
  {
    name: "hook",
    group: "Plain git",
    summary: "Review a push, as a git hook.",
    load: async () => (await import("./commands/hook.ts")).hook,
  },
  {
    name: "queue",
    group: "Review",
    summary: "List what waits for a person's review.",
    load: async () => (await import("./commands/queue.ts")).queue,
  },
  {
    name: "approve",
    group: "Review",
    summary: "Approve a memory by a signature that needs a person.",
    load: async () => (await import("./commands/approve.ts")).approve,
  },
  {
    name: "fetch",
    group: "Team",
    summary: "Ask the team's server what its memory holds.",
    load: async () => (await import("./commands/fetch.ts")).fetch,
  },
  {
    name: "gate",
    group: "Review",
    summary: "Say what the gate thinks of a text.",
    load: async () => (await import("./commands/gate.ts")).gate,
  },
  {
    name: "why",
    group: "Causes",
    summary: "Rank the beliefs that could have caused something.",
    load: async () => (await import("./commands/why.ts")).why,
  },
  {
    name: "lineage",
    group: "Causes",
    summary: "Show all that followed from some writes.",
    load: async () => (await import("./commands/lineage.ts")).lineage,
  },
  {
    name: "bisect",
    group: "Causes",
    summary: "Find the first memory commit at which a command fails.",
    load: async () => (await import("./commands/bisect.ts")).bisect,
  },
  {
    name: "erase",
    group: "History",
    summary: "Take a memory's text out of the history for good.",
    load: async () => (await import("./commands/erase.ts")).erase,
  },
  {
    name: "receipts",
    group: "Agents",
    summary: "List the recalls that were made here.",
    load: async () => (await import("./commands/receipts.ts")).receipts,
  },
  {
    name: "replay",
    group: "Agents",
    summary: "Make an old recall again, byte for byte.",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  {
    name: "cost",
    group: "Agents",
    summary: "Compare recall's tokens with sending everything.",
    load: async () => (await import("./commands/cost.ts")).cost,
  },
  {
    name: "ablate",
    group: "Agents",
    summary: "Compare no memory, all of it, and recall.",
    load: async () => (await import("./commands/ablate.ts")).ablate,
  },
  {
    name: "sync",
    group: "Team",
    summary: "Exchange memories with a remote: fetch, merge, push.",
    load: async () => (await import("./commands/sync.ts")).sync,
  },
  {
    name: "propose",
    group: "Team",
    summary: "Put your changes up for a pull request.",
    load: async () => (await import("./commands/propose.ts")).propose,
  },
  {
    name: "checkout",
    group: "Place and upkeep",
    summary: "Check the store out as plain files.",
    load: async () => (await import("./commands/checkout.ts")).checkout,
  },
  {
    name: "land",
    group: "Place and upkeep",
    summary: "Let the branch take what waits (a store in .memory/).",
    load: async () => (await import("./commands/land.ts")).land,
  },
  {
    name: "move",
    group: "Place and upkeep",
    summary: "Move the store to another place, with its history.",
    load: async () => (await import("./commands/move.ts")).move,
  },
  {
    name: "doctor",
    group: "Place and upkeep",
    summary: "Check the store and say what to do.",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "taint",
    group: "Agents",
    summary: "Say that a session read something from outside.",
    load: async () => (await import("./commands/taint.ts")).taint,
  },
  {
    name: "upkeep",
    group: "Place and upkeep",
    summary: "Pack what writes left loose.",
    load: async () => (await import("./commands/upkeep.ts")).upkeep,
  },
  {
    name: "git",
    group: "Plain git",
    summary: "Let git's own merge and diff understand memories.",
    load: async () => (await import("./commands/git.ts")).gitCommand,
  },
  {
    name: "merge-driver",
    group: "Plain git",
    summary: "Merge one file for git.",
    load: async () => (await import("./commands/merge-driver.ts")).mergeDriver,
  },
  {
    name: "textconv",
    group: "Plain git",
    summary: "Print one file for git diff.",
    load: async () => (await import("./commands/textconv.ts")).textconv,
  },
  {
    name: "mcp",
    group: "Agents",
    summary: "Serve this repository's memory to an agent (MCP over stdio).",
    load: async () => (await import("./commands/mcp.ts")).mcp,
  },
];

export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}
