/**
 * What the gate holds and lets pass, and how long it takes: `npm run bench:gate -- DATA.jsonl [--train] [--show benign|attack]`.
 * A line is `{"label": "benign" | "attack", "group": …, "text": …}`; each is judged as a memory that an agent writes (T1).
 *
 * The shipped model has seen the groups that docs/gate.md names, so its figures on those flatter it. `--train` judges each
 * group by a model that was trained on the other groups of the data instead.
 */
import { judge } from "../../src/core/gate/gate.ts";
import type { Verdict } from "../../src/core/gate/verdict.ts";
import type { Memory } from "../../src/core/memory/model.ts";
import { defaultPolicy, type Policy } from "../../src/core/memory/policy.ts";
import { MODEL } from "../../src/core/gate/model/weights.ts";
import { quantile, readData, wilson, type Line } from "../../scripts/gate/data.ts";
import { exampleOf, scoreExample, train } from "../../scripts/gate/training.ts";

/** The gravest that one line came to, and its score where the model was asked. */
interface Outcome {
  readonly line: Line;
  readonly notice: boolean;
  readonly quarantine: boolean;
  readonly narrow: boolean;
  readonly block: boolean;
}

const WIDE: Policy = defaultPolicy;
const NARROW: Policy = { ...WIDE, gate: { ...WIDE.gate, budget: 1 } };

const show = process.argv.includes("--show") ? process.argv[process.argv.indexOf("--show") + 1] : undefined;
const paths = process.argv.slice(2).filter((word) => !word.startsWith("--") && word !== show);
if (paths.length === 0) throw new Error("Name the data: npm run bench:gate -- DATA.jsonl");
const lines = readData(paths);
const times: number[] = [];
for (const line of lines.slice(0, 50)) judged(line.text, WIDE);

const unseen = process.argv.includes("--train") ? unseenScores() : null;
const outcomes = lines.map(outcomeOf);
console.log(
  `group, n: noticed or more | held, budget 5 | held, budget 1 | refused${unseen === null ? "" : "  (each group left out of training)"}`,
);
for (const label of ["attack", "benign"] as const) {
  const own = outcomes.filter(({ line }) => line.label === label);
  print(`${label}, all`, own);
  for (const [group, part] of [...Map.groupBy(own, ({ line }) => line.group)].toSorted(([a], [b]) =>
    a.localeCompare(b),
  ))
    print(`  ${group}`, part);
}
console.log(
  `ms a text: p50 ${quantile(times, 0.5).toFixed(2)}, p95 ${quantile(times, 0.95).toFixed(2)}, p99 ${quantile(times, 0.99).toFixed(2)}`,
);

function print(name: string, part: readonly Outcome[]): void {
  if (part.length === 0) return;
  const share = (is: (outcome: Outcome) => boolean): string => wilson(part.filter(is).length, part.length);
  console.log(
    `${name.padEnd(34)} ${String(part.length).padStart(5)}  ${share((o) => o.notice)} | ${share((o) => o.quarantine)} | ${share((o) => o.narrow)} | ${share((o) => o.block)}`,
  );
}

function outcomeOf(line: Line): Outcome {
  const start = performance.now();
  const wide = judged(line.text, WIDE);
  times.push(performance.now() - start);
  const byRules = wide.findings.some(({ rule, verdict }) => rule !== "score/model" && isHeld(verdict));
  const narrow = isHeld(judged(line.text, NARROW).kind);
  const score = unseen?.get(line);
  const outcome = {
    line,
    notice: wide.findings.length > 0,
    quarantine: score === undefined ? isHeld(wide.kind) : byRules || score > MODEL.thresholds.wide,
    narrow: score === undefined ? narrow : byRules || score > MODEL.thresholds.narrow,
    block: wide.kind === "block",
  };
  if (show === line.label && outcome.quarantine === (show === "benign"))
    console.log(
      JSON.stringify({
        group: line.group,
        rules: wide.findings.map(({ rule }) => rule),
        text: line.text.slice(0, 300),
      }),
    );
  return outcome;
}

function isHeld(kind: Verdict["kind"]): boolean {
  return kind === "quarantine" || kind === "block";
}

function judged(text: string, policy: Policy): Verdict {
  const path = "semantic/convention/a-claim-m_000000000000.md";
  const front = { type: "Convention", id: "m_000000000000", title: "A claim" };
  const after: Memory = { id: front.id, title: front.title, path, blob: "0".repeat(40), front, body: `${text}\n` };
  const bytes = new TextEncoder().encode(
    `---\ntype: Convention\nid: m_000000000000\ntitle: "A claim"\n---\n\n${text}\n`,
  );
  return judge({
    files: [{ path, bytes, before: null, after }],
    caller: { channel: "tool", actor: "bench", trust: "agent" },
    operation: "add",
    reason: "",
    policy,
  });
}

function unseenScores(): Map<Line, number> {
  const examples = lines.map(exampleOf);
  const scores = new Map<Line, number>();
  for (const group of new Set(lines.map((line) => line.group))) {
    const model = train(
      examples.filter(({ line }) => line.group !== group),
      1,
    );
    for (const example of examples)
      if (example.line.group === group) scores.set(example.line, scoreExample(model, example));
  }
  return scores;
}
