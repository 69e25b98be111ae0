import { expect, test } from "vitest";
import { missingEntries, readLock } from "../../scripts/complete-lock.ts";

test("the lock file names the optional packages of every platform (else: npm run lock:complete)", () => {
  expect(Object.keys(missingEntries(readLock()))).toEqual([]);
});

test("a lock file without a platform's package is found out", () => {
  const lock = {
    packages: {
      "node_modules/tool": { dev: true, optionalDependencies: { "@tool/binding-linux-arm64-musl": "1.2.3" } },
    },
  };
  expect(missingEntries(lock)).toEqual({
    "node_modules/@tool/binding-linux-arm64-musl": {
      version: "1.2.3",
      cpu: ["arm64"],
      dev: true,
      libc: ["musl"],
      optional: true,
      os: ["linux"],
    },
  });
});

test("every package that the released files are built from is pinned by a digest", () => {
  const packages = Object.entries(readLock().packages).filter(([place, { dev }]) => place !== "" && dev !== true);
  expect(packages.map(([place]) => place)).toContain("node_modules/esbuild");
  expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});
