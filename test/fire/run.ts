/** Runs a scenario with a fault in it, on a fresh copy of a repository, and asks afterwards what became of it. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { ROOT } from "../../scripts/paths.ts";
import type { Fault, Step } from "./faults.ts";
import { judge, look, type Problems, readTold, type Told } from "./judge.ts";
import { SCENARIOS } from "./scenarios.ts";
import { Prepared, type World } from "./world.ts";

/** A process that neither ends nor dies has hung, in milliseconds; a whole scenario takes one second. */
const HUNG_MS = 60_000;

export interface Outcome {
  readonly scenario: string;
  readonly fault: Fault;
  readonly acknowledged: number;
  readonly problems: Problems;
}

export class Range {
  readonly #prepared = new Prepared();
  readonly #built = fs.mkdtempSync(path.join(os.tmpdir(), "memory-fire-actor-"));

  constructor() {
    const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    for (const name of ["actor", "inject"]) {
      buildSync({
        entryPoints: [path.join(ROOT, `test/fire/${name}.ts`)],
        outfile: path.join(this.#built, `${name}.mjs`),
        bundle: true,
        platform: "node",
        format: "esm",
        banner: { js: banner },
      });
    }
  }

  /** The steps of a scenario that nothing goes wrong in. Throws where it goes wrong all the same. */
  async steps(scenario: string): Promise<Step[]> {
    const world = await this.#world(scenario);
    const log = path.join(world.root, "steps");
    const before = look(world, scenario);
    const told = await this.#act(world, scenario, { FIRE_LOG: log });
    const problems = await judge(world, scenario, before, told);
    const found = [...Object.values(problems).flat(), ...told.refusals];
    if (found.length > 0 || !told.ended) throw new Error(`${scenario} fails by itself: ${found.join("\n")}`);
    const steps = fs.readFileSync(log, "utf8").trimEnd().split("\n");
    world.remove();
    return steps.map((line) => {
      const [kind = "", ...label] = line.split(" ");
      return { kind: kind as Step["kind"], label: label.join(" ").replaceAll(world.root, "") };
    });
  }

  async fire(scenario: string, fault: Fault): Promise<Outcome> {
    const world = await this.#world(scenario);
    const before = look(world, scenario);
    const told = await this.#act(world, scenario, {
      FIRE_STEP: String(fault.step),
      FIRE_FAULT: fault.kind,
      FIRE_DELAY: String(fault.delay),
    });
    const problems = await judge(world, scenario, before, told);
    if (Object.values(problems).flat().length === 0 || process.env["FIRE_KEEP"] === undefined) world.remove();
    return { scenario, fault, acknowledged: told.acknowledged, problems };
  }

  async dispose(): Promise<void> {
    await this.#prepared.remove();
    fs.rmSync(this.#built, { recursive: true, force: true });
  }

  async #world(scenario: string): Promise<World> {
    return this.#prepared.copy(SCENARIOS[scenario]?.on ?? "store");
  }

  async #act(world: World, scenario: string, env: NodeJS.ProcessEnv): Promise<Told> {
    const child = spawn(
      path.join(ROOT, "node_modules/.bin/node"),
      [
        "--import",
        path.join(this.#built, "inject.mjs"),
        path.join(this.#built, "actor.mjs"),
        world.folder,
        world.data,
        scenario,
      ],
      { detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
    );
    let said = "";
    let complained = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (complained += chunk.toString()));
    const hung = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), HUNG_MS);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once("close", (...how) => resolve(how)),
    );
    clearTimeout(hung);
    await groupGone(child.pid ?? 0);
    const told = readTold(said.split("\n").filter((line) => line.endsWith("}")));
    const wasKilled = signal === "SIGKILL" && /kill|torn/.test(env["FIRE_FAULT"] ?? "");
    return (code === 0 && told.ended) || wasKilled
      ? told
      : { ...told, unclear: [...told.unclear, `ended with ${code ?? signal}: ${complained}`] };
  }
}

/** Two at a time: a fault mostly waits for processes to start. */
export async function fireAll(range: Range, scenario: string, faults: readonly Fault[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = [...faults];
  const lane = async (): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift())
      outcomes.push(await range.fire(scenario, fault));
  };
  await Promise.all([lane(), lane()]);
  return outcomes.toSorted((a, b) => a.fault.step - b.fault.step);
}

/** A line for each, with the fault that it came from. */
export function problemsOf({ scenario, fault, problems }: Outcome): string[] {
  const where = `${scenario}, ${fault.kind} at step ${fault.step} (${fault.label})`;
  return [
    ...problems.lost.map((text) => `${where}: lost ${text}`),
    ...problems.torn.map((text) => `${where}: torn, ${text}`),
    ...problems.other.map((text) => `${where}: ${text}`),
  ];
}

/** Its git processes die with it, but not in the same instant. */
async function groupGone(group: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
