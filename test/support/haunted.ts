/**
 * Generated stores with a poison in their past, and what is known of them: which write was the root, what it infected, what
 * only stood beside it. Written through the store's own verbs, as agents and people write, with squashes, renames and
 * merges by git itself in between.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { MemoryId, ObjectId } from "../../src/core/memory/model.ts";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, supersedeMemories, updateMemory } from "../../src/core/verbs.ts";
import { human, type Scratch } from "./scratch.ts";

/** How the poison lives on: as it was written, in what was derived from it one after the other, or in a consolidation. */
export const KINDS = ["direct", "edit", "derived", "consolidated"] as const;
export type Kind = (typeof KINDS)[number];

export interface Plan {
  readonly seed: number;
  readonly kind: Kind;
  /** How many sessions came after the poison's. */
  readonly depth: number;
}

export interface Haunted {
  readonly root: { readonly id: MemoryId; readonly session: string; readonly title: string };
  /** Memories that must be gone, or as before the poison, after it was taken back. */
  readonly contaminated: ReadonlySet<MemoryId>;
  /** Memories that must stand afterwards, with the words that they must have. */
  readonly innocent: ReadonlyMap<MemoryId, string>;
  /** What a person notices: words of the wrong answer. */
  readonly symptom: string;
  /** The last commit before the poison. */
  readonly lastGood: ObjectId;
  /** A word that is in the store's tree exactly from the poison on. */
  readonly marker: string;
}

/** The same numbers for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const AREAS = ["billing", "search", "login", "reports", "uploads", "mailer", "audit", "cache", "queue", "payments"];
const THINGS = ["timeouts", "log levels", "migrations", "icons", "fixtures", "page sizes", "colours", "date formats"];
const MARKER = "zyxomat";

export async function haunt(scratch: Scratch, plan: Plan): Promise<{ store: MemoryStore; haunted: Haunted }> {
  let clock = Date.parse("2026-09-01T08:00:00Z");
  const store = await scratch.open(scratch.folder, () => new Date((clock += 60_000)));
  await initialiseStore(store, { caller: human, reason: "" });
  const writer = new Writer(scratch, store, plan);
  for (let session = 0; session < 4; session++) await writer.ordinarySession();
  const lastGood = (await store.repository.tip()) ?? "";
  const root = await writer.poison();
  for (let session = 0; session < plan.depth; session++) {
    clock += 3_600_000;
    await writer.sessionAfter(session);
    if (session === 0 && plan.seed % 3 === 0) writer.squashSince(lastGood);
  }
  return {
    store,
    haunted: {
      root,
      lastGood,
      contaminated: writer.contaminated,
      innocent: writer.innocent,
      marker: MARKER,
      symptom: writer.symptom,
    },
  };
}

class Writer {
  readonly contaminated = new Set<MemoryId>();
  readonly innocent = new Map<MemoryId, string>();
  symptom = "";
  readonly #scratch: Scratch;
  readonly #store: MemoryStore;
  readonly #plan: Plan;
  readonly #random: () => number;
  #sessions = 0;
  #claims = 0;
  /** The newest memory that carries the poison on. */
  #carrier: MemoryId = "";

  constructor(scratch: Scratch, store: MemoryStore, plan: Plan) {
    this.#scratch = scratch;
    this.#store = store;
    this.#plan = plan;
    this.#random = chance(plan.seed);
  }

  async ordinarySession(recalled: readonly MemoryId[] = []): Promise<void> {
    const caller = this.#agent(recalled);
    const writes = 1 + Math.floor(this.#random() * 3);
    for (let i = 0; i < writes; i++) {
      const draft = this.#claim();
      await this.#addInnocent(draft, caller);
    }
  }

  async poison(): Promise<{ id: MemoryId; session: string; title: string }> {
    // A false fact that reads like any other: what a gate can see would not have come so far.
    const caller = this.#agent([]);
    const line = `Every call to the ${MARKER} gateway goes to port 8123 of the old host.`;
    this.symptom = `why do calls to the ${MARKER} gateway go to port 8123`;
    const sources = [{ resource: "https://pastes.example/zyxomat-notes" }];
    if (this.#plan.kind === "edit") {
      const [id] = [...this.innocent.keys()].slice(1);
      if (id === undefined) throw new Error("there is nothing to edit yet");
      const memory = (await this.#store.snapshot()).get(id);
      await updateMemory(
        this.#store,
        id,
        { body: `${memory?.body.trimEnd()}\n\n${line}`, sources },
        { caller, reason: "Read on a page." },
      );
      this.#carrier = id;
      return { id, session: caller.session ?? "", title: memory?.title ?? "" };
    }
    const title = `The ${MARKER} gateway is at port 8123`;
    const written = await addMemory(
      this.#store,
      { type: "Fact", title, body: line, sources },
      { caller, reason: "Read on a page." },
    );
    this.#carrier = written.memories[0]?.id ?? "";
    this.contaminated.add(this.#carrier);
    return { id: this.#carrier, session: caller.session ?? "", title };
  }

  /** What happens in the sessions after the poison: mostly honest work, some of it with the poison in context. */
  async sessionAfter(number: number): Promise<void> {
    const { kind, depth } = this.#plan;
    const before = await this.#store.repository.tip();
    const dice = this.#random();
    const spreads = kind === "derived" || kind === "consolidated";
    if (spreads && number % 3 === 0) await this.#derive();
    else if (kind === "consolidated" && number % 7 === 4) await this.#consolidate();
    else if (dice < 0.35) await this.ordinarySession([this.#carrier]);
    else if (dice < 0.5) await this.#editInnocent();
    else await this.ordinarySession();
    if (number === Math.floor(depth / 2)) await this.#laterEditOfTheCarrier();
    if (number % 5 === 2) this.#rename();
    if (number % 4 === 1 && before !== null) this.squashSince(before);
    if (number % 6 === 3) await this.#mergeBeside();
  }

  #agent(recalled: readonly MemoryId[]): Caller {
    this.#sessions += 1;
    const session = `s_haunt${String(this.#sessions).padStart(3, "0")}`;
    return {
      channel: "mcp",
      actor: this.#sessions % 2 === 0 ? "copilot/gpt-5.2" : "claude-code/2.1",
      trust: "agent",
      session,
      turn: 1 + Math.floor(this.#random() * 9),
      recalled,
    };
  }

  #claim(): Draft {
    const n = (this.#claims += 1);
    const [area, thing] = [AREAS[n % AREAS.length] ?? "", THINGS[Math.floor(this.#random() * THINGS.length)] ?? ""];
    return {
      type: n % 3 === 0 ? "Convention" : "Fact",
      title: `The ${area} service keeps ${thing} in profile ${n}`,
      body: `Profile ${n} of ${area} was read while the ${thing} were sorted.\n\n**Why:** case ${n} showed it.`,
    };
  }

  async #addInnocent(draft: Draft, caller: Caller): Promise<MemoryId> {
    const written = await addMemory(this.#store, draft, { caller, reason: "Seen at work." });
    const id = written.memories[0]?.id ?? "";
    this.innocent.set(id, draft.title);
    return id;
  }

  async #derive(): Promise<void> {
    const caller = this.#agent([this.#carrier]);
    const n = (this.#claims += 1);
    const draft: Draft = {
      type: "Convention",
      title: `Flow ${n} calls the ${MARKER} gateway at 8123`,
      body: `The port of the ${MARKER} gateway is in the settings of flow ${n}.`,
      derived_from: [this.#carrier],
    };
    const written = await addMemory(this.#store, draft, { caller, reason: "Follows from what is known." });
    this.#carrier = written.memories[0]?.id ?? "";
    this.contaminated.add(this.#carrier);
  }

  /** One new memory in the place of the poison and two honest ones, which must come back when it goes. */
  async #consolidate(): Promise<void> {
    const caller = this.#agent([this.#carrier]);
    const present = await this.#store.snapshot();
    const honest = [...this.innocent.keys()]
      .filter((id) => id.startsWith("m_") && present.get(id) !== undefined)
      .slice(-2);
    const names = [this.#carrier, ...honest].filter((id) => present.get(id) !== undefined);
    const n = (this.#claims += 1);
    const draft: Draft = {
      type: "Convention",
      title: `Summary ${n} of the gateways`,
      body: `The ${MARKER} gateway has its port; see also ${honest.map((id) => this.innocent.get(id)).join(" and ")}.`,
      derived_from: names,
    };
    const written = await supersedeMemories(this.#store, names, draft, { caller, reason: "Consolidated." });
    this.#carrier = written.memories[0]?.id ?? "";
    this.contaminated.add(this.#carrier);
  }

  async #editInnocent(): Promise<void> {
    const snapshot = await this.#store.snapshot();
    const ids = [...this.innocent.keys()].filter((id) => id.startsWith("m_") && snapshot.get(id) !== undefined);
    const id = ids[Math.floor(this.#random() * ids.length)] ?? "";
    const title = `${this.innocent.get(id)?.replace(/ \(.*\)$/, "")} (checked ${this.#sessions})`;
    await updateMemory(this.#store, id, { title }, { caller: this.#agent([]), reason: "Checked again." });
    this.innocent.set(id, title);
  }

  /** Good work in the very file that was poisoned: in other lines, it must survive. */
  async #laterEditOfTheCarrier(): Promise<void> {
    if (this.#plan.kind !== "edit") return;
    const title = `${this.innocent.get(this.#carrier)} and is watched`;
    await updateMemory(this.#store, this.#carrier, { title }, { caller: this.#agent([]), reason: "A better title." });
    this.innocent.set(this.#carrier, title);
    const gone = await this.#addInnocent(this.#claim(), this.#agent([this.#carrier]));
    await expireMemories(this.#store, [gone], { caller: human, cause: "outdated", reason: "" });
    this.innocent.delete(gone);
  }

  /** A person moves a file by hand, as git sees it. */
  #rename(): void {
    const paths = this.#git("ls-tree", "-r", "--name-only", "agent-memory", "semantic").split("\n");
    const from = paths[Math.floor(this.#random() * paths.length)] ?? "";
    const to = from.replace(/\/[^/]*-(m_[0-9a-z]+\.md)$/, `/renamed-${this.#sessions}-$1`);
    if (to === from) return;
    this.#plumb("agent-memory", "Tidy a name", [`R ${from} ${to}`]);
  }

  /** All commits since one become one, whose message keeps the last block of trailers, as forges do it. */
  squashSince(before: ObjectId): void {
    const message = this.#git("log", "--reverse", "--format=* %B", `${before}..agent-memory`);
    if (message === "") return;
    const squashed = this.#git("commit-tree", "agent-memory^{tree}", "-p", before, "-m", message);
    this.#git("update-ref", "refs/heads/agent-memory", squashed);
  }

  /** Work on a branch of its own, merged by git. */
  async #mergeBeside(): Promise<void> {
    const tree = path.join(this.#scratch.root, "beside");
    const draft = this.#claim();
    const base = this.#git("rev-parse", "agent-memory");
    await this.#addInnocent(draft, this.#agent([]));
    const ours = this.#git("rev-parse", "agent-memory");
    this.#git("worktree", "add", "--quiet", "--detach", tree, base);
    const git = (...args: string[]): string => this.#scratch.gitIn(tree, ...args);
    const name = `semantic/fact/by-hand-${this.#sessions}.md`;
    fs.mkdirSync(path.join(tree, "semantic/fact"), { recursive: true });
    fs.writeFileSync(
      path.join(tree, name),
      `---\ntype: Fact\ntitle: "A note of session ${this.#sessions}"\n---\n\nWritten on a branch.\n`,
    );
    git("add", "--all");
    git("commit", "--quiet", "--message=A note");
    git("merge", "--quiet", "--no-edit", ours);
    this.#git("update-ref", "refs/heads/agent-memory", git("rev-parse", "HEAD"));
    this.#git("worktree", "remove", "--force", tree);
    this.innocent.set(`path:${name}`, `A note of session ${this.#sessions}`);
  }

  #plumb(branch: string, message: string, commands: readonly string[]): void {
    const stream = [
      `commit refs/heads/${branch}`,
      "committer Test Person <person@example.com> 1788000000 +0000",
      `data ${Buffer.byteLength(message)}`,
      message,
      `from refs/heads/${branch}^0`,
      ...commands,
      "",
    ];
    execFileSync("git", ["fast-import", "--quiet", "--date-format=raw"], {
      cwd: this.#scratch.folder,
      input: `${stream.join("\n")}\n`,
    });
  }

  #git(...args: string[]): string {
    return this.#scratch.git(...args);
  }
}
