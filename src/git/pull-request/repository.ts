/** A repository as a review sees it: half a dozen git processes that only read, whatever the size of the store. */
import fs from "node:fs";
import path from "node:path";
import { GitError, PartialCloneError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { CommitInfo, TreeFile } from "../../core/ports.ts";
import type { RawChange, ReviewRepository } from "../../core/pull-request/repository.ts";
import type { Completion, GitCommand } from "../git-command.ts";
import { readLog } from "../log.ts";
import { ObjectReader } from "../objects/reader.ts";
import type { Repository } from "../repository.ts";

/** A memory is a page of text. What is larger is reported and not read, in bytes. */
const LARGEST = 1_000_000;
const ABSENT = /^0+$/;
/** Nothing is fetched, not even what a partial clone lacks; and a file's name is never a pattern. */
const QUIETLY = ["-c", "protocol.allow=never", "--literal-pathspecs"];

/** A branch or tag, by its whole name. */
export interface RefWithFiles {
  readonly ref: string;
  readonly files: readonly string[];
}

export class GitReviewRepository implements ReviewRepository {
  readonly #git: GitCommand;
  readonly #objects: ObjectReader;
  readonly #commonDir: string;
  #emptyTree: Promise<ObjectId> | undefined;

  constructor({ git, commonDir }: Pick<Repository, "git" | "commonDir">) {
    this.#git = git;
    this.#objects = new ObjectReader(git, QUIETLY);
    this.#commonDir = commonDir;
  }

  async resolve(name: string): Promise<ObjectId | null> {
    return name === "" || name.startsWith("-") ? null : this.#objects.resolve(`${name}^{commit}`);
  }

  /** The newest branches and tags that have some file, with the paths of it that they have. */
  async refsWith(paths: readonly string[], most: number): Promise<RefWithFiles[]> {
    const lines = await this.#lines([
      "for-each-ref",
      "--sort=-creatordate",
      `--count=${most}`,
      "--format=%(refname)%00",
      "refs/heads",
      "refs/remotes",
      "refs/tags",
    ]);
    const refs = lines.map((line) => line.trim()).filter((ref) => ref !== "" && !ref.endsWith("/HEAD"));
    if (refs.length === 0) return [];
    const asked = refs.flatMap((ref) => paths.map((file) => ({ ref, file })));
    const found = await this.#asked(Promise.all(asked.map(({ ref, file }) => this.#objects.look(`${ref}:${file}`))));
    return refs.flatMap((ref) => {
      const files = asked.flatMap((one, i) => (one.ref === ref && found[i]?.kind === "blob" ? [one.file] : []));
      return files.length === 0 ? [] : [{ ref, files }];
    });
  }

  async isShallow(): Promise<boolean> {
    return fs.existsSync(path.join(this.#commonDir, "shallow"));
  }

  async mergeBase(a: ObjectId, b: ObjectId): Promise<ObjectId | null> {
    const answer = await this.#run(["merge-base", a, b]);
    if (answer.ok) return answer.stdout.toString("utf8").trim();
    // One is its way to say that there is none.
    if (answer.code === 1) return null;
    throw failed("merge-base", answer.stderr);
  }

  async blobAt(commit: ObjectId, file: string): Promise<ObjectId | null> {
    const found = await this.#asked(this.#objects.look(`${commit}:${file}`));
    return found?.kind === "blob" ? found.id : null;
  }

  async changes(from: ObjectId | null, to: ObjectId, prefix: string): Promise<RawChange[]> {
    const tokens = await this.#lines([
      "diff-tree",
      "-r",
      "-z",
      "--raw",
      "--no-renames",
      "--no-abbrev",
      from ?? (await this.emptyTree()),
      to,
      "--",
      ...folder(prefix),
    ]);
    const changes: RawChange[] = [];
    for (let at = 0; at + 1 < tokens.length; at += 2) {
      const [oldMode = "", mode = "", before = "", after = ""] = (tokens[at] ?? "").slice(1).split(" ");
      const file = tokens[at + 1] ?? "";
      changes.push({
        path: file.slice(prefix.length),
        before: orNull(before),
        after: orNull(after),
        mode: ABSENT.test(after) ? oldMode : mode,
      });
    }
    return changes;
  }

  async files(commit: ObjectId, prefix: string): Promise<TreeFile[]> {
    const lines = await this.#lines(["ls-tree", "-r", "-z", "--full-tree", commit, "--", ...folder(prefix)]);
    return lines.flatMap((line) => {
      const match = /^100\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined
        ? []
        : [{ blob: match[1], path: match[2].slice(prefix.length) }];
    });
  }

  async titles(commit: ObjectId, prefix: string): Promise<ReadonlyMap<string, string>> {
    const pattern = "^title:";
    // As text whatever attributes say: those of a checkout come from whoever wrote the branch.
    const answer = await this.#run([
      "grep",
      "-a",
      "-z",
      "--no-color",
      "--full-name",
      "-m1",
      "-e",
      pattern,
      commit,
      "--",
      `${prefix}semantic`,
      `${prefix}episodic`,
    ]);
    if (!answer.ok && answer.code !== 1) throw failed("grep", answer.stderr);
    const titles = new Map<string, string>();
    const text = answer.ok ? answer.stdout.toString("utf8") : "";
    const start = commit.length + 1 + prefix.length;
    for (const line of text.split("\n")) {
      const end = line.indexOf("\0");
      if (end > start) titles.set(line.slice(start, end), line.slice(end + 1).replace(/^title:\s*/, ""));
    }
    return titles;
  }

  async blobs(ids: Iterable<ObjectId>): Promise<ReadonlyMap<ObjectId, Uint8Array>> {
    const wanted = [...new Set(ids)];
    const seen = await this.#asked(Promise.all(wanted.map((id) => this.#objects.look(id))));
    if (seen.includes(null)) throw partial();
    const small = seen.flatMap((one) => (one?.kind === "blob" && one.size <= LARGEST ? [one.id] : []));
    const read = await this.#asked(Promise.all(small.map((id) => this.#objects.read(id))));
    return new Map(read.flatMap((one) => (one === null ? [] : [[one.id, one.content]])));
  }

  async commits(from: ObjectId | null, to: ObjectId, prefix: string): Promise<CommitInfo[]> {
    const range = from === null ? {} : { until: from };
    const infos = await readLog(this.#git, to, { ...range, ...(prefix === "" ? {} : { paths: [prefix] }) });
    return infos.map((info) => ({
      ...info,
      deltas: info.deltas.map((delta) => ({ ...delta, path: delta.path.slice(prefix.length) })),
    }));
  }

  /** The tree without entries, in the repository's own hash; git knows it without having it. */
  async emptyTree(): Promise<ObjectId> {
    this.#emptyTree ??= this.#run(["hash-object", "-t", "tree", "--stdin"]).then((answer) => {
      if (!answer.ok) throw failed("hash-object", answer.stderr);
      return answer.stdout.toString("utf8").trim();
    });
    return this.#emptyTree;
  }

  async dispose(): Promise<void> {
    await this.#objects.dispose();
  }

  #run(args: readonly string[], input?: Uint8Array): Promise<Completion> {
    return this.#git.run([...QUIETLY, ...args], input);
  }

  /** Answers of the object reader, which is told to fetch nothing. */
  async #asked<T>(answers: Promise<T>): Promise<T> {
    return answers.catch((error: unknown) => {
      throw error instanceof PartialCloneError ? partial() : error;
    });
  }

  async #lines(args: readonly string[]): Promise<string[]> {
    const answer = await this.#run(args);
    if (!answer.ok) throw failed(args[0] ?? "", answer.stderr);
    return answer.stdout
      .toString("utf8")
      .split("\0")
      .filter((line) => line !== "");
  }
}

function folder(prefix: string): string[] {
  return prefix === "" ? [] : [prefix];
}

function orNull(id: string): ObjectId | null {
  return id === "" || ABSENT.test(id) ? null : id;
}

function failed(command: string, stderr: string): GitError {
  if (/promisor/.test(stderr)) return partial();
  const line = stderr.trim().split("\n").at(-1) ?? "";
  return new GitError(`git ${command} failed: ${line.replace(/^(fatal|error): /, "")}`);
}

/** Read without what is missing, a change would look like an addition, and the built-in rules like the base's. */
function partial(): GitError {
  return new GitError(
    "This clone lacks files that the review needs, as a partial clone does, and a review fetches nothing. Clone without --filter, or run `git fetch --refetch`.",
  );
}
