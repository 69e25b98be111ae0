/** What waits for review in the window's stores, followed while it changes, whichever process holds or decides. */
import { EventEmitter, type Disposable, type Event } from "vscode";
import type { Held } from "../../core/review/quarantine.ts";
import { stillWaiting } from "../../core/review/waiting.ts";
import { cardName } from "../../core/view/waiting.ts";
import type { OpenStore, Workspace } from "../workspace.ts";

interface Followed {
  waiting: readonly Held[];
  /** What was seen once, so that only news is told. Undefined until the first look. */
  seen: ReadonlySet<string> | undefined;
  /** How many looks have begun, and which of them `waiting` is from: an earlier one that ends later is older news. */
  begun: number;
  from: number;
  readonly stop: () => void;
}

export interface Arrival {
  readonly store: OpenStore;
  readonly held: readonly Held[];
}

export class ReviewQueue implements Disposable {
  readonly #workspace: Workspace;
  readonly #report: (failure: unknown) => void;
  readonly #changed = new EventEmitter<void>();
  readonly #arrived = new EventEmitter<Arrival>();
  readonly #followed = new Map<OpenStore, Followed>();
  readonly #following: Disposable;

  constructor(workspace: Workspace, report: (failure: unknown) => void) {
    this.#workspace = workspace;
    this.#report = report;
    this.#following = workspace.onDidChange(() => {
      this.#follow();
      // A teammate's decision comes with the store.
      void this.refresh().catch(report);
    });
    this.#follow();
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Something waits that did not a moment ago. */
  get onDidArrive(): Event<Arrival> {
    return this.#arrived.event;
  }

  waiting(store: OpenStore): readonly Held[] {
    return this.#followed.get(store)?.waiting ?? [];
  }

  /** What waits of one session, by the card's name; empty where all of it was decided. */
  card(store: OpenStore, name: string): readonly Held[] {
    return this.waiting(store).filter((held) => cardName(held) === name);
  }

  /** Where something waits by its id. */
  find(id: string): { readonly store: OpenStore; readonly held: Held } | undefined {
    for (const [store, { waiting }] of this.#followed) {
      const held = waiting.find((one) => one.id === id);
      if (held !== undefined) return { store, held };
    }
    return undefined;
  }

  /** Reads again now, e.g. after a decision in this window or because time passed. */
  async refresh(): Promise<void> {
    await Promise.all(Array.from(this.#followed.keys(), (store) => this.#read(store)));
  }

  dispose(): void {
    this.#following.dispose();
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    this.#changed.dispose();
    this.#arrived.dispose();
  }

  #follow(): void {
    const { stores } = this.#workspace;
    for (const [store, { stop }] of this.#followed) {
      if (stores.includes(store)) continue;
      stop();
      this.#followed.delete(store);
    }
    for (const store of stores) {
      const { quarantine } = store.store;
      if (quarantine === null || this.#followed.has(store)) continue;
      const look = (): void => void this.#read(store).catch(this.#report);
      this.#followed.set(store, { waiting: [], seen: undefined, begun: 0, from: 0, stop: quarantine.watch(look) });
    }
  }

  async #read(store: OpenStore): Promise<void> {
    const { quarantine } = store.store;
    const known = this.#followed.get(store);
    if (quarantine === null || known === undefined) return;
    const look = ++known.begun;
    const waiting = await stillWaiting(store.store);
    if (this.#followed.get(store) !== known || look < known.from) return;
    known.from = look;
    if (sameIds(known, waiting)) return;
    const fresh = known.seen === undefined ? [] : waiting.filter(({ id }) => known.seen?.has(id) === false);
    known.waiting = waiting;
    known.seen = new Set([...(known.seen ?? []), ...waiting.map(({ id }) => id)]);
    this.#changed.fire();
    if (fresh.length > 0) this.#arrived.fire({ store, held: fresh });
  }
}

function sameIds({ waiting, seen }: Followed, now: readonly Held[]): boolean {
  return seen !== undefined && waiting.length === now.length && waiting.every(({ id }, place) => id === now[place]?.id);
}
