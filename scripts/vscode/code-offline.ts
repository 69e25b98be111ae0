#!/usr/bin/env node
/**
 * Stands in for the desktop `code` executable under @vscode/test-electron: it takes the same arguments, opens the bundled
 * VS Code in a headless browser, and ends as the test run in the extension host ended.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { launchBrowser, newLocalPage } from "./browser.ts";
import { startServer, type Server, type Settings } from "./server.ts";
import { workbenchUrl } from "./workbench-url.ts";

const TIME_LIMIT_MS = 10 * 60_000;

const { values, positionals } = parseArgs({ args: process.argv.slice(2), strict: false, allowPositionals: true });
const text = (name: string): string | undefined => {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
};
const suite = text("extensionTestsPath");
const extension = text("extensionDevelopmentPath");
if (suite === undefined || extension === undefined) {
  throw new Error("code-offline runs tests only: give --extensionDevelopmentPath= and --extensionTestsPath=.");
}

const work = mkdtempSync(join(tmpdir(), "vscode-host-"));
const output = join(work, "output.log");
writeFileSync(output, "");
let printed = 0;
const printOutput = (): void => {
  const bytes = readFileSync(output);
  process.stdout.write(bytes.subarray(printed));
  printed = bytes.length;
};

/** Settings that the caller has put where the desktop build would read them. */
function seededSettings(userDataDir: string | undefined): Settings {
  const file = userDataDir === undefined ? undefined : join(userDataDir, "User/settings.json");
  return file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

async function exitCodeOfRun(server: Server, open: string, extensionPath: string): Promise<number> {
  const browser = await launchBrowser();
  try {
    const page = await newLocalPage(browser);
    const { promise, resolve: finish, reject } = Promise.withResolvers<number>();
    // The workbench calls these two by name when a run was asked for in its address.
    await page.exposeFunction("codeAutomationLog", () => undefined);
    await page.exposeFunction("codeAutomationExit", finish);
    page.on("crash", () => reject(new Error("The page crashed.")));
    server.process.once("exit", (code) => reject(new Error(`VS Code's server ended with ${code}.`)));
    const timer = setTimeout(
      () => reject(new Error(`No result within ${TIME_LIMIT_MS / 60_000} minutes.`)),
      TIME_LIMIT_MS,
    );
    await page.goto(
      workbenchUrl(server.port, {
        open,
        extensionDevelopmentPath: extensionPath,
        extensionTestsPath: join(import.meta.dirname, "host-entry.cjs"),
        proposedApi: "enable-proposed-api" in values,
      }),
    );
    return await promise.finally(() => clearTimeout(timer));
  } finally {
    await browser.close();
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const installed = text("extensions-dir");
const extensionsDir = join(work, "extensions");
if (installed !== undefined && existsSync(installed)) cpSync(installed, extensionsDir, { recursive: true });
const proposed = text("enable-proposed-api");
const server = await startServer({
  extensionsDir,
  testDriver: true,
  workspaceTrust: !("disable-workspace-trust" in values),
  settings: seededSettings(text("user-data-dir")),
  ...(proposed === undefined ? {} : { proposedApi: [proposed] }),
  env: { HOST_TEST_OUTPUT: output, HOST_TEST_SUITE: resolve(suite) },
});
const printing = setInterval(printOutput, 200);
try {
  process.exitCode = await exitCodeOfRun(server, positionals.at(-1) ?? work, extension);
} catch (error) {
  console.error(error);
  console.error(server.log().slice(-3000));
  process.exitCode = 1;
} finally {
  clearInterval(printing);
  printOutput();
  await server.stop();
  rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
}
