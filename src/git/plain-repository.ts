/**
 * A repository of the ordinary layout, found by git's own files as git finds it (setup.c). Starting git to ask costs more than
 * reading ten thousand memories from the cache. Whatever is out of the ordinary is left to git.
 */
import fs from "node:fs";
import path from "node:path";

export interface PlainRepository {
  readonly gitDir: string;
  /** The work tree's root; null in a bare repository. */
  readonly workTree: string | null;
}

/** The repository around a folder; null where git has to be asked, be it because there is none. */
export function plainRepositoryAround(folder: string): PlainRepository | null {
  try {
    return around(folder);
  } catch (error) {
    // A file where a folder should be, or a folder that may not be looked into: git has words for it.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function around(folder: string): PlainRepository | null {
  const real = fs.realpathSync(folder);
  let up = "";
  for (let at = real; ; at = path.dirname(at)) {
    const found = fs.lstatSync(path.join(at, ".git"), { throwIfNoEntry: false });
    if (found !== undefined) {
      const workTree = path.resolve(folder, up);
      // Over a symbolic link, the way up by name may lead elsewhere.
      if (!found.isDirectory() || fs.realpathSync(workTree) !== at) return null;
      const gitDir = path.join(workTree, ".git");
      return isOwn(workTree) && isOwn(gitDir) && isPlain(gitDir, false) ? { gitDir, workTree } : null;
    }
    // It may be a bare repository, or the folder of one with a work tree.
    if (fs.existsSync(path.join(at, "HEAD"))) return null;
    const above = path.dirname(at);
    // git looks no further than the file system, unless it is told to.
    if (above === at || statOrNull(above)?.dev !== statOrNull(at)?.dev) return null;
    up = path.join(up, "..");
  }
}

/** A bare repository in exactly this folder; null where git has to be asked. */
export function plainBareRepository(folder: string): PlainRepository | null {
  return isPlain(folder, true) ? { gitDir: folder, workTree: null } : null;
}

/** Whether it is a whole repository of SHA-1, with refs as files, that needs no extension and has nothing elsewhere. */
function isPlain(gitDir: string, isBare: boolean): boolean {
  const [head, config] = [textOf(path.join(gitDir, "HEAD")), textOf(path.join(gitDir, "config"))];
  if (head === null || !/^(?:ref: refs\/\S+|[0-9a-f]{40})\n$/.test(head)) return false;
  if (config === null || !/^[\t ]*repositoryformatversion[\t ]*=[\t ]*0[\t ]*$/im.test(config)) return false;
  const others = config
    .replace(/^[\t ]*repositoryformatversion[\t ]*=[\t ]*0[\t ]*$/im, "")
    .replace(isBare ? /^[\t ]*bare[\t ]*=[\t ]*true[\t ]*$/im : /^[\t ]*bare[\t ]*=[\t ]*false[\t ]*$/im, "");
  if ((isBare && others.length === config.length) || /repositoryformatversion|bare|worktree|extensions/i.test(others))
    return false;
  const isFolder = (name: string): boolean => statOrNull(path.join(gitDir, name))?.isDirectory() === true;
  return isFolder("objects") && isFolder("refs") && !fs.existsSync(path.join(gitDir, "commondir"));
}

/** Another user's repository could run their programs: git asks its own user first. */
function isOwn(place: string): boolean {
  return process.geteuid !== undefined && statOrNull(place)?.uid === process.geteuid();
}

function statOrNull(place: string): fs.Stats | null {
  try {
    return fs.statSync(place);
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

/** Null where it can't be read: git says why. */
function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}
