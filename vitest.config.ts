import { defineConfig } from "vitest/config";

/** Everything that runs without an editor. The levels inside VS Code have commands of their own. */
export default defineConfig({
  test: {
    include: ["test/{unit,property,git,conformance,fire}/**/*.test.ts"],
    globalSetup: ["test/support/temporary-folder.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
