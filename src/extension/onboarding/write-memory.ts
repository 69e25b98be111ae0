/** *Write a memory*: one line, one claim. */
import {
  CancellationError,
  type InputBox,
  InputBoxValidationSeverity,
  QuickInputButtonLocation,
  ThemeIcon,
  window,
} from "vscode";
import { MemoryError } from "../../core/errors.ts";
import { HeldForReviewError } from "../../core/gate/verdict.ts";
import type { Caller, Draft } from "../../core/proposal.ts";
import type { MemoryStore } from "../../core/store.ts";
import { labelFor, type Stores } from "../../core/stores.ts";
import { addMemory } from "../../core/verbs.ts";
import type { Done } from "../acts.ts";
import type { EditorPerson } from "../person.ts";
import { withConsent } from "../review/consent.ts";
import { createIfMissing, creationNotice } from "./consent.ts";
import { typedClaim } from "./typed-claim.ts";

/** A claim and the store that it would go to. */
export interface Destined {
  readonly draft: Draft;
  readonly store: MemoryStore;
  /** The store whose repository knows the person: a project may name them otherwise than git does everywhere else. */
  readonly person: MemoryStore;
}

/** What the box begins with, and how what comes of it is stamped. */
export interface Beginning {
  readonly line: string;
  readonly stamp: (person: Caller) => Caller;
  readonly reason: string;
}

const EMPTY: Beginning = { line: "", stamp: (person) => person, reason: "Written in the editor." };

/** Asks for a claim until one is stored; undefined where the person changed their mind. A refusal keeps what they typed. */
export async function writeMemory(
  stores: Stores,
  person: EditorPerson,
  beginning: Beginning = EMPTY,
): Promise<Done | undefined> {
  const { box, isOnlyMine } = claimBox(beginning.line, stores.project === null);
  let latest = 0;
  const explain = async (): Promise<void> => {
    const mine = ++latest;
    const message = await explanation(box.value, stores, isOnlyMine());
    if (mine === latest)
      box.validationMessage =
        message === undefined ? undefined : { message, severity: InputBoxValidationSeverity.Info };
  };
  const refuse = (error: unknown): void => {
    latest += 1;
    // Who said no to what was asked goes on typing.
    if (error instanceof CancellationError) return;
    if (!(error instanceof MemoryError)) throw error;
    box.validationMessage = { message: error.message, severity: InputBoxValidationSeverity.Error };
  };
  const follow = (): void => void explain().catch(refuse);
  const listening = [box.onDidChangeValue(follow), box.onDidTriggerButton(follow)];
  follow();
  try {
    return await new Promise<Done | undefined>((resolve, reject) => {
      let storing: Promise<Done> | undefined;
      const store = async (): Promise<void> => {
        const destined = destine(box.value, stores, isOnlyMine());
        if (destined === null || storing !== undefined) return;
        box.busy = true;
        storing = storeClaim(destined, person, beginning);
        try {
          resolve(await storing);
        } catch (error) {
          // It is kept and waits: there is nothing left to type.
          if (error instanceof HeldForReviewError) reject(error);
          else refuse(error);
        } finally {
          storing = undefined;
          box.busy = false;
        }
      };
      listening.push(
        // A box that is left while it stores still has an outcome to tell.
        box.onDidHide(() => (storing === undefined ? resolve(undefined) : void storing.then(resolve, reject))),
        box.onDidAccept(() => void store().catch(reject)),
      );
      box.show();
    });
  } finally {
    for (const one of listening) one.dispose();
    box.dispose();
  }
}

/** A box for one claim, with a switch for keeping it to oneself. */
function claimBox(line: string, isMine: boolean): { readonly box: InputBox; readonly isOnlyMine: () => boolean } {
  const box = window.createInputBox();
  const onlyMe = {
    iconPath: new ThemeIcon("account"),
    tooltip: "Only for me: keep it in my own memory, for all projects",
    location: QuickInputButtonLocation.Input,
    toggle: { checked: isMine },
  };
  box.title = "Write a memory";
  box.value = line;
  box.placeholder = "Use pnpm, never npm";
  box.prompt = "One claim, as you would tell a colleague. Begin with Decision:, Pitfall:, Fact: … to choose its type.";
  box.buttons = [onlyMe];
  box.ignoreFocusOut = true;
  return { box, isOnlyMine: () => onlyMe.toggle.checked };
}

/** Stores what a person wrote, in a store that is created for it where need be. */
export async function storeClaim(
  { store, draft, person: known }: Destined,
  person: EditorPerson,
  { stamp, reason }: Pick<Beginning, "stamp" | "reason"> = EMPTY,
): Promise<Done> {
  await createIfMissing(store, person);
  const caller = stamp(await person.caller(known, "user"));
  const written = await withConsent((yes) => addMemory(store, draft, { caller, reason, ...yes }));
  return {
    sentence: [`Remembered “${draft.title}”.`, ...written.notices].join(" "),
    commits: [{ store, commit: written.commit }],
  };
}

/**
 * Where a typed line belongs; null where it claims nothing. A preference is about the person, all else about the project,
 * as for every other door.
 */
export function destine(line: string, stores: Stores, onlyMe: boolean): Destined | null {
  const draft = typedClaim(line);
  if (draft === null) return null;
  const label = labelFor(draft, onlyMe || stores.project === null ? "personal" : undefined);
  const known = stores.project ?? stores.personal;
  return { draft, store: label === "personal" ? stores.personal : known, person: known };
}

/** What Enter would do: the type, whom it is for, and whether something is created. */
async function explanation(line: string, stores: Stores, onlyMe: boolean): Promise<string | undefined> {
  const destined = destine(line, stores, onlyMe);
  const store = destined?.store ?? (onlyMe ? stores.personal : (stores.project ?? stores.personal));
  const notice = await creationNotice(store);
  if (destined === null) return notice;
  const audience = store.placement === "personal" ? "only for you" : "for this project";
  return [`${destined.draft.type}, ${audience}.`, notice].filter((part) => part !== undefined).join(" ");
}
