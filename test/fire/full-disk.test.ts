/** A disk that is really full, and a folder that really can't be written, where this machine lets us have them. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GitError, LocalStateError, MemoryError } from "../../src/core/errors.ts";
import { Session } from "../../src/core/session.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { act, claim, Scratch } from "../support/scratch.ts";

const SIZE_MB = 2;

/** Null where a small file system of our own may not be mounted. */
function smallDisk(): string | null {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "memory-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MB}m`, "tmpfs", folder], { stdio: "pipe" });
    return folder;
  } catch (error) {
    fs.rmdirSync(folder);
    console.warn(`No small disk can be mounted here, so a full one is only injected: ${String(error)}`);
    return null;
  }
}

const disk = smallDisk();
const isRoot = process.getuid?.() === 0;
if (isRoot) console.warn("This user may write whatever the mode says, so a read-only folder is only injected.");

let scratch: Scratch;
beforeEach(async () => {
  scratch = new Scratch();
  const store = await scratch.start();
  await addMemory(store, claim(1), act);
  await store.dispose();
});
afterEach(async () => scratch.remove());

function fill(folder: string): string {
  const file = path.join(folder, "ballast");
  const fd = fs.openSync(file, "w");
  try {
    for (const size of [65_536, 4_096, 512]) {
      try {
        for (;;) if (fs.writeSync(fd, Buffer.alloc(size)) < size) break;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    }
  } finally {
    fs.closeSync(fd);
  }
  return file;
}

async function titlesIn(folder: string): Promise<string[]> {
  const stores = await openStores({ folder, dataDirectory: path.join(folder, "data") });
  const titles = [...((await stores.project?.snapshot())?.memories() ?? [])].map(({ title }) => title);
  await stores.dispose();
  return titles.toSorted();
}

describe.skipIf(disk === null)("on a full disk", () => {
  afterEach(() => {
    execFileSync("umount", [disk ?? ""]);
    fs.rmdirSync(disk ?? "");
  });

  test("reading goes on, a write is refused in words, and once there is room again nothing is missing", async () => {
    const folder = path.join(disk ?? "", "repository");
    fs.cpSync(scratch.folder, folder, { recursive: true, preserveTimestamps: true });
    const ballast = fill(disk ?? "");
    const stores = await openStores({ folder, dataDirectory: scratch.data });
    const { project } = stores;
    if (project === null) throw new Error("There is no repository.");
    const acknowledged = ["Claim number 1"];
    const refusals: string[] = [];
    // The last bytes of the disk may do for some writes: each is stored or refused, never half of it.
    for (let n = 2; n < 8; n++) {
      try {
        acknowledged.push((await addMemory(project, claim(n), act)).memories[0]?.title ?? "");
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        refusals.push(error.message);
      }
    }
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.filter((message) => !/no space left/i.test(message))).toEqual([]);
    await stores.dispose();
    expect(await titlesIn(folder)).toEqual(acknowledged.toSorted());
    const fsck = execFileSync("git", ["fsck", "--strict", "--no-dangling"], { cwd: folder, encoding: "utf8" });
    expect(fsck).not.toMatch(/error|missing|broken|warning/);

    fs.rmSync(ballast);
    const later = await openStores({ folder, dataDirectory: scratch.data });
    if (later.project !== null) await addMemory(later.project, claim("later"), act);
    await later.dispose();
    expect(await titlesIn(folder)).toEqual([...acknowledged, "Claim number later"].toSorted());
  });
});

test.skipIf(isRoot)("in a folder that can't be written, a write is refused in words and reading goes on", async () => {
  const locked = [".git/objects", ".git/refs/heads", ".git/memory", ".git"].map((name) => scratch.path(name));
  for (const folder of locked) fs.chmodSync(folder, 0o555);
  try {
    const stores = await scratch.stores();
    const { project } = stores;
    if (project === null) throw new Error("There is no repository.");
    expect((await project.snapshot()).size).toBe(1);
    const session = new Session({ channel: "cli", actor: "reader", trust: "agent" }, project.environment);
    await expect(
      addMemory(project, claim(2), { ...act, caller: { ...act.caller, session: session.id } }),
    ).rejects.toThrow(GitError);
    await expect(project.setMode("off")).rejects.toThrow(LocalStateError);
  } finally {
    for (const folder of locked.toReversed()) fs.chmodSync(folder, 0o755);
  }
  await addMemory(await scratch.open(), claim(3), act);
});
