import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./process.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const APPLICATIONS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where Chromium or Chrome is on this machine (`CHROMIUM` names one), or null. */
export function findChromium(): string | null {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) return named;
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/bin", "/snap/bin");
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).concat(APPLICATIONS);
  return candidates.find((path) => existsSync(path)) ?? null;
}

/**
 * Finds Chromium, or installs it by apt where this user may.
 * @throws Error that says what to install where neither is possible.
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== null) return found;
  if (!existsSync("/usr/bin/apt-get"))
    throw new Error("No Chromium or Chrome is here. Install one, or set CHROMIUM to its path.");
  console.log("Installing Chromium by apt-get. This happens once.");
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (...args: string[]): string => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", ...args];
    return run(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  };
  apt("update", "-q");
  apt("install", "-q", "-y", "--no-install-recommends", "chromium");
  const installed = findChromium();
  if (installed === null)
    throw new Error("apt-get installed no chromium. Install Chromium, or set CHROMIUM to its path.");
  return installed;
}
