/** The review of a memory change: what is compared is asked for, shown as diffs with comments, and decided row by row. */
import { commands, ProgressLocation, Uri, window, type Disposable, type Memento } from "vscode";
import { InvalidInputError } from "../../core/errors.ts";
import { endsOnlyByPolicy } from "../../core/memory/designed-expiry.ts";
import { isBroken, type ObjectId } from "../../core/memory/model.ts";
import type { Written } from "../../core/proposal.ts";
import { readMemory } from "../../core/memory/parse.ts";
import {
  approveShown,
  lookAtShown,
  planRejection,
  rejectShown,
  shownBelief,
  standingOf,
  undoDecision,
  type ShownBelief,
} from "../../core/pull-request/decide.ts";
import { whatChanges } from "../../core/pull-request/wording.ts";
import { approvalOfShown, rejectionOfShown, type Decision } from "../../core/view/reviewed-change.ts";
import type { Acts, Done } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { say, sayDone, whisper } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import { FROM_VIEW, underKey } from "../picked.ts";
import { askIn } from "../review/consent.ts";
import { askAboutGrave, askWhyRejected } from "../review/questions.ts";
import { askStore } from "../travel/points.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { ChangeDocuments, openingOf } from "./documents.ts";
import { ChangeMarks } from "./marks.ts";
import { askCompared } from "./points.ts";
import {
  CHANGE_SCHEME,
  performReview,
  prefixOf,
  tipsOf,
  versionsOf,
  type Compared,
  type Reviewed,
  type ReviewRow,
} from "./reviewed.ts";
import { CHANGES_VIEW_ID, ChangesView, pairOf } from "./view.ts";

export interface ChangesParts {
  readonly workspace: Workspace;
  readonly acts: Acts;
  readonly person: EditorPerson;
  /** Where the marks are kept. */
  readonly state: Memento;
  readonly report: (failure: unknown) => void;
}

type ChangeCommand =
  | "reviewChanges"
  | "showChange"
  | "showAllChanges"
  | "approveChange"
  | "rejectChange"
  | "markChange"
  | "closeChanges";

/** Whether a review is shown. */
const REVIEWING_KEY = "commitToMemory.reviewingChanges";

interface Meant {
  readonly reviewed: Reviewed;
  readonly row: ReviewRow;
}

export class Changes implements Disposable {
  readonly #parts: ChangesParts;
  readonly #marks: ChangeMarks;
  readonly #documents: ChangeDocuments;
  readonly #subscriptions: Disposable[];
  /** What the list shows; the tests look at it. */
  readonly view: ChangesView;
  #reviewed: Reviewed | null = null;
  /** The commits that it was made of. */
  #tips = "";
  #following: Promise<void> = Promise.resolve();

  constructor(parts: ChangesParts) {
    this.#parts = parts;
    this.#marks = new ChangeMarks(parts.state);
    this.#documents = new ChangeDocuments(parts.workspace);
    this.view = new ChangesView(this.#marks, (row, isChecked) => {
      this.#mark(row, isChecked ? "seen" : null).catch(parts.report);
    });
    this.#subscriptions = [this.#documents, this.view, parts.workspace.onDidChange(() => this.#follow())];
  }

  commands(): CommandHandlers<ChangeCommand> {
    return {
      reviewChanges: () => this.#review(),
      showChange: async (...args) => this.#show(await this.#meant(args)),
      showAllChanges: () => this.#showAll(),
      approveChange: async (...args) => this.#approve(await this.#meant(args)),
      rejectChange: async (...args) => this.#reject(await this.#meant(args)),
      markChange: async (...args) => this.#toggle(await this.#meant(args)),
      closeChanges: () => this.#close(),
    };
  }

  /** Shows a review of two sides that are known. */
  async open(compared: Compared): Promise<void> {
    const options = { location: ProgressLocation.Window, title: "Reviewing memory changes" };
    const reviewed = await window.withProgress(options, () => performReview(compared));
    if (reviewed.rows.length === 0) {
      void say(whatChanges(reviewed.review));
      return;
    }
    await this.#be(reviewed);
    await this.#documents.openAll(reviewed);
    await commands.executeCommand(`${CHANGES_VIEW_ID}.focus`);
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async #review(): Promise<void> {
    const { workspace } = this.#parts;
    await workspace.ready();
    const store = await askStore(workspace, "Review memory changes");
    const compared = store === undefined ? undefined : await askCompared(store);
    if (compared !== undefined) await this.open(compared);
  }

  async #be(reviewed: Reviewed | null): Promise<void> {
    this.#reviewed = reviewed;
    this.#tips = reviewed === null ? "" : `${reviewed.review.base.commit} ${reviewed.review.head.commit}`;
    await commands.executeCommand("setContext", REVIEWING_KEY, reviewed !== null);
    if (reviewed === null) this.#documents.uncomment();
    else await this.#documents.comment(reviewed);
    this.view.show(reviewed);
  }

  async #close(): Promise<void> {
    await this.#be(null);
  }

  /** Looks again where one of the two sides moved on; one look at a time. */
  #follow(): void {
    if (this.#reviewed === null) return;
    this.#following = this.#following.then(() => this.#lookAgain()).catch(this.#parts.report);
  }

  async #lookAgain(): Promise<void> {
    const before = this.#reviewed;
    if (before === null) return;
    const store = this.#parts.workspace.byKey(before.store.key);
    if (store === undefined) return this.#close();
    const compared = { ...before, store };
    if ((await tipsOf(compared)) === this.#tips) return;
    const reviewed = await performReview(compared);
    if (this.#reviewed === before) await this.#be(reviewed);
  }

  async #show({ row }: Meant): Promise<void> {
    const opening = openingOf(row);
    if (opening === undefined)
      throw new InvalidInputError(row.concerns[0]?.sentence ?? "There is nothing to be shown of it.");
    await commands.executeCommand(opening.command, ...(opening.arguments ?? []));
  }

  async #showAll(): Promise<void> {
    if (this.#reviewed !== null) await this.#documents.openAll(this.#reviewed);
  }

  async #toggle({ row }: Meant): Promise<void> {
    await this.#mark(row, this.view.decisionOn(row) === null ? "seen" : null);
  }

  async #mark({ key, versions }: Pick<ReviewRow, "key" | "versions">, decision: Decision | null): Promise<void> {
    if (this.#reviewed === null) return;
    await this.#marks.set(pairOf(this.#reviewed), key, versions, decision);
    this.view.redraw();
  }

  async #approve(meant: Meant): Promise<void> {
    const { acts, person } = this.#parts;
    const { row, store, shown } = await this.#decidable(meant);
    const look = await lookAtShown(store.store, shown);
    if (look.refused)
      throw new InvalidInputError(
        "The gate refuses this whoever approves it. Have it mended in the branch, or reject it.",
      );
    const snapshot = await store.store.snapshot();
    const standing = standingOf(snapshot, shown);
    // An end that has happened is agreed with by the mark alone.
    if (shown.after === null && standing === "after") return this.#mark(row, "approved");
    const given = look.grave ? await askAboutGrave(store.store, look) : { reason: "", expires: undefined };
    if (given === undefined) return;
    const { expires, reason } = given;
    const memory = shown.after === null ? null : readMemory(shown.after.path, shown.after.blob, shown.after.bytes);
    if (memory !== null && isBroken(memory))
      throw new InvalidInputError(
        "This can't be read as a memory, so there is no claim to approve. Have it mended, or reject it.",
      );
    const liftsEnd = memory !== null && endsOnlyByPolicy(memory, await store.store.policy());
    const words = approvalOfShown(shown, row.concerns, standing, {
      liftsEnd,
      ...(expires === undefined ? {} : { end: expires }),
    });
    if ((await askIn(words, "Approve", "Look Again")) !== "Approve") return;
    const caller = await person.caller(store.store, "user");
    const written = await approveShown(store.store, shown, {
      caller,
      reason,
      ...(expires === undefined ? {} : { expires }),
    });
    const after = written?.memories.find(({ path }) => path === shown.after?.path)?.blob ?? null;
    await this.#decided({ row, store, shown, written, after, decision: "approved" }, acts);
  }

  async #reject(meant: Meant): Promise<void> {
    const { acts, person } = this.#parts;
    const { row, store, shown } = await this.#decidable(meant);
    const plan = await planRejection(store.store, shown);
    const reason = await askWhyRejected(shown.title);
    if (reason === undefined) return;
    if ((await askIn(rejectionOfShown(shown, plan, reason), "Reject", "Look Again")) !== "Reject") return;
    const caller = await person.caller(store.store, "user");
    const written = await rejectShown(store.store, shown, { caller, reason });
    await this.#decided({ row, store, shown, written, after: null, decision: "rejected" }, acts);
  }

  /** Marks the row, also as it stands after the decision itself was stored, and offers the way back. */
  async #decided(made: Decided, acts: Acts): Promise<void> {
    const { row, store, shown, written, after, decision } = made;
    await this.#mark(row, decision);
    if (written === null) {
      whisper(SENTENCES[decision]);
      return;
    }
    const moved = after === null || this.#reviewed === null ? null : movedBy(this.#reviewed, shown, after);
    if (moved !== null) await this.#mark({ ...row, versions: moved }, decision);
    const done: Done = {
      // What the gate has to say of a claim is no news to whoever rejects it.
      sentence: [SENTENCES[decision], ...(decision === "approved" ? written.notices : [])].join(" "),
      commits: [{ store: store.store, commit: written.commit }],
      takeBack: async () => {
        const act = { caller: await this.#parts.person.caller(store.store, "user"), reason: "Decision undone." };
        const back = await undoDecision(store.store, shown, written.commit, act);
        await this.#mark(row, null);
        return back.map(({ commit }) => ({ store: store.store, commit }));
      },
    };
    sayDone(acts.note(done));
  }

  /** The very versions of a row, where this store may decide on them. */
  async #decidable({ reviewed, row }: Meant): Promise<Pick<Decided, "row" | "store" | "shown">> {
    const store = this.#parts.workspace.byKey(reviewed.store.key) ?? reviewed.store;
    if (row.belief === null)
      throw new InvalidInputError(
        "This is no belief, so there is nothing to approve. Read it, and mark it when you have.",
      );
    if (store.obstacle !== undefined) throw store.obstacle;
    if (reviewed.review.prefix !== prefixOf(store))
      throw new InvalidInputError(
        "This review is of a memory in another place than the one in use here. Mark what you have read, and decide in the pull request.",
      );
    return { row, store, shown: await shownBelief(store.store, reviewed.review, row.belief) };
  }

  /** Menus pass a row, an editor's title its document, a comment its thread, keys in the view nothing but that. */
  async #meant([first]: readonly unknown[]): Promise<Meant> {
    const reviewed = this.#reviewed;
    if (reviewed === null)
      throw new InvalidInputError("No memory change is under review. Start with Review Memory Changes.");
    const row = await this.#rowOf(reviewed, first);
    if (row === undefined)
      throw new InvalidInputError(
        "Select a row of the changes, or put the cursor into one of their diffs, and try again.",
      );
    return { reviewed, row };
  }

  async #rowOf({ rows }: Reviewed, first: unknown): Promise<ReviewRow | undefined> {
    const given = isRow(first) ? first : undefined;
    if (given !== undefined) return rows.find((row) => isSame(row, given));
    const [focused] = first === FROM_VIEW ? await underKey(this.view.tree, ({ key }) => key) : [];
    if (focused !== undefined) return rows.find((row) => isSame(row, focused));
    const uri = uriOf(first) ?? window.activeTextEditor?.document.uri;
    if (uri?.scheme !== CHANGE_SCHEME) {
      const [selected] = this.view.tree.selection;
      return selected === undefined ? undefined : rows.find((row) => isSame(row, selected));
    }
    return rows.find(({ left, right }) => [left, right].some((one) => one?.toString() === uri.toString()));
  }
}

const SENTENCES: Readonly<Record<Decision, string>> = {
  approved: "Approved.",
  rejected: "Rejected.",
  seen: "Marked.",
};

/** What the row is about once an approval is stored, where one of the two sides is what is believed now. */
function movedBy({ base, head }: Reviewed, { before, after }: ShownBelief, stored: ObjectId): string | null {
  if (head.name === null) return versionsOf(before?.blob ?? null, stored);
  return base.name === null ? versionsOf(stored, after?.blob ?? null) : null;
}

interface Decided {
  readonly row: ReviewRow;
  readonly store: OpenStore;
  readonly shown: ShownBelief;
  readonly written: Written | null;
  /** The version that the approval made. */
  readonly after: ObjectId | null;
  readonly decision: Decision;
}

/** The same belief in the same words: nobody decides on what they were not shown. */
function isSame(one: ReviewRow, other: ReviewRow): boolean {
  return one.key === other.key && one.versions === other.versions;
}

function isRow(value: unknown): value is ReviewRow {
  return typeof value === "object" && value !== null && "key" in value && "versions" in value && "concerns" in value;
}

function uriOf(value: unknown): Uri | undefined {
  if (value instanceof Uri) return value;
  return typeof value === "object" && value !== null && "uri" in value && value.uri instanceof Uri
    ? value.uri
    : undefined;
}
