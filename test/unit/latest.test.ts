import { expect, test } from "vitest";
import { Latest } from "../../src/core/latest.ts";

/** A source whose readings are ended by hand, and that knows how many ran at once. */
class Source {
  value = 0;
  readings = 0;
  most = 0;
  #running = 0;
  readonly #ends: (() => void)[] = [];
  readonly latest = new Latest(async () => {
    const { value } = this;
    this.readings += 1;
    this.most = Math.max(this.most, ++this.#running);
    await new Promise<void>((resolve) => this.#ends.push(resolve));
    this.#running -= 1;
    if (value < 0) throw new Error("unreadable");
    return value;
  });

  async end(): Promise<void> {
    this.#ends.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

test("who asks while a reading is under way shares the next one", async () => {
  const source = new Source();
  const first = source.latest.get();
  source.value = 1;
  const [second, third] = [source.latest.get(), source.latest.get()];
  await source.end();
  source.value = 2;
  const fourth = source.latest.get();
  await source.end();
  await source.end();
  expect(await Promise.all([first, second, third, fourth])).toEqual([0, 1, 1, 2]);
  expect(source).toMatchObject({ readings: 3, most: 1 });
});

test("a reading that fails tells those who asked for it, and the next one starts anew", async () => {
  const source = new Source();
  source.value = -1;
  const first = source.latest.get();
  source.value = 1;
  const second = source.latest.get();
  const failed = first.catch((error: unknown) => String(error));
  await source.end();
  await source.end();
  expect(await failed).toBe("Error: unreadable");
  expect(await second).toBe(1);
});

test("many who ask at any time never see an old value, nor two readings at once", async () => {
  const source = new Source();
  const ending = setInterval(() => void source.end(), 1);
  const answers = Array.from({ length: 200 }, async (_, n) => {
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 50));
    const asked = (source.value += 1);
    return (await source.latest.get()) >= asked;
  });
  expect((await Promise.all(answers)).every((isNew) => isNew)).toBe(true);
  expect(source.most).toBe(1);
  clearInterval(ending);
});
