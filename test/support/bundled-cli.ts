/** The command line as it is released: one file, bundled once for a test file. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { ROOT } from "../../scripts/paths.ts";

export async function bundleCli(folder: string): Promise<string> {
  const outfile = path.join(folder, "dist/cli.cjs");
  const { bundles } = (await import(pathToFileURL(path.join(ROOT, "esbuild.mjs")).href)) as {
    bundles: () => BuildOptions[];
  };
  const cli = bundles().find((options) => options.outfile === "dist/cli.cjs");
  if (cli === undefined) throw new Error("esbuild.mjs has no bundle for the command line any more");
  await build({ ...cli, outfile });
  return outfile;
}
