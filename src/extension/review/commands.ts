/** The review's commands: a card is opened, and each claim in it is approved, edited or rejected by a person. */
import { commands, Uri, window, workspace as editor, type Disposable } from "vscode";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import { editMemory } from "../../core/memory/edit.ts";
import { isBroken, type Instant } from "../../core/memory/model.ts";
import { approveHeld, heldIn, rejectHeld, undoApproval, undoRejection } from "../../core/review/decide.ts";
import { lookAt, type Look } from "../../core/review/look.ts";
import type { MemoryStore } from "../../core/store.ts";
import { approvalOf } from "../../core/view/approval.ts";
import { cardName } from "../../core/view/waiting.ts";
import type { Acts, Done, Made } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { versionUri } from "../editor/uris.ts";
import type { PastVersions } from "../history/past-versions.ts";
import { say, sayDone, whisper } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import { CardNode } from "../tree/nodes.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { askIn } from "./consent.ts";
import { ALL_PLAIN, REVIEW_SCHEME, ReviewDocuments, type Shown } from "./documents.ts";
import { ReviewDrafts, type Draft } from "./drafts.ts";
import { askAboutGrave, askWhyRejected } from "./questions.ts";
import type { ReviewQueue } from "./queue.ts";
import { closeTabOf } from "../documents/tabs.ts";

export interface ReviewParts {
  readonly workspace: Workspace;
  readonly queue: ReviewQueue;
  readonly acts: Acts;
  readonly person: EditorPerson;
  readonly versions: PastVersions;
}

type ReviewCommand = "review" | "approveHeld" | "editHeld" | "rejectHeld" | "compareHeld";

/** What a command is about: a document, and the claims of it. */
interface Meant {
  readonly uri: Uri;
  readonly store: OpenStore;
  readonly looks: readonly [Look, ...Look[]];
}

export class Review implements Disposable {
  readonly #parts: ReviewParts;
  readonly #documents: ReviewDocuments;
  readonly #drafts: ReviewDrafts;
  readonly #telling: Disposable;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    this.#documents = new ReviewDocuments(parts.workspace, parts.queue);
    this.#drafts = new ReviewDrafts(parts.workspace, (draft, bytes) => this.#approveEdited(draft, bytes));
    this.#telling = parts.queue.onDidArrive(({ held }) =>
      whisper(held.length === 1 ? "A claim waits for your review." : `${held.length} claims wait for your review.`),
    );
  }

  commands(): CommandHandlers<ReviewCommand> {
    return {
      review: (which) => this.#open(which),
      approveHeld: async (...args) => this.#approve(this.#meant(args, "plain")),
      editHeld: async (...args) => this.#edit(this.#meant(args, "one")),
      rejectHeld: async (...args) => this.#reject(this.#meant(args, "one")),
      compareHeld: async (...args) => this.#compare(this.#meant(args, "one")),
    };
  }

  dispose(): void {
    this.#telling.dispose();
    this.#documents.dispose();
    this.#drafts.dispose();
  }

  /** A row of the view, an id, or by default the card that waits longest. */
  async #open(which: unknown): Promise<void> {
    const { queue, workspace } = this.#parts;
    await queue.refresh();
    if (which instanceof CardNode) {
      await this.#documents.open(which.store, which.card.name);
      return;
    }
    const found = typeof which === "string" ? queue.find(which) : firstOf(workspace, queue);
    if (found === undefined) void say("Nothing waits for your review.");
    else await this.#documents.open(found.store, cardName(found.held));
  }

  async #approve({ uri, store, looks }: Meant): Promise<void> {
    const [first] = looks;
    if (looks.some(({ refused }) => refused))
      throw new InvalidInputError("The gate refuses this whoever approves it. Edit it first, or reject it.");
    const given =
      looks.length === 1 && first.grave ? await askAboutGrave(store.store, first) : { reason: "", expires: undefined };
    if (given === undefined) return;
    if ((await askIn(approvalOf(looks, given.expires), "Approve", "Look Again")) !== "Approve") return;
    const edited = given.expires === undefined ? undefined : withEnd(first, given.expires);
    const done: Done[] = [];
    try {
      for (const look of looks) done.push(await this.#store(store.store, look, given.reason, edited));
    } finally {
      await this.#after(uri, done, looks.length === 1 ? "Approved." : `Approved ${done.length} facts.`);
    }
  }

  async #approveEdited({ store, look, path }: Draft, bytes: Uint8Array): Promise<boolean> {
    const now = await lookAt(store.store, { ...look.held, files: look.held.files.map((file) => ({ ...file, bytes })) });
    const [file] = now.files;
    if (file?.memory === null || file === undefined || isBroken(file.memory))
      throw new InvalidInputError("This can't be read as a memory as it stands. Mend it, and save it again.");
    const given = now.grave ? await askAboutGrave(store.store, now) : { reason: "", expires: undefined };
    if (given === undefined) return false;
    if ((await askIn(approvalOf([now], given.expires), "Approve", "Edit On")) !== "Approve") return false;
    const edited = given.expires === undefined ? new Map([[path, bytes]]) : withEnd(now, given.expires);
    const done = await this.#store(store.store, look, given.reason, edited);
    await this.#after(undefined, [done], "Approved as edited.");
    return true;
  }

  async #store(
    store: MemoryStore,
    look: Look,
    reason: string,
    edited?: ReadonlyMap<string, Uint8Array>,
  ): Promise<Done> {
    const { person } = this.#parts;
    const caller = await person.caller(store, "user");
    const shown = { shown: look.digest, ...(edited === undefined ? {} : { edited }) };
    const { commit } = await approveHeld(store, look.held.id, { caller, reason, confirmed: true, ...shown });
    await this.#seeAgain(look);
    return {
      sentence: "Approved.",
      commits: [{ store, commit }],
      undone: "Undone. It waits for your review again.",
      takeBack: async () => {
        const act = { caller: await person.caller(store, "user"), reason: "Approval undone." };
        const back = await undoApproval(store, look.held, commit, act);
        await this.#seeAgain(look);
        return [{ store, commit: back.commit }];
      },
    };
  }

  /** A word on what stands in the tree may move no ref, and change what is in use all the same. */
  async #seeAgain({ held }: Look): Promise<void> {
    if (held.found !== undefined) await this.#parts.workspace.refresh();
  }

  async #reject({ uri, store: { store }, looks: [look] }: Meant): Promise<void> {
    const reason = await askWhyRejected(look.title);
    if (reason === undefined) return;
    const { person } = this.#parts;
    await heldIn(store, look.held.id);
    const written = await rejectHeld(store, look.held.id, { caller: await person.caller(store, "user"), reason });
    const done: Done = {
      sentence: "Rejected.",
      commits: written === null ? [] : [{ store, commit: written.commit }],
      undone: "Undone. It waits for your review again.",
      takeBack: async () => {
        const act = { caller: await person.caller(store, "user"), reason: "Rejection undone." };
        const back = await undoRejection(store, look.held, act);
        return back === null ? [] : [{ store, commit: back.commit }];
      },
    };
    await this.#after(uri, [done], "Rejected.");
  }

  async #edit({ store, looks: [look] }: Meant): Promise<void> {
    const uri = await this.#drafts.begin(store, look);
    if (uri === null)
      throw new InvalidInputError(
        "This changes several memories at once or ends one, so it can't be edited here. Approve or reject it.",
      );
    await window.showTextDocument(await editor.openTextDocument(uri), { preview: false });
    whisper("Saving it approves it.", 8000);
  }

  async #compare({ store, looks: [look] }: Meant): Promise<void> {
    for (const { path, text, now } of look.files) {
      if (now === null) continue;
      const blob = store.snapshot.blobAt(path);
      const proposed = this.#parts.versions.offer(
        store.key,
        path,
        text === null ? null : new TextEncoder().encode(text),
      );
      await commands.executeCommand(
        "vscode.diff",
        versionUri(store, path, blob),
        proposed,
        `${look.title} (believed now, and as proposed)`,
        { preview: true },
      );
    }
  }

  /** One message for all that was done, with one way back. */
  async #after(uri: Uri | undefined, done: readonly Done[], sentence: string): Promise<void> {
    const { acts, queue } = this.#parts;
    await queue.refresh();
    if (done.length > 0) {
      const undone = done.length === 1 ? done[0]?.undone : "Undone. They wait for your review again.";
      const all: Done = {
        sentence,
        commits: done.flatMap(({ commits }) => commits),
        ...(undone === undefined ? {} : { undone }),
        takeBack: async () => {
          const made: Made[] = [];
          for (const one of done.toReversed()) made.push(...((await one.takeBack?.()) ?? []));
          return made;
        },
      };
      sayDone(acts.note(all), `Undo lets ${done.length === 1 ? "it" : "them"} wait again.`);
    }
    const shown = uri === undefined ? undefined : this.#documents.shown(uri);
    const waits = shown?.looks.some(({ held }) => queue.find(held.id) !== undefined) ?? true;
    if (uri !== undefined && !waits) await closeTabOf(uri);
  }

  /**
   * The claim that a lens names, or the one that the cursor is in; above the first, for an approval all plain facts. Throws
   * where it is not on the screen: nobody decides on what they were not shown.
   */
  #meant(args: readonly unknown[], above: "plain" | "one"): Meant {
    const active = window.activeTextEditor;
    const uri = args[0] instanceof Uri ? args[0] : active?.document.uri;
    const shown = uri?.scheme === REVIEW_SCHEME ? this.#documents.shown(uri) : undefined;
    if (uri === undefined || shown === undefined)
      throw new InvalidInputError("Open what waits in the Memory view first, and decide there.");
    const visible = window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
    if (visible?.document.getText() !== shown.page.text)
      throw new ConflictError("What waits has changed since it was shown. Look at it again.", {
        path: uri.path,
        base: null,
        theirs: null,
        mine: null,
      });
    const named =
      typeof args[1] === "string"
        ? shown.looks.find(({ held }) => held.id === args[1])
        : this.#documents.partAt(uri, visible.selection.active.line);
    const [first, ...rest] = named === undefined || args[1] === ALL_PLAIN ? whole(shown, above) : [named];
    if (first === undefined) throw new InvalidInputError("Put the cursor into the claim that you mean, and try again.");
    return { uri, store: shown.store, looks: [first, ...rest] };
  }
}

function whole({ looks }: Shown, above: "plain" | "one"): readonly Look[] {
  if (looks.length === 1) return looks;
  return above === "plain" ? looks.filter(({ plain }) => plain) : [];
}

function firstOf({ stores }: Workspace, queue: ReviewQueue): ReturnType<ReviewQueue["find"]> {
  for (const store of stores) {
    const [held] = queue.waiting(store);
    if (held !== undefined) return { store, held };
  }
  return undefined;
}

function withEnd(look: Look, expires: Instant): ReadonlyMap<string, Uint8Array> {
  const files = look.files.flatMap(({ path, text, memory }) =>
    text === null || memory === null || isBroken(memory) ? [] : [{ path, text }],
  );
  return new Map(
    files.map(({ path, text }) => [path, new TextEncoder().encode(editMemory(text, { expires_at: expires }))]),
  );
}
