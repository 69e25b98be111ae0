/** What a change is compared with, and what it is: picked from branches, proposals, snapshots and tags, or typed. */
import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import { namedSnapshots } from "../../core/provenance/snapshots.ts";
import { momentText } from "../../core/view/moment.ts";
import { CODE_FOLDER, type ReviewPoint } from "../../git/pull-request/open.ts";
import { plainLabel } from "../label.ts";
import type { OpenStore } from "../workspace.ts";
import { prefixOf, withReview, type Compared, type Side } from "./reviewed.ts";

interface SideItem extends QuickPickItem {
  /** Undefined: the person types it. */
  readonly side?: Side;
}

const TITLE = "Review memory changes";
const NOW: Side = { name: null, words: "now" };
const TEAM = /^refs\/remotes\/[^/]+\/agent-memory$/;
/** A day, or a while ago, as `git memory` takes them; anything else is a name that git knows. */
const MOMENT = /^(?:\d{4}-\d\d-\d\d(?:T\S+)?|\d+[hdwmy])$/;

/** Undefined where the person left. */
export async function askCompared(store: OpenStore): Promise<Compared | undefined> {
  const { points, snapshots } = await offered(store);
  const base = await ask(`${TITLE}: compared with what?`, [
    ...points.filter(({ ref }) => TEAM.test(ref)).map((point) => itemOf(point, "the team's memory, as last synced")),
    ...now(store),
    TYPED,
    ...heading("Snapshots", snapshots),
    ...rest(store, points),
  ]);
  const from = base === undefined ? undefined : await resolved(store, base);
  if (from === undefined) return undefined;
  const head = await ask(`${TITLE}: which change?`, [
    ...(from.name === null ? [] : now(store)),
    ...rest(
      store,
      points.filter(({ ref }) => ref !== from.name),
    ),
    ...heading("Snapshots", snapshots),
    TYPED,
  ]);
  const to = head === undefined ? undefined : await resolved(store, head);
  return to === undefined ? undefined : { store, base: from, head: to };
}

const TYPED: SideItem = { label: "Type a date, a commit or a name…" };

async function offered(
  store: OpenStore,
): Promise<{ readonly points: readonly ReviewPoint[]; readonly snapshots: readonly SideItem[] }> {
  const all = await withReview(store, (opened) => opened.points());
  // What is believed now is on this one, and offered by that name.
  const points = all.filter(({ ref }) => ref !== store.store.repository.ref);
  const at = store.store.environment.now();
  const snapshots = (await namedSnapshots(store.store)).map((one): SideItem => ({
    label: plainLabel(one.name),
    description: one.at === null ? one.commit.slice(0, 8) : momentText(new Date(one.at), at),
    side: { name: one.commit, words: one.name },
  }));
  return { points, snapshots };
}

function now(store: OpenStore): SideItem[] {
  return store.snapshot.commit === null
    ? []
    : [{ label: "What is believed now", description: "with what you wrote since the last sync", side: NOW }];
}

/** Those of this store first, then the memory in branches of the code. */
function rest(store: OpenStore, points: readonly ReviewPoint[]): SideItem[] {
  const own = prefixOf(store);
  const others = points.filter(({ ref, prefix }) => !TEAM.test(ref) || prefix !== own);
  const listed = (name: string, wanted: (point: ReviewPoint) => boolean): SideItem[] =>
    heading(
      name,
      others.filter(wanted).map((point) => itemOf(point)),
    );
  return [
    ...listed("Waiting for a pull request", ({ kind }) => kind === "proposal"),
    ...listed("Branches", ({ kind, prefix }) => kind === "branch" && prefix === own),
    ...listed("Tags", ({ kind, prefix }) => kind === "tag" && prefix === own),
    ...listed(own === "" ? "Memory beside the code" : "Memory on a branch of its own", (point) => {
      return point.kind !== "proposal" && point.prefix !== own;
    }),
  ];
}

function itemOf(point: ReviewPoint, about?: string): SideItem {
  const facts = [
    ...(about === undefined ? [] : [about]),
    ...(point.isRemote && about === undefined ? ["on the server, as last fetched"] : []),
    ...(point.prefix === CODE_FOLDER ? ["in .memory/"] : []),
  ];
  return {
    label: plainLabel(point.name),
    description: facts.join(", "),
    side: { name: point.ref, words: point.name },
  };
}

async function ask(placeHolder: string, items: readonly SideItem[]): Promise<Side | undefined> {
  const chosen = await window.showQuickPick(items, { title: TITLE, placeHolder, matchOnDescription: true });
  if (chosen === undefined || chosen.side !== undefined) return chosen?.side;
  const text = (
    await window.showInputBox({
      title: placeHolder,
      prompt: "A date such as 2026-11-20 (its end, in UTC), a while ago such as 3d, a branch, a tag or a commit.",
    })
  )?.trim();
  return text === undefined || text === "" ? undefined : { name: text, words: text };
}

/** A date stands for the commit that it leads to. Throws InvalidInputError where there was nothing then. */
async function resolved({ store }: OpenStore, side: Side): Promise<Side> {
  return side.name === null || !MOMENT.test(side.name) ? side : { ...side, name: await store.commitOf(side.name) };
}

function heading(label: string, items: readonly SideItem[]): SideItem[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
}
