/** One review in this window: what is compared, its rows, and the documents in which each is shown. */
import { Uri } from "vscode";
import { isMemoryPath } from "../../core/memory/parse.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Concern, Review, ReviewedBelief } from "../../core/pull-request/model.ts";
import { isTelling } from "../../core/pull-request/places.ts";
import { reviewChange } from "../../core/pull-request/review.ts";
import { claimFirst } from "../../core/view/claim-first.ts";
import { CODE_FOLDER, openReview, type ReviewPlaceOpened } from "../../git/pull-request/open.ts";
import { gitSetting, type OpenStore } from "../workspace.ts";

export const CHANGE_SCHEME = "memory-change";

/** One side of a review. `name`: as git or the store knows it; null: what is believed now. */
export interface Side {
  readonly name: string | null;
  readonly words: string;
}

export interface Compared {
  readonly store: OpenStore;
  readonly base: Side;
  readonly head: Side;
}

/** A belief, or what is said of another file or of the change as a whole. */
export interface ReviewRow {
  /** The same for the same belief in every review. */
  readonly key: string;
  readonly belief: ReviewedBelief | null;
  /** A path, or what the concern is about. */
  readonly name: string;
  readonly concerns: readonly Concern[];
  /** What a mark is about: another text is another one. */
  readonly versions: string;
  readonly left: Uri | undefined;
  readonly right: Uri | undefined;
}

export interface Reviewed extends Compared {
  readonly review: Review;
  readonly rows: readonly ReviewRow[];
}

export async function withReview<T>(store: OpenStore, work: (opened: ReviewPlaceOpened) => Promise<T>): Promise<T> {
  const folder = store.folder?.uri.fsPath ?? store.store.repository.location;
  const opened = await openReview({ folder, ...gitSetting() });
  try {
    return await work(opened);
  } finally {
    await opened.dispose();
  }
}

/** Where this store's files are in a commit. */
export function prefixOf({ store }: OpenStore): string {
  return store.repository.placement === "branch" ? CODE_FOLDER : "";
}

/** The commits that the two sides stand for at this moment, as one text. */
export async function tipsOf(compared: Compared): Promise<string> {
  return withReview(compared.store, async (opened) => {
    const { base, head } = await opened.request(namesOf(compared));
    return `${base.commit} ${head.commit}`;
  });
}

export async function performReview(compared: Compared): Promise<Reviewed> {
  const { store } = compared;
  return withReview(store, async (opened) => {
    const now = store.store.environment.now();
    const request = await opened.request(namesOf(compared));
    const review = await reviewChange(request, { ...opened.means, now });
    const beliefs = review.beliefs.map((belief) => beliefRow(store, review, belief));
    const others = [...byPlace(review.concerns)].map(([name, concerns]) =>
      otherRow(opened, store, review, name, concerns),
    );
    return { ...compared, review, rows: inOrderOfNeed([...(await Promise.all(others)), ...beliefs]) };
  });
}

/** A version of a file in a review; the blob is its name, so that the text of an address never changes. */
function changeUri(store: Pick<OpenStore, "key">, path: string, blob: ObjectId | null): Uri | undefined {
  return blob === null ? undefined : Uri.from({ scheme: CHANGE_SCHEME, path: `/${store.key}/${path}`, query: blob });
}

/** The text of a document, and where the file's lines stand in it. Empty for an address that is none of ours. */
export async function shownText(store: OpenStore, uri: Uri): Promise<ReturnType<typeof claimFirst>> {
  if (!/^[0-9a-f]{40,64}$/.test(uri.query)) return { text: "", lineOf: () => 0 };
  const [bytes] = await store.store.repository.blobs([uri.query]);
  return claimFirst(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
}

function namesOf({ store, base, head }: Compared): { base: string; head: string } {
  const now = store.snapshot.commit ?? "";
  return { base: base.name ?? now, head: head.name ?? now };
}

function beliefRow(store: OpenStore, { prefix }: Review, belief: ReviewedBelief): ReviewRow {
  const { before, after, path, movedFrom, withheld, concerns, id } = belief;
  return {
    key: id.startsWith("path:") ? `path:${prefix}${path}` : id,
    belief,
    name: path,
    concerns,
    versions: versionsOf(before, after),
    // What holds a secret is not shown anywhere.
    left: withheld ? undefined : changeUri(store, movedFrom ?? path, before),
    right: withheld ? undefined : changeUri(store, path, after),
  };
}

async function otherRow(
  { repository }: ReviewPlaceOpened,
  store: OpenStore,
  { base, head, prefix }: Review,
  name: string,
  concerns: readonly Concern[],
): Promise<ReviewRow> {
  const path = concerns[0]?.path ?? null;
  const isShown = path !== null && !concerns.some(isTelling);
  const [before, after] = isShown
    ? await Promise.all([repository.blobAt(base.commit, path), repository.blobAt(head.commit, path)])
    : [null, null];
  const own = path?.slice(prefix.length) ?? name;
  return {
    key: `other:${path ?? name}`,
    belief: null,
    name: isMemoryPath(own) ? own : name,
    concerns,
    versions: `${versionsOf(before, after)} ${concerns.map(({ sentence }) => sentence).join(" ")}`,
    left: path === null ? undefined : changeUri(store, path, before),
    right: path === null ? undefined : changeUri(store, path, after),
  };
}

export function versionsOf(before: ObjectId | null, after: ObjectId | null): string {
  return `${before ?? "-"} ${after ?? "-"}`;
}

function byPlace(concerns: readonly Concern[]): ReadonlyMap<string, readonly Concern[]> {
  const places = new Map<string, Concern[]>();
  for (const concern of concerns) {
    const name = concern.path ?? `The change as a whole: ${concern.rule}`;
    places.set(name, [...(places.get(name) ?? []), concern]);
  }
  return places;
}

const LEVELS: readonly Concern["level"][] = ["block", "quarantine", "confirm", "allow"];

/** What needs a decision first; of the same need, beliefs before other files. */
function inOrderOfNeed(rows: readonly ReviewRow[]): ReviewRow[] {
  const need = ({ concerns }: ReviewRow): number =>
    Math.min(LEVELS.length, ...concerns.map(({ level }) => LEVELS.indexOf(level)));
  return rows.toSorted((a, b) => need(a) - need(b) || Number(a.belief === null) - Number(b.belief === null));
}
