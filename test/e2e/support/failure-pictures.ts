import { afterEach } from "vitest";
import { openEditors } from "./windows.ts";

/** What the window showed when a test failed stands in `shots/failed-<name>.png`. */
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const name = task.name.replace(/\W+/g, "-").slice(0, 60);
  for (const [index, editor] of [...openEditors].entries()) await editor.screenshot(`failed-${name}-${index + 1}`);
});
