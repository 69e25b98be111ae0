/**
 * Removes chosen unreachable objects from a repository, and no others: what the user may still want to find by `git fsck`
 * stays, in packs too.
 */
import { createReadStream } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import readline from "node:readline";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { GitCommand } from "../git-command.ts";
import type { Repository } from "../repository.ts";

/** Every object that a commit reaches and another doesn't. Some may be reachable elsewhere. */
export async function objectsBetween(
  git: GitCommand,
  from: readonly ObjectId[],
  not: readonly ObjectId[],
): Promise<Set<ObjectId>> {
  const found = new Set<ObjectId>();
  await eachObject(git, [...from, ...not.map((id) => `^${id}`)], (id) => found.add(id));
  return found;
}

/** Leaves those that no ref, reflog or index of any work tree reaches. Exact, so it walks the whole repository. */
export async function withoutReachable(git: GitCommand, candidates: ReadonlySet<ObjectId>): Promise<Set<ObjectId>> {
  const dead = new Set(candidates);
  await eachObject(git, ["--all", "--reflog", "--indexed-objects"], (id) => dead.delete(id));
  return dead;
}

/** Returns how many were there to be removed. */
export async function purgeObjects(repository: Repository, dead: ReadonlySet<ObjectId>): Promise<number> {
  if (dead.size === 0) return 0;
  const gone = new Set<ObjectId>();
  // Packs first: what is both packed and loose must not come back by a repack.
  const packs = path.join(repository.objectsDir, "pack");
  const files = await fs.readdir(packs).catch(noFiles);
  for (const file of files) {
    if (!/^pack-[0-9a-f]+\.idx$/.test(file)) continue;
    for (const id of await repack(repository, path.join(packs, file.slice(0, -".idx".length)), dead)) gone.add(id);
  }
  for (const id of dead) {
    const file = path.join(repository.objectsDir, id.slice(0, 2), id.slice(2));
    const there = await fs.stat(file).catch(absent);
    if (there === null) continue;
    await fs.rm(file);
    gone.add(id);
  }
  if (gone.size > 0) await dropIndexesOf(repository);
  return gone.size;
}

/** Writes a pack anew without the dead, where it has some, and returns them. */
async function repack(repository: Repository, pack: string, dead: ReadonlySet<ObjectId>): Promise<ObjectId[]> {
  const all = await idsOfPack(repository.git, `${pack}.idx`);
  const gone = all.filter((id) => dead.has(id));
  if (gone.length === 0) return [];
  const kept = all.filter((id) => !dead.has(id));
  if (kept.length > 0) {
    const base = path.join(path.dirname(pack), "pack");
    const done = await repository.git.run(
      ["pack-objects", "--quiet", "--delta-base-offset", base],
      Buffer.from(`${kept.join("\n")}\n`),
    );
    if (!done.ok)
      throw new GitError(`git pack-objects failed, so the old pack was left in place: ${done.stderr.trim()}`);
    const fresh = `${base}-${done.stdout.toString("utf8").trim()}`;
    for (const mark of [".keep", ".promisor"]) await fs.copyFile(`${pack}${mark}`, `${fresh}${mark}`).catch(absent);
  }
  // The index goes last: by it, whoever goes on after a kill finds the rest, and git ignores it without its pack.
  for (const ending of [".pack", ".rev", ".bitmap", ".mtimes", ".keep", ".promisor", ".idx"])
    await fs.rm(`${pack}${ending}`, { force: true });
  return gone;
}

async function idsOfPack(git: GitCommand, idx: string): Promise<ObjectId[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(idx)) chunks.push(Buffer.from(chunk));
  const done = await git.run(["show-index"], Buffer.concat(chunks));
  if (!done.ok) throw new GitError(`git show-index failed: ${done.stderr.trim()}`);
  return done.stdout
    .toString("latin1")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? []);
}

/** Indexes over all packs and the commit-graph name objects that are gone. git makes them again when it likes. */
async function dropIndexesOf(repository: Repository): Promise<void> {
  const { objectsDir, git } = repository;
  const packs = await fs.readdir(path.join(objectsDir, "pack")).catch(noFiles);
  for (const file of packs)
    if (file.startsWith("multi-pack-index"))
      await fs.rm(path.join(objectsDir, "pack", file), { force: true, recursive: true });
  const graphs = [path.join(objectsDir, "info/commit-graph"), path.join(objectsDir, "info/commit-graphs")];
  const there = await Promise.all(graphs.map((graph) => fs.stat(graph).catch(absent)));
  if (there.every((graph) => graph === null)) return;
  await Promise.all(graphs.map((graph) => fs.rm(graph, { force: true, recursive: true })));
  await git.run(["commit-graph", "write", "--reachable", "--changed-paths"]);
}

async function eachObject(git: GitCommand, what: readonly string[], tell: (id: ObjectId) => void): Promise<void> {
  const child = git.start(["rev-list", "--objects", "--no-object-names", ...what]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end();
  // One that could not be started says so before its lines have ended, when nobody waits for its end yet.
  const closed = new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      said += error.message;
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
  for await (const line of readline.createInterface({ input: child.stdout })) tell(line.trim());
  if (!(await closed)) throw new GitError(`git rev-list failed, so nothing was removed: ${said.trim()}`);
}

function noFiles(error: unknown): string[] {
  absent(error);
  return [];
}

function absent(error: unknown): null {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
  throw error;
}
