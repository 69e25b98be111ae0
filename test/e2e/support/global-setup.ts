import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packageExtension } from "../../../scripts/package.ts";
import { buildSampleWorkspace } from "../../../scripts/sample/build.ts";
import { serveBrowser } from "../../../scripts/vscode/browser.ts";
import { ensureBundledVsCode } from "../../../scripts/vscode/bundled.ts";
import { installVsix } from "../../../scripts/vscode/extensions.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The address of the browser that all files open their windows in. */
    browser: string;
    /** The packaged extension. */
    vsix: string;
    /** A folder of installed extensions, with the packaged one in it. */
    extensions: string;
    /** A sample workspace. */
    sample: string;
  }
}

/** Once for all windows: the browser tests run what a user installs, so it is packaged and installed first. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensureBundledVsCode();
  const vsix = packageExtension();
  const work = mkdtempSync(join(tmpdir(), "e2e-shared-"));
  const extensions = join(work, "extensions");
  const sample = join(work, "sample");
  mkdirSync(extensions);
  installVsix(vsix, extensions);
  await buildSampleWorkspace(sample);
  const browser = await serveBrowser();
  project.provide("browser", browser.wsEndpoint());
  project.provide("vsix", vsix);
  project.provide("extensions", extensions);
  project.provide("sample", sample);
  return async () => {
    await browser.close();
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  };
}
