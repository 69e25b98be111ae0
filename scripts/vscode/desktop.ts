import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** An editor to run in, and the sentence that says why this one. */
export type Choice =
  | { readonly kind: "desktop"; readonly executable: string; readonly why: string }
  | { readonly kind: "download"; readonly why: string }
  | { readonly kind: "bundled"; readonly why: string };

/** The desktop VS Code that this machine has, or null. `VSCODE_EXECUTABLE` names one. */
export function findDesktop(): { readonly executable: string; readonly why: string } | null {
  const named = process.env["VSCODE_EXECUTABLE"];
  if (named !== undefined) return { executable: named, why: "VSCODE_EXECUTABLE names it" };
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) =>
      (process.platform === "win32" ? ["code.cmd"] : ["code", "code-insiders"]).map((name) => join(folder, name)),
    )
    .find((path) => existsSync(path));
  if (onPath !== undefined) return { executable: onPath, why: "it is on the PATH" };
  const installed = applicationPaths().find((path) => existsSync(path));
  return installed === undefined ? null : { executable: installed, why: "it is in the usual folder" };
}

function applicationPaths(): string[] {
  if (process.platform === "darwin") {
    const inside = "Visual Studio Code.app/Contents/Resources/app/bin/code";
    return [join("/Applications", inside), join(homedir(), "Applications", inside)];
  }
  if (process.platform === "win32") {
    const folders = [process.env["LOCALAPPDATA"], process.env["ProgramFiles"]];
    return folders.flatMap((folder) =>
      folder === undefined
        ? []
        : [join(folder, "Programs/Microsoft VS Code/bin/code.cmd"), join(folder, "Microsoft VS Code/bin/code.cmd")],
    );
  }
  return ["/usr/share/code/bin/code", "/snap/bin/code", "/var/lib/flatpak/exports/bin/com.visualstudio.code"];
}

/** Whether a window can be shown. */
function noDisplay(): boolean {
  return process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"];
}

const RELEASES = "https://update.code.visualstudio.com/api/releases/stable";

async function downloadObstacle(): Promise<string | null> {
  try {
    const answer = await fetch(RELEASES, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? null : `VS Code's download server answers with ${answer.status}`;
  } catch (error) {
    return `VS Code's download server can't be reached (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Chooses where a person sees the extension: their own desktop VS Code, a downloaded one, or the bundled one in a browser. */
export async function chooseForStart(): Promise<Choice> {
  if (process.env["VSCODE_OFFLINE"] === "1") return { kind: "bundled", why: "VSCODE_OFFLINE=1" };
  if (noDisplay()) return { kind: "bundled", why: "there is no display for a desktop window" };
  const desktop = findDesktop();
  if (desktop !== null) return { kind: "desktop", ...desktop };
  const obstacle = await downloadObstacle();
  return obstacle === null
    ? { kind: "download", why: "no VS Code is installed here" }
    : { kind: "bundled", why: `no VS Code is installed here and ${obstacle}` };
}

/** Chooses where the host tests run. A VS Code that the developer uses is left alone unless they name it. */
export async function chooseForTests(): Promise<Choice> {
  if (process.env["VSCODE_OFFLINE"] === "1") return { kind: "bundled", why: "VSCODE_OFFLINE=1" };
  if (noDisplay()) return { kind: "bundled", why: "there is no display for a desktop window" };
  const named = process.env["VSCODE_EXECUTABLE"];
  if (named !== undefined) return { kind: "desktop", executable: named, why: "VSCODE_EXECUTABLE names it" };
  const obstacle = await downloadObstacle();
  return obstacle === null ? { kind: "download", why: "it can be downloaded" } : { kind: "bundled", why: obstacle };
}
