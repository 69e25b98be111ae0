/** The stores that this window sees: found for each workspace folder, followed while they change, closed with the window. */
import path from "node:path";
import {
  commands,
  EventEmitter,
  window,
  workspace,
  type Disposable,
  type Event,
  type TextEditor,
  type Uri,
  type WorkspaceFolder,
} from "vscode";
import { GitError, MemoryError, NewerFormatError, NoRepositoryError, NoStoreError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import type { Tombstone } from "../core/gate/tombstones.ts";
import { tombstonesIn } from "../core/merge/discrepancies.ts";
import { assertWritable } from "../core/memory/policy.ts";
import type { ChangedSources, Citations } from "../core/provenance/citations.ts";
import { notInUse } from "../core/review/not-in-use.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Stores } from "../core/stores.ts";
import { openStores } from "../git/open.ts";

/**
 * What the view can say of the window, as the context key `commitToMemory.state`:
 * `newer-format` and `broken-policy` are stores that can be read but not written; `failed` and `no-git` carry their
 * sentence in `problem`.
 */
export const WINDOW_STATES = [
  "opening",
  "no-folder",
  "untrusted",
  "no-git",
  "no-repository",
  "failed",
  "no-store",
  "newer-format",
  "broken-policy",
  "ready",
] as const;
export type WindowState = (typeof WINDOW_STATES)[number];

export const STATE_CONTEXT_KEY = "commitToMemory.state";

/** A folder of the window that leads to a store, in the repository itself or in one of its worktrees. */
export interface StorePlace {
  readonly folder: WorkspaceFolder;
  /** The root of the work tree that the folder is in, as git names it. */
  readonly root: string;
  /** The store as it is seen from there: the code that its memories cite is the one of this work tree. */
  readonly store: MemoryStore;
}

/** One store in this window, whether it exists yet or not. */
export interface OpenStore {
  /** The first part of its documents' paths, e.g. `web-shop.memory`; unique in the window. */
  readonly key: string;
  /** For people: the folder's name, or `Personal`. */
  readonly name: string;
  /** The first folder that it was found from; null for the personal store. */
  readonly folder: WorkspaceFolder | null;
  /** All folders that lead to it: worktrees of one repository share their memories. None for the personal store. */
  readonly places: readonly StorePlace[];
  readonly store: MemoryStore;
  /** What was believed when the window last heard of it; empty where there is no store yet. */
  readonly snapshot: Snapshot;
  /** The citations that no longer hold at the commit that the folder in view has checked out, or else the first. */
  readonly changed: ChangedSources;
  /** Why memories that stand in the tree are not in use, by version. */
  readonly refused: ReadonlyMap<ObjectId, string>;
  /** What was refused or erased, so that it is seen where it is there again. */
  readonly tombstones: readonly Tombstone[];
  /** Why it can be read but not written; undefined where it can be written. */
  readonly obstacle: MemoryError | undefined;
  readonly readOnly: boolean;
}

interface OpenFolder {
  readonly folder: WorkspaceFolder;
  readonly stores: Stores;
}

/** What the window tracks of a store; handed out as OpenStore. */
class FollowedStore implements OpenStore {
  readonly key: string;
  readonly name: string;
  readonly folder: WorkspaceFolder | null;
  readonly places: StorePlace[] = [];
  readonly store: MemoryStore;
  snapshot: Snapshot = Snapshot.empty;
  changed: ChangedSources = new Map();
  refused: ReadonlyMap<ObjectId, string> = new Map();
  tombstones: readonly Tombstone[] = [];
  /** The commit of the code that `changed` is true of. */
  head: ObjectId | null = null;
  /** The place whose code counts: where the file is that was looked at last. */
  inView: StorePlace | undefined;
  obstacle: MemoryError | undefined;
  stop: () => void = () => undefined;

  constructor(parts: Pick<OpenStore, "key" | "name" | "folder" | "store">) {
    this.key = parts.key;
    this.name = parts.name;
    this.folder = parts.folder;
    this.store = parts.store;
  }

  get readOnly(): boolean {
    return this.obstacle !== undefined;
  }
}

/** The window's folders, in order; none of another machine or kind. */
function foldersOfWindow(): readonly WorkspaceFolder[] {
  return (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
}

export class Workspace implements Disposable {
  readonly #foldersNow: () => readonly WorkspaceFolder[];
  readonly #changed = new EventEmitter<void>();
  readonly #subscriptions: Disposable[];
  #folders: readonly OpenFolder[] = [];
  #followed: readonly FollowedStore[] = [];
  #inView: FollowedStore | undefined;
  #state: WindowState = "opening";
  #problem: Error | undefined;
  /** git itself could not be asked, as opposed to a store that could not be read. */
  #noGit = false;
  #opening: Promise<void> = Promise.resolve();
  #disposed = false;

  /** @param folders where to look for stores; a test may name others than the window's */
  constructor(folders = foldersOfWindow) {
    this.#foldersNow = folders;
    this.#subscriptions = [
      this.#changed,
      window.onDidChangeActiveTextEditor(
        (editor) => void this.#look(editor).catch((error: unknown) => this.#note(error)),
      ),
      workspace.onDidChangeWorkspaceFolders(() => void this.reopen()),
      workspace.onDidGrantWorkspaceTrust(() => void this.reopen()),
    ];
  }

  /** Something that is believed changed, or the window's state did. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get state(): WindowState {
    return this.#state;
  }

  /** Why the state is `no-git` or `failed`, in one sentence. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** The stores that exist: the one in view first, then in the order of the folders, the personal one last. */
  get stores(): readonly OpenStore[] {
    const there = this.#followed.filter((one) => one.snapshot.commit !== null);
    return there.toSorted((a, b) => Number(b === this.#inView) - Number(a === this.#inView));
  }

  /** Of several projects the one whose file was looked at last, and the folder that it is in. */
  get inView(): { readonly store: OpenStore; readonly place: StorePlace } | undefined {
    const store = this.#inView;
    const place = store?.inView;
    return store === undefined || place === undefined ? undefined : { store, place };
  }

  /** Every store, those that are yet to be created included. */
  get allStores(): readonly OpenStore[] {
    return this.#followed;
  }

  /** The project and personal store as seen from a folder; by default from the first folder that is in a repository. */
  storesFor(folder?: WorkspaceFolder): Stores | undefined {
    const fits =
      folder === undefined
        ? this.#folders.find((one) => one.stores.project !== null)
        : this.#folders.find((one) => one.folder === folder);
    return (fits ?? this.#folders[0])?.stores;
  }

  byKey(key: string): OpenStore | undefined {
    return this.#followed.find((one) => one.key === key);
  }

  /** Resolves when the stores that are being opened are open. */
  async ready(): Promise<void> {
    await this.#opening;
  }

  /** Looks for the stores again: at the start, and after folders, trust or a repository changed. */
  reopen(): Promise<void> {
    this.#opening = this.#opening
      .then(() => this.#reopen())
      .catch((failure: unknown) => {
        this.#note(failure);
        this.#tell();
      });
    return this.#opening;
  }

  /** Looks whether another commit of the code is checked out by now, and if so which citations no longer hold. */
  async followCode(): Promise<void> {
    const moved = await Promise.all(
      this.#followed.map(async (one) => {
        const head = await codeOf(one).head();
        if (head === one.head) return false;
        await this.#readCitations(one);
        return true;
      }),
    );
    if (moved.includes(true)) this.#tell();
  }

  /** Reads again what is believed; for a person who does not want to wait for the next event. */
  async refresh(): Promise<void> {
    if (this.#state === "ready" || this.#state === "newer-format" || this.#state === "broken-policy") {
      await Promise.all(this.#followed.map((one) => this.#read(one)));
      await Promise.all(this.#followed.map(async (one) => this.#readCitations(one)));
      for (const one of this.#followed) this.#readRefusals(one);
      this.#tell();
    } else {
      await this.reopen();
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    void this.#opening.then(() => this.#close());
  }

  async #reopen(): Promise<void> {
    await this.#close();
    if (this.#disposed) return;
    this.#problem = undefined;
    const folders = workspace.isTrusted ? this.#foldersNow() : [];
    const opened: OpenFolder[] = [];
    let failure: Error | undefined;
    for (const folder of folders) {
      try {
        opened.push({ folder, stores: await openStores({ folder: folder.uri.fsPath, ...gitSetting() }) });
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    }
    this.#folders = opened;
    this.#followed = followedStores(opened);
    this.#notice(window.activeTextEditor);
    await Promise.all(this.#followed.map((one) => this.#follow(one)));
    this.#noGit = failure instanceof GitError;
    this.#problem ??= failure;
    this.#tell();
    // What is believed is shown before the code was asked about every citation.
    void this.followCode().catch((error: unknown) => this.#note(error));
  }

  /** Another file is looked at: its repository comes first, and the code of its work tree counts. */
  async #look(editor: TextEditor | undefined): Promise<void> {
    if (!this.#notice(editor)) return;
    this.#tell();
    await this.followCode();
  }

  /** Whether another place is in view now. What is no file of a store leaves the view where it was. */
  #notice(editor: TextEditor | undefined): boolean {
    const found = editor === undefined ? null : placeOf(this.#followed, editor.document.uri);
    if (found === null || (found.one === this.#inView && found.one.inView === found.place)) return false;
    this.#inView = found.one;
    found.one.inView = found.place;
    return true;
  }

  async #follow(one: FollowedStore): Promise<void> {
    await this.#read(one);
    this.#readRefusals(one);
    one.stop = one.store.onDidChange((snapshot) => {
      one.snapshot = snapshot;
      void Promise.all([this.#readRules(one), this.#readCitations(one)])
        .catch((error: unknown) => this.#note(error))
        .then(() => {
          this.#tell();
          this.#readRefusals(one);
        });
    });
  }

  async #read(one: FollowedStore): Promise<void> {
    const before = one.snapshot;
    try {
      const read = (await one.store.exists()) ? await one.store.snapshot() : Snapshot.empty;
      // What was heard of the store meanwhile is as new as this or newer, and has a reading of its own.
      if (one.snapshot === before) one.snapshot = read;
      await this.#readRules(one);
    } catch (error) {
      this.#note(error);
    }
  }

  async #readCitations(one: FollowedStore): Promise<void> {
    const { snapshot } = one;
    const citations = codeOf(one);
    const head = await citations.head();
    const changed = await citations.changed(snapshot.memories());
    // A newer snapshot has a reading of its own, and so has another work tree.
    if (one.snapshot !== snapshot || codeOf(one) !== citations) return;
    one.head = head;
    one.changed = changed;
  }

  /** A first look at a large store takes seconds; the window doesn't wait for it, and is told where it found something. */
  #readRefusals(one: FollowedStore): void {
    const { snapshot, refused } = one;
    void notInUse(one.store, snapshot)
      .then((found) => {
        if (one.snapshot === snapshot) one.refused = found;
      })
      .then(() => {
        if (one.refused.size > 0 || refused.size > 0) this.#tell();
      })
      .catch((error: unknown) => {
        this.#note(error);
        this.#tell();
      });
  }

  async #readRules(one: FollowedStore): Promise<void> {
    const { snapshot } = one;
    const tombstones = await tombstonesIn(one.store.repository, snapshot);
    const obstacle = snapshot.commit === null ? undefined : await obstacleIn(one.store, snapshot);
    // A newer snapshot has a reading of its own.
    if (one.snapshot !== snapshot) return;
    one.tombstones = tombstones;
    one.obstacle = obstacle;
  }

  async #close(): Promise<void> {
    for (const one of this.#followed) one.stop();
    const closing = this.#folders;
    this.#folders = [];
    this.#followed = [];
    this.#inView = undefined;
    await Promise.all(closing.map(({ stores }) => stores.dispose()));
  }

  #note(failure: unknown): void {
    // A store that went away while it was read is no failure: the next look finds none, and says so.
    if (failure instanceof NoStoreError) return;
    this.#problem = failure instanceof Error ? failure : new Error(String(failure));
  }

  #tell(): void {
    if (this.#disposed) return;
    this.#state = this.#stateNow();
    void commands.executeCommand("setContext", STATE_CONTEXT_KEY, this.#state);
    this.#changed.fire();
  }

  #stateNow(): WindowState {
    if (this.#foldersNow().length === 0 && (workspace.workspaceFolders ?? []).length === 0) return "no-folder";
    if (!workspace.isTrusted) return "untrusted";
    const projects = this.#followed.filter((one) => one.folder !== null);
    const there = projects.filter((one) => one.snapshot.commit !== null);
    if (there.length > 0) {
      if (there.some((one) => one.obstacle === undefined)) return "ready";
      return there.some(({ obstacle }) => obstacle instanceof NewerFormatError) ? "newer-format" : "broken-policy";
    }
    if (this.#problem !== undefined && !(this.#problem instanceof NoRepositoryError)) {
      return this.#noGit ? "no-git" : "failed";
    }
    return projects.length === 0 ? "no-repository" : "no-store";
  }
}

/** Two folders or worktrees of one repository share its store; the personal store is one for the window. Exported for tests. */
export function followedStores(folders: readonly OpenFolder[]): FollowedStore[] {
  const followed: FollowedStore[] = [];
  const seen = new Map<string, FollowedStore>();
  for (const { folder, stores } of folders) {
    const { project } = stores;
    if (project === null) continue;
    const { identity, ref, location } = project.repository;
    const known = seen.get(`${identity}\n${ref}`);
    const one =
      known ?? new FollowedStore({ key: freeKey(folder.name, followed), name: folder.name, folder, store: project });
    one.places.push({ folder, root: location, store: project });
    if (known !== undefined) continue;
    seen.set(`${identity}\n${ref}`, one);
    followed.push(one);
  }
  const personal = folders[0]?.stores.personal;
  if (personal !== undefined)
    followed.push(
      new FollowedStore({ key: freeKey("personal", followed), name: "Personal", folder: null, store: personal }),
    );
  return followed;
}

/** Why a store can be read but not written; undefined where it can be written. */
async function obstacleIn(store: MemoryStore, snapshot: Snapshot): Promise<MemoryError | undefined> {
  try {
    assertWritable(await store.policyAt(snapshot));
    return undefined;
  } catch (error) {
    if (error instanceof MemoryError) return error;
    throw error;
  }
}

/** What the citations of a store are compared with. */
function codeOf(one: FollowedStore): Citations {
  return (one.inView?.store ?? one.store).citations;
}

/** The innermost of the places that a file is in; null where it is in none. */
function placeOf(stores: readonly FollowedStore[], uri: Uri): { one: FollowedStore; place: StorePlace } | null {
  if (uri.scheme !== "file") return null;
  const found = stores.flatMap((one) =>
    one.places.flatMap((place) =>
      [place.folder.uri.fsPath, place.root].flatMap((root) =>
        isWithin(root, uri.fsPath) ? [{ one, place, depth: root.length }] : [],
      ),
    ),
  );
  return found.toSorted((a, b) => b.depth - a.depth)[0] ?? null;
}

function isWithin(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== "" && relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The git that VS Code's own git uses. The setting is the machine's, so that no workspace can name a program. */
export function gitSetting(): { readonly git?: string } {
  const setting = workspace.getConfiguration("git").get<string | readonly string[] | null>("path");
  const git = typeof setting === "string" ? setting : setting?.[0];
  return git === undefined || git === "" ? {} : { git };
}

function freeKey(name: string, taken: readonly OpenStore[]): string {
  const base = name.replaceAll(/[\\/?#%\s]+/g, "-");
  for (let count = 1; ; count++) {
    const key = `${base}${count === 1 ? "" : `-${count}`}.memory`;
    if (!taken.some((one) => one.key === key)) return key;
  }
}
