import { isBroken } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import {
  planRevertOfCommit,
  planRevertOfMemory,
  revert as carryOut,
  type RevertedFile,
  type RevertPlan,
} from "../../core/provenance/revert.ts";
import type { MemoryStore } from "../../core/store.ts";
import { seekerOf } from "../caller.ts";
import { type Answer, type Command, EXIT } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { changedLines } from "../difference.ts";
import { findAnytime } from "../naming.ts";
import { SUSPICION_OPTIONS } from "../suspicion.ts";
import { takeBackAnswer } from "../take-back.ts";
import type { Line } from "../terminal.ts";
import { shortCommit } from "../words.ts";
import { answerOfWrite } from "../written.ts";

interface Target {
  readonly store: MemoryStore;
  readonly plan: RevertPlan;
}

export const revert: Command = {
  name: "revert",
  usage: [
    "revert ID | COMMIT [--dry-run] [--reason TEXT]",
    "revert ID | COMMIT | --session SESSION | --actor NAME | --source PLACE [--with-derived] [--with-context] [--leave-conflicts] [--dry-run]",
  ],
  about:
    "Takes back a whole commit, or the last change of one memory, by a new commit; or all that a session, a writer or a source brought in. With --with-derived also what followed from it: a memory is then taken back with its claim. Later edits of the same files stay; where they touch the same lines it is a conflict.",
  options: {
    ...SUSPICION_OPTIONS,
    "with-derived": { summary: "Also what was derived from it, took its place or repeats it." },
    "with-context": { summary: "Also what was only written while it was in context." },
    "leave-conflicts": { summary: "Leave memories in conflict as they are, and take back the rest." },
    "dry-run": { summary: "Show what would change, and change nothing." },
    reason: { value: "TEXT", summary: "Why. Becomes the commit's message." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 1, name: "the id of one memory, or one commit" },
  examples: [
    { line: "revert 9fceb02de --dry-run", says: "Shows what undoing a commit would change." },
    {
      line: 'revert m_7k3q9f2d --reason "The example was a test."',
      says: "Undoes the memory's last change; an expired one comes back.",
    },
    {
      line: "revert --session s_9d2k4m7x --with-derived --dry-run",
      says: "Shows what goes, comes back and stays if a session's writes are taken back with all that followed.",
    },
  ],
  async run(context, args) {
    const wide = ["session", "actor", "source", "with-derived", "with-context", "leave-conflicts"];
    if (args.operand(0) === undefined || wide.some((name) => args.flag(name))) return takeBackAnswer(context, args);
    const { store, plan } = await planOf(await storesFor(context, args), args.operand(0) ?? "");
    const changes = await Promise.all(plan.files.map((file) => described(store, file)));
    const files = changes.map(({ path, action, title }) => ({ path, action, title }));
    const more = { reverts: plan.commit, files };
    const undone = plan.files.every((file) => file.outcome === "same");
    if (undone || args.flag("dry-run")) {
      const status = undone ? "unchanged" : "planned";
      const json = { status, store: store.label, commit: null, memories: [], notices: [], ...more };
      return {
        exit: plan.files.some(({ outcome }) => outcome === "conflict") ? EXIT.conflict : EXIT.done,
        json,
        lines: undone ? ["It is as before that change already; nothing was done."] : planLines(plan, changes),
      } satisfies Answer;
    }
    const written = await carryOut(store, plan, seekerOf(context, args));
    return answerOfWrite(store, written, "Reverted", more);
  },
};

interface Described {
  readonly path: string;
  readonly action: "comes back" | "goes" | "changes back" | "stays" | "conflict";
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

/** A commit where the store's history has one of that name; else a memory. */
async function planOf(stores: readonly MemoryStore[], name: string): Promise<Target> {
  if (!name.startsWith("m_") && !name.startsWith("path:") && !name.endsWith(".md")) {
    for (const store of stores) {
      const commit = await store.repository.resolve(name);
      if (commit !== null && (await store.journal.entry(commit)) !== undefined)
        return { store, plan: await planRevertOfCommit(store, commit) };
    }
  }
  const { store, id } = await findAnytime(stores, name);
  return { store, plan: await planRevertOfMemory(store, id) };
}

async function described(store: MemoryStore, { change, now, bytes, outcome }: RevertedFile): Promise<Described> {
  const [there] = now === null ? [] : await store.repository.blobs([now]);
  const shown = bytes ?? there ?? new Uint8Array();
  const file = readMemory(change.path, "", shown);
  return {
    path: change.path,
    action:
      outcome === "conflict"
        ? "conflict"
        : outcome === "same"
          ? "stays"
          : now === null
            ? "comes back"
            : bytes === null
              ? "goes"
              : "changes back",
    title: isBroken(file) ? change.path : file.title,
    before: there === undefined ? "" : new TextDecoder().decode(there),
    after: bytes === null ? "" : new TextDecoder().decode(bytes),
  };
}

function planLines(plan: RevertPlan, changes: readonly Described[]): Line[] {
  return [
    `Reverting ${shortCommit(plan.commit)} (${plan.entry.text.subject}) would change this. Nothing was done.`,
    ...changes.flatMap(({ title, action, before, after }): Line[] => [
      "",
      [
        { text: title, tone: "strong" },
        { text: `  ${action}`, tone: "quiet" },
      ],
      ...(action === "stays" ? [] : changedLines(before, after)),
    ]),
  ];
}
