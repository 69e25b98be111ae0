/** `revert` with its closure: the preview, and what came of it. */
import {
  planTakeBack,
  type Reach,
  type Spared,
  takeBack,
  type TakeBackPlan,
  type TakenBack,
} from "../core/provenance/take-back.ts";
import { wordsFor } from "../core/provenance/roots.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Arguments } from "./arguments.ts";
import { seekerOf } from "./caller.ts";
import { type Answer, EXIT } from "./command.ts";
import type { Context } from "./context.ts";
import { changedLines } from "./difference.ts";
import { suspected } from "./suspicion.ts";
import { reasonOf } from "./tainted.ts";
import { type Line, toned } from "./terminal.ts";
import { counted, shortCommit } from "./words.ts";
import { answerOfWrite } from "./written.ts";

export async function takeBackAnswer(context: Context, args: Arguments): Promise<Answer> {
  const { store, suspicion } = await suspected(context, args);
  const reach: Reach = args.flag("with-context") ? "context" : args.flag("with-derived") ? "derived" : "roots";
  const plan = await planTakeBack(store, suspicion, reach);
  const more = planJson(plan);
  const changing = plan.files.filter(({ action }) => action !== "stays" && action !== "conflict");
  const conflicts = plan.files.filter(({ action }) => action === "conflict");
  if (args.flag("dry-run") || (changing.length === 0 && conflicts.length === 0)) {
    const status = changing.length + conflicts.length === 0 ? "unchanged" : "planned";
    return {
      exit: conflicts.length > 0 && !args.flag("leave-conflicts") ? EXIT.conflict : EXIT.done,
      json: { status, store: store.label, commit: null, memories: [], notices: [], ...more },
      lines: [
        ...previewLines(plan),
        "",
        status === "unchanged"
          ? "Nothing of it is in the store any more, so nothing was done."
          : "Nothing was done yet. Without --dry-run it becomes one commit.",
      ],
    };
  }
  const written = await takeBack(store, plan, {
    ...seekerOf(context, args),
    leaveConflicts: args.flag("leave-conflicts"),
  });
  const answer = await answerOfWrite(store, written, "Reverted", more);
  return { ...answer, lines: [...answer.lines, ...sparedLines(plan.spared, store)] };
}

function planJson({ files, spared, contamination }: TakeBackPlan): object {
  const commits = new Set(
    files.flatMap(({ nodes, action }) =>
      action === "stays" || action === "conflict" ? [] : nodes.map(({ entry }) => entry.commit),
    ),
  );
  const [first] = contamination.nodes;
  return {
    reverts: [...commits].at(-1) ?? first?.entry.commit ?? null,
    commits: [...commits],
    files: files.map(({ id, path, action, title, nodes, editsLost }) => ({
      id,
      path,
      action,
      title,
      because: nodes.map(({ relation, because, entry }) => ({
        relation,
        commit: entry.commit,
        from: because[0]?.from ?? null,
        kind: because[0]?.kind ?? null,
      })),
      edits_lost: editsLost.map(({ commit }) => commit),
    })),
    left: spared.map(({ id, title, why, entry }) => ({ id, title, why, commit: entry.commit })),
  };
}

function previewLines(plan: TakeBackPlan): Line[] {
  return [
    `Taking back ${wordsFor(plan.suspicion)}${plan.reach === "roots" ? "" : " with what followed"} would change this.`,
    ...plan.files.flatMap((file): Line[] => ["", ...fileLines(file)]),
    ...(plan.spared.length === 0 ? [] : ["", ...sparedLines(plan.spared)]),
  ];
}

function fileLines({ id, title, action, nodes, before, after, editsLost }: TakenBack): Line[] {
  const [edge] = nodes.at(-1)?.because ?? [];
  const text = (bytes: Uint8Array | null): string => (bytes === null ? "" : new TextDecoder().decode(bytes));
  return [
    [
      { text: title, tone: "strong" },
      { text: `  ${id}  `, tone: "quiet" },
      {
        text: action !== "stays" ? action : before === null ? "is gone already" : "is as it was already",
        tone: action === "conflict" ? "bad" : "plain",
      },
      { text: edge === undefined ? "" : `  ${reasonOf(edge)} (${edge.from})`, tone: "quiet" },
    ],
    ...(editsLost.length === 0
      ? []
      : [
          toned(
            `${counted(editsLost.length, "later edit goes", "later edits go")} with it: ${editsLost.map(({ commit }) => shortCommit(commit)).join(", ")}`,
            "warning",
          ),
        ]),
    ...(action === "stays" ? [] : changedLines(text(before), text(after))),
  ];
}

const WHY: Readonly<Record<Spared["why"], string>> = {
  derived: "was derived from it; --with-derived takes it back too",
  context: "was only written while it was in context",
  rewritten: "was rewritten by a person since",
};

function sparedLines(spared: readonly Spared[], store?: MemoryStore): Line[] {
  if (spared.length === 0) return [];
  return [
    [{ text: store === undefined ? "Would stay:" : "Stays:", tone: "strong" }],
    ...spared.map(({ title, id, why, entry }): Line => [
      `  ${title}`,
      { text: `  ${id}  ${WHY[why]} (${shortCommit(entry.commit)})`, tone: "quiet" },
    ]),
  ];
}
