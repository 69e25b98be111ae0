import { eraseMemory, type Erased, type ErasePlan, planErase } from "../../core/provenance/erase.ts";
import { replacingCommand } from "../../core/view/plan-page.ts";
import { UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { storesFor } from "../context.ts";
import { findAnytime } from "../naming.ts";
import { type Line, toned } from "../terminal.ts";
import { counted } from "../words.ts";

export const erase: Command = {
  name: "erase",
  usage: ["erase ID --yes [--pushed-too] [--no-digest] [--reason TEXT]", "erase ID"],
  about:
    "Takes a memory's text out of the history for good: every commit that held it is written anew, and the objects, reflogs, caches and receipts that had it are dropped. Without --yes it says what would go. It can't be undone, and what was pushed or cloned stays where it is. To stop using a memory, expire it; to undo a change, revert it.",
  options: {
    yes: { summary: "Really do it." },
    "pushed-too": { summary: "Go on though a remote has it already." },
    "no-digest": { summary: "Leave no digest: what is short or guessable can be guessed from one. For secrets." },
    reason: { value: "TEXT", summary: "Why, without words of the memory. Becomes the commit's message." },
    ...STORE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [
    { line: "erase m_7k3q9f2d", says: "Says what would go, and does nothing." },
    { line: 'erase m_7k3q9f2d --yes --no-digest --reason "It held a password."', says: "Takes it out of the history." },
  ],
  async run(context, args) {
    const { store, id, path } = await findAnytime(await storesFor(context, args), args.operand(0) ?? "");
    const plan = await planErase(store, { id, path });
    const what = {
      store: store.label,
      id,
      versions: plan.blobs.size,
      commits: plan.entries.length,
      derived: plan.derived,
    };
    if (!args.flag("yes")) {
      if (args.flag("pushed-too") || args.flag("no-digest"))
        throw new UsageError("Add --yes to erase it; without, erase only says what would go.");
      return {
        json: {
          status: "planned",
          ...what,
          tip: null,
          rewritten: 0,
          purged: 0,
          receipts: 0,
          snapshots: [],
          tombstone: null,
          held_by: [],
          pushed_to: [],
        },
        lines: planLines(plan),
      };
    }
    const done = await eraseMemory(store, plan, {
      ...actOf(context, args),
      pushedToo: args.flag("pushed-too"),
      withoutTombstone: args.flag("no-digest"),
    });
    const tip = (await store.snapshot()).commit;
    return {
      json: {
        status: "erased",
        ...what,
        tip,
        rewritten: done.rewritten,
        purged: done.purged,
        receipts: done.receipts,
        snapshots: done.moved,
        tombstone: done.tombstone,
        held_by: done.heldBy,
        pushed_to: done.pushedTo,
      },
      lines: [
        toned(
          `Erased ${id}: ${counted(done.rewritten, "commit was", "commits were")} written anew, ${counted(done.purged, "object", "objects")} removed.`,
          "good",
        ),
        ...remainLines(plan, done),
      ],
    };
  },
};

function planLines({ id, title, blobs, entries, derived }: ErasePlan): Line[] {
  return [
    [
      { text: title, tone: "strong" },
      { text: `  ${id}`, tone: "quiet" },
    ],
    `Erasing it would take ${counted(blobs.size, "version", "versions")} of its text out of ${counted(entries.length, "commit", "commits")} and write anew all commits since the first. Nothing was done.`,
    ...derivedLines(derived),
    toned(`Really: git memory erase ${id} --yes. It can't be undone.`, "quiet"),
  ];
}

/** What is out of reach from here, and what to do about it. */
function remainLines({ derived }: ErasePlan, { heldBy, pushedTo }: Erased): Line[] {
  const remotes = pushedTo.map((ref) => ref.replace("refs/remotes/", ""));
  const lines: Line[] = [
    ...heldBy.map((holder) =>
      toned(`Still here: ${holder} has it. Remove or rewrite that, and then run \`git gc --prune=now\`.`, "warning"),
    ),
    ...remotes.map((remote): Line => {
      const [name = "", ...branch] = remote.split("/");
      return toned(
        `Still on ${name}: run \`${replacingCommand(name, branch.join("/"))}\`, ask whoever hosts it to remove unreachable commits, and treat what it says as known to others.`,
        "warning",
      );
    }),
    ...derivedLines(derived),
    "Clones, backups and what agents were given before are out of reach from here. If it was a secret, change it.",
  ];
  return lines;
}

function derivedLines(derived: ErasePlan["derived"]): Line[] {
  return derived.map(({ id, title }) =>
    toned(`Made from it, and stays: ${title}  ${id}. It may say the same.`, "warning"),
  );
}
