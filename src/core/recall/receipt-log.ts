/**
 * The log of receipts in local state, which many processes append to. A full part is given another name and a new one
 * begins, so that nothing that is being appended is ever rewritten; whole parts are removed when their time has come.
 */
import { InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import type { LocalState } from "../ports.ts";
import { parseReceipt, type Receipt, receiptLine } from "./receipt.ts";

/** The part that is appended to. */
const LOG = "receipts";
/** Full parts: `receipts-<the first receipt's time in ms>-<the id of the last one>`. */
const PART = /^receipts-(\d{13})-[0-9a-z_]+$/;

const DAY = 86_400_000;
const KEEP_MS = 90 * DAY;
const KEEP_BYTES = 20_000_000;
/** A part is full at this size, or when its first receipt is so old: what is kept is at least sixty days. */
const PART_BYTES = 2_000_000;
const PART_MS = 30 * DAY;
/** How many receipts a process appends between two looks at what is there. */
const LOOK_AFTER = 64;

export class ReceiptLog {
  readonly #state: LocalState;
  #untilLook = 0;

  constructor(state: LocalState) {
    this.#state = state;
  }

  async append(receipt: Receipt, now: Date): Promise<void> {
    await this.#state.append(LOG, receiptLine(receipt));
    if (this.#untilLook-- > 0) return;
    this.#untilLook = LOOK_AFTER;
    await this.#tend(now, receipt.id);
  }

  /** All that are kept, oldest first. */
  async all(): Promise<Receipt[]> {
    const parts = (await this.#parts()).map(({ name }) => name);
    const receipts: Receipt[] = [];
    for (const name of [...parts, LOG]) receipts.push(...(await this.#read(name)));
    return receipts.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }

  /** The receipt of an id or of a unique beginning of one. Throws InvalidInputError and MemoryNotFoundError. */
  async find(name: string): Promise<Receipt> {
    const prefix = name.startsWith("r_") ? name : `r_${name}`;
    const fits = new Map(
      (await this.all()).filter(({ id }) => id.startsWith(prefix)).map((receipt) => [receipt.id, receipt]),
    );
    const [only] = fits.values();
    if (fits.size > 1)
      throw new InvalidInputError(`"${name}" fits ${fits.size} receipts. Write more characters of the id.`);
    if (only === undefined)
      throw new MemoryNotFoundError(
        `There is no receipt "${name}" here. Receipts are kept for 90 days on the machine where the recall was made; \`git memory receipts\` lists them.`,
      );
    return only;
  }

  /** @param mine the receipt that was just appended: a name that no other process gives to a part. */
  async #tend(now: Date, mine: string): Promise<void> {
    const bytes = await this.#state.read(LOG);
    const first = bytes === null ? null : firstOf(bytes);
    const began = first === null ? now.getTime() : Date.parse(first.at);
    if (bytes !== null && (bytes.length >= PART_BYTES || now.getTime() - began >= PART_MS)) {
      // Of two that come here at once, the second puts an almost empty part aside: odd, and nothing is lost.
      await this.#state.rename(LOG, `receipts-${String(began).padStart(13, "0")}-${mine}`);
    }
    let kept = 0;
    for (const { name, began: partBegan, size } of (await this.#parts()).toReversed()) {
      kept += size;
      if (kept > KEEP_BYTES || now.getTime() - partBegan > KEEP_MS) await this.#state.remove(name);
    }
  }

  /** Oldest first. */
  async #parts(): Promise<{ name: string; began: number; size: number }[]> {
    const files = await this.#state.list(LOG);
    return files
      .flatMap(({ name, size }) => {
        const began = PART.exec(name)?.[1];
        return began === undefined ? [] : [{ name, began: Number(began), size }];
      })
      .toSorted((a, b) => a.began - b.began);
  }

  async #read(name: string): Promise<Receipt[]> {
    const bytes = await this.#state.read(name);
    const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
    return lines.flatMap((line) => parseReceipt(line) ?? []);
  }
}

/** The first whole receipt of a part. */
function firstOf(bytes: Uint8Array): Receipt | null {
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    const receipt = parseReceipt(new TextDecoder().decode(bytes.subarray(from, to)));
    if (receipt !== null) return receipt;
    from = to + 1;
  }
  return null;
}
