/**
 * `npm run lock:complete`: names in package-lock.json every optional package of other platforms.
 *
 * npm leaves an optional package out of the lock file where the registry at hand does not serve it, as mirrors do with
 * platforms that they have no use for; `npm ci` then refuses the lock file everywhere. The version is exact in the package
 * that asks for it, and the platform is in the name, so the entry can be written without asking a registry.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./paths.ts";

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(gnu|musl)|-|$)/;

/** The entries that the lock file lacks, by their place in it. */
export function missingEntries(lock: Lock): Record<string, LockEntry> {
  const missing: Record<string, LockEntry> = {};
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const [, os, cpu, libc] = PLATFORM.exec(name) ?? [];
      const place = `node_modules/${name}`;
      const known = lock.packages[place] ?? lock.packages[`${path}/${place}`];
      if (known !== undefined || os === undefined || cpu === undefined) continue;
      missing[place] = {
        version,
        cpu: [cpu],
        ...(entry.dev === true ? { dev: true } : {}),
        ...(libc === undefined ? {} : { libc: [libc === "gnu" ? "glibc" : libc] }),
        optional: true,
        os: [os],
      };
    }
  }
  return missing;
}

export function readLock(): Lock {
  return JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const lock = readLock();
  const missing = missingEntries(lock);
  const packages = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(
    join(ROOT, "package-lock.json"),
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`,
  );
  console.log(`${Object.keys(missing).length} entries added to package-lock.json.`);
}
