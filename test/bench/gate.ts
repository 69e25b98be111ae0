/**
 * How often the gate's structural rules refuse ordinary text, and how long they take:
 * `npm run bench:gate -- DATA.jsonl`, where a line is `{"label": "benign" | "attack", "group": …, "text": …}`.
 */
import { readFileSync } from "node:fs";
import { judge } from "../../src/core/gate/gate.ts";
import type { Memory } from "../../src/core/memory/model.ts";

interface Line {
  readonly label: string;
  readonly group: string;
  readonly text: string;
}

interface Tally {
  n: number;
  blocked: number;
  readonly rules: Map<string, number>;
}

/** The 95% interval of Wilson (1927) for a proportion, in per cent: honest for rates near zero. */
function wilson(hits: number, n: number): string {
  const z = 1.96;
  const p = hits / n;
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return `${(100 * p).toFixed(2)}% [${(100 * Math.max(0, centre - half)).toFixed(2)}, ${(100 * (centre + half)).toFixed(2)}]`;
}

function isLine(value: unknown): value is Line {
  return (
    typeof value === "object" &&
    value !== null &&
    "label" in value &&
    "group" in value &&
    "text" in value &&
    typeof value.text === "string"
  );
}

function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(3);
}

const [, , data, show] = process.argv;
if (data === undefined) throw new Error("Name the data: npm run bench:gate -- DATA.jsonl");
const lines = readFileSync(data, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): unknown => JSON.parse(line))
  .filter(isLine);
const tallies = new Map<string, Tally>();
const times: number[] = [];

for (const { label, group, text } of lines) {
  const path = "semantic/convention/a-claim-m_000000000000.md";
  const front = { type: "Convention", id: "m_000000000000", title: "A claim" };
  const after: Memory = { id: front.id, title: front.title, path, blob: "0".repeat(40), front, body: text };
  const bytes = new TextEncoder().encode(
    `---\ntype: Convention\nid: m_000000000000\ntitle: "A claim"\n---\n\n${text}\n`,
  );
  const start = performance.now();
  const verdict = judge({
    files: [{ path, bytes, before: null, after }],
    caller: { channel: "tool", actor: "bench", trust: "agent" },
    operation: "add",
    reason: "",
  });
  times.push(performance.now() - start);
  if (show === label && verdict.kind === "block")
    console.log(
      JSON.stringify({
        group,
        rules: verdict.findings.map(({ rule, line }) => `${rule}:${line}`),
        text: text.slice(0, 300),
      }),
    );
  for (const key of [label, `${label} ${group}`]) {
    const tally = tallies.get(key) ?? { n: 0, blocked: 0, rules: new Map<string, number>() };
    tallies.set(key, tally);
    tally.n++;
    if (verdict.kind === "block") tally.blocked++;
    for (const { rule } of verdict.findings) tally.rules.set(rule, (tally.rules.get(rule) ?? 0) + 1);
  }
}

for (const [key, { n, blocked, rules }] of [...tallies].sort(([a], [b]) => b.localeCompare(a))) {
  console.log(
    `${key.padEnd(40)} ${String(n).padStart(5)}  refused ${String(blocked).padStart(4)}  ${wilson(blocked, n)}  ${[...rules].map(([rule, count]) => `${rule} ${count}`).join(", ")}`,
  );
}
times.sort((a, b) => a - b);
console.log(`ms a text: p50 ${quantile(times, 0.5)}, p95 ${quantile(times, 0.95)}, p99 ${quantile(times, 0.99)}`);
