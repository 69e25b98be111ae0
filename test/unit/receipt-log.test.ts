import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeReceipt, parseReceipt, type Receipt, receiptLine } from "../../src/core/recall/receipt.ts";
import { ReceiptLog } from "../../src/core/recall/receipt-log.ts";
import { recall } from "../../src/core/recall/recall.ts";
import { FolderState } from "../../src/git/local-state.ts";
import { memory, store } from "./recall-fixtures.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-06-01T00:00:00Z");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "memory-receipts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const stores = [store([memory("m_000000000001", "Use pnpm", "Run scripts through pnpm.")])];

function receiptAt(time: number, text = "pnpm"): Receipt {
  const question = { text, now: new Date(time) };
  return makeReceipt(question, recall({ stores, question }), { session: "s_abcdef12" });
}

describe("the log of receipts", () => {
  test("loses no line to one before it that was cut short", async () => {
    const state = new FolderState(folder);
    await state.append("lines", "first");
    appendFileSync(path.join(folder, "lines"), '{"cut');
    await state.append("lines", "second");
    expect(readFileSync(path.join(folder, "lines"), "utf8")).toBe('first\n{"cut\nsecond\n');
  });

  test("gives back what was appended, oldest first, and finds one by the beginning of its id", async () => {
    const log = new ReceiptLog(new FolderState(folder));
    const receipts = [receiptAt(START + DAY), receiptAt(START)];
    for (const receipt of receipts) await log.append(receipt, new Date(START + DAY));
    expect(await log.all()).toEqual(receipts.toReversed());
    const [first] = receipts;
    expect(await log.find((first?.id ?? "").slice(0, 10))).toEqual(first);
    await expect(log.find("r_ffffffffffffffff0")).rejects.toMatchObject({ code: "not-found" });
    await expect(log.find("r_")).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("passes over a line that was cut off, edited or written by another program", async () => {
    const state = new FolderState(folder);
    const good = receiptAt(START);
    const line = receiptLine(good);
    writeFileSync(
      path.join(folder, "receipts"),
      [line.slice(0, 80), line.replace('"pnpm"', '"npm"'), '{"id":"r_1"}', "null", line, ""].join("\n"),
    );
    expect(await new ReceiptLog(state).all()).toEqual([good]);
    expect(parseReceipt(`${line} x`)).toBeNull();
  });

  test("keeps every receipt of the last sixty days, and none for more than ninety", async () => {
    for (let day = 0; day <= 200; day++) {
      // A process for each day: each looks at what is there with its first receipt.
      await new ReceiptLog(new FolderState(folder)).append(receiptAt(START + day * DAY), new Date(START + day * DAY));
    }
    const days = (await new ReceiptLog(new FolderState(folder)).all()).map(({ at }) => (Date.parse(at) - START) / DAY);
    expect(days[0]).toBeGreaterThanOrEqual(200 - 91);
    expect(days[0]).toBeLessThanOrEqual(200 - 60);
    expect(days).toEqual(Array.from({ length: days.length }, (_, i) => (days[0] ?? 0) + i));
  });

  test("stays under its size", async () => {
    const state = new FolderState(folder);
    const long = "pnpm ".repeat(40_000);
    for (let i = 0; i < 150; i++) {
      const now = START + i * 60_000;
      await new ReceiptLog(state).append(receiptAt(now, long), new Date(now));
    }
    const sizes = await state.list("receipts");
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    expect(total).toBeGreaterThan(15_000_000);
    expect(total).toBeLessThan(24_500_000);
    const kept = await new ReceiptLog(state).all();
    expect(kept.at(-1)?.at).toBe(new Date(START + 149 * 60_000).toISOString());
  });

  test("many writers lose nothing while parts are put aside", async () => {
    const long = "pnpm ".repeat(4_000);
    const written: string[] = [];
    const writer = async (name: number): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        const receipt = receiptAt(START + (name * 60 + i) * 1_000, `${long} ${name}.${i}`);
        written.push(receipt.id);
        await new ReceiptLog(new FolderState(folder)).append(receipt, new Date(START + DAY));
      }
    };
    await Promise.all([0, 1, 2, 3].map(writer));
    const kept = await new ReceiptLog(new FolderState(folder)).all();
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    expect(kept.map(({ id }) => id).toSorted()).toEqual(written.toSorted());
  });
});
