/** The making of the personal store, killed together with its git: nothing that they leave stands in the way of the next. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { initialiseStore } from "../../src/core/initialise.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { PROGRAM } from "../support/cli-world.ts";
import { act, believed, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => scratch.remove());

/** Makes the store with a git that does something in a step's place, and then ends with its caller. */
function makeAndDie(step: string, instead: string): void {
  const folder = path.join(scratch.root, "bin");
  fs.mkdirSync(folder);
  const found = process.env["PATH"] ?? "";
  const script = `case "$*" in *'${step}'*) ${instead}; kill -9 $PPID $$;; esac\nPATH='${found}' exec git "$@"\n`;
  fs.writeFileSync(path.join(folder, "git"), `#!/bin/sh\n${script}`, { mode: 0o755 });
  const env = { ...process.env, COMMIT_TO_MEMORY_DATA: scratch.data, PATH: `${folder}${path.delimiter}${found}` };
  const args = [PROGRAM, "init", "--placement", "personal"];
  const { signal } = spawnSync(process.execPath, args, { cwd: scratch.folder, env, stdio: "ignore" });
  expect(signal).toBe("SIGKILL");
}

const STEPS: readonly (readonly [string, string, string])[] = [
  [
    "its repository is made",
    "init --quiet --bare",
    'for place; do :; done; mkdir -p "$place"; : > "$place/HEAD.lock"; echo "ref: refs/heads/agent-memory" > "$place/HEAD"',
  ],
  [
    "its branch is made",
    "update-ref",
    'for word; do case "$word" in --git-dir=*) place="${word#--git-dir=}";; esac; done; : > "$place/refs/heads/agent-memory.lock"; : > "$place/HEAD.lock"',
  ],
];

test.skipIf(process.platform === "win32").each(STEPS)("while %s", async (_name, step, instead) => {
  makeAndDie(step, instead);
  const { personal } = await scratch.stores();
  expect(await personal.exists()).toBe(false);
  await initialiseStore(personal, { caller: human, reason: "" });
  await addMemory(personal, claim(1), act);
  expect(await believed(personal)).toEqual(["Claim number 1"]);
  const left = fs.readdirSync(scratch.data, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /\.lock$|^personal\.git\./.test(name))).toEqual([]);
});
