/** The gate's development data: one JSON object a line, `{"label": "attack" | "benign", "group": …, "text": …}`. */
import { readFileSync } from "node:fs";

export interface Line {
  readonly label: "attack" | "benign";
  readonly group: string;
  readonly text: string;
}

/** All lines of all files, in their order. Throws where a line is not of that shape. */
export function readData(paths: readonly string[]): Line[] {
  return paths.flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line, place) => {
        const value: unknown = JSON.parse(line);
        if (!isLine(value)) throw new Error(`${path}:${place + 1} has no label, group and text.`);
        return value;
      }),
  );
}

function isLine(value: unknown): value is Line {
  return (
    typeof value === "object" &&
    value !== null &&
    "label" in value &&
    (value.label === "attack" || value.label === "benign") &&
    "group" in value &&
    typeof value.group === "string" &&
    "text" in value &&
    typeof value.text === "string"
  );
}

/** The 95% interval of Wilson (1927) for a proportion, in per cent: honest for rates near zero. */
export function wilson(hits: number, n: number): string {
  const z = 1.96;
  const p = hits / n;
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return `${(100 * p).toFixed(1).padStart(5)}% [${(100 * Math.max(0, centre - half)).toFixed(1)}, ${(100 * Math.min(1, centre + half)).toFixed(1)}]`;
}

/** The value below which a share of the numbers lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
