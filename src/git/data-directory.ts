import os from "node:os";
import path from "node:path";

/**
 * Where this user's own data is kept, outside every repository: the personal store, the approval ledger, the launcher.
 * By platform (XDG on Linux, Application Support on macOS, AppData on Windows); `COMMIT_TO_MEMORY_DATA` overrides it.
 */
export function dataDirectory(): string {
  const chosen = process.env["COMMIT_TO_MEMORY_DATA"];
  if (chosen !== undefined && path.isAbsolute(chosen)) return chosen;
  const home = os.homedir();
  if (process.platform === "win32")
    return path.join(process.env["LOCALAPPDATA"] ?? path.join(home, "AppData", "Local"), "commit-to-memory");
  if (process.platform === "darwin") return path.join(home, "Library", "Application Support", "commit-to-memory");
  const xdg = process.env["XDG_DATA_HOME"];
  return path.join(
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home, ".local", "share"),
    "commit-to-memory",
  );
}
