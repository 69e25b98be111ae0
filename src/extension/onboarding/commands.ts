/** The first run's commands. None of them creates, commits or configures anything before a person agreed to it. */
import {
  commands,
  type Disposable,
  type QuickPickItem,
  Uri,
  window,
  workspace as editor,
  type WorkspaceFolder,
} from "vscode";
import { NoRepositoryError } from "../../core/errors.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Stores } from "../../core/stores.ts";
import type { Acts, Done } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { say, sayDone } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { Workspace } from "../workspace.ts";
import { checkOutMemory, landNow, moveMemory, startInBranch } from "./branch-placement.ts";
import { connectAgent, disconnectAgent } from "./connect-agent.ts";
import { Connections } from "./connections.ts";
import { launcherFor } from "./launcher.ts";
import { Previews } from "./previews.ts";
import { startWithRules } from "./start-with-rules.ts";
import { writeMemory } from "./write-memory.ts";

export interface OnboardingParts {
  readonly workspace: Workspace;
  readonly acts: Acts;
  readonly person: EditorPerson;
  readonly extensionPath: string;
}

type OnboardingCommand =
  | "startWithRules"
  | "startInBranch"
  | "landNow"
  | "moveMemory"
  | "checkOutMemory"
  | "writeMemory"
  | "connectAgent"
  | "disconnectAgent"
  | "readDocumentation";

export class Onboarding implements Disposable {
  readonly #parts: OnboardingParts;
  readonly #previews = new Previews();

  constructor(parts: OnboardingParts) {
    this.#parts = parts;
  }

  commands(): CommandHandlers<OnboardingCommand> {
    return {
      startWithRules: async () => {
        const chosen = await this.#chooseProject();
        if (chosen === undefined) return;
        const { folder, project } = chosen;
        await this.#tell(await startWithRules(folder.uri.fsPath, project, this.#parts.person, this.#previews));
      },
      startInBranch: async () => {
        const chosen = await this.#chooseProject();
        if (chosen !== undefined) await this.#tell(await startInBranch(chosen.project, this.#parts.person));
      },
      landNow: async () => {
        const chosen = await this.#chooseProject();
        if (chosen === undefined) return;
        void say(await landNow(chosen.project));
        await this.#parts.workspace.refresh();
      },
      moveMemory: async () => {
        const chosen = await this.#chooseProject();
        const moved = chosen === undefined ? undefined : await moveMemory(chosen.project);
        if (moved === undefined) return;
        await this.#parts.workspace.refresh();
        void say(moved);
      },
      checkOutMemory: async () => {
        const chosen = await this.#chooseProject();
        if (chosen !== undefined) void say(await checkOutMemory(chosen.project));
      },
      writeMemory: async () => {
        const chosen = await this.#chooseFolder();
        if (chosen !== undefined) await this.#tell(await writeMemory(chosen.stores, this.#parts.person));
      },
      connectAgent: async () => {
        const chosen = await this.#chooseFolder();
        if (chosen !== undefined) await connectAgent(this.#connections(chosen.folder), this.#previews);
      },
      disconnectAgent: async () => {
        const chosen = await this.#chooseFolder();
        if (chosen !== undefined) await disconnectAgent(this.#connections(chosen.folder), this.#previews);
      },
      readDocumentation: async () => {
        const page = Uri.joinPath(Uri.file(this.#parts.extensionPath), "docs", "README.md");
        await commands.executeCommand("markdown.showPreview", page);
      },
    };
  }

  dispose(): void {
    this.#previews.dispose();
  }

  #connections(folder: WorkspaceFolder): Connections {
    return new Connections({ root: folder.uri.fsPath, launcher: launcherFor(this.#parts.extensionPath) });
  }

  async #tell(done: Done | undefined): Promise<void> {
    if (done === undefined) return;
    // A personal store that was just created is not followed yet, and a project's first commit shows at once this way.
    await this.#parts.workspace.refresh();
    sayDone(this.#parts.acts.note(done));
  }

  async #chooseProject(): Promise<{ folder: WorkspaceFolder; project: MemoryStore } | undefined> {
    const chosen = await this.#chooseFolder();
    if (chosen === undefined) return undefined;
    const { project } = chosen.stores;
    if (project === null)
      throw new NoRepositoryError(
        "This folder is in no git repository. Initialize one first: each belief is a commit.",
      );
    return { folder: chosen.folder, project };
  }

  /** The only folder, or the one that the person picks. Undefined where they left. */
  async #chooseFolder(): Promise<{ folder: WorkspaceFolder; stores: Stores } | undefined> {
    await this.#parts.workspace.ready();
    const folders = (editor.workspaceFolders ?? []).flatMap((folder) => {
      const stores = folder.uri.scheme === "file" ? this.#parts.workspace.storesFor(folder) : undefined;
      return stores === undefined ? [] : [{ folder, stores }];
    });
    if (folders.length === 0)
      throw (
        this.#parts.workspace.problem ??
        new NoRepositoryError("Open a trusted folder that is in a git repository first.")
      );
    if (folders.length === 1) return folders[0];
    const items = folders.map((one): QuickPickItem & typeof one => ({ label: one.folder.name, ...one }));
    return window.showQuickPick(items, { title: "Which project is it about?" });
  }
}
