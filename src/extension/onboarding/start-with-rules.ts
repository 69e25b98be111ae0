/** *Start with this project's rules*: found, shown as claims, stored in one commit. */
import { type QuickPickItem, ThemeIcon, window } from "vscode";
import type { Memory } from "../../core/memory/model.ts";
import { claimsFromRules, type RuleImport } from "../../core/onboarding/rules-files.ts";
import type { Draft } from "../../core/proposal.ts";
import type { MemoryStore } from "../../core/store.ts";
import { importMemories } from "../../core/verbs.ts";
import type { Done } from "../acts.ts";
import { plainLabel } from "../label.ts";
import { say } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import { withConsent } from "../review/consent.ts";
import { createIfMissing, creationNotice } from "./consent.ts";
import type { Previews } from "./previews.ts";
import { findRuleFiles } from "./rule-files.ts";
import { citationsOf, rulesPreview } from "./rules-preview.ts";

/** A folder's rules as claims; those that are believed already are counted and left out. */
export interface ReadRules extends RuleImport {
  /** The rules files, from the repository's root. */
  readonly files: readonly string[];
  readonly believedAlready: number;
}

export async function readRules(folder: string, store: MemoryStore): Promise<ReadRules> {
  const { files, unread } = await findRuleFiles(folder);
  const { claims, leftOut } = claimsFromRules(files);
  const known = new Set((await store.exists()) ? Array.from((await store.snapshot()).memories(), keyOf) : []);
  const fresh = claims.filter((claim) => !known.has(keyOf(claim)));
  return {
    files: files.map(({ path }) => path),
    claims: fresh,
    leftOut: [...leftOut, ...unread.map(({ path, reason }) => ({ path, line: 1, reason }))],
    believedAlready: claims.length - fresh.length,
  };
}

/** Stores the claims that a person picked, in a store that is created for them where need be. */
export async function importRules(store: MemoryStore, claims: readonly Draft[], person: EditorPerson): Promise<Done> {
  await createIfMissing(store, person);
  const paths = [
    ...new Set(
      claims.flatMap((claim) => (claim.sources ?? []).map(({ resource }) => resource.replace(/^repo:\//, ""))),
    ),
  ];
  const caller = { ...(await person.caller(store, "user")), channel: "import" as const };
  const subject = `Start with the rules of ${listOf(paths)}`;
  const reason = "Picked from this project's rules in the editor.";
  const written = await withConsent((yes) => importMemories(store, claims, { caller, subject, reason, ...yes }));
  const count = written.memories.length;
  return {
    sentence: [`Remembered ${count} ${count === 1 ? "rule" : "rules"} from ${listOf(paths)}.`, ...written.notices].join(
      " ",
    ),
    commits: [{ store, commit: written.commit }],
  };
}

/** The whole gesture; undefined where there was nothing to pick or the person left. */
export async function startWithRules(
  folder: string,
  store: MemoryStore,
  person: EditorPerson,
  previews: Previews,
): Promise<Done | undefined> {
  const rules = await readRules(folder, store);
  if (rules.claims.length === 0) {
    void say(nothingToStart(rules));
    return undefined;
  }
  const picked = await pickClaims(rules, await creationNotice(store), previews);
  return picked === undefined || picked.length === 0 ? undefined : importRules(store, picked, person);
}

/** Exported for tests. */
export function nothingToStart({ files, believedAlready }: ReadRules): string {
  if (files.length === 0)
    return "This project has no rules files such as CLAUDE.md, AGENTS.md or .github/copilot-instructions.md. Write a memory instead.";
  if (believedAlready > 0)
    return `All that ${listOf(files)} ${files.length === 1 ? "says" : "say"} is believed already.`;
  return `${listOf(files)} ${files.length === 1 ? "makes" : "make"} no claim that could be remembered.`;
}

interface ClaimItem extends QuickPickItem {
  readonly claim: Draft;
}

async function pickClaims(
  rules: ReadRules,
  notice: string | undefined,
  previews: Previews,
): Promise<readonly Draft[] | undefined> {
  const pick = window.createQuickPick<ClaimItem>();
  pick.title = notice ?? "Start with this project's rules";
  pick.prompt = `${rules.claims.length} ${rules.claims.length === 1 ? "claim" : "claims"} from ${listOf(rules.files)}. Enter remembers those that are checked, in one commit.`;
  pick.placeholder = "Filter";
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  // The full text opens beside the list, and must not close it.
  pick.ignoreFocusOut = true;
  pick.buttons = [{ iconPath: new ThemeIcon("open-preview"), tooltip: "Read the full text first" }];
  pick.items = rules.claims.map((claim) => ({
    label: plainLabel(claim.title),
    description: claim.type,
    detail: plainLabel(citationsOf(claim)),
    claim,
  }));
  pick.selectedItems = pick.items;
  const preview = (): void => {
    void window.showTextDocument(previews.document("/rules.md", rulesPreview(rules, notice)), {
      preview: true,
      preserveFocus: true,
    });
  };
  const listening = [pick.onDidTriggerButton(preview)];
  try {
    return await new Promise<readonly Draft[] | undefined>((resolve) => {
      listening.push(
        pick.onDidAccept(() => resolve(pick.selectedItems.map(({ claim }) => claim))),
        pick.onDidHide(() => resolve(undefined)),
      );
      pick.show();
    });
  } finally {
    for (const one of listening) one.dispose();
    pick.dispose();
  }
}

/** Two claims say the same where their words do. */
function keyOf({ body }: Pick<Draft | Memory, "body">): string {
  return body
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** `CLAUDE.md`, `CLAUDE.md and AGENTS.md`, `CLAUDE.md and 3 more files`. */
function listOf(paths: readonly string[]): string {
  const [first = "", second = ""] = paths;
  if (paths.length <= 1) return first;
  return paths.length === 2 ? `${first} and ${second}` : `${first} and ${paths.length - 1} more files`;
}
