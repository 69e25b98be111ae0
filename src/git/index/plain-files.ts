/**
 * Whether git would write some files just as they are stored: without other line ends, filters or encodings, by all the places
 * where it would be told of them. Unsure means no.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Repository } from "../repository.ts";
import type { IndexFile } from "./index-file.ts";

const ATTRIBUTES = ".gitattributes";
const SYSTEM = ["/etc/gitattributes", "/usr/local/etc/gitattributes"];

/** What git is asked about once, and again when a file of its configuration changed. */
const KEYS = "^core\\.(autocrlf|eol|ignorecase|ignorestat|attributesfile|fsync|sparsecheckout|worktree)$|^attr\\.tree$";

interface Settings {
  /** Whether none of them has git write, name or note files in a way of its own. */
  readonly isPlain: boolean;
  /** The user's own file of attributes. */
  readonly attributes: string;
}

export class PlainFiles {
  readonly #repository: Repository;
  readonly #folder: string;
  #known: { readonly stamp: string; readonly settings: Settings } | undefined;

  constructor(repository: Repository, workTree: string) {
    this.#repository = repository;
    this.#folder = workTree;
  }

  /** @param paths from the root of the work tree */
  async are(paths: readonly string[], index: IndexFile): Promise<boolean> {
    const { commonDir, gitDir } = this.#repository;
    // What a linked work tree is configured with besides, its own git alone can tell.
    const isApart = gitDir !== commonDir && fs.existsSync(path.join(gitDir, "config.worktree"));
    if (process.platform === "win32" || isApart) return false;
    const { isPlain, attributes } = await this.#settings();
    if (!isPlain) return false;
    const elsewhere = [...SYSTEM, attributes, path.join(commonDir, "info", "attributes")];
    if (!elsewhere.every((file) => leavesAlone(attributesIn(file) ?? "", "", paths))) return false;
    const folders = new Set(["", ...paths.flatMap(foldersOf)]);
    return [...folders].every((folder) => {
      const name = folder === "" ? ATTRIBUTES : `${folder}/${ATTRIBUTES}`;
      const file = path.join(this.#folder, name);
      // A link git passes over here, and reads the index.
      if (fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) return false;
      const text = attributesIn(file);
      // One that is missing here, git reads from the index.
      return text === null ? index.find(name) === null : leavesAlone(text, folder, paths);
    });
  }

  async #settings(): Promise<Settings> {
    const stamp = stampOf(this.#repository);
    if (this.#known?.stamp === stamp) return this.#known.settings;
    const answer = await this.#repository.git.run(["config", "--null", "--get-regexp", KEYS]);
    const entries = answer.ok ? answer.stdout.toString("utf8").split("\0") : [];
    const values = new Map(entries.filter((entry) => entry !== "").map(pairOf));
    // It is 1 where none of them is set.
    const isAnswered = answer.ok || answer.code === 1;
    const attributes = attributesFile(values.get("core.attributesfile"));
    const settings = { isPlain: isAnswered && isPlain(values), attributes };
    this.#known = { stamp, settings };
    return settings;
  }
}

/** A key without a value is a yes. */
function pairOf(entry: string): readonly [key: string, value: string] {
  const end = entry.indexOf("\n");
  return end < 0 ? [entry, "true"] : [entry.slice(0, end), entry.slice(end + 1)];
}

const NO = /^(?:false|no|off|0|)$/i;

function isPlain(values: ReadonlyMap<string, string>): boolean {
  const isOff = (key: string): boolean => NO.test(values.get(key) ?? "");
  const [crlf, eol, file] = ["core.autocrlf", "core.eol", "core.attributesfile"].map((key) => values.get(key) ?? "");
  return (
    ["core.ignorecase", "core.ignorestat", "core.sparsecheckout"].every(isOff) &&
    !["core.fsync", "core.worktree", "attr.tree"].some((key) => values.has(key)) &&
    /^(?:false|no|off|0|input|)$/i.test(crlf ?? "") &&
    /^(?:lf|native|)$/i.test(eol ?? "") &&
    /^(?:~?\/.*|)$/.test(file ?? "")
  );
}

function attributesFile(value: string | undefined): string {
  if (value?.startsWith("~/") === true) return path.join(os.homedir(), value.slice(2));
  return value === undefined || value === "" ? path.join(configHome(), "attributes") : value;
}

function configHome(): string {
  const home = process.env["XDG_CONFIG_HOME"];
  return path.join(home === undefined || home === "" ? path.join(os.homedir(), ".config") : home, "git");
}

/** Tells one state of the configuration's usual files from another; what they include is taken to stay as it is. */
function stampOf({ commonDir }: Repository): string {
  const files = [
    path.join(commonDir, "config"),
    path.join(commonDir, "config.worktree"),
    process.env["GIT_CONFIG_GLOBAL"] ?? path.join(os.homedir(), ".gitconfig"),
    path.join(configHome(), "config"),
    "/etc/gitconfig",
  ];
  return files
    .map((file) => {
      const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? "-" : `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
    })
    .join("\n");
}

/** The folders that a file is in, the outermost first, without the root. */
export function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, n) => parts.slice(0, n + 1).join("/"));
}

/** Null where there is none. What can't be read is taken for a file that says something. */
function attributesIn(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code !== undefined) return "* filter";
    throw error;
  }
}

/** Those that change a file's bytes on the way to the work tree (gitattributes), unless they are taken away or say what is so anyway. */
const CHANGING = /^(?:crlf(?:=(?!input$).*)?|eol(?:=(?!lf$).*)?|(?:filter|ident|working-tree-encoding)(?:=.*)?)$/i;

/** Whether no line of a file of attributes may change one of the files. @param folder the one that its patterns are about */
function leavesAlone(text: string, folder: string, paths: readonly string[]): boolean {
  return text.split(/\r?\n/).every((line) => {
    const [pattern = "", ...attributes] = line.trim().split(/[ \t]+/);
    if (pattern === "" || pattern.startsWith("#")) return true;
    // A quoted pattern may hold blanks, and so its words can't be told apart.
    const isSure = !pattern.startsWith('"') && !attributes.some((word) => CHANGING.test(word));
    return isSure || (!pattern.startsWith("[attr]") && isElsewhere(pattern, folder, paths));
  });
}

/** Whether a pattern surely matches none of the files: it is about another kind of file, or another folder. */
function isElsewhere(pattern: string, folder: string, paths: readonly string[]): boolean {
  const ending = /^\*(\.[A-Za-z0-9_-]+)$/.exec(pattern)?.[1]?.toLowerCase();
  if (ending !== undefined) return !paths.some((file) => file.toLowerCase().endsWith(ending));
  const [, first, rest] = /^\/?([A-Za-z0-9._-]+)\/(.+)$/.exec(pattern) ?? [];
  if (first === undefined || rest === undefined) return false;
  const start = folder === "" ? "" : `${folder}/`;
  return !paths.some((file) => file.startsWith(`${start}${first}/`));
}
