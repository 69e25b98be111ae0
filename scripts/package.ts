import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.ts";
import { run } from "./process.ts";

/** Builds and packages the extension, and gives the path of the `.vsix`. */
export function packageExtension(): string {
  run("npm", ["run", "--silent", "package"], { cwd: ROOT });
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return join(ROOT, `${name}-${version}.vsix`);
}
