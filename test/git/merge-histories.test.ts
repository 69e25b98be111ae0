/** Clones that write at random and merge in any order come to one store: nothing lost, nothing back from the dead. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { isBroken, type Memory, type ObjectId } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import { mergeStores } from "../../src/core/merge/stores.ts";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, confirmMemory, expireMemories, supersedeMemories, updateMemory } from "../../src/core/verbs.ts";
import { claim, human, Scratch } from "../support/scratch.ts";
import { goTo, mergeBothWays } from "./support/merging.ts";
import { randomFrom } from "./support/random.ts";

const SEEDS = process.env["MERGE_SEEDS"]?.split(",").map(Number) ?? [1, 2, 3, 4];
const CLONES = 3;
const STEPS = 30;
const byPerson = { caller: human, reason: "A person said so." };

/** Words that resemble those of no other claim, so that a tombstone is only about its own. */
function wordsOf(random: (below: number) => number): string {
  const word = (): string =>
    Array.from({ length: 4 + random(5) }, () => String.fromCodePoint(97 + random(26))).join("");
  return Array.from({ length: 6 }, word).join(" ");
}

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

/** What has happened anywhere, for judging the outcome. */
class World {
  readonly random: (below: number) => number;
  readonly tips: ObjectId[];
  readonly added = new Set<string>();
  /** Ended somewhere, by whatever act. */
  readonly ended = new Set<string>();
  /** Words that were refused or erased somewhere. */
  readonly refused = new Set<string>();
  readonly steps: string[] = [];

  constructor(seed: number) {
    this.random = randomFrom(seed);
    const start = scratch.git("rev-parse", "agent-memory");
    this.tips = Array.from({ length: CLONES }, () => start);
  }

  /** Another clone's commits can't be reached by what happens in this one. */
  #keep(clone: number): void {
    const tip = scratch.git("rev-parse", "agent-memory");
    scratch.git("update-ref", `refs/clones/${clone}`, tip);
    this.tips[clone] = tip;
  }

  async write(clone: number): Promise<void> {
    goTo(scratch, this.tips[clone] ?? "");
    const all = [...(await store.snapshot()).memories()];
    const memory = all[this.random(Math.max(all.length, 1))];
    const act = ACTS[this.random(ACTS.length)] ?? "add";
    this.steps.push(`${clone} ${memory === undefined ? "add" : act}`);
    await this.#act(memory === undefined ? "add" : act, memory, all);
    this.#keep(clone);
  }

  async #act(act: (typeof ACTS)[number], memory: Memory | undefined, all: readonly Memory[]): Promise<void> {
    const id = memory?.id ?? "";
    if (memory === undefined || act === "add") {
      const draft = claim("", {
        title: wordsOf(this.random),
        body: `${wordsOf(this.random)}.\n\n${wordsOf(this.random)}.`,
      });
      const written = await addMemory(store, draft, byPerson);
      this.added.add(written.memories[0]?.id ?? "");
    } else if (act === "tag")
      await updateMemory(store, id, { tags: [`t${this.random(9)}`, `t${this.random(9)}`] }, byPerson);
    else if (act === "reword") {
      const lines = memory.body.split("\n");
      lines[this.random(2) * 2] = `${wordsOf(this.random)}.`;
      await updateMemory(store, id, { body: lines.join("\n") }, byPerson);
    } else if (act === "retitle") await updateMemory(store, id, { title: wordsOf(this.random) }, byPerson);
    else if (act === "shorten") {
      const expires = `2027-0${1 + this.random(9)}-01T00:00:00Z`;
      await updateMemory(store, id, { expires_at: expires }, byPerson);
    } else if (act === "confirm") await confirmMemory(store, id, byPerson);
    else if (act === "move") {
      const [bytes = new Uint8Array()] = await store.repository.blobs([memory.blob]);
      const path = `semantic/fact/${this.random(4)}/moved-${memory.id}.md`;
      if (path === memory.path) return;
      const changes = [
        { kind: "remove", path: memory.path, read: memory.blob },
        { kind: "restore", path, read: null, bytes },
      ] as const;
      await store.commit({ operation: "update", changes, ...byPerson });
    } else if (act === "expire") {
      await expireMemories(store, [id], { ...byPerson, cause: "wrong" });
      this.ended.add(id);
    } else if (act === "supersede") {
      const written = await supersedeMemories(
        store,
        [id],
        claim("", { title: wordsOf(this.random), body: `${wordsOf(this.random)}.` }),
        byPerson,
      );
      this.added.add(written.memories.map((one) => one.id).find((one) => one !== id) ?? "");
      this.ended.add(id);
    } else if (act === "repeat") {
      const written = await addMemory(store, claim("", { title: memory.title, body: memory.body }), byPerson);
      this.added.add(written.memories[0]?.id ?? "");
    } else if (act === "reject") await this.#reject(memory, all);
    else {
      const plan = await planErase(store, { id, path: memory.path });
      await eraseMemory(store, plan, { ...byPerson, reason: "It had to go.", pushedToo: true });
      this.ended.add(id);
      this.refused.add(textOf(memory));
    }
  }

  /** A person refuses a claim, and every copy of it that is there. */
  async #reject(memory: Memory, all: readonly Memory[]): Promise<void> {
    const copies = all.filter((one) => textOf(one) === textOf(memory));
    const { path, text } = makeTombstone(memory, "No.", store.environment.now());
    const read = (await store.snapshot()).blobAt(path);
    await store.commit({
      operation: "reject",
      confirmed: true,
      changes: [
        { kind: "restore", path, read, bytes: new TextEncoder().encode(text) },
        ...copies.map((one) => ({ kind: "remove", path: one.path, read: one.blob }) as const),
      ],
      ...byPerson,
    });
    for (const one of copies) this.ended.add(one.id);
    this.refused.add(textOf(memory));
  }

  /** One clone takes in what another has. A person then chooses its own side where somebody has to. */
  async merge(into: number, from: number): Promise<void> {
    const [ours = "", theirs = ""] = [this.tips[into], this.tips[from]];
    const merged = await mergeBothWays(scratch, store, ours, theirs);
    this.steps.push(
      `${into} <- ${from}${merged.conflicts.map(({ path, parts }) => ` ${path} ${parts.join()}`).join()}`,
    );
    const broken = [...(await store.snapshot()).broken()].map(({ path }) => path).toSorted();
    const named = merged.conflicts.map(({ path }) => path).toSorted();
    if (broken.join() !== named.join()) throw new Error(`broken: ${broken.join()}, but conflicts: ${named.join()}`);
    const chosen = merged.conflicts.map(({ path }) => {
      const marked = execFileSync("git", ["show", `agent-memory:${path}`], { cwd: scratch.folder, encoding: "utf8" });
      return [path, resolved(marked)] as const;
    });
    if (chosen.length > 0) scratch.commitOutside(Object.fromEntries(chosen));
    this.#keep(into);
  }
}

const ACTS = [
  ..."add add add tag tag reword reword retitle shorten confirm move expire supersede repeat reject".split(" "),
  "erase",
] as const;

function textOf({ title, body }: Pick<Memory, "title" | "body">): string {
  return `${title}\n${body.trim()}`;
}

/** The first side of every choice; one that was about keys is taken over by hand. */
function resolved(marked: string): string {
  const text = marked.replace(/^<{7} .*\n([\s\S]*?)^={7}\n[\s\S]*?^>{7} .*\n/gm, (_all, ours: string) =>
    /^[a-z_]+: /.test(ours) ? "" : ours,
  );
  const memory = readMemoryText("x.md", "", text);
  if (isBroken(memory)) throw new Error(`not readable without its markers:\n${marked}`);
  return text;
}

describe.each(SEEDS)("random histories, seed %i", (seed) => {
  test(`come to one store: no parse error, no lost claim, none back (MERGE_SEEDS=${seed} runs it again)`, async () => {
    const world = new World(seed);
    try {
      for (let step = 0; step < STEPS; step++) {
        const clone = world.random(CLONES);
        if (world.random(4) === 0) await world.merge(clone, (clone + 1 + world.random(CLONES - 1)) % CLONES);
        else await world.write(clone);
      }
      for (const [into, from] of [
        [0, 1],
        [0, 2],
        [1, 0],
        [2, 0],
        [1, 2],
        [2, 1],
      ] as const)
        await world.merge(into, from);

      const trees = world.tips.map((tip) => scratch.git("rev-parse", `${tip}^{tree}`));
      expect(new Set(trees).size).toBe(1);
      const memories = [...(await store.snapshot()).memories()];
      const ids = memories.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => world.ended.has(id))).toEqual([]);
      expect(memories.filter((memory) => world.refused.has(textOf(memory)))).toEqual([]);
      const lost = [...world.added].filter((id) => !ids.includes(id) && !world.ended.has(id));
      const [tip = ""] = world.tips;
      expect(lost.filter((id) => !wasRefused(id, world))).toEqual([]);
      expect(await mergeStores(store.repository, [tip], tip, tip)).toEqual({ changes: [], conflicts: [], notes: [] });
      scratch.fsck();
    } catch (error) {
      throw new Error(`seed ${seed}:\n${world.steps.join("\n")}`, { cause: error });
    }
  }, 180_000);
});

/** Whether a memory held refused words at some time, so that it had to go with them. */
function wasRefused(id: string, world: World): boolean {
  const log = scratch.git("log", "--all", "--format=", "--name-only", "--", `*${id}.md`);
  const paths = [...new Set(log.split("\n").filter((path) => path !== ""))];
  return paths.some((path) => {
    const commits = scratch.git("log", "--all", "--diff-filter=AM", "--format=%H", "--", path).split("\n");
    return commits.some((commit) => {
      const text = execFileSync("git", ["show", `${commit}:${path}`], { cwd: scratch.folder, encoding: "utf8" });
      const memory = readMemoryText(path, "", text);
      return !isBroken(memory) && world.refused.has(textOf(memory));
    });
  });
}
