import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { inject } from "vitest";
import { ROOT } from "../../../scripts/paths.ts";
import { connectBrowser, newLocalPage } from "../../../scripts/vscode/browser.ts";
import { copyExtension, installVsix } from "../../../scripts/vscode/extensions.ts";
import { startServer, type Server, type Settings } from "../../../scripts/vscode/server.ts";
import { workbenchUrl } from "../../../scripts/vscode/workbench-url.ts";
import { Editor } from "./editor.ts";
import { WAIT_MS } from "./limits.ts";

const WINDOW_LIMIT_MS = 90_000;

export interface EditorOptions {
  /** The folder to open; default: a fresh sample workspace. */
  readonly folder?: string;
  readonly settings?: Settings;
  /** Whether the folder starts as untrusted (Restricted Mode). */
  readonly restricted?: boolean;
  /** Whether the scripted model is there to chat with. */
  readonly scriptedModel?: boolean;
}

/** The windows that are open now. */
export const openEditors = new Set<Editor>();

/** Makes a sample workspace in a folder that is not there yet: a copy of the one that was built for the whole run. */
export function copySample(folder: string): void {
  cpSync(inject("sample"), folder, { recursive: true, preserveTimestamps: true });
}

/**
 * Opens a window. `dispose` it in `afterAll`.
 *
 * What is shared with other files of tests can carry nothing from one to the next: the browser's process, in which each
 * window has a context, and so cookies, storage and cache, of its own; and the installed extension and the sample, of which
 * each has a copy. The server with its settings, its home and the extension's data directory is started anew.
 */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  const work = mkdtempSync(join(tmpdir(), "e2e-"));
  let server: Server | undefined;
  let browser: Browser | undefined;
  const end = async (): Promise<void> => {
    await browser?.close();
    await server?.kill();
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  };
  try {
    const folder = options.folder ?? join(work, "workspace");
    if (options.folder === undefined) copySample(folder);
    server = await startServer({
      extensionsDir: extensionsIn(join(work, "extensions"), options.scriptedModel ?? false),
      workspaceTrust: options.restricted ?? false,
      proposedApi: ["commit-to-memory.scripted-model"],
      settings: {
        "security.workspace.trust.startupPrompt": "never",
        "workbench.secondarySideBar.defaultVisibility": "hidden",
        // A second extension host, in the browser, in which nothing of ours runs.
        "extensions.webWorker": false,
        ...options.settings,
      },
    });
    browser = await connectBrowser(inject("browser"));
    const page = await newLocalPage(browser);
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(workbenchUrl(server.port, { open: folder }));
    await page.waitForSelector(".monaco-workbench .activitybar", { timeout: WINDOW_LIMIT_MS });
    const editor = new Editor(page, folder, async () => {
      openEditors.delete(editor);
      await end();
    });
    openEditors.add(editor);
    return editor;
  } catch (error) {
    await end();
    throw error;
  }
}

/** A folder of installed extensions of its own. */
function extensionsIn(folder: string, scriptedModel: boolean): string {
  if (!scriptedModel) {
    cpSync(inject("extensions"), folder, { recursive: true });
    return folder;
  }
  // Copied first: an editor takes over what it finds when it writes its list of extensions, and never looks again.
  mkdirSync(folder);
  copyExtension(join(ROOT, "test/support/scripted-model"), folder);
  installVsix(inject("vsix"), folder);
  return folder;
}
