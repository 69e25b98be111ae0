/**
 * Bundles the three doors: `dist/extension.cjs`, `dist/mcp.cjs`, `dist/cli.cjs`.
 *
 * Only the extension may leave `vscode` outside its bundle. In the other two the import cannot be resolved, so a door
 * that reaches for the editor does not build: the third guard of the import laws, after the type checker and the linter.
 */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, context } from "esbuild";

const root = import.meta.dirname;

/** What a user downloads and the editor parses at start; a bundle over it has taken in something by accident. */
const BUNDLE_LIMIT_BYTES = 1_500_000;

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  // Packages that are written as ES modules ask for their own address, which CommonJS does not have.
  define: { "import.meta.url": "__importMetaUrl" },
  banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
  // Their ES modules bundle smaller than their CommonJS.
  mainFields: ["module", "main"],
};

/** @returns {import("esbuild").BuildOptions[]} */
export function bundles() {
  return [
    { ...shared, entryPoints: ["src/extension/extension.ts"], outfile: "dist/extension.cjs", external: ["vscode"] },
    { ...shared, entryPoints: ["src/mcp/main.ts"], outfile: "dist/mcp.cjs" },
    {
      ...shared,
      entryPoints: ["src/cli/main.ts"],
      outfile: "dist/cli.cjs",
      banner: { js: `#!/usr/bin/env node\n${shared.banner.js}` },
    },
  ];
}

async function buildAll() {
  for (const options of bundles()) {
    await build(options);
    const size = statSync(join(root, options.outfile)).size;
    console.log(`${basename(options.outfile)}: ${Math.round(size / 1000)} kB`);
    if (size > BUNDLE_LIMIT_BYTES) {
      throw new Error(`${options.outfile} has ${size} bytes; the limit is ${BUNDLE_LIMIT_BYTES}.`);
    }
  }
}

async function watchAll() {
  for (const options of bundles()) await (await context({ ...options, logLevel: "info" })).watch();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await (process.argv.includes("--watch") ? watchAll() : buildAll());
}
