/**
 * Runs the suite in test/host inside a real VS Code. @vscode/test-electron always does the launching; only the executable
 * differs. `VSCODE_OFFLINE=1` takes the bundled VS Code, `VSCODE_EXECUTABLE` a given one. An argument is a pattern for the
 * names of the tests to run.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { ROOT } from "./paths.ts";
import { buildSampleWorkspace } from "./sample/build.ts";
import { chooseForTests, type Choice } from "./vscode/desktop.ts";
import { copyExtension } from "./vscode/extensions.ts";

function executableOf(choice: Choice): { readonly vscodeExecutablePath?: string; readonly version?: string } {
  if (choice.kind === "desktop") return { vscodeExecutablePath: choice.executable };
  if (choice.kind === "download") return { version: "stable" };
  return { vscodeExecutablePath: join(ROOT, "scripts/vscode/code-offline.ts") };
}

const suiteFolder = join(ROOT, "test/host");
const built = join(ROOT, "out/test/host");
rmSync(built, { recursive: true, force: true });
await build({
  entryPoints: readdirSync(suiteFolder, { encoding: "utf8" })
    .filter((file) => file === "run.ts" || file.endsWith(".test.ts"))
    .map((file) => join(suiteFolder, file)),
  outdir: built,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  sourcemap: "inline",
  // mocha finds its own files by path at run time.
  external: ["vscode", "mocha"],
  logLevel: "warning",
});

const work = mkdtempSync(join(tmpdir(), "host-test-"));
try {
  const workspace = join(work, "workspace");
  await buildSampleWorkspace(workspace);
  const extensionsDir = join(work, "extensions");
  mkdirSync(extensionsDir);
  copyExtension(join(ROOT, "test/support/scripted-model"), extensionsDir);
  const userDataDir = join(work, "user");
  mkdirSync(join(userDataDir, "User"), { recursive: true });
  writeFileSync(
    join(userDataDir, "User/settings.json"),
    JSON.stringify({ "git.openRepositoryInParentFolders": "never" }),
  );

  const choice = await chooseForTests();
  console.log(`Host tests in the ${choice.kind} VS Code: ${choice.why}.`);
  const pattern = process.argv[2];
  await runTests({
    ...executableOf(choice),
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: join(built, "run.cjs"),
    extensionTestsEnv: pattern === undefined ? {} : { HOST_TEST_PATTERN: pattern },
    launchArgs: [
      workspace,
      `--extensions-dir=${extensionsDir}`,
      `--user-data-dir=${userDataDir}`,
      "--enable-proposed-api=commit-to-memory.scripted-model",
    ],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
}
