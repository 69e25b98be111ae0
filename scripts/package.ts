/** `npm run package`: builds the extension and packages it as a `.vsix`. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "./paths.ts";
import { run } from "./process.ts";

const require = createRequire(import.meta.url);
const PACKAGER = require.resolve("@vscode/vsce/vsce");
/** None of them is packaged, and the packager holds each file that it finds against each rule: the editors for tests cost it a quarter of a minute. */
const LEFT_OUT = new Set([".git", ".vscode-test", "node_modules", "out", "shots"]);

/** Gives the path of the `.vsix`. */
export function packageExtension(): string {
  run("npm", ["run", "--silent", "build"], { cwd: ROOT });
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const vsix = join(ROOT, `${name}-${version}.vsix`);
  const copy = mkdtempSync(join(tmpdir(), "memory-package-"));
  try {
    cpSync(ROOT, copy, { recursive: true, filter: (from) => !LEFT_OUT.has(relative(ROOT, from)) });
    const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--out", vsix];
    run(process.execPath, [PACKAGER, "package", ...options], { cwd: copy });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return vsix;
}

if (import.meta.main) console.log(packageExtension());
