/** What is kept beside a store and never committed: caches, which can be made again, and receipts, which can't. */
import fs from "node:fs/promises";
import path from "node:path";
import type { LocalState } from "../../core/ports.ts";
import { parseReceipt } from "../../core/recall/receipt.ts";
import { decodeSnapshot } from "../../core/snapshot-cache.ts";
import type { MemoryStore } from "../../core/store.ts";
import { counted } from "../words.ts";
import { ageOf, namesIn } from "./files.ts";
import { type Finding, notice, ok, repairable } from "./finding.ts";

const RECEIPTS = "receipts";
/** Whoever writes a file beside another is done with it long before this, in milliseconds. */
const LEFT_MS = 3_600_000;
/** After a file was given another name, who had it open is done with it; in milliseconds. */
const PAUSE_MS = 200;

/** @param folder where the state lies */
export async function checkLocalState(store: MemoryStore, folder: string): Promise<Finding[]> {
  const findings = [
    ...(await checkWriting(store, folder)),
    ...(await checkCache(store)),
    ...(await checkReceipts(store)),
    ...(await checkLeftovers(store, folder)),
  ];
  return findings.length === 0
    ? [ok("local-state", `Caches and receipts of the ${store.label} store are whole.`)]
    : findings;
}

async function checkWriting(store: MemoryStore, folder: string): Promise<Finding[]> {
  for (const place of [folder, path.dirname(folder)]) {
    const [canWrite, isThere] = await Promise.all([
      fs.access(place, fs.constants.W_OK).then(
        () => true,
        () => false,
      ),
      ageOf(place).then(
        (age) => age !== null,
        () => true,
      ),
    ]);
    if (!isThere) continue;
    if (canWrite) return [];
    return [
      notice(
        "read-only",
        `${place} can't be written by this user, so the ${store.label} store is read and can't be changed here.`,
        "Ask the folder's owner for the right to write, or work in a clone of your own.",
      ),
    ];
  }
  return [];
}

/** A damaged cache is read past; it only costs time until it is written anew. */
async function checkCache({ state, label }: MemoryStore): Promise<Finding[]> {
  const bytes = await state.read("snapshot");
  if (bytes === null || decodeSnapshot(bytes) !== null) return [];
  const finding = notice("cache", `The cache of the ${label} store is damaged or of another version, and is not used.`);
  return [
    repairable(finding, async () => {
      await state.remove("snapshot");
      return "Removed the damaged cache; the next reading makes it again.";
    }),
  ];
}

async function checkReceipts({ state, label }: MemoryStore): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name } of await state.list(RECEIPTS)) {
    const torn = (await linesOf(state, name)).filter((line) => parseReceipt(line) === null).length;
    if (torn === 0) continue;
    const finding = notice(
      "receipts",
      `${counted(torn, "line", "lines")} of ${name} of the ${label} store can't be read, as a crash leaves them; the others can.`,
    );
    findings.push(repairable(finding, () => dropTorn(state, name)));
  }
  return findings;
}

/** The part that is appended to gets another name first, so that no receipt of now is lost. */
async function dropTorn(state: LocalState, name: string): Promise<string> {
  const part = name === RECEIPTS ? `${RECEIPTS}-${String(Date.now()).padStart(13, "0")}-mended` : name;
  if (part !== name) {
    await state.rename(name, part);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const lines = await linesOf(state, part);
  const whole = lines.filter((line) => parseReceipt(line) !== null);
  await state.write(part, new TextEncoder().encode(whole.map((line) => `${line}\n`).join("")));
  return `Dropped ${counted(lines.length - whole.length, "torn line", "torn lines")} and kept ${counted(whole.length, "receipt", "receipts")}.`;
}

async function linesOf(state: LocalState, name: string): Promise<string[]> {
  const bytes = await state.read(name);
  return bytes === null
    ? []
    : new TextDecoder()
        .decode(bytes)
        .split("\n")
        .filter((line) => line !== "");
}

async function checkLeftovers({ label }: MemoryStore, folder: string): Promise<Finding[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".tmp"));
  const ages = await Promise.all(names.map((name) => ageOf(path.join(folder, name))));
  const left = names.filter((_, i) => (ages[i] ?? 0) > LEFT_MS);
  if (left.length === 0) return [];
  const files = counted(left.length, "unfinished file", "unfinished files");
  return [
    repairable(notice("leftovers", `A process that was killed left ${files} beside the ${label} store.`), async () => {
      for (const name of left) await fs.rm(path.join(folder, name), { force: true });
      return `Removed ${files} in ${folder}.`;
    }),
  ];
}
