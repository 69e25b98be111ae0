/** What a bug report needs: versions, kinds and counts. No title, text, path, name, address or key of anybody is in it. */
import os from "node:os";
import type { MemoryStore } from "../../core/store.ts";
import type { GitCommand } from "../../git/git-command.ts";
import type { Examined } from "./examine.ts";

/** Settings that change how git or the store works, and whose values are words of git's own. */
const TELLING =
  "^(core\\.(autocrlf|eol|filemode|fsmonitor|fsync|fsyncmethod|ignorecase|precomposeunicode|protectntfs|sharedrepository|sparsecheckout|splitindex|symlinks|untrackedcache)|extensions\\..*|index\\..*|feature\\..*|gc\\.(auto|writecommitgraph)|maintenance\\.(auto|strategy)|commit\\.gpgsign|gpg\\.format|pull\\.rebase|remote\\..*\\.(promisor|partialclonefilter)|safe\\.barerepository)$";
const WORD = /^[\w.,:+-]{0,40}$/;

export interface Report {
  readonly program: string;
  readonly node: string;
  readonly git: string;
  readonly system: string;
  readonly repository: Readonly<Record<string, string | boolean>> | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly stores: readonly StoreReport[];
  /** How often each check was found at each level, e.g. `broken-file problem`. */
  readonly findings: Readonly<Record<string, number>>;
}

interface StoreReport {
  readonly store: string;
  readonly placement: string;
  readonly mode: string;
  readonly format: number;
  readonly commits: number;
  readonly memories: Readonly<Record<string, number>>;
  readonly broken: number;
  readonly held: number;
  /** Bytes beside the repository, by the first word of the file's name. */
  readonly state: Readonly<Record<string, number>>;
}

export async function reportOn(
  { findings, repository, stores }: Examined,
  program: string,
  git: GitCommand,
): Promise<Report> {
  return {
    program,
    node: process.version,
    git: (await git.ask(["version"])).trim(),
    system: `${os.platform()} ${os.release()} ${os.arch()}`,
    repository:
      repository === null
        ? null
        : {
            hash: repository.hash,
            refs: repository.refFormat,
            bare: repository.workTree === null,
            linked: repository.gitDir !== repository.commonDir,
            partial: (await repository.settings()).promisor !== null,
            shared: (await repository.settings()).sharing !== null,
          },
    settings: repository === null ? {} : await settingsOf(repository.git),
    stores: await Promise.all(stores.map(storeReport)),
    findings: counts(findings.filter(({ level }) => level !== "ok").map(({ check, level }) => `${check} ${level}`)),
  };
}

async function settingsOf(git: GitCommand): Promise<Record<string, string>> {
  const answer = await git.run(["config", "--null", "--show-scope", "--get-regexp", TELLING]);
  const items = answer.ok ? answer.stdout.toString("utf8").split("\0") : [];
  return Object.fromEntries(
    items.flatMap((item, i) => {
      // Each is preceded by its scope; those of the command are our own.
      if (i % 2 === 0 || items[i - 1] === "command") return [];
      const [key = "", value = "true"] = item.split("\n");
      // The name of a remote, or a program that a setting names, is the user's own.
      const name = key.replace(/^remote\..*\.(\w+)$/, "remote.*.$1");
      return key === "" ? [] : [[name, WORD.test(value) ? value : "(set)"]];
    }),
  );
}

async function storeReport(store: MemoryStore): Promise<StoreReport> {
  const snapshot = await store.snapshot().catch(() => null);
  const types = snapshot === null ? [] : [...snapshot.memories()].map(({ path }) => path.split("/")[0] ?? "");
  const files = await store.state.list("");
  const held = await store.quarantine?.waiting(null).catch(() => []);
  const state: Record<string, number> = {};
  for (const { name, size } of files) {
    const kind = /^[a-z]+/.exec(name)?.[0] ?? "other";
    state[kind] = (state[kind] ?? 0) + size;
  }
  return {
    store: store.label,
    placement: store.placement,
    mode: await store.mode(),
    format: snapshot === null ? 0 : (await store.policyAt(snapshot)).format,
    commits: snapshot === null ? 0 : (await store.journal.entries()).length,
    memories: counts(types),
    broken: snapshot === null ? 0 : [...snapshot.broken()].length,
    held: held?.length ?? 0,
    state,
  };
}

function counts(words: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}
