/** What differs between two texts, for showing a change before it is made. */
import { storedLines } from "../core/provenance/stored-lines.ts";
import { type Line, toned } from "./terminal.ts";

/** Every line of both, marked: gone, new, or the same. */
export function changedLines(before: string, after: string): Line[] {
  const [old, fresh] = [split(before), split(after)];
  const rows: Line[] = [];
  let added: Line[] = [];
  let next = 0;
  const reach = (line: number): void => {
    rows.push(...old.slice(next, line).map((text) => toned(`- ${text}`, "bad")), ...added);
    added = [];
    next = line;
  };
  storedLines(old, fresh).forEach((line, i) => {
    if (line === null) {
      added.push(toned(`+ ${fresh[i] ?? ""}`, "good"));
      return;
    }
    reach(line);
    rows.push(toned(`  ${fresh[i] ?? ""}`, "quiet"));
    next = line + 1;
  });
  reach(old.length);
  return rows;
}

function split(text: string): string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}
