import { join, resolve } from "node:path";

/** The project's folder. */
export const ROOT = resolve(import.meta.dirname, "..");

/** Everything fetched or made for running an editor; git-ignored and safe to delete. */
export const CACHE = join(ROOT, ".vscode-test");
