/** Runs a composite action's steps as GitHub's runner does: expressions filled in, bash, and files for what steps hand on. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export interface Job {
  readonly action: Action;
  /** Where the action itself lies. */
  readonly actionPath: string;
  readonly workspace: string;
  readonly temp: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The `github` context. */
  readonly github: object;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly ok: boolean;
  /** What the steps printed: the log, in which lines may be commands. */
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export function readAction(file: string): Action {
  return parse(fs.readFileSync(file, "utf8"));
}

export async function runAction(job: Job): Promise<Ran> {
  const { action, temp } = job;
  fs.mkdirSync(temp, { recursive: true });
  const contexts: Record<string, unknown> = { github: job.github, steps: {}, inputs: {} };
  const inputs = Object.entries(action.inputs).map(([name, input]) => [
    name,
    job.inputs[name] ?? filled(input.default ?? "", contexts),
  ]);
  contexts["inputs"] = Object.fromEntries(inputs);
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  contexts["steps"] = steps;
  const summary = path.join(temp, "summary.md");
  fs.writeFileSync(summary, "");
  let log = "";
  let outputs: Record<string, string> = {};
  for (const [place, step] of action.runs.steps.entries()) {
    if (step.shell !== "bash") throw new Error(`${step.name} asks for ${step.shell}`);
    // A script with an expression in it would run what others named.
    if (step.run.includes("${{")) throw new Error(`${step.name} has an expression in its script`);
    const output = path.join(temp, `output-${place}`);
    const script = path.join(temp, `step-${place}.sh`);
    fs.writeFileSync(output, "");
    fs.writeFileSync(script, step.run);
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text, contexts)]),
    );
    const { code, said } = await bash(script, job.workspace, {
      ...job.env,
      ...env,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_ACTION_PATH: job.actionPath,
      GITHUB_WORKSPACE: job.workspace,
      RUNNER_TEMP: temp,
    });
    log += said;
    const handed = Object.fromEntries(
      fs
        .readFileSync(output, "utf8")
        .split("\n")
        .filter((line) => line.includes("="))
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    outputs = { ...outputs, ...handed };
    if (step.id !== undefined) steps[step.id] = { outputs: handed };
    if (code !== 0) return { ok: false, log, summary: fs.readFileSync(summary, "utf8"), outputs };
  }
  return { ok: true, log, summary: fs.readFileSync(summary, "utf8"), outputs };
}

/** `${{ a.b.c }}` by plain look-up: this action uses nothing more. */
function filled(text: string, contexts: unknown): string {
  return text.replaceAll(/\$\{\{\s*([^}]+?)\s*\}\}/g, (_whole, expression: string) => {
    if (!/^[\w.-]+$/.test(expression)) throw new Error(`no such expression: ${expression}`);
    const value = expression
      .split(".")
      .reduce<unknown>(
        (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
        contexts,
      );
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  });
}

function bash(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", script], { cwd, env });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said }));
  });
}

/** The lines of a log that the runner would obey, with what stands in each. */
export function commandsIn(log: string): string[] {
  const commands: string[] = [];
  let stopped: string | null = null;
  for (const line of log.split("\n").map((each) => each.trimStart())) {
    if (stopped !== null) {
      if (line === `::${stopped}::`) stopped = null;
    } else if (line.startsWith("::stop-commands::")) stopped = line.slice("::stop-commands::".length);
    else if (/^::[a-z]/i.test(line) || line.includes("##[")) commands.push(line);
  }
  return commands;
}
