/** What we read of git's configuration means to us what it means to git. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findRepository } from "../../src/git/repository.ts";
import type { Settings } from "../../src/git/settings.ts";
import { sharedMode, sharingOf } from "../../src/git/sharing.ts";
import { Scratch } from "../support/scratch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.remove();
});

async function settingsWith(...settings: readonly (readonly [string, string])[]): Promise<Settings> {
  for (const [key, value] of settings) scratch.git("config", key, value);
  return (await findRepository(scratch.folder)).settings();
}

test("without any setting nothing is flushed, shared or fetched, and upkeep is allowed", async () => {
  expect(await settingsWith()).toEqual({
    flushObjects: false,
    flushRefs: false,
    sharing: null,
    promisor: null,
    maintenance: true,
  });
});

test.each([
  ["loose-object", true],
  ["objects", true],
  ["committed", true],
  ["added", true],
  ["all", true],
  ["none", false],
  ["default", false],
  ["pack,reference", false],
  ["all,-loose-object", false],
  ["committed,-objects", false],
  ["none,loose-object", true],
  ["all,none", false],
])("core.fsync=%s flushes loose objects: %s", async (fsync, flushObjects) => {
  expect(await settingsWith(["core.fsync", fsync])).toMatchObject({ flushObjects });
});

test.each([
  ["reference", true],
  ["committed", true],
  ["added,-loose-object", true],
  ["all", true],
  ["objects", false],
  ["default", false],
  ["none", false],
  ["all,-reference", false],
  ["committed,none", false],
])("core.fsync=%s flushes refs: %s", async (fsync, flushRefs) => {
  expect(await settingsWith(["core.fsync", fsync])).toMatchObject({ flushRefs });
});

test.each([
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
])("%s=%s switches upkeep off, in the repository and in the environment alike", async (key, value) => {
  expect(await settingsWith([key, value])).toMatchObject({ maintenance: false });
  scratch.git("config", "--unset", key);
  vi.stubEnv("GIT_CONFIG_COUNT", "1");
  vi.stubEnv("GIT_CONFIG_KEY_0", key);
  vi.stubEnv("GIT_CONFIG_VALUE_0", value);
  expect(await settingsWith()).toMatchObject({ maintenance: false });
});

test("a remote with dots in its name can be where a partial clone fetches from", async () => {
  expect(
    await settingsWith(["remote.my.server.promisor", "true"], ["remote.my.server.partialclonefilter", "tree:0"]),
  ).toMatchObject({ promisor: { remote: "my.server", lacksTrees: true } });
});

describe("modes in a shared repository", () => {
  /** The modes that git itself gives to an object and to the folder that it makes for it. */
  function modesOfGit(sharing: string): { file: number; folder: number } {
    const { objects } = { objects: scratch.path(".git/objects") };
    scratch.git("config", "core.sharedRepository", sharing);
    const file = `${scratch.root}/text`;
    let [id, folder] = ["", objects];
    // A folder that is there already keeps the mode that it had.
    for (let n = 0; fs.existsSync(folder); n++) {
      fs.writeFileSync(file, `${sharing} ${n}`);
      id = scratch.git("hash-object", file);
      folder = `${objects}/${id.slice(0, 2)}`;
    }
    scratch.git("hash-object", "-w", file);
    const modeOf = (path: string): number => fs.statSync(path).mode & 0o7777;
    return { file: modeOf(`${folder}/${id.slice(2)}`), folder: modeOf(folder) };
  }

  test.each(["group", "all", "0640", "0660", "true", "1", "2", "world"])("are git's own (%s)", (value) => {
    const before = process.umask(0o077);
    try {
      const sharing = sharingOf(value);
      if (sharing === null) throw new Error("not shared");
      const { file, folder } = modesOfGit(value);
      expect(sharedMode(0o400, sharing, false).toString(8)).toBe(file.toString(8));
      expect(sharedMode(0o700, sharing, true).toString(8)).toBe(folder.toString(8));
    } finally {
      process.umask(before);
    }
  });

  test.each(["umask", "false", "0", undefined, "nonsense"])("%s leaves them to the user", (value) => {
    expect(sharingOf(value)).toBeNull();
  });
});
