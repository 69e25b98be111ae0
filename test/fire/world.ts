/** Repositories with a developer at work in them, prepared once and copied for each fault. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openStores } from "../../src/git/open.ts";
import type { Stores } from "../../src/core/stores.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { hold } from "../support/held.ts";
import { act, claim, Scratch } from "../support/scratch.ts";
import { PREPARED, type Scenario } from "./scenarios.ts";

export class World {
  readonly root: string;
  readonly folder: string;
  readonly data: string;
  /** A work tree of the memory branch, where there is one. */
  readonly checkout: string;

  constructor(root: string) {
    this.root = root;
    this.folder = path.join(root, "repository");
    this.data = path.join(root, "data");
    this.checkout = path.join(root, "checkout");
  }

  git(...args: string[]): string {
    return execFileSync("git", args, {
      cwd: this.folder,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
    }).replace(/\n$/, "");
  }

  async open(): Promise<Stores> {
    return openStores({ folder: this.folder, dataDirectory: this.data });
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Prepared {
  readonly #scratches = new Map<Scenario["on"], Scratch>();

  /** A fresh copy of what a scenario starts from. */
  async copy(on: Scenario["on"]): Promise<World> {
    const scratch = this.#scratches.get(on) ?? (await prepare(on));
    this.#scratches.set(on, scratch);
    const world = new World(fs.mkdtempSync(path.join(os.tmpdir(), "memory-fire-")));
    fs.cpSync(scratch.root, world.root, { recursive: true, preserveTimestamps: true });
    // Its place is written down in it, so it is made where it is.
    if (on === "checkout") world.git("worktree", "add", "--quiet", world.checkout, "agent-memory");
    return world;
  }

  async remove(): Promise<void> {
    for (const scratch of this.#scratches.values()) await scratch.remove();
  }
}

async function prepare(on: Scenario["on"]): Promise<Scratch> {
  const scratch = new Scratch();
  scratch.write("code.ts", "export const one = 1;\n");
  scratch.write("other.ts", "export const two = 2;\n");
  scratch.git("add", "--all");
  scratch.git("commit", "--quiet", "--message=code");
  // The developer is in the middle of something.
  scratch.write("code.ts", "export const one = 1; // unstaged\n");
  scratch.write("other.ts", "export const two = 2; // staged\n");
  scratch.git("add", "other.ts");
  scratch.write("notes.txt", "untracked\n");
  fs.mkdirSync(scratch.data, { recursive: true });
  if (on === "no-store") return scratch;
  const store = await scratch.start();
  for (const title of PREPARED) await addMemory(store, claim(title.replace("Claim number ", "")), act);
  const [first] = [...(await store.snapshot()).memories()];
  await updateMemory(store, first?.id ?? "", { tags: ["settings"] }, act);
  const [last] = PREPARED.slice(-1);
  const id = [...(await store.snapshot()).memories()].find(({ title }) => title === last)?.id ?? "";
  await updateMemory(store, id, { body: "Said again." }, act);
  await hold(store);
  await store.dispose();
  return scratch;
}

/** What the store must never touch: the index, HEAD, refs of the code, staged, unstaged and untracked work. */
export function developersWork(world: World): Readonly<Record<string, string>> {
  const read = (file: string): string => fs.readFileSync(path.join(world.folder, file)).toString("base64");
  return {
    index: read(".git/index"),
    HEAD: read(".git/HEAD"),
    branch: world.git("rev-parse", "main"),
    "code.ts": read("code.ts"),
    "other.ts": read("other.ts"),
    "notes.txt": read("notes.txt"),
    status: world.git("status", "--porcelain"),
    stash: world.git("stash", "list"),
    operations: ["MERGE_HEAD", "ORIG_HEAD", "index.lock", "HEAD.lock", "config.lock"]
      .filter((name) => fs.existsSync(path.join(world.folder, ".git", name)))
      .join(),
  };
}
