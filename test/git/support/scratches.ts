import { afterEach } from "vitest";
import { Scratch } from "../../support/scratch.ts";

/** Makes repositories that are removed after the test that made them. */
export function scratches(): (...how: ConstructorParameters<typeof Scratch>) => Scratch {
  const made: Scratch[] = [];
  afterEach(async () => {
    await Promise.all(made.splice(0).map((scratch) => scratch.remove()));
  });
  return (...how) => {
    const scratch = new Scratch(...how);
    made.push(scratch);
    return scratch;
  };
}
