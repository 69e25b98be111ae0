import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainBareRepository, plainRepositoryAround } from "../../src/git/plain-repository.ts";
import { askForRepository, findRepository, type Repository } from "../../src/git/repository.ts";
import { Scratch } from "../support/scratch.ts";

let scratch: Scratch;
beforeEach(() => (scratch = new Scratch({ name: "a repository, mine" })));
afterEach(async () => scratch.remove());

const placesOf = ({ commonDir, gitDir, objectsDir, workTree, mainWorkTree, hash, refFormat }: Repository): unknown => ({
  commonDir,
  gitDir,
  objectsDir,
  workTree,
  mainWorkTree,
  hash,
  refFormat,
});

/** What is found, and what git says of the same folder: the places, or the words of the refusal. */
async function found(folder: string, gitDir?: string): Promise<{ ours: unknown; byGit: unknown }> {
  const told = async (asking: Promise<Repository>): Promise<unknown> =>
    asking.then(placesOf).catch((error: unknown) => String(error));
  return {
    ours: await told(findRepository(folder, undefined, gitDir)),
    byGit: await told(askForRepository(folder, undefined, gitDir)),
  };
}

/** Found at the places that git names, and without git; what differs, where it does. */
const plain = { isPlain: true, differs: null };
const leftToGit = { isPlain: false, differs: null };

async function answer(folder: string): Promise<unknown> {
  const { ours, byGit } = await found(folder);
  const isSame = JSON.stringify(ours) === JSON.stringify(byGit);
  return { isPlain: plainRepositoryAround(folder) !== null, differs: isSame ? null : { ours, byGit } };
}

test("the root and any folder of an ordinary repository are found without git, at the places that git names", async () => {
  fs.mkdirSync(scratch.path("src/Ünïcode/deep"), { recursive: true });
  for (const folder of ["", "src", "src/Ünïcode/deep"]) expect(await answer(scratch.path(folder))).toEqual(plain);
});

test("a detached HEAD, a branch without a commit and packed refs are ordinary", async () => {
  scratch.git("checkout", "--quiet", "--detach");
  expect(await answer(scratch.folder)).toEqual(plain);
  scratch.git("checkout", "--quiet", "--orphan", "new");
  scratch.git("pack-refs", "--all");
  expect(await answer(scratch.folder)).toEqual(plain);
});

test("a bare repository that is named is found without git", async () => {
  const bare = path.join(scratch.root, "bare.git");
  scratch.git("init", "--quiet", "--bare", bare);
  const { ours, byGit } = await found(bare, bare);
  expect(ours).toEqual(byGit);
  expect(plainBareRepository(bare)).not.toBeNull();
  expect(plainBareRepository(scratch.path(".git"))).toBeNull();
});

test.each<[string, () => string]>([
  ["no folder", () => scratch.path("nowhere")],
  [
    "a file",
    () => {
      scratch.write("file.txt", "text");
      return scratch.path("file.txt");
    },
  ],
  ["a folder in no repository", () => scratch.root],
  ["the git folder", () => scratch.path(".git")],
  ["a folder in it", () => scratch.path(".git/refs")],
  [
    "a bare repository",
    () => {
      const bare = path.join(scratch.root, "bare.git");
      scratch.git("init", "--quiet", "--bare", bare);
      return bare;
    },
  ],
  [
    "a linked work tree",
    () => {
      scratch.git("worktree", "add", "--quiet", "--detach", path.join(scratch.root, "linked"));
      return path.join(scratch.root, "linked");
    },
  ],
  [
    "a repository whose git folder is elsewhere",
    () => {
      scratch.git("init", "--quiet", "--separate-git-dir", path.join(scratch.root, "elsewhere"), scratch.folder);
      return scratch.folder;
    },
  ],
  [
    "a work tree that the configuration puts elsewhere",
    () => {
      scratch.git("config", "core.worktree", scratch.root);
      return scratch.folder;
    },
  ],
  [
    "an extension",
    () => {
      scratch.git("config", "core.repositoryFormatVersion", "1");
      scratch.git("config", "extensions.worktreeConfig", "true");
      return scratch.folder;
    },
  ],
  [
    "a format of the future",
    () => {
      scratch.git("config", "core.repositoryFormatVersion", "7");
      return scratch.folder;
    },
  ],
  [
    "a configuration that calls it bare",
    () => {
      scratch.git("config", "core.bare", "true");
      return scratch.folder;
    },
  ],
  [
    "a configuration that calls it bare in the end",
    () => {
      fs.appendFileSync(scratch.path(".git/config"), "[core]\n\tbare\n");
      return scratch.folder;
    },
  ],
  [
    "a repository of SHA-256",
    () => {
      const other = path.join(scratch.root, "sha256");
      scratch.git("init", "--quiet", "--object-format=sha256", other);
      return other;
    },
  ],
  [
    "a damaged HEAD",
    () => {
      fs.writeFileSync(scratch.path(".git/HEAD"), "");
      return scratch.folder;
    },
  ],
  [
    "a missing object store",
    () => {
      fs.rmSync(scratch.path(".git/objects"), { recursive: true });
      return scratch.folder;
    },
  ],
  [
    "an empty .git in a folder of the repository",
    () => {
      fs.mkdirSync(scratch.path("sub/.git"), { recursive: true });
      return scratch.path("sub");
    },
  ],
])("%s is left to git", async (_name, prepare) => {
  expect(await answer(prepare())).toEqual(leftToGit);
});

test("a symbolic link to the repository leads to the same places, and one into it is left to git", async () => {
  fs.mkdirSync(scratch.path("src"));
  const [link, inside] = [path.join(scratch.root, "link"), path.join(scratch.root, "inside")];
  fs.symlinkSync(scratch.folder, link);
  fs.symlinkSync(scratch.path("src"), inside);
  expect(await answer(link)).toEqual(plain);
  expect(plainRepositoryAround(inside)).toBeNull();
});

test.skipIf(process.getuid?.() !== 0)("what belongs to somebody else is left to git, which refuses it", async () => {
  for (const place of [scratch.folder, scratch.path(".git")]) {
    fs.chownSync(place, 12_345, 12_345);
    expect(await answer(scratch.folder)).toEqual(leftToGit);
    fs.chownSync(place, 0, 0);
  }
});
