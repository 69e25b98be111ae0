/** The three versions of a conflict side by side: what was read, what is there now, and what was to be stored. */
import path from "node:path";
import { commands, Uri, workspace as editor, type Disposable, type TextDocumentContentProvider } from "vscode";
import type { CommandHandlers } from "../command-ids.ts";
import type { Workspace } from "../workspace.ts";
import { memoryUri } from "./uris.ts";

const SCHEME = "memory-versions";
/** VS Code's own three-way editor. It has no public name yet, so two comparisons stand in where it isn't there. */
const MERGE_EDITOR = "_open.mergeEditor";
/** Conflicts whose texts are kept for editors that may still be open. */
const KEPT = 20;

const TITLES = { base: "What was read", theirs: "What is there now", mine: "What was to be stored" } as const;
type Version = keyof typeof TITLES;

/** A conflict as it crosses a command, where classes are not kept. */
interface Versions extends Readonly<Record<Version, Uint8Array | null>> {
  readonly path: string;
}

export class ConflictVersions implements TextDocumentContentProvider, Disposable {
  readonly #workspace: Workspace;
  readonly #kept = new Map<string, Versions>();
  readonly #registration: Disposable;
  #next = 1;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#registration = editor.registerTextDocumentContentProvider(SCHEME, this);
  }

  commands(): CommandHandlers<"compareVersions"> {
    return { compareVersions: (conflict) => this.#compare(conflict) };
  }

  provideTextDocumentContent(uri: Uri): string {
    const [, key = "", version = ""] = uri.path.split("/");
    const bytes = isVersion(version) ? this.#kept.get(key)?.[version] : undefined;
    return new TextDecoder().decode(bytes ?? new Uint8Array());
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async #compare(conflict: unknown): Promise<void> {
    if (!isConflict(conflict)) return;
    const key = String(this.#next++);
    this.#kept.set(key, conflict);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    const name = path.posix.basename(conflict.path);
    const at = (version: Version): Uri => Uri.from({ scheme: SCHEME, path: `/${key}/${version}/${name}` });
    const output = await this.#fileOf(conflict.path);
    const isWhole = conflict.base !== null && conflict.theirs !== null && conflict.mine !== null;
    if (isWhole && output !== null && (await commands.getCommands()).includes(MERGE_EDITOR)) {
      const input = (version: Version): object => ({ uri: at(version), title: TITLES[version] });
      await commands.executeCommand(MERGE_EDITOR, {
        base: at("base"),
        input1: input("theirs"),
        input2: input("mine"),
        output,
      });
      return;
    }
    const since = (version: Version): Thenable<unknown> =>
      commands.executeCommand("vscode.diff", at("base"), at(version), `${name}: ${TITLES.base} ↔ ${TITLES[version]}`, {
        preview: false,
      });
    if (conflict.mine !== null) await since("mine");
    await since("theirs");
  }

  /** Where the file is that both have changed; null where it is gone, or in more than one store. */
  async #fileOf(file: string): Promise<Uri | null> {
    const places: Uri[] = [];
    for (const store of this.#workspace.stores) {
      const isThere = (await store.store.exists()) && (await store.store.snapshot()).blobAt(file) !== null;
      if (isThere && !store.readOnly) places.push(memoryUri(store, file));
    }
    const [only] = places;
    return places.length === 1 && only !== undefined ? only : null;
  }
}

function isVersion(name: string): name is Version {
  return name in TITLES;
}

function isConflict(value: unknown): value is Versions {
  if (typeof value !== "object" || value === null || !("path" in value) || typeof value.path !== "string") return false;
  const isText = (version: unknown): boolean => version === null || version instanceof Uint8Array;
  return (
    "base" in value &&
    isText(value.base) &&
    "theirs" in value &&
    isText(value.theirs) &&
    "mine" in value &&
    isText(value.mine)
  );
}
