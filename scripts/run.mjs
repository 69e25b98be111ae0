/**
 * `node scripts/run.mjs FILE [arguments]`: runs one of the project's scripts in a tree that is ready for it.
 *
 * All that a fresh clone needs is git and Node 20: this file, in the Node that is there, installs the packages where they
 * are missing or differ from the lock file, compiles the schemas where they changed, then hands over to the Node that came with them (24, which reads TypeScript).
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const modules = join(root, "node_modules");
const generator = join(root, "scripts/generate-validators.mjs");
const windows = process.platform === "win32";
const projectNode = join(modules, "node", "bin", windows ? "node.exe" : "node");

/** What npm installed last is recorded in node_modules itself; optional packages of other platforms are absent there. */
function packagesAreCurrent() {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record) || !existsSync(projectNode)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" || (present[path] ? present[path].version === entry.version : entry.optional === true),
  );
}

function installPackages() {
  console.log("Installing the project's packages (npm ci).");
  const done = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio: "inherit", shell: windows });
  if (done.status !== 0) {
    console.error("npm ci failed; its own words are above.");
    process.exit(done.status ?? 1);
  }
}

/** The schemas may have changed since the packages were installed, which is when their validators are usually made. */
function validatorsAreCurrent() {
  const made = statSync(join(root, "src/core/memory/generated/validators.js"), { throwIfNoEntry: false });
  if (made === undefined) return false;
  const schemas = join(root, "memory-schema");
  const sources = readdirSync(schemas)
    .filter((name) => name.endsWith(".schema.json"))
    .map((name) => join(schemas, name));
  return [generator, ...sources].every((source) => statSync(source).mtimeMs <= made.mtimeMs);
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: node scripts/run.mjs FILE [arguments]");
  process.exit(2);
}
if (!packagesAreCurrent()) installPackages();
if (!validatorsAreCurrent()) {
  const done = spawnSync(projectNode, [generator], { cwd: root, stdio: "inherit" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

const path = [join(modules, "node", "bin"), join(modules, ".bin"), process.env.PATH].join(delimiter);
const child = spawn(projectNode, [resolve(root, file), ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
// A terminal sends Ctrl-C to both; what is sent to this process alone is passed on. The child decides when it is done.
process.on("SIGINT", () => child.kill("SIGINT"));
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
