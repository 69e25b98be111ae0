import { type Command, EXIT, STORE_OPTION } from "../command.ts";
import { storeWish } from "../context.ts";
import { checkContents } from "../doctor/contents.ts";
import { type Finding, notice } from "../doctor/finding.ts";
import { checkCheckouts, checkConfiguration, checkGit, checkLocks, checkRepository } from "../doctor/surroundings.ts";
import type { Line, Tone } from "../terminal.ts";
import { counted } from "../words.ts";

const TONES: Readonly<Record<Finding["level"], Tone>> = { ok: "good", notice: "warning", problem: "bad" };

export const doctor: Command = {
  name: "doctor",
  usage: ["doctor [--store STORE]"],
  about:
    "Checks git, the repository, the store's rules and every file, and says what to do about what it finds. Exit code 1 where something does not work. Changes nothing.",
  options: STORE_OPTION,
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "doctor", says: "Checks everything." },
    { line: "doctor --json", says: "For a script or an issue." },
  ],
  async run(context, args) {
    const findings = await examine(context, storeWish(args));
    const problems = findings.filter(({ level }) => level === "problem").length;
    const healthy = problems === 0;
    return {
      exit: healthy ? EXIT.done : EXIT.failed,
      json: { healthy, findings },
      lines: [
        ...findings.flatMap(linesFor),
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

async function examine(context: Parameters<Command["run"]>[0], wish: string | undefined): Promise<Finding[]> {
  const git = await checkGit(context.folder);
  // Without git nothing else can be asked.
  if (git.level === "problem") return [git];
  const { repository, finding } = await checkRepository(context.folder);
  const stores = await context.stores();
  const findings = [git, finding];
  if (repository !== null && stores.project !== null && wish !== "personal") {
    const { ref } = stores.project.repository;
    findings.push(
      ...(await checkConfiguration(repository, ref)),
      await checkLocks(repository.commonDir, ref),
      ...(await checkCheckouts(repository.commonDir, ref)),
    );
    if (!(await stores.project.exists()))
      findings.push(
        notice("store", "This repository has no memory store yet.", "A person can start one: git memory init."),
      );
  }
  for (const store of await stores.existing()) {
    if (wish === undefined || wish === store.label) findings.push(...(await checkContents(store)));
  }
  return findings;
}

function linesFor({ level, message, advice }: Finding): Line[] {
  const head: Line = [{ text: level.padEnd(9), tone: TONES[level] }, message];
  return advice === null ? [head] : [head, [{ text: `${" ".repeat(9)}${advice}`, tone: "quiet" }]];
}
