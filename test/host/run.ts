/** The entry that the extension host calls: runs every `*.test.cjs` that stands beside the built form of this file. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const TEST_LIMIT_MS = 60_000;

export async function run(): Promise<void> {
  const { default: Mocha } = await import("mocha");
  const pattern = process.env["HOST_TEST_PATTERN"];
  const mocha = new Mocha({ ui: "tdd", timeout: TEST_LIMIT_MS, ...(pattern === undefined ? {} : { grep: pattern }) });
  for (const file of readdirSync(__dirname)) {
    if (file.endsWith(".test.cjs")) mocha.addFile(join(__dirname, file));
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  const runner = mocha.run(resolve);
  const failures = await promise;
  const passes = runner.stats?.passes ?? 0;
  console.log(`${passes} passed, ${failures} failed`);
  if (failures > 0 || passes === 0)
    throw new Error(failures > 0 ? `${failures} host tests failed.` : "No host test ran.");
}
