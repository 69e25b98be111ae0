import { readFileSync } from "node:fs";

/** The version in the manifest that lies above the program, whether it runs bundled or from source. */
export function versionOf(program: URL): string {
  for (const manifest of ["../package.json", "../../package.json"]) {
    const version = versionIn(new URL(manifest, program));
    if (version !== null) return version;
  }
  return "unknown";
}

function versionIn(file: URL): string | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const manifest: unknown = JSON.parse(text);
  if (
    typeof manifest !== "object" ||
    manifest === null ||
    !("name" in manifest) ||
    manifest.name !== "commit-to-memory"
  )
    return null;
  return "version" in manifest && typeof manifest.version === "string" ? manifest.version : null;
}
