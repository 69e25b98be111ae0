import os from "node:os";
import { defineConfig } from "vitest/config";

const each = {
  // The configuration of whoever runs the tests must not decide how they end.
  env: { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: os.devNull },
  unstubEnvs: true,
  restoreMocks: true,
  // For a test that hangs: a busy machine takes a minute for what a quiet one does in five seconds.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  maxWorkers: 2,
};

/** Everything that runs without an editor. The levels inside VS Code have commands of their own. */
export default defineConfig({
  test: {
    globalSetup: ["test/support/temporary-folder.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...each,
          name: "rules",
          include: ["test/{unit,property}/**/*.test.ts"],
          // Loading the program anew for each of these short files cost a third of their time.
          isolate: false,
        },
      },
      {
        test: {
          ...each,
          name: "processes",
          include: ["test/{git,conformance,fire}/**/*.test.ts"],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
