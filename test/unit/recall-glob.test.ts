import { describe, expect, test } from "vitest";
import { globMatches, inScope } from "../../src/core/recall/glob.ts";
import { cpuMilliseconds } from "../support/cpu-time.ts";

describe("globs", () => {
  test.each([
    ["packages/**", "packages/a/b.ts"],
    ["packages", "packages/a/b.ts"],
    ["packages/", "packages/a/b.ts"],
    ["./src/*.ts", "src/a.ts"],
    ["/src/a.ts", "src/a.ts"],
    ["**/*.ts", "a.ts"],
    ["**/*.ts", "x/y/a.ts"],
    ["*.ts", "x/y/a.ts"],
    ["src/**/test/*.ts", "src/test/a.ts"],
    ["src/**/test/*.ts", "src/x/y/test/a.ts"],
    ["**", "anything/at/all"],
    ["src/{a,b}.ts", "src/b.ts"],
    ["src/**/*.{ts,tsx}", "src/ui/App.tsx"],
    ["{src,{lib,bin}}/*.ts", "bin/a.ts"],
    ["app/[id]/page.tsx", "app/[id]/page.tsx"],
    ["a?c.ts", "abc.ts"],
    ["src/{a.ts", "src/{a.ts"],
  ])("%s speaks of %s", (glob, path) => {
    expect(globMatches(glob, path)).toBe(true);
  });

  test.each([
    ["packages/**", "package/a.ts"],
    ["src/*.ts", "src/x/a.ts"],
    ["src/*.ts", "lib/src/a.ts"],
    ["*.ts", "a.tsx"],
    ["src/{a,b}.ts", "src/c.ts"],
    ["app/[id]/page.tsx", "app/i/page.tsx"],
    ["a?c.ts", "ac.ts"],
    ["", "a.ts"],
    ["src/**/x", "src"],
    ["SRC/**", "src/a.ts"],
  ])("%s does not speak of %s", (glob, path) => {
    expect(globMatches(glob, path)).toBe(false);
  });

  test("no scope is everywhere; one glob and one file that fit are enough", () => {
    expect(inScope(undefined, [])).toBe(true);
    expect(inScope([], ["a.ts"])).toBe(true);
    expect(inScope(["lib/**", "src/**"], ["README.md", "src/a.ts"])).toBe(true);
    expect(inScope(["lib/**"], ["src/a.ts"])).toBe(false);
  });

  test("crafted globs take no time to speak of", () => {
    const took = cpuMilliseconds(() => {
      expect(globMatches(`${"*a".repeat(500)}b`, "a".repeat(5000))).toBe(false);
      expect(globMatches(`${"**/a/".repeat(300)}b`, "a/".repeat(2000))).toBe(false);
      globMatches("{a,b}".repeat(40), "abab");
      globMatches("{".repeat(5000), "a");
    });
    expect(took).toBeLessThan(500);
  });
});
