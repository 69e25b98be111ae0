/** What is open of a repository while a store on it is in use; the same for every placement. */
import path from "node:path";
import type { Person } from "../core/ports.ts";
import { Checkouts } from "./checkouts.ts";
import { Signer } from "./commits/signed.ts";
import { resumeErasure } from "./erase/finish.ts";
import type { GitCommand } from "./git-command.ts";
import { FolderState } from "./local-state.ts";
import { type LooseWriter, looseWriter } from "./objects/loose.ts";
import { ObjectReader } from "./objects/reader.ts";
import { Trees } from "./objects/trees.ts";
import { RefReader } from "./refs/read-ref.ts";
import { RefUpdater } from "./refs/update-ref.ts";
import type { Repository } from "./repository.ts";

export interface Opened {
  readonly repository: Repository;
  readonly objects: ObjectReader;
  readonly trees: Trees;
  readonly refs: RefReader;
  readonly updater: RefUpdater;
  readonly checkouts: Checkouts;
  /** The folder of our local state in the repository. */
  readonly state: FolderState;
  readonly writer: () => Promise<LooseWriter>;
  readonly signer: Signer;
  /** Who git says is at work here. */
  readonly committer: () => Promise<Person>;
}

/** @param ref the branch whose checkouts are to follow; a step that they owe is taken now */
export async function openRepository(repository: Repository, ref: string): Promise<Opened> {
  const objects = new ObjectReader(repository.git);
  const refs = new RefReader(repository, objects);
  const state = new FolderState(path.join(repository.commonDir, "memory"), repository);
  const checkouts = new Checkouts(repository, state);
  await checkouts.repair(ref, await refs.read(ref));
  // What can't be finished now (a read-only disk) stays noted, and hinders nobody who reads.
  await resumeErasure(repository, state, ref).catch(() => undefined);
  let person: Promise<Person> | undefined;
  const committer = (): Promise<Person> => (person ??= readCommitter(repository.git));
  return {
    repository,
    objects,
    refs,
    checkouts,
    trees: new Trees(objects, repository.hash),
    updater: new RefUpdater(repository, committer),
    state,
    writer: () => looseWriter(repository),
    signer: new Signer(repository.git),
    committer,
  };
}

export async function readCommitter(git: GitCommand): Promise<Person> {
  const answer = await git.run(["var", "GIT_COMMITTER_IDENT"]);
  const match = answer.ok ? /^(.*) <(.*)> \d+ [+-]\d+$/.exec(answer.stdout.toString("utf8").trim()) : null;
  // Without user.name and user.email git can't say; a write must not fail for that.
  return match === null
    ? { name: "unknown", email: "unknown@user.invalid" }
    : { name: match[1] ?? "", email: match[2] ?? "" };
}
