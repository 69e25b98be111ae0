/** Many processes write to a store in `.memory/` at once, while the user commits code on the same branch. */
import { spawn } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { believed, Scratch } from "../support/scratch.ts";
import { land, startOnBranch } from "./support/branch.ts";

const WRITERS = 3;
const WRITES = 6;

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => scratch.remove());

async function writer(name: string): Promise<string[]> {
  const program = path.join(import.meta.dirname, "support/writer.ts");
  const child = spawn(process.execPath, [program, scratch.folder, scratch.data, name, String(WRITES)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return said.split("\n").filter((line) => /^[0-9a-f]{40} m_/.test(line));
}

test("none is lost, none is written twice, and the user's commits are as they were made", async () => {
  const store = await startOnBranch(scratch);
  await store.dispose();
  const state = { isWriting: true };
  const writing = Promise.all(Array.from({ length: WRITERS }, async (_, n) => writer(`writer-${n}`))).finally(() => {
    state.isWriting = false;
  });
  const commits: string[] = [];
  while (state.isWriting) {
    scratch.write("code.txt", `${commits.length}\n`);
    // As a user would, who is told that another git is at work, and tries again.
    const made = ((): boolean => {
      try {
        scratch.git("commit", "--quiet", "--message", `code ${commits.length}`, "code.txt");
        return true;
      } catch (error) {
        if (/index\.lock|cannot lock ref/.test(String(error))) return false;
        throw error;
      }
    })();
    if (made) commits.push(`code ${commits.length}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const acknowledged = (await writing).flat();
  expect(acknowledged).toHaveLength(WRITERS * WRITES);
  scratch.git("commit", "--quiet", "--allow-empty", "--all", "--message=last");
  const again = await scratch.open();
  await land(again);
  expect(await believed(again)).toHaveLength(WRITERS * WRITES);
  const subjects = scratch.git("log", "--reverse", "--format=%s").split("\n");
  expect(subjects.filter((subject) => subject.startsWith("code "))).toEqual(commits);
  expect(subjects.filter((subject) => subject.startsWith("memory(add)"))).toHaveLength(WRITERS * WRITES);
  for (const commit of scratch.git("log", "--format=%H", "--grep=^code ").split("\n"))
    expect(scratch.git("show", "--name-only", "--format=", commit)).toBe("code.txt");
  expect(scratch.git("status", "--porcelain")).toBe("");
  expect(scratch.git("for-each-ref", "refs/memory/pending")).toBe("");
  scratch.fsck();
});
