import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../process.ts";
import { ensureBundledVsCode } from "./bundled.ts";

/** Copies an unpacked extension into a folder of installed extensions, which an editor scans at its first start. */
export function copyExtension(extension: string, extensionsDir: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(join(extension, "package.json"), "utf8"));
  cpSync(extension, join(extensionsDir, `${publisher}.${name}-${version}`), { recursive: true });
}

/** Installs a packaged extension as VS Code itself does. */
export function installVsix(vsix: string, extensionsDir: string): void {
  const code = ensureBundledVsCode();
  const data = mkdtempSync(join(tmpdir(), "vscode-install-"));
  try {
    const said = run(code.node, [
      join(code.folder, "out/server-main.js"),
      "--accept-server-license-terms",
      "--server-data-dir",
      data,
      "--extensions-dir",
      extensionsDir,
      "--install-extension",
      vsix,
    ]);
    if (!said.includes("was successfully installed")) throw new Error(`VS Code did not install ${vsix}:\n${said}`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
