import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errors, type Browser, type Locator, type Page } from "playwright-core";
import { ROOT } from "../../../scripts/paths.ts";
import { buildSampleWorkspace } from "../../../scripts/sample/build.ts";
import { launchBrowser, newLocalPage } from "../../../scripts/vscode/browser.ts";
import { copyExtension, installVsix } from "../../../scripts/vscode/extensions.ts";
import { startServer, type Server, type Settings } from "../../../scripts/vscode/server.ts";
import { workbenchUrl } from "../../../scripts/vscode/workbench-url.ts";

const SHOTS = join(ROOT, "shots");
const WINDOW_LIMIT_MS = 90_000;
const PALETTE_LIMIT_MS = 60_000;

export interface EditorOptions {
  /** The folder to open; default: a fresh sample workspace. */
  readonly folder?: string;
  readonly settings?: Settings;
  /** Whether the folder starts as untrusted (Restricted Mode). */
  readonly restricted?: boolean;
  /** Whether the scripted model is there to chat with. */
  readonly scriptedModel?: boolean;
}

/** A window of VS Code with the packaged extension, used as a person uses it: by keys, clicks and what is on the screen. */
export class Editor {
  readonly page: Page;
  /** The folder that is open. */
  readonly folder: string;
  readonly #ends: () => Promise<void>;

  constructor(page: Page, folder: string, ends: () => Promise<void>) {
    this.page = page;
    this.folder = folder;
    this.#ends = ends;
  }

  /** Picks a command in the palette by its whole title, e.g. `Memory: Add a memory`. */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input");
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first();
    const until = Date.now() + PALETTE_LIMIT_MS;
    // A key that comes while a dialog or another pick goes away is lost, and so is a title while the window is still starting.
    do {
      if (Date.now() > until) throw new Error(`The palette does not list "${title}".`);
      await this.page.keyboard.press("F1");
      if (await appears(input)) await input.fill(`>${title}`);
    } while (!(await appears(row)));
    await this.page.keyboard.press("Enter");
  }

  /** Answers an input box or a pick that is open. */
  async answer(text: string): Promise<void> {
    await this.page.locator(".quick-input-widget input.input").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** The icon of the extension in the activity bar. */
  get activityIcon(): Locator {
    return this.page.locator('.activitybar [aria-label^="Commit to Memory"]');
  }

  /** Shows the extension's view. */
  async openView(): Promise<void> {
    const heading = this.page.locator(".part.sidebar .title-label", { hasText: /commit to memory/i });
    if (!(await heading.isVisible())) await this.activityIcon.first().click();
    await heading.waitFor();
  }

  /** A row of a tree in the side bar that holds the text. */
  row(text: string): Locator {
    return this.page.locator(".part.sidebar .pane-body .monaco-list-row").filter({ hasText: text });
  }

  /** Picks an entry of a row's own menu. */
  async pickInMenu(row: Locator, name: string): Promise<void> {
    await row.click({ button: "right" });
    const entry = this.page.locator(".monaco-menu .action-label", { hasText: name });
    await entry.waitFor();
    // A menu takes no click in its first moments, so that the press that opened it picks nothing: it stays open then.
    while ((await entry.count()) > 0) {
      await entry.click({ timeout: 2_000 }).catch((error: unknown) => {
        if (!(error instanceof errors.TimeoutError)) throw error;
      });
      await this.page.waitForTimeout(200);
    }
  }

  /** A notification that holds the text. */
  notification(text: string): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** Shows the Chat view and waits until the scripted model is chosen in it. */
  async openChat(): Promise<void> {
    await this.runCommand("Chat: Open Chat");
    await this.page.locator(".interactive-input-part", { hasText: "Scripted" }).waitFor();
  }

  /** Sends a message in the Chat view. */
  async say(text: string): Promise<void> {
    await this.page.locator(".interactive-input-editor").click();
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press("Enter");
  }

  /** Answers in the Chat view that hold the text. */
  answers(text: string): Locator {
    return this.page.locator(".interactive-response").filter({ hasText: text });
  }

  /** Keeps a picture as `shots/<name>.png`. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  async dispose(): Promise<void> {
    openEditors.delete(this);
    await this.#ends();
  }
}

async function appears(what: Locator): Promise<boolean> {
  try {
    await what.waitFor({ timeout: 3_000 });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

/** The windows that are open now. */
export const openEditors = new Set<Editor>();

/** Opens a window of its own: a server, a browser, a profile. `dispose` it in `afterAll`. */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  const work = mkdtempSync(join(tmpdir(), "e2e-"));
  let server: Server | undefined;
  let browser: Browser | undefined;
  const end = async (): Promise<void> => {
    await browser?.close();
    await server?.stop();
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  };
  try {
    const folder = options.folder ?? join(work, "workspace");
    if (options.folder === undefined) await buildSampleWorkspace(folder);
    const extensionsDir = join(work, "extensions");
    mkdirSync(extensionsDir);
    if (options.scriptedModel ?? false) copyExtension(join(ROOT, "test/support/scripted-model"), extensionsDir);
    installVsix(vsixPath(), extensionsDir);
    server = await startServer({
      extensionsDir,
      workspaceTrust: options.restricted ?? false,
      proposedApi: ["commit-to-memory.scripted-model"],
      settings: {
        "security.workspace.trust.startupPrompt": "never",
        "workbench.secondarySideBar.defaultVisibility": "hidden",
        ...options.settings,
      },
    });
    browser = await launchBrowser();
    const page = await newLocalPage(browser);
    await page.goto(workbenchUrl(server.port, { open: folder }));
    await page.waitForSelector(".monaco-workbench .activitybar", { timeout: WINDOW_LIMIT_MS });
    const editor = new Editor(page, folder, end);
    openEditors.add(editor);
    return editor;
  } catch (error) {
    await end();
    throw error;
  }
}

function vsixPath(): string {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return join(ROOT, `${name}-${version}.vsix`);
}
