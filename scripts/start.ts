/**
 * `npm start`: opens a real VS Code, with the extension, on a sample workspace. `npm start -- --check` opens the bundled
 * one in a headless browser instead, waits for the extension to show itself, and ends.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { packageExtension } from "./package.ts";
import { CACHE, ROOT } from "./paths.ts";
import { run } from "./process.ts";
import { buildSampleWorkspace } from "./sample/build.ts";
import { launchBrowser, newLocalPage } from "./vscode/browser.ts";
import { chooseForStart, type Choice } from "./vscode/desktop.ts";
import { installVsix } from "./vscode/extensions.ts";
import { startServer } from "./vscode/server.ts";
import { workbenchUrl } from "./vscode/workbench-url.ts";

const ICON = '.activitybar [aria-label^="Commit to Memory"]';
const WINDOW_LIMIT_MS = 90_000;

const checking = process.argv.includes("--check");
const choice: Choice = checking
  ? { kind: "bundled", why: "--check looks at it with a browser" }
  : await chooseForStart();
console.log(`Starting the ${choice.kind} VS Code: ${choice.why}.`);

const workspace = join(CACHE, "sample");
rmSync(workspace, { recursive: true, force: true });
await buildSampleWorkspace(workspace);

if (choice.kind === "bundled") await startBundled();
else
  await startDesktop(
    choice.kind === "desktop" ? choice.executable : await downloadAndUnzipVSCode({ cachePath: CACHE }),
  );

async function startDesktop(executable: string): Promise<void> {
  run(process.execPath, [join(ROOT, "esbuild.mjs")], { cwd: ROOT });
  const args = [`--extensionDevelopmentPath=${ROOT}`, "--disable-workspace-trust", "--new-window", "--wait"];
  args.push(`--user-data-dir=${join(CACHE, "user")}`, `--extensions-dir=${join(CACHE, "user-extensions")}`, workspace);
  console.log(`Opening ${workspace} in ${executable}. Close the window or press Ctrl-C to end.`);
  const editor = spawn(executable, args, { stdio: "ignore", shell: process.platform === "win32" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => editor.kill());
  await once(editor, "exit");
}

async function startBundled(): Promise<void> {
  const extensionsDir = mkdtempSync(join(tmpdir(), "vscode-extensions-"));
  mkdirSync(extensionsDir, { recursive: true });
  try {
    installVsix(packageExtension(), extensionsDir);
    const server = await startServer({ extensionsDir });
    try {
      const address = workbenchUrl(server.port, { open: workspace });
      console.log(`VS Code is at ${address}`);
      if (checking) await checkWindow(address);
      else await untilInterrupted();
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(extensionsDir, { recursive: true, force: true });
  }
}

async function checkWindow(address: string): Promise<void> {
  const browser = await launchBrowser();
  try {
    const page = await newLocalPage(browser);
    await page.goto(address);
    await page.waitForSelector(ICON, { timeout: WINDOW_LIMIT_MS });
    console.log("The workbench answers and shows the extension.");
  } finally {
    await browser.close();
  }
}

async function untilInterrupted(): Promise<void> {
  console.log("Open this address in a browser. Press Ctrl-C to end.");
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
  });
  clearInterval(alive);
  console.log("Stopping.");
}
