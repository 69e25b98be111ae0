import path from "node:path";
import { buildSync } from "esbuild";

/** Makes one file, `writer.mjs` in a folder, of the writer: loading its sources one by one costs more than its writes. */
export function bundleWriter(folder: string): void {
  buildSync({
    entryPoints: [path.join(import.meta.dirname, "writer.ts")],
    outfile: path.join(folder, "writer.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}
