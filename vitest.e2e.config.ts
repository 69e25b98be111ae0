import { defineConfig } from "vitest/config";

/** One browser at a time: two would compete for the processor and make honest time limits fail. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    setupFiles: ["test/e2e/support/failure-pictures.ts"],
    globalSetup: ["test/support/temporary-folder.ts", "test/e2e/support/global-setup.ts"],
    testTimeout: 240_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
