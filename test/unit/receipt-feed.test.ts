import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { followReceipts } from "../../src/extension/status/receipt-feed.ts";

let folder: string;
let file: string;
let stop: () => void = () => undefined;
let seen: { lines: readonly string[]; news: boolean }[];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "receipts-")), "memory");
  file = join(folder, "receipts");
  seen = [];
});
afterEach(() => {
  stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

function follow(): void {
  stop = followReceipts(
    folder,
    (lines, news) => seen.push({ lines, news }),
    (error) => {
      throw error;
    },
  );
}
const all = (): string[] => seen.flatMap(({ lines }) => lines);
/** All lines that were told, once there are at least so many. */
async function told(count: number): Promise<string[]> {
  await vi.waitUntil(() => all().length >= count, { timeout: 6000, interval: 50 });
  return all();
}

describe("following receipts", { timeout: 15_000 }, () => {
  test("tells a first line as news though neither file nor folder was there", async () => {
    follow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    mkdirSync(folder);
    appendFileSync(file, "one\n");
    expect(await told(1)).toEqual(["one"]);
    expect(seen[0]?.news).toBe(true);
  });

  test("tells what was there before as old, and each later line once", async () => {
    mkdirSync(folder);
    writeFileSync(file, "old\n");
    follow();
    expect(await told(1)).toEqual(["old"]);
    expect(seen[0]?.news).toBe(false);
    appendFileSync(file, "two\nthree\n");
    expect(await told(3)).toEqual(["old", "two", "three"]);
    expect(seen.at(-1)?.news).toBe(true);
  });

  test("waits for the end of a line that is still being written", async () => {
    mkdirSync(folder);
    writeFileSync(file, "old\n");
    follow();
    expect(await told(1)).toEqual(["old"]);
    appendFileSync(file, '{"half":');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    appendFileSync(file, "1}\n");
    expect(await told(2)).toEqual(["old", '{"half":1}']);
  });

  test("goes on after the file was cleared", async () => {
    mkdirSync(folder);
    writeFileSync(file, "a long first line\n");
    follow();
    expect(await told(1)).toEqual(["a long first line"]);
    writeFileSync(file, "new\n");
    expect(await told(2)).toEqual(["a long first line", "new"]);
  });

  test("reads only the end of a long file, from a whole line on", async () => {
    mkdirSync(folder);
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} ${"x".repeat(30)}`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    follow();
    await vi.waitFor(() => expect(seen.length).toBe(1), { timeout: 4000 });
    expect(all().length).toBeLessThan(3000);
    expect(all()).toEqual(lines.slice(-all().length));
  });
});
