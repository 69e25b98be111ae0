/** The list behind the status bar item: the mode, what needs a person, and what the last recall used. */
import { QuickPickItemKind, type QuickPickItem, window } from "vscode";
import { type Mode, MODES } from "../../core/mode.ts";
import { MODE_WORDS, recallWords, type StatusFacts } from "./words.ts";

export type ModeAnswer = { readonly mode: Mode } | "waiting" | "last-recall";

interface Item extends QuickPickItem {
  readonly answer?: ModeAnswer;
}

/** Undefined where the person left the list. */
export async function pickMode(facts: StatusFacts, where: string): Promise<ModeAnswer | undefined> {
  const picked = await window.showQuickPick(modeItems(facts), {
    title: `Memory in ${where}`,
    placeHolder: "What may agents do with this memory?",
    matchOnDetail: true,
  });
  return picked?.answer;
}

/** Exported for tests. */
export function modeItems({ mode, waiting, lastRecall }: StatusFacts): Item[] {
  const items: Item[] = MODES.map((one) => {
    const { icon, label, meaning } = MODE_WORDS[one];
    return {
      label: `$(${icon}) ${label}`,
      detail: meaning,
      answer: { mode: one },
      ...(one === mode ? { description: "now" } : {}),
    };
  });
  if (waiting > 0 || lastRecall !== undefined) items.push({ label: "", kind: QuickPickItemKind.Separator });
  if (waiting > 0)
    items.push({
      label: `$(shield) ${waiting} ${waiting === 1 ? "memory needs" : "memories need"} you`,
      description: "show",
      answer: "waiting",
    });
  if (lastRecall !== undefined)
    items.push({
      label: `$(list-unordered) Last recall: ${recallWords(lastRecall)}`,
      description: "show",
      answer: "last-recall",
    });
  return items;
}
