/** What a command may reach: the host it runs on, the stores of the folder, and who is calling. */
import path from "node:path";
import { InvalidInputError, NoRepositoryError, NoStoreError } from "../core/errors.ts";
import type { MemoryStore } from "../core/store.ts";
import type { StoreLabel, Stores } from "../core/stores.ts";
import type { Arguments } from "./arguments.ts";

/** The process around us, so that a test can be one. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Cells of the terminal on stdout; null where stdout is none. */
  readonly columns: number | null;
  readonly errorsToTerminal: boolean;
  /** Where this program lies: the bundle, or `main.ts` when it runs from source. */
  readonly program: URL;
  out(text: string): void;
  error(text: string): void;
  input(): Promise<Uint8Array>;
  /** Asks whoever sits there; absent where nobody can answer. */
  ask?(question: string): Promise<string>;
}

export interface Context {
  readonly host: Host;
  /** The folder that `-C` names, else the current one. */
  readonly folder: string;
  /** Opened at the first call. Throws GitError. */
  stores(): Promise<Stores>;
  dispose(): Promise<void>;
}

export function createContext(host: Host, folder: string): Context {
  let opened: Promise<Stores> | undefined;
  return {
    host,
    folder,
    async stores() {
      // The store's code is loaded by the commands that need it: help and mistakes are answered without.
      const data = host.env["COMMIT_TO_MEMORY_DATA"] ?? "";
      if (data !== "" && !path.isAbsolute(data))
        throw new InvalidInputError(
          "COMMIT_TO_MEMORY_DATA is no path from the root, so it would name another folder in each place. Write the whole path, or unset it.",
        );
      const place = { folder, ...(data === "" ? {} : { dataDirectory: data }) };
      opened ??= import("../git/open.ts").then(({ openStores }) => openStores(place));
      return opened;
    },
    async dispose() {
      await (await opened?.catch(() => null))?.dispose();
    },
  };
}

/** The stores that a command looks into: those that exist, or the one that `--store` names. Throws NoStoreError, NoRepositoryError. */
export async function storesFor(context: Context, args: Arguments): Promise<MemoryStore[]> {
  const stores = await context.stores();
  const wish = storeWish(args);
  const existing = (await stores.existing()).filter((store) => wish === undefined || store.label === wish);
  if (existing.length > 0) return existing;
  if (wish === "personal")
    throw new NoStoreError(
      "There is no personal store yet. A person can make one with `git memory init --placement personal`.",
    );
  if (stores.project === null) {
    throw new NoRepositoryError(
      "This folder is in no git repository, so it has no project memory. Go to a repository, or name one with -C.",
    );
  }
  throw new NoStoreError(
    "This repository has no memory store yet. Ask the user to run `git memory init`, or to press the button in the Memory view.",
  );
}

/** The store that a command is about where it can be about one alone: `--store`, else the project's, else the personal one. */
export async function oneStore(context: Context, args: Arguments): Promise<MemoryStore> {
  const [store] = await storesFor(context, args);
  if (store === undefined)
    throw new NoStoreError("There is no memory store here yet. Ask the user to run `git memory init`.");
  return store;
}

/** The store that is synced; unlike for other commands it may be about to arrive. Throws NoRepositoryError. */
export async function storeToSync(context: Context, args: Arguments): Promise<MemoryStore> {
  const stores = await context.stores();
  if (storeWish(args) === "personal") return stores.personal;
  if (stores.project !== null) return stores.project;
  throw new NoRepositoryError(
    "This folder is in no git repository. Go to one, name one with -C, or sync your own store with --store personal.",
  );
}

export function storeWish(args: Arguments): StoreLabel | undefined {
  return args.choice("store", ["project", "personal"]);
}

/** The text of `--body` or `--body-file`; `-` is stdin. Throws InvalidInputError where it is not UTF-8. */
export async function bodyText(context: Context, args: Arguments): Promise<string | undefined> {
  const [body, file] = [args.text("body"), args.text("body-file")];
  if (body !== undefined && file !== undefined)
    throw new InvalidInputError("Give the body once: --body or --body-file.");
  if (body === "-" || file === "-") return decoded(await context.host.input(), "stdin");
  if (file === undefined) return body;
  return readTextFile(context, file);
}

/** A file that was named on the command line; `-` is stdin. Throws InvalidInputError where it can't be read or is not UTF-8. */
export async function readTextFile(context: Context, file: string): Promise<string> {
  if (file === "-") return decoded(await context.host.input(), "stdin");
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path.resolve(context.folder, file)).catch((error: unknown) => {
    throw new InvalidInputError(`${file} can't be read: ${fileTrouble(error)}`);
  });
  return decoded(bytes, file);
}

const FILE_TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder. Check the path.",
  EISDIR: "it is a folder. Name a file.",
  ENOTDIR: "a part of the path is a file and no folder. Check the path.",
  EACCES: "you may not open it. Check its permissions.",
  EPERM: "you may not open it. Check its permissions.",
  EROFS: "it is on a file system that can't be written. Name another place.",
  ENOSPC: "the disk is full. Make room, and try again.",
};

/** What the system says of a file, as the end of a sentence with what to do. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return FILE_TROUBLES[code] ?? `the system answered ${code}. Name another file.`;
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InvalidInputError(`The text from ${name} is not valid UTF-8. Save it as UTF-8.`);
  }
}
