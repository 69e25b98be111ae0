import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { errors, type Locator, type Page } from "playwright-core";
import { ROOT } from "../../../scripts/paths.ts";
import { until, WAIT_MS } from "./limits.ts";

const SHOTS = join(ROOT, "shots");
const PATIENCE_MS = 3_000;

/**
 * A window of VS Code with the packaged extension, used as a person uses it: by keys, clicks and what is on the screen.
 * Each act waits for what must be there before it, and for what it does: a key pressed a moment too early is lost without a
 * word.
 */
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
    await this.#quickOpen("F1", `>${title}`, title);
  }

  /** The titles of the commands that the palette lists for some words. */
  async offered(words: string): Promise<string[]> {
    await this.#show("F1", `>${words}`, words);
    const titles = async (): Promise<string[]> =>
      (await this.quickInput.locator(".quick-input-list .monaco-list-row").allInnerTexts())
        .map((row) => row.split("\n")[0] ?? "")
        .filter((title) => title.startsWith(words));
    await until(`the palette lists "${words}"`, async () => (await titles()).length > 0);
    const listed = await titles();
    await this.closeQuickInput();
    return listed;
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.#quickOpen("Control+p", name, name);
  }

  /** What asks at the top of the window: an input box, a pick or the palette. */
  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  get input(): Locator {
    return this.quickInput.locator("input.input");
  }

  /** A row of the pick that is open. */
  choice(text: string): Locator {
    return this.quickInput.locator(".quick-input-list .monaco-list-row").filter({ hasText: text }).first();
  }

  /** Answers an input box that is open or about to open. */
  async answer(text: string): Promise<void> {
    await this.input.fill(text);
    await this.page.keyboard.press("Enter");
    await this.#answered(text);
  }

  /** Chooses in a pick that is open or about to open. */
  async pick(label: string): Promise<void> {
    await this.choice(label).waitFor();
    await this.input.fill(label);
    await this.#focusedChoice(label).waitFor();
    await this.page.keyboard.press("Enter");
    await this.#answered(label);
  }

  /** Leaves what asks without an answer. */
  async closeQuickInput(): Promise<void> {
    await repeatUntil(
      () => this.page.keyboard.press("Escape"),
      (timeout) => this.quickInput.waitFor({ state: "hidden", timeout }),
    );
  }

  /** The dialog that is open. */
  get dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** What the dialog says, once it is there. */
  async question(): Promise<string> {
    return (await this.dialog.innerText()).replaceAll("\u00a0", " ");
  }

  /** Says yes in a dialog by keys: its second button, since the first one is the way back. */
  async sayYes(): Promise<void> {
    const focused = this.dialog.locator(".monaco-button:focus");
    const wayBack = await focused.innerText();
    await this.page.keyboard.press("Tab");
    await focused.filter({ hasNotText: wayBack }).waitFor();
    await this.page.keyboard.press("Enter");
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Presses Enter in a dialog as who was typing when it came up: its first button is the way back. */
  async pressEnterInDialog(): Promise<void> {
    await this.dialog.locator(".monaco-button:focus").waitFor();
    await this.page.keyboard.press("Enter");
    await this.dialog.waitFor({ state: "detached" });
  }

  /** The icon of the extension in the activity bar. */
  get activityIcon(): Locator {
    return this.page.locator('.activitybar [aria-label^="Commit to Memory"]').first();
  }

  /** Shows the extension's view. */
  async openView(): Promise<void> {
    const heading = this.page.locator(".part.sidebar .title-label", { hasText: /commit to memory/i });
    await this.activityIcon.waitFor();
    if (await heading.isVisible()) return;
    // A window that is still restoring its parts may take a click and do nothing.
    await repeatUntil(
      () => this.activityIcon.click(),
      (timeout) => heading.waitFor({ timeout }),
    );
  }

  /** A row of a tree in the side bar that holds the text. */
  row(text: string): Locator {
    return this.page.locator(".part.sidebar .pane-body .monaco-list-row").filter({ hasText: text });
  }

  /**
   * Clicks a row of a tree, and waits until the keys go to it: the tree is drawn anew while it is being filled.
   * @param opens whether the click opens a document that takes the keys, as that of a card does; they are brought back then
   */
  async select(row: Locator, opens: "a card" | "nothing" = "nothing"): Promise<void> {
    const tree = row.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' monaco-list ')]");
    const focused = row.and(this.page.locator(".monaco-list:focus .monaco-list-row.focused"));
    await repeatUntil(
      async (timeout) => {
        await row.click();
        if (opens === "nothing") return;
        await comes(this.#focusedDocument.waitFor({ timeout }));
        await tree.focus();
      },
      (timeout) => focused.waitFor({ timeout }),
    );
  }

  /** Folds or unfolds one of the views in the side bar. */
  async foldView(name: string, unfolded: boolean): Promise<void> {
    const header = this.page.locator(".part.sidebar .pane-header", { hasText: name });
    // At its begin: the buttons of its title stand in the middle of a narrow one once the mouse is over it.
    await header.click({ position: { x: 30, y: 10 } });
    await header.and(this.page.locator(`[aria-expanded=${unfolded}]`)).waitFor();
  }

  /** Picks an entry of a row's own menu. */
  async pickInMenu(row: Locator, name: string): Promise<void> {
    const entry = this.page.locator(".monaco-menu .action-label", { hasText: name });
    await repeatUntil(
      () => row.click({ button: "right" }),
      (timeout) => entry.waitFor({ timeout }),
    );
    // A menu takes no click in its first moments, so that the press that opened it picks nothing: it stays open then.
    while ((await entry.count()) > 0) {
      await entry.click({ timeout: 2_000 }).catch((error: unknown) => {
        if (!(error instanceof errors.TimeoutError)) throw error;
      });
      await this.page.waitForTimeout(200);
    }
  }

  /** The tab of the document that is shown. */
  tab(text: string | RegExp): Locator {
    return this.page.locator(".editor-group-container.active .tab.active", { hasText: text });
  }

  /** The lines of the document that is shown; of a difference, those of its right side. */
  get lines(): Locator {
    return this.page.locator(".editor-group-container.active .view-lines").last();
  }

  /** What can be read in the document that is shown. */
  async text(): Promise<string> {
    return (await this.lines.innerText()).replaceAll("\u00a0", " ");
  }

  /** Clicks into the document that is shown, and waits until the keys go to it. */
  async focusDocument(): Promise<void> {
    await repeatUntil(
      () => this.lines.click(),
      (timeout) => this.#focusedDocument.waitFor({ timeout }),
    );
  }

  /** Puts the cursor at the begin of a line of the document that is shown, counted from 1. */
  async goToLine(line: number): Promise<void> {
    await this.focusDocument();
    await this.page.keyboard.press("Control+Home");
    for (let i = 1; i < line; i++) await this.page.keyboard.press("ArrowDown");
    await this.page.locator(".statusbar-item", { hasText: new RegExp(`^Ln ${line}, Col 1`) }).waitFor();
  }

  /** Shows the card of what is under the cursor. */
  async showCard(card: Locator): Promise<void> {
    // One that is still there keeps the keys to itself.
    if (!(await this.#focusedDocument.isVisible())) {
      await repeatUntil(
        () => this.page.keyboard.press("Escape"),
        (timeout) => this.#focusedDocument.waitFor({ timeout }),
      );
    }
    await repeatUntil(
      async () => {
        await this.page.keyboard.press("Control+k");
        await this.page.keyboard.press("Control+i");
      },
      (timeout) => card.waitFor({ timeout }),
    );
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
    const input = this.page.locator(".interactive-input-editor");
    await repeatUntil(
      () => input.click(),
      (timeout) => input.locator(".monaco-editor.focused").waitFor({ timeout }),
    );
    await this.page.keyboard.insertText(text);
    const typed = input.locator(".view-lines", { hasText: text });
    await typed.waitFor();
    // The view takes a message once it has found who answers in it.
    await repeatUntil(
      () => this.page.keyboard.press("Enter"),
      (timeout) => typed.waitFor({ state: "hidden", timeout }),
    );
  }

  /** Answers in the Chat view that hold the text. */
  answers(text: string): Locator {
    return this.page.locator(".interactive-response").filter({ hasText: text });
  }

  /** Looks at something while the side bar is 300 pixels wide. */
  async inNarrowSideBar(look: () => Promise<void>): Promise<void> {
    const width = async (): Promise<number> => (await this.page.locator(".part.sidebar").boundingBox())?.width ?? 0;
    const box = await this.page.locator(".part.sidebar").boundingBox();
    if (box === null) throw new Error("The side bar is not to be seen.");
    const drag = async (from: number, to: number): Promise<void> => {
      await this.page.mouse.move(from, 400);
      await this.page.mouse.down();
      await this.page.mouse.move(to, 400, { steps: 5 });
      await this.page.mouse.up();
    };
    await drag(box.x + box.width, box.x + 300);
    await until("the side bar is narrow", async () => (await width()) < 310);
    await look();
    await drag(box.x + 300, box.x + box.width);
    await until("the side bar is wide again", async () => (await width()) > box.width - 10);
  }

  /** Keeps a picture as `shots/<name>.png`. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  async dispose(): Promise<void> {
    await this.#ends();
  }

  get #focusedDocument(): Locator {
    return this.page.locator(".editor-group-container.active .monaco-editor.focused").first();
  }

  #focusedChoice(text: string): Locator {
    return this.quickInput.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: text });
  }

  async #quickOpen(key: string, words: string, text: string): Promise<void> {
    await this.#show(key, words, text);
    await this.page.keyboard.press("Enter");
    await this.#answered(words);
  }

  /** Asks for what a text matches, until a row with it is the one that Enter takes. */
  async #show(key: string, words: string, text: string): Promise<void> {
    // A key that comes while a dialog or another pick goes away is lost, and so is a title while the window is still starting;
    // and a document that opens or closes takes the focus, which closes what asks.
    await repeatUntil(
      async (timeout) => {
        await this.page.keyboard.press(key);
        await comes(this.input.fill(words, { timeout }));
      },
      (timeout) => this.#focusedChoice(text).waitFor({ timeout }),
    );
  }

  /** Waits until what asked is gone, or asks something else, or asks back in a dialog: else the next answer would go to the same question. */
  async #answered(words: string): Promise<void> {
    const asks = (): Promise<boolean> =>
      this.input.evaluateAll(
        (inputs, words) =>
          inputs.some((input) => input instanceof HTMLInputElement && input.checkVisibility() && input.value === words),
        words,
      );
    await until(`"${words}" is taken`, async () => (await this.dialog.count()) > 0 || !(await asks()));
  }
}

/** Whether something comes in its time. */
async function comes(what: Promise<void>): Promise<boolean> {
  try {
    await what;
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

/**
 * Does again what may be lost, as a person does who sees that nothing happened, and waits longer each time. Only for what
 * changes no memory and may be done twice.
 */
async function repeatUntil(
  act: (timeout: number) => Promise<void>,
  effect: (timeout: number) => Promise<void>,
): Promise<void> {
  const until = performance.now() + WAIT_MS;
  for (let timeout = PATIENCE_MS; ; timeout *= 2) {
    await act(timeout);
    if (performance.now() + timeout >= until) return effect(timeout);
    if (await comes(effect(timeout))) return;
  }
}
