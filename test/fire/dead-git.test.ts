import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GitError } from "../../src/core/errors.ts";
import { GitCommand } from "../../src/git/git-command.ts";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "memory-dead-git-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

test.skipIf(process.platform === "win32").each(["kill -9 $$", "echo half an answer; kill -9 $$", "exit 3"])(
  "a git that ends by `%s` has given no answer, and above all no empty one",
  async (end) => {
    const binary = path.join(folder, "git");
    fs.writeFileSync(binary, `#!/bin/sh\n${end}\n`, { mode: 0o755 });
    const git = new GitCommand({ folder, binary });
    await expect(git.ask(["rev-list", "HEAD"])).rejects.toThrow(GitError);
    expect(await git.run(["rev-list", "HEAD"])).toMatchObject({ ok: false });
  },
);
