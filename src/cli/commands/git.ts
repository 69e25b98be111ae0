import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { dataDirectory } from "../../git/data-directory.ts";
import { applyInstall, type InstallPlan, isDone, planInstall, type Step } from "../../git/install/install.ts";
import type { Program } from "../../git/install/settings.ts";
import { findRepository } from "../../git/repository.ts";
import { UsageError } from "../arguments.ts";
import { type Answer, type Command, EXIT } from "../command.ts";
import type { Host } from "../context.ts";
import { changedLines } from "../difference.ts";
import { type Line, toned } from "../terminal.ts";

export const gitCommand: Command = {
  name: "git",
  usage: ["git install [--yes]", "git uninstall [--yes]", "git status"],
  about:
    "Lets plain git understand memories in this repository: `git merge` joins them by their front matter, and `git diff` and `git log -p` show the claim first. Without --yes it says what it would write, and writes nothing. Other clones are not affected: each is installed for itself, and git works there as ever.",
  options: { yes: { summary: "Really write it." } },
  operands: { least: 1, most: 1, name: "install, uninstall or status" },
  examples: [
    { line: "git install", says: "Shows what would be written to the configuration and the attributes." },
    { line: "git install --yes", says: "Writes it." },
    { line: "git uninstall --yes", says: "Takes out exactly that." },
  ],
  async run(context, args) {
    const verb = args.operand(0);
    if (verb !== "install" && verb !== "uninstall" && verb !== "status")
      throw new UsageError(`git takes install, uninstall or status, not "${verb ?? ""}".`);
    const repository = await findRepository(context.folder);
    const program = programOf(context.host);
    if (verb === "status") return statusOf(await planInstall(repository, program), await planInstall(repository, null));
    const plan = await planInstall(repository, verb === "install" ? program : null);
    const nothing = isDone(plan);
    const write = args.flag("yes") && !nothing;
    if (write) await applyInstall(repository, plan);
    const status = nothing ? "unchanged" : write ? `${verb}ed` : "planned";
    return { json: { status, steps: changesIn(plan).map(stepJson) }, lines: linesFor(plan, verb, status) };
  },
};

/** The launcher, whose address outlives updates; else this very program. */
function programOf(host: Host): Program {
  const data = host.env["COMMIT_TO_MEMORY_DATA"];
  const launcher = path.join(
    data !== undefined && path.isAbsolute(data) ? data : dataDirectory(),
    "bin",
    process.platform === "win32" ? "git-memory.cmd" : "git-memory",
  );
  if (existsSync(launcher)) return { env: {}, words: [launcher] };
  // An editor's executable is Node only where it is told so.
  const isEditor = host.env["ELECTRON_RUN_AS_NODE"] !== undefined;
  return {
    env: isEditor ? { ELECTRON_RUN_AS_NODE: "1" } : {},
    words: [process.execPath, fileURLToPath(host.program)],
  };
}

function statusOf(install: InstallPlan, uninstall: InstallPlan): Answer {
  const status = isDone(install) ? "installed" : isDone(uninstall) ? "absent" : "outdated";
  const words = {
    installed: "git merges and shows memories by their front matter here.",
    absent: "git treats memories as any text here. To change that: git memory git install",
    outdated: "What is installed is not complete or not up to date. Run: git memory git install --yes",
  } as const;
  return {
    exit: status === "outdated" ? EXIT.failed : EXIT.done,
    json: { status, steps: changesIn(install).map(stepJson) },
    lines: [[{ text: words[status], tone: status === "installed" ? "good" : "plain" }]],
  };
}

function changesIn({ settings, attributes }: InstallPlan): readonly Step[] {
  return [...settings, attributes].filter(({ before, after }) => before !== after);
}

function stepJson({ name, before, after }: Step): object {
  return { name, before, after };
}

function linesFor(plan: InstallPlan, verb: "install" | "uninstall", status: string): Line[] {
  if (status === "unchanged")
    return [
      verb === "install"
        ? "It is installed already. Nothing was changed."
        : "Nothing of it is here. Nothing was changed.",
    ];
  const done: Line = [
    {
      text: verb === "install" ? "Installed. To take it out: git memory git uninstall --yes" : "Taken out.",
      tone: "good",
    },
  ];
  const asking: Line = `Nothing was written. To ${verb === "install" ? "write" : "take out"} this: git memory git ${verb} --yes`;
  const steps = changesIn(plan).flatMap(({ name, before, after }): Line[] => [
    toned(name, "strong"),
    ...changedLines(before ?? "", after ?? "").filter((line) => typeof line === "string" || !isSame(line)),
  ]);
  return [...steps, "", status === "planned" ? asking : done];
}

function isSame(line: Exclude<Line, string>): boolean {
  const [first] = line;
  return typeof first === "object" && first.tone === "quiet";
}
