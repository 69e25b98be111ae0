/** Modes of files in a repository that several users share, by git's own rules (path.c, `adjust_shared_perm`). */
import fs from "node:fs";
import { hasCode } from "./system-error.ts";

export interface Sharing {
  readonly bits: number;
  /** The bits are the whole mode, and not what is added to the user's own. */
  readonly replaces: boolean;
}

const GROUP = 0o660;
const EVERYBODY = 0o664;
const SET_GROUP = 0o2000;

/** @param value of `core.sharedRepository`; null: the user's umask decides alone */
export function sharingOf(value: string | undefined): Sharing | null {
  const word = value?.trim().toLowerCase() ?? "umask";
  if (["umask", "false", "no", "off", "0", ""].includes(word)) return null;
  if (["group", "true", "yes", "on", "1"].includes(word)) return { bits: GROUP, replaces: false };
  if (["all", "world", "everybody", "2"].includes(word)) return { bits: EVERYBODY, replaces: false };
  const bits = /^0?[0-7]{3}$/.test(word) ? Number.parseInt(word, 8) & 0o666 : 0;
  // git refuses a mode that would shut out the owner.
  return (bits & 0o600) === 0o600 ? { bits, replaces: true } : null;
}

export function sharedMode(mode: number, sharing: Sharing, isFolder: boolean): number {
  let bits = sharing.bits;
  if ((mode & 0o200) === 0) bits &= ~0o222;
  if (isFolder || (mode & 0o100) !== 0) bits |= (bits & 0o444) >> 2;
  const shared = sharing.replaces ? (mode & ~0o777) | bits : mode | bits;
  return isFolder && (shared & 0o060) !== 0 ? shared | SET_GROUP : shared;
}

/** Gives a file or folder the mode that the repository wants. One that has it, as another user's has, is left alone. */
export function share(file: string, sharing: Sharing | null): void {
  if (sharing === null) return;
  const stat = fs.statSync(file);
  const wanted = sharedMode(stat.mode, sharing, stat.isDirectory());
  if (wanted !== stat.mode) fs.chmodSync(file, wanted & 0o7777);
}

/** Makes a folder in one that is there: where that is gone, the repository was moved, and a ghost of it must not appear. */
export function makeFolderIn(folder: string, sharing: Sharing | null): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    throw error;
  }
  share(folder, sharing);
}
