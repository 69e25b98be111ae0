import { packageExtension } from "../../../scripts/package.ts";
import { ensureBundledVsCode } from "../../../scripts/vscode/bundled.ts";

/** Once for all windows: the browser tests run what a user installs, so it is packaged first. */
export function setup(): void {
  ensureBundledVsCode();
  packageExtension();
}
