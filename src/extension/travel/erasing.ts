/** Erasing in the editor: what would go and what would remain is read first, a dialog asks, and the account stays on the screen. */
import { window, type Uri } from "vscode";
import { ErasePushedError } from "../../core/errors.ts";
import { eraseMemory, planErase, type EraseAct, type Erased } from "../../core/provenance/erase.ts";
import { erasedPage, erasePage } from "../../core/view/plan-page.ts";
import { whisper } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { Picked } from "../picked.ts";
import { askIn } from "../review/consent.ts";
import type { Pages } from "./pages.ts";

const ERASE = "Erase";
const BACK = "Look Again";

export class Erasing {
  readonly #pages: Pages;
  readonly #person: EditorPerson;

  constructor(pages: Pages, person: EditorPerson) {
    this.#pages = pages;
    this.#person = person;
  }

  async erase({ store: { store }, id, path }: Picked): Promise<void> {
    const plan = await planErase(store, { id, path });
    const page = await this.#pages.open("page", "Erase", () => ({ page: erasePage(plan), lenses: [] }));
    const withoutTombstone = await askDigest();
    if (withoutTombstone === undefined) return;
    const detail = `It takes every version of its text out of the history and can't be undone. What was cloned, pushed, backed up or sent to an agent stays where it is.`;
    if ((await askIn({ message: `Erase "${plan.title}" from the history for good?`, detail }, ERASE, BACK)) !== ERASE)
      return;
    const caller = await this.#person.caller(store, "user");
    const act = { caller, reason: "", withoutTombstone };
    const done = await this.#orPushedToo((more) => eraseMemory(store, plan, { ...act, ...more }));
    if (done === undefined) return;
    this.#account(page, () => this.#pages.update(page, { page: erasedPage(plan, done), lenses: [] }));
  }

  /** Undefined where a remote has it, and the person left it at that. */
  async #orPushedToo(erase: (more: Pick<EraseAct, "pushedToo">) => Promise<Erased>): Promise<Erased | undefined> {
    try {
      return await erase({});
    } catch (error) {
      if (!(error instanceof ErasePushedError)) throw error;
      const detail = "It stays on the remote until you rewrite it there. What remains is told afterwards.";
      const answer = await askIn({ message: "A remote has this memory already. Erase it here?", detail }, ERASE, BACK);
      return answer === ERASE ? erase({ pushedToo: true }) : undefined;
    }
  }

  #account(page: Uri, tell: () => void): void {
    tell();
    void window.showTextDocument(page, { preview: false });
    whisper("Erased. What remains elsewhere is told on the page.");
  }
}

/** Whether a digest is left, which keeps the claim from coming back. Undefined where the person left. */
async function askDigest(): Promise<boolean | undefined> {
  const items = [
    {
      label: "Leave a digest",
      detail: "So that the same claim can't come back. Its words can't be read from it.",
      without: false,
    },
    {
      label: "Leave no digest",
      detail: "For a password or something else that is short: what can be guessed can be found by its digest.",
      without: true,
    },
  ];
  const title = "Erase from the history";
  return (await window.showQuickPick(items, { title, placeHolder: "What is left in its place?" }))?.without;
}
