/** The launcher on disk: where it is, how it would be written, and how it is kept up to date. */
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { dataDirectory } from "../../git/data-directory.ts";
import { applyEdits, type FileEdit, readText } from "./file-edits.ts";
import { type LaunchCommand, launchCommand, launcherFile } from "./launcher-script.ts";

export interface Launcher {
  readonly path: string;
  /** What an agent's configuration names. */
  readonly command: LaunchCommand;
  /** The text that the file should have now. */
  readonly text: string;
}

/** @param extensionPath the installed extension's folder. @param data the user's data directory. */
export function launcherFor(extensionPath: string, data: string = dataDirectory()): Launcher {
  const file = launcherFile({ node: process.execPath, cli: join(extensionPath, "dist", "cli.cjs") }, process.platform);
  const path = join(data, "bin", file.name);
  return { path, command: launchCommand(path, process.platform), text: file.text };
}

/** The edit that writes the launcher; null where it is up to date. */
export async function launcherEdit(launcher: Launcher): Promise<FileEdit | null> {
  const before = await readText(launcher.path);
  return before === launcher.text ? null : { path: launcher.path, before, after: launcher.text };
}

/** Lets the launcher's file be run. */
export async function makeRunnable(launcher: Launcher): Promise<void> {
  if (process.platform !== "win32") await chmod(launcher.path, 0o755);
}

/** Points an existing launcher to where the editor and the extension are now. Never writes one that nobody asked for. */
export async function refreshLauncher(launcher: Launcher): Promise<boolean> {
  const edit = await launcherEdit(launcher);
  if (edit === null || edit.before === null) return false;
  await applyEdits([edit]);
  await makeRunnable(launcher);
  return true;
}
