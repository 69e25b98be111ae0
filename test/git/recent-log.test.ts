import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, expect, test } from "vitest";
import { readLog } from "../../src/git/log.ts";
import { openRepository } from "../../src/git/opened.ts";
import { readRecent } from "../../src/git/recent-log.ts";
import { findRepository } from "../../src/git/repository.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { act, claim, fileText, human, Scratch } from "../support/scratch.ts";

const scratches: Scratch[] = [];
afterEach(async () => {
  for (const scratch of scratches.splice(0)) await scratch.remove();
});

async function opened(): Promise<{ scratch: Scratch; both: (from: string, until: string) => Promise<unknown[]> }> {
  const scratch = new Scratch();
  scratches.push(scratch);
  const both = async (from: string, until: string): Promise<unknown[]> => {
    const repository = await findRepository(scratch.folder);
    const open = await openRepository(repository, "refs/heads/main");
    const [a = "", b = ""] = [from, until].map((name) => scratch.git("rev-parse", name));
    const answers = [await readRecent(open, a, b), await readLog(repository.git, a, { until: b })];
    await Promise.all([open.objects.dispose(), open.updater.dispose()]);
    return answers;
  };
  return { scratch, both };
}

/** Commits what is in the work tree, with any message to the byte. */
function commit(scratch: Scratch, message: string | Buffer, ...more: string[]): void {
  scratch.git("add", "--all");
  const args = [
    ...more,
    "commit",
    "--quiet",
    "--allow-empty",
    "--cleanup=verbatim",
    "--allow-empty-message",
    "--file=-",
  ];
  execFileSync("git", args, { cwd: scratch.folder, input: message, stdio: ["pipe", "pipe", "pipe"] });
}

test("A few commits are told as git's log tells them, whatever they changed", async () => {
  const { scratch, both } = await opened();
  scratch.write("semantic/fact/one.md", "one\n");
  scratch.write("semantic/fact/two.md", "two\n");
  commit(scratch, "first\n\nWhy.\n\nMemory-Op: add\n");
  fs.rmSync(scratch.path("semantic/fact/one.md"));
  scratch.write("semantic/fact/one.md/inside.md", "a folder where a file was\n");
  scratch.write("z.md", "é 漢\n");
  commit(scratch, "  odd   subject\n\n\nbody \n\n\n");
  fs.symlinkSync("z.md", scratch.path("link.md"));
  fs.chmodSync(scratch.path("z.md"), 0o755);
  fs.renameSync(scratch.path("semantic/fact/two.md"), scratch.path("semantic/fact/three.md"));
  commit(scratch, "Ünïcode", "-c", "user.name=Zoë  van  Æ", "-c", "user.email=zoë@example.com");
  commit(scratch, "");
  const [ours, gits] = await both("HEAD", "HEAD~4");
  expect(gits).toHaveLength(4);
  expect(ours).toEqual(gits);
});

test("What is out of the ordinary is left to git: merges, other encodings, many commits, another line of history", async () => {
  const { scratch, both } = await opened();
  scratch.git("branch", "side");
  for (let i = 0; i < 9; i++) commit(scratch, `number ${i}`);
  expect((await both("HEAD", "HEAD~8"))[0]).toHaveLength(8);
  commit(scratch, Buffer.from("caf\xe9", "latin1"), "-c", "i18n.commitEncoding=ISO-8859-1");
  expect((await both("HEAD", "HEAD~1"))[0]).toBeNull();
  scratch.git("checkout", "--quiet", "side");
  commit(scratch, "aside");
  expect((await both("HEAD", "main"))[0]).toBeNull();
  scratch.git("merge", "--quiet", "--no-edit", "main");
  expect((await both("HEAD", "HEAD~1"))[0]).toBeNull();
});

test("Dozens of commits to a folder of hundreds of files are told as git's log tells them, and more are left to git", async () => {
  const { scratch, both } = await opened();
  scratch.git("branch", "agent-memory");
  const name = (n: number): string => `semantic/fact/${(n * 7919) % 400}-${"x".repeat(n % 9)}.md`;
  scratch.commitsOutside([Object.fromEntries(Array.from({ length: 400 }, (_, n) => [name(n), `${n}\n`]))]);
  const steps = Array.from({ length: 33 }, (_, n) => ({
    [name(n)]: n % 5 === 0 ? null : `again ${n}\n`,
    ...(n % 3 === 0 ? { [name(399 - n)]: `another ${n}\n` } : {}),
    ...(n % 11 === 0 ? { [`semantic/fact/new/${n}.md`]: "new\n" } : {}),
  }));
  scratch.commitsOutside(steps, "a step");
  for (const count of [1, 7, 8, 9, 31, 32]) {
    const [ours, gits] = await both("agent-memory", `agent-memory~${count}`);
    expect(ours).toHaveLength(count);
    expect(ours).toEqual(gits);
  }
  expect((await both("agent-memory", "agent-memory~33"))[0]).toBeNull();
});

test("Commits that this process wrote itself are told from memory, and just as git tells them", async () => {
  const scratch = new Scratch();
  scratches.push(scratch);
  const store = await scratch.start();
  const until = (await store.repository.tip()) ?? "";
  for (const n of [1, 2, 3]) await addMemory(store, claim(n), act);
  const by = { ...act, caller: { ...human, actor: "human:Zoë  van  Æ" }, reason: "  Odd\n\nreason. " };
  await addMemory(store, claim("é 漢"), { ...by, confirmed: true });
  scratch.commitOutside({ "semantic/fact/by-hand.md": fileText("m_000000000001", "By hand") });
  await store.snapshot();
  await addMemory(store, claim(4), act);
  const ours = await store.repository.log({ until });
  expect(ours).toHaveLength(6);
  // A limit is left to git.
  expect(ours).toEqual(await store.repository.log({ until, limit: 100 }));
});
