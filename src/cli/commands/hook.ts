import { FAIL_LEVELS, type FailLevel, failsAt, raisedIn, summary } from "../../core/pull-request/wording.ts";
import { jsonReport } from "../../core/pull-request/formats/json.ts";
import { UsageError } from "../arguments.ts";
import { type Command, EXIT } from "../command.ts";
import { HOOKS, judgePush, type Judged, pushesIn } from "../review/pushed.ts";
import { concernLines } from "../review/text.ts";
import { type Line, toned } from "../terminal.ts";

/** Where git keeps what is being pushed until the hook has let it in: git(1), "Quarantine environment". */
const OBJECT_VARIABLES = ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH"] as const;

/** Of what speaks against a push, the gravest; who pushes reads this between git's own lines. */
const MOST_SHOWN = 40;

export const hook: Command = {
  name: "hook",
  usage: ["hook pre-push [REMOTE] [URL] [--fail-on LEVEL]", "hook pre-receive [--fail-on LEVEL]"],
  about:
    "Reviews a push, as the git hook of that name: reads from its input what git tells the hook, and ends with 3, by which git refuses the push, where something reaches the level of --fail-on or the memory branch would be removed. Branches without memory pass. ci/hooks has the two scripts to copy.",
  options: {
    "fail-on": {
      value: "LEVEL",
      choices: FAIL_LEVELS,
      summary: "Refuse from this level on. Default: block, which is what the gate refuses whoever approves it.",
    },
  },
  operands: { least: 1, most: 3, name: "the name of a hook: pre-push or pre-receive" },
  examples: [
    { line: 'hook pre-push "$@"', says: "In .git/hooks/pre-push, for yourself." },
    { line: "hook pre-receive --fail-on quarantine", says: "In hooks/pre-receive on a server." },
  ],
  async run(context, args) {
    const name = HOOKS.find((one) => one === args.operand(0));
    if (name === undefined) throw new UsageError(`hook takes pre-push or pre-receive, not "${args.operand(0) ?? ""}".`);
    const level = args.choice("fail-on", FAIL_LEVELS) ?? "block";
    const pushes = pushesIn(name, new TextDecoder().decode(await context.host.input()));
    const objects =
      name === "pre-push"
        ? {}
        : Object.fromEntries(
            OBJECT_VARIABLES.flatMap((variable) => {
              const value = context.host.env[variable];
              return value === undefined ? [] : [[variable, value]];
            }),
          );
    const [{ openReview }, { systemEnvironment }] = await Promise.all([
      import("../../git/pull-request/open.ts"),
      import("../../git/open.ts"),
    ]);
    const opened = await openReview({
      folder: context.folder,
      ...(Object.keys(objects).length === 0 ? {} : { objects }),
    });
    try {
      const judged: Judged[] = [];
      for (const push of pushes) judged.push(await judgePush(opened, push, args.operand(1), systemEnvironment.now()));
      const refused = judged.filter((one) => isRefused(one, level));
      return {
        exit: refused.length > 0 ? EXIT.blocked : EXIT.done,
        json: {
          hook: name,
          refused: refused.map(({ ref }) => ref),
          reviews: judged.flatMap((one) =>
            one.kind === "reviewed" ? [{ ref: one.ref, review: jsonReport(one.review, level) }] : [],
          ),
        },
        lines: judged.flatMap((one) => linesFor(one, level)),
      };
    } finally {
      await opened.dispose();
    }
  },
};

function isRefused(judged: Judged, level: FailLevel): boolean {
  return judged.kind === "removed" || (judged.kind === "reviewed" && failsAt(judged.review, level));
}

function linesFor(judged: Judged, level: FailLevel): Line[] {
  const ref = judged.ref.replace("refs/heads/", "");
  if (judged.kind === "passed") return [];
  if (judged.kind === "removed") return [toned(`${ref}: It would remove all memory. Refused.`, "bad")];
  const { review } = judged;
  const refused = isRefused(judged, level);
  const raised = raisedIn(review).filter(({ concern }) => concern.level !== "allow");
  const left = raised.length - MOST_SHOWN;
  return [
    [{ text: `${ref}: ${summary(review)}${refused ? " Refused." : ""}`, tone: refused ? "bad" : "plain" }],
    ...review.unseen.map((text) => toned(text, "quiet")),
    ...raised.slice(0, MOST_SHOWN).flatMap(({ concern }) => concernLines(concern, true)),
    ...(left > 0 ? [`  … and ${left} more. \`git memory review\` before the push shows all.`] : []),
  ];
}
