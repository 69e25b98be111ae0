/** What a repository's configuration says about how its files are written and where missing objects come from. */
import type { GitCommand } from "./git-command.ts";
import { type Sharing, sharingOf } from "./sharing.ts";

export interface Settings {
  /** Whether a loose object is flushed to the disk before it gets its name (`core.fsync`). */
  readonly flushObjects: boolean;
  /** The same of a ref's new value, before the ref takes it. */
  readonly flushRefs: boolean;
  /** Who besides the owner may use the repository's files (`core.sharedRepository`); null: nobody is named. */
  readonly sharing: Sharing | null;
  /** Where a partial clone gets the objects that it left out; null where the clone is whole. */
  readonly promisor: Promisor | null;
  /** Whether git may tend the repository by itself (`maintenance.auto`, `gc.auto`). */
  readonly maintenance: boolean;
}

export interface Promisor {
  readonly remote: string;
  /** Whether the clone left out trees too (`tree:0`), and not only the contents of files. */
  readonly lacksTrees: boolean;
}

const KEYS =
  "^(core\\.(fsync|fsyncobjectfiles|sharedrepository)|gc\\.auto|maintenance\\.auto|extensions\\.partialclone|remote\\..*\\.(promisor|partialclonefilter))$";

/** How many of the keys `GitCommand` sets. */
const OWN_KEYS = 2;

export async function readSettings(git: GitCommand): Promise<Settings> {
  const answer = await git.run(["config", "--null", "--get-regexp", KEYS]);
  const values = new Map<string, string>();
  const items = answer.ok ? answer.stdout.toString("utf8").split("\0") : [];
  // The last two are what each process of ours is told, for itself alone.
  for (const item of items.filter((one) => one !== "").slice(0, -OWN_KEYS)) {
    const end = item.indexOf("\n");
    // A key without a value is a yes.
    values.set(end < 0 ? item : item.slice(0, end), end < 0 ? "true" : item.slice(end + 1));
  }
  return {
    flushObjects: flushes(values.get("core.fsync"), OBJECTS) ?? values.get("core.fsyncobjectfiles") === "true",
    flushRefs: flushes(values.get("core.fsync"), REFS) ?? false,
    sharing: sharingOf(values.get("core.sharedrepository")),
    promisor: promisorOf(values),
    maintenance: values.get("gc.auto") !== "0" && !/^(?:false|no|off|0)$/i.test(values.get("maintenance.auto") ?? ""),
  };
}

/** The words of `core.fsync` that stand for loose objects, and for refs, among others; neither is in git's default. */
const OBJECTS = ["loose-object", "objects", "committed", "added", "all"];
const REFS = ["reference", "committed", "added", "all"];

/** By git's own rules (config.c): parts from left to right, `-` takes one away, `none` all. Null where nothing is said. */
function flushes(fsync: string | undefined, words: readonly string[]): boolean | null {
  if (fsync === undefined) return null;
  let flushes = false;
  for (const part of fsync.split(",").map((text) => text.trim())) {
    if (part === "none" || part === "default") flushes = false;
    else if (words.includes(part)) flushes = true;
    else if (part.startsWith("-") && words.includes(part.slice(1))) flushes = false;
  }
  return flushes;
}

function promisorOf(values: ReadonlyMap<string, string>): Promisor | null {
  const named = [...values].find(([key, value]) => key.endsWith(".promisor") && value === "true")?.[0];
  const remote = named === undefined ? values.get("extensions.partialclone") : named.slice("remote.".length, -9);
  if (remote === undefined) return null;
  return { remote, lacksTrees: values.get(`remote.${remote}.partialclonefilter`)?.startsWith("tree:") === true };
}
