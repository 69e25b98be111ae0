import { MemoryError } from "../../core/errors.ts";
import { GitCommand } from "../../git/git-command.ts";
import { type Command, EXIT } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storeWish } from "../context.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { type Report, reportOn } from "../doctor/report.ts";
import { type Line, type Tone, toned } from "../terminal.ts";
import { versionOf } from "../version.ts";
import { counted } from "../words.ts";

const TONES: Readonly<Record<Finding["level"], Tone>> = { ok: "good", notice: "warning", problem: "bad" };

/** What `--fix` did about a finding, or why it could not. */
interface Repair {
  readonly check: string;
  readonly done: boolean;
  readonly message: string;
}

export const doctor: Command = {
  name: "doctor",
  usage: ["doctor [--fix] [--store STORE]", "doctor --report [--store STORE]"],
  about:
    "Checks git, the repository, the store's rules, refs, objects, files and local state, and says what to do about what it finds. Exit code 1 where something does not work. Changes nothing without --fix.",
  options: {
    fix: { summary: "Put right what can be put right without losing anything, and say what was done." },
    report: { summary: "Print what a bug report needs: versions, kinds and counts, and nobody's words." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "doctor", says: "Checks everything." },
    {
      line: "doctor --fix",
      says: "Mends caches, torn lines, left locks, checkouts that are behind, and ids that two files share.",
    },
    { line: "doctor --report", says: "For a bug report." },
    { line: "doctor --json", says: "For a script." },
  ],
  async run(context, args) {
    const wish = storeWish(args);
    let examined = await examine(context, wish);
    const repairs = args.flag("fix") ? await repairAll(examined.findings) : [];
    // What is wrong now; and what was damaged may have kept the rest from being looked at.
    if (repairs.length > 0) examined = await examine(context, wish);
    const problems = examined.findings.filter(({ level }) => level === "problem").length;
    const healthy = problems === 0;
    const exit = healthy ? EXIT.done : EXIT.failed;
    const findings = examined.findings.map(({ repair, ...finding }) => ({ ...finding, fixable: repair !== undefined }));
    if (args.flag("report")) {
      const git = new GitCommand({ folder: context.folder });
      const report = await reportOn(examined, versionOf(context.host.program), git);
      return { exit, json: { healthy, findings, repairs, report }, lines: linesOfReport(report) };
    }
    return {
      exit,
      json: { healthy, findings, repairs },
      lines: [
        ...repairs.map(({ done, message }): Line => [
          { text: (done ? "fixed" : "left").padEnd(9), tone: done ? "good" : "bad" },
          message,
        ]),
        ...examined.findings.flatMap(linesFor),
        "",
        [
          {
            text: healthy ? "All is well." : `${counted(problems, "problem", "problems")}.`,
            tone: healthy ? "good" : "bad",
          },
        ],
      ],
    };
  },
};

/** One that fails stops no other. */
async function repairAll(findings: readonly Finding[]): Promise<Repair[]> {
  const repairs: Repair[] = [];
  for (const { check, repair } of findings) {
    if (repair === undefined) continue;
    try {
      repairs.push({ check, done: true, message: await repair() });
    } catch (error) {
      if (!(error instanceof MemoryError) && !(error instanceof Error && "code" in error)) throw error;
      repairs.push({ check, done: false, message: `${check} could not be put right: ${error.message}` });
    }
  }
  return repairs;
}

function linesFor({ level, message, advice }: Finding): Line[] {
  const head: Line = [{ text: level.padEnd(9), tone: TONES[level] }, message];
  return advice === null ? [head] : [head, toned(`${" ".repeat(9)}${advice}`, "quiet")];
}

function linesOfReport(report: Report): Line[] {
  return JSON.stringify(report, null, 2).split("\n");
}
