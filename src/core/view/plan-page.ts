/** What is about to be done, in words: shown before it is done, with what goes, what conflicts, and what stays and why. */
import { isBroken, type ObjectId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Erased, ErasePlan } from "../provenance/erase.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import type { RestorePlan } from "../provenance/restore.ts";
import type { RevertPlan } from "../provenance/revert.ts";
import { wordsFor } from "../provenance/roots.ts";
import type { TakeBackPlan, TakenBack } from "../provenance/take-back.ts";
import type { BeliefDifference, DifferenceKind } from "../review/difference.ts";
import { wordDifference } from "../review/words.ts";
import { spokenActor } from "./actor.ts";
import { since, spokenSpan } from "./age.ts";
import { entryActor, entryReason } from "./change.ts";
import { type Page, PageWriter } from "./page.ts";
import { spelledLine } from "./spelled.ts";
import { EDGE_WORDS, REACH_WORDS, SPARED_WORDS } from "./trace.ts";

/** One file of a plan, whatever kind of plan it is. */
export interface PlannedFile {
  readonly title: string;
  readonly path: string;
  readonly action: TakenBack["action"];
  /** The version there now, null where there is none. */
  readonly now: ObjectId | null;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** Where it is a conflict that can be decided: both texts with git's marks. */
  readonly merged?: Uint8Array;
  /** What more there is to say of it, in whole sentences. */
  readonly notes: readonly string[];
}

const HEADINGS: Readonly<Record<TakenBack["action"], string>> = {
  conflict: "Conflicts",
  resolved: "Conflicts that you decided",
  goes: "Goes",
  "comes back": "Comes back",
  "changes back": "Changes back",
  stays: "Is as it was already",
};
const ORDER = Object.keys(HEADINGS) as TakenBack["action"][];

export function filesOfTakeBack({ files }: TakeBackPlan): PlannedFile[] {
  // Where it began stands first.
  const inOrder = files.toSorted((a, b) => beginning(a) - beginning(b));
  return inOrder.map(({ title, path, action, now, before, after, merged, nodes, editsLost }) => {
    const [edge] = nodes.at(-1)?.because ?? [];
    const lost = editsLost.map(({ commit }) => commit.slice(0, 9)).join(", ");
    return {
      title,
      path,
      action,
      now,
      before,
      after,
      ...(merged === undefined ? {} : { merged }),
      notes: [
        ...(edge === undefined ? [] : [`Follows from "${edge.node?.title ?? edge.from}": ${EDGE_WORDS[edge.kind]}.`]),
        ...(lost === "" ? [] : [`Edits by others go with it: ${lost}.`]),
      ],
    };
  });
}

export function filesOfRevert({ files }: RevertPlan): PlannedFile[] {
  return files.map(({ change: { path }, outcome, now, there, bytes, merged }) => {
    const action = actionOf(outcome, now !== null, bytes !== null);
    const after = action === "stays" ? there : bytes;
    return {
      title: titleOf(path, after ?? there),
      path,
      action,
      now,
      before: there,
      after,
      ...(merged === undefined ? {} : { merged }),
      notes: [],
    };
  });
}

export function takeBackPage(plan: TakeBackPlan): Page {
  const page = new PageWriter();
  opening(page, `Take back ${wordsFor(plan.suspicion)}${REACH_WORDS[plan.reach]}.`, filesOfTakeBack(plan));
  if (plan.spared.length > 0) {
    page.say("", `Stays, and why (${plan.spared.length})`);
    for (const { title, id, why, entry } of plan.spared)
      page.item(id, title).say(`  It ${SPARED_WORDS[why]} (${entryActor(entry)}, ${entry.commit.slice(0, 9)}).`);
  }
  return page.finished();
}

export function revertPage(plan: RevertPlan, files: readonly PlannedFile[]): Page {
  const page = new PageWriter();
  opening(page, `Revert ${plan.commit.slice(0, 9)}, ${spelledLine(plan.entry.text.subject)}.`, files);
  return page.finished();
}

function opening(page: PageWriter, what: string, files: readonly PlannedFile[]): void {
  const conflicts = files.filter(({ action }) => action === "conflict").length;
  page.say(
    spelledLine(what),
    "Nothing is done yet. Going on (Ctrl or Cmd with Enter) makes one commit, which Undo takes back.",
    ...(conflicts === 0
      ? []
      : [
          conflicts === 1
            ? "One memory was changed again later in the same lines. Decide what it is to say, or it stays as it is."
            : `${conflicts} memories were changed again later in the same lines. Decide what each is to say, or they stay as they are.`,
        ]),
  );
  for (const action of ORDER) {
    const own = files.filter((file) => file.action === action);
    if (own.length === 0) continue;
    page.say("", `${HEADINGS[action]} (${own.length})`);
    for (const file of own) {
      page.item(file.path, file.title).say(...file.notes.map((note) => `  ${spelledLine(note)}`));
      if (action === "goes" || action === "comes back") page.quote(bodyOf(file.path, file.before ?? file.after));
      if (action === "changes back" || action === "conflict" || action === "resolved")
        page.words(wordDifference(textOf(file.before), textOf(file.after)));
    }
  }
}

export function restorePage({ commit, differences, broken }: RestorePlan, moment: string, now: Date): Page {
  const page = new PageWriter().say(
    `Put all memories back as they were ${moment} (${commit.slice(0, 9)}).`,
    "Nothing is done yet. Going on (Ctrl or Cmd with Enter) makes one commit, which Undo takes back. The rules stay as they are now.",
  );
  beliefs(
    page,
    differences.map((one) => ({ ...one, words: one.words, entries: [] })),
    now,
    RESTORED,
  );
  for (const path of broken) page.say("", `${spelledLine(path)} could not be read then, and is left out.`);
  return page.finished();
}

/** @param from and to name the two states, as in `on 3 Nov` and `now`. */
export function differencePage(
  differences: readonly BeliefDifference[],
  { from, to }: { readonly from: string; readonly to: string },
  now: Date,
): Page {
  const count = differences.length;
  const page = new PageWriter().say(
    `From ${from} to ${to}: ${count === 0 ? "the same beliefs." : count === 1 ? "one belief differs." : `${count} beliefs differ.`}`,
  );
  beliefs(page, differences, now, DIFFERENCE_HEADINGS);
  return page.finished();
}

const DIFFERENCE_HEADINGS: Readonly<Record<DifferenceKind, string>> = {
  added: "Added",
  changed: "Changed",
  approved: "Approved",
  renewed: "Renewed",
  moved: "Moved",
  expired: "Expired",
  superseded: "Superseded",
  reverted: "Reverted",
  erased: "Erased",
  removed: "Removed",
};
/** Going back, what came since goes: by no act of its own. */
const RESTORED: Readonly<Record<DifferenceKind, string>> = {
  ...DIFFERENCE_HEADINGS,
  added: "Comes back",
  changed: "Changes back",
  approved: "Is approved as it was then",
  renewed: "Ends as it did then",
  moved: "Moves back",
  removed: "Goes",
};

function beliefs(
  page: PageWriter,
  differences: readonly BeliefDifference[],
  now: Date,
  headings: Readonly<Record<DifferenceKind, string>>,
): void {
  for (const kind of Object.keys(headings) as DifferenceKind[]) {
    const own = differences.filter((one) => one.kind === kind);
    if (own.length === 0) continue;
    page.say("", `${headings[kind]} (${own.length})`);
    for (const { path, title, entries, keys, words, movedFrom, after } of own) {
      const [last] = entries;
      page.item(path, title);
      if (last !== undefined) page.say(`  ${byWhom(last, now)}`);
      if (movedFrom !== undefined) page.say(`  Moved from ${spelledLine(movedFrom)}.`);
      if (keys.length > 0) page.say(`  ${keys.length === 1 ? "Key" : "Keys"}: ${keys.join(", ")}.`);
      if (kind !== "added" && after !== null) page.words(words);
    }
  }
}

export function erasePage({ id, title, blobs, entries, derived, path }: ErasePlan): Page {
  const page = new PageWriter().say(
    "Erase a memory's text from the history, for good.",
    "Nothing is done yet. This can't be undone. To stop using a memory, expire it; to undo a change, revert it.",
    "",
  );
  page.item(path ?? id, title);
  page.say(
    "",
    "What would go",
    `  ${counted(blobs.size, "version", "versions")} of its text, out of ${counted(entries.length, "commit", "commits")}; every commit since the first is written anew.`,
    "  What this machine kept of it beside the repository: caches, reflogs, and records of recalls that gave it out.",
  );
  madeFrom(page, derived);
  page.say(
    "",
    "What is out of reach from here",
    "  Clones, forks, backups, a forge's caches, and whatever an agent was sent. If it is a secret, change it.",
  );
  return page.finished();
}

export function erasedPage({ id, derived }: ErasePlan, done: Erased): Page {
  const page = new PageWriter().say(
    `Erased ${id}.`,
    "",
    "What was done",
    `  ${counted(done.rewritten, "commit was", "commits were")} written anew, ${counted(done.purged, "object was", "objects were")} removed, ${counted(done.receipts, "record of a recall", "records of recalls")} dropped.`,
    done.tombstone === null
      ? "  No digest of it was left."
      : `  A tombstone keeps it from coming back: ${done.tombstone}.`,
    ...(done.moved.length === 0 ? [] : [`  Snapshots that were moved: ${done.moved.map(spelledLine).join(", ")}.`]),
    "",
    "What remains elsewhere",
    ...done.heldBy.map(
      (holder) =>
        `  ${spelledLine(holder)} still has it here. Remove or rewrite that, and then run \`git gc --prune=now\`.`,
    ),
    ...done.pushedTo.map((ref) => {
      const [remote = "", ...branch] = spelledLine(ref.replace("refs/remotes/", "")).split("/");
      return `  ${remote} still has it. Run \`${replacingCommand(remote, branch.join("/"))}\`, ask whoever hosts it to remove unreachable commits, and treat what it says as known to others.`;
    }),
    "  Clones, backups and what agents were given before are out of reach from here. If it was a secret, change it.",
  );
  madeFrom(page, derived);
  return page.finished();
}

function madeFrom(page: PageWriter, derived: ErasePlan["derived"]): void {
  if (derived.length === 0) return;
  page.say("", `Made from it, and stays (${derived.length}). It may say the same.`);
  for (const { id, title } of derived) page.item(id, title);
}

function actionOf(
  outcome: RevertPlan["files"][number]["outcome"],
  isThere: boolean,
  willBe: boolean,
): TakenBack["action"] {
  if (outcome === "conflict" || outcome === "resolved") return outcome;
  if (outcome === "same") return "stays";
  return isThere ? (willBe ? "changes back" : "goes") : "comes back";
}

function byWhom(entry: JournalEntry, now: Date): string {
  const who = spokenActor(entry.text.actor ?? `human:${entry.author.name}`);
  const why = entry.text.reason === "" ? "" : `: ${entryReason(entry)}`;
  return spelledLine(`${who}, ${spokenSpan(since(entry.at, now) ?? 0)} ago${why}.`);
}

function titleOf(path: string, bytes: Uint8Array | null): string {
  const file = bytes === null ? undefined : readMemory(path, "", bytes);
  return file === undefined || isBroken(file) ? path : file.title;
}

/** The claim itself, without the keys and without its title. */
function bodyOf(path: string, bytes: Uint8Array | null): string {
  const file = bytes === null ? undefined : readMemory(path, "", bytes);
  return file === undefined || isBroken(file) ? textOf(bytes) : file.body.trim();
}

function beginning({ nodes }: TakenBack): number {
  return nodes.some(({ relation }) => relation === "root") ? 0 : 1;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Puts the new history in the old one's place on a remote; on the memory branch, with what others wrote there meanwhile. */
export function replacingCommand(remote: string, branch: string): string {
  if (branch !== "agent-memory") return `git push --force ${remote} ${branch}`;
  return `git memory sync --keep here${remote === "origin" ? "" : ` --remote ${remote}`}`;
}
