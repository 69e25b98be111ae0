import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isBroken } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import { CliWorld } from "../support/cli-world.ts";

let world: CliWorld;
/** The memory branch as plain files, where a person merges it by hand. */
let checkout: string;

beforeEach(async () => {
  world = new CliWorld();
  await world.init();
  checkout = path.join(world.root, "memory");
});
afterEach(() => world.remove());

const git = (...args: readonly string[]): string =>
  execFileSync("git", args, { cwd: checkout, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).replace(/\n$/, "");
const tried = (...args: readonly string[]): { status: number | null; out: string } => {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: checkout, encoding: "utf8" });
  return { status, out: stdout + stderr };
};
const file = (name: string): string => fs.readFileSync(path.join(checkout, name), "utf8");
const bytes = (name: string): Buffer => fs.readFileSync(path.join(world.code, ".git", name));

/** A memory that is checked out, and a way to change it on a branch of its own. */
async function memoryFile(title = "Use pnpm", ...more: readonly string[]): Promise<string> {
  await world.add(title, ...more);
  if (!fs.existsSync(checkout)) world.git("worktree", "add", "--quiet", checkout, "agent-memory");
  return git("ls-files", "semantic").split("\n").at(-1) ?? "";
}

function commitOn(branch: string, name: string, change: (text: string) => string): void {
  git("checkout", "--quiet", "-B", branch, "agent-memory");
  fs.writeFileSync(path.join(checkout, name), change(file(name)));
  git("commit", "--quiet", "-am", `Change on ${branch}`);
}

async function install(): Promise<void> {
  const { exit, err } = await world.call(["git", "install", "--yes"]);
  if (exit !== 0) throw new Error(err);
}

describe("git merge, with our driver", () => {
  test("joins keys that lie beside each other, where git alone has a conflict", async () => {
    const name = await memoryFile("Use pnpm", "--tag", "ci");
    commitOn("one", name, (text) => text.replace('tags: ["ci"]', 'tags: ["ci", "node"]'));
    commitOn("other", name, (text) =>
      text.replace('title: "Use pnpm"', 'title: "Use pnpm, never npm"').replace('tags: ["ci"]', 'tags: ["ci", "web"]'),
    );
    expect(tried("merge", "--no-edit", "one").status).toBe(1);
    git("merge", "--abort");
    await install();
    expect(tried("merge", "--no-edit", "one").status).toBe(0);
    expect(file(name)).toContain('title: "Use pnpm, never npm"\ntags: ["ci", "node", "web"]\n');
  });

  test("puts markers into the body alone where a person has to choose, and ends with a conflict", async () => {
    const name = await memoryFile();
    commitOn("one", name, (text) => text.replace("Use pnpm.", "Use pnpm 9."));
    commitOn("other", name, (text) => text.replace("Use pnpm.", "Use pnpm 10."));
    await install();
    const { status, out } = tried("merge", "--no-edit", "one");
    expect(status).toBe(1);
    expect(out).toContain(`${name}: a person has to choose (body).`);
    expect(git("ls-files", "--unmerged").split("\n")).toHaveLength(3);
    const text = file(name);
    expect(text).toContain("<<<<<<< ours\nUse pnpm 10.\n=======\nUse pnpm 9.\n>>>>>>> theirs\n");
    expect(isBroken(readMemoryText(name, "", text.replace(/^(?:<<<<<<<|>>>>>>>|=======).*\n/gm, "")))).toBe(false);
  });

  test("merges rebase and cherry-pick alike, and the history by git merge-tree", async () => {
    const name = await memoryFile("Use pnpm", "--tag", "ci");
    commitOn("one", name, (text) => text.replace('["ci"]', '["ci", "node"]'));
    commitOn("other", name, (text) => text.replace('["ci"]', '["ci", "web"]'));
    await install();
    const tree = world.git("merge-tree", "--write-tree", "one", "other").split("\n")[0] ?? "";
    git("checkout", "--quiet", "-B", "picked", "other");
    git("cherry-pick", "one");
    git("checkout", "--quiet", "-B", "rebased", "other");
    git("rebase", "--quiet", "one");
    for (const branch of ["picked", "rebased"]) expect(git("rev-parse", `${branch}^{tree}`)).toBe(tree);
    expect(git("show", `${tree}:${name}`)).toContain('tags: ["ci", "node", "web"]');
  });

  test("leaves files of the code that lie at such a path to git", async () => {
    await memoryFile();
    await install();
    const code = (...args: readonly string[]): string => world.git(...args);
    const write = (text: string): void => fs.writeFileSync(path.join(world.code, "policy.yaml"), text);
    write("replicas: 1\n\nregion: eu\n");
    code("add", ".");
    code("commit", "--quiet", "-m", "Rules of the cluster");
    code("checkout", "--quiet", "-b", "more");
    write("replicas: 2\n\nregion: eu\n");
    code("commit", "--quiet", "-am", "More");
    code("checkout", "--quiet", "main");
    write("replicas: 1\n\nregion: us\n");
    code("commit", "--quiet", "-am", "Elsewhere");
    code("merge", "--quiet", "--no-edit", "more");
    expect(fs.readFileSync(path.join(world.code, "policy.yaml"), "utf8")).toBe("replicas: 2\n\nregion: us\n");
  });

  test("is git's own where the program is gone", async () => {
    const name = await memoryFile();
    commitOn("one", name, (text) => text.replace("Use pnpm.", "Use pnpm 9."));
    commitOn("other", name, (text) => text.replace('title: "Use pnpm"', 'title: "Use pnpm always"'));
    await install();
    const driver = world.git("config", "merge.agent-memory.driver").replaceAll("main.ts", "gone.ts");
    world.git("config", "merge.agent-memory.driver", driver);
    world.git(
      "config",
      "diff.agent-memory.textconv",
      world.git("config", "diff.agent-memory.textconv").replaceAll("main.ts", "gone.ts"),
    );
    expect(tried("merge", "--no-edit", "one").status).toBe(0);
    expect(git("diff", "one", "--", name)).toContain('+title: "Use pnpm always"');
  });

  test("is git's own in a clone where nobody installed it", async () => {
    const name = await memoryFile();
    await install();
    const clone = path.join(world.root, "clone");
    execFileSync("git", ["clone", "--quiet", "--branch", "agent-memory", world.code, clone]);
    expect(fs.existsSync(path.join(clone, ".gitattributes"))).toBe(false);
    expect(execFileSync("git", ["check-attr", "merge", name], { cwd: clone, encoding: "utf8" })).toContain(
      "unspecified",
    );
  });
});

test("what is no UTF-8 is shown byte by byte, so that no difference hides, and a file that is gone is told in words", async () => {
  const file = path.join(world.root, "latin.md");
  fs.writeFileSync(file, Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
  const before = (await world.call(["textconv", file])).out;
  fs.writeFileSync(file, Buffer.from([0x63, 0x61, 0x66, 0xe8, 0x0a]));
  expect([before, (await world.call(["textconv", file])).out]).toEqual(["caf\u00e9\n", "caf\u00e8\n"]);
  fs.rmSync(file);
  expect((await world.call(["textconv", file])).err).toContain("there is no such file or folder. Check the path.");
});

test("git diff shows the claim first, and what the program keeps for itself in one line", async () => {
  const name = await memoryFile("Use pnpm", "--tag", "ci");
  await install();
  commitOn("one", name, (text) =>
    text.replace('title: "Use pnpm"', 'title: "Use pnpm, never npm"').replace("Use pnpm.", "Use pnpm.\n\n**Why:** CI."),
  );
  const shown = world.git("diff", "agent-memory", "one");
  expect(shown.replace(/^(?:diff|index|---|\+\+\+|@@).*\n/gm, "")).toMatch(
    /^-Use pnpm\n\+Use pnpm, never npm\n Fact · everywhere · #ci\n \n Use pnpm\.\n \n\+\*\*Why:\*\* CI\.\n\+\n ends .*\n .* · through cli · trust agent · m_[0-9a-z]{12}$/,
  );
});

describe("git memory git", () => {
  test("shows what it would write, and writes it on a yes", async () => {
    const before = bytes("config");
    const { answer } = await world.json(["git", "install"]);
    expect(answer).toMatchObject({ status: "planned" });
    expect(bytes("config")).toEqual(before);
    const { out } = await world.call(["git", "install"]);
    expect(out).toContain("merge.agent-memory.driver");
    expect(out).toContain("/semantic/**/*.md diff=agent-memory merge=agent-memory");
    expect(out).toContain("Nothing was written. To write this: git memory git install --yes");
    expect((await world.json(["git", "status"])).answer).toMatchObject({ status: "absent" });
    expect((await world.json(["git", "install", "--yes"])).answer).toMatchObject({ status: "installed" });
    expect((await world.json(["git", "status"])).answer).toMatchObject({ status: "installed" });
    expect((await world.json(["git", "install", "--yes"])).answer).toMatchObject({ status: "unchanged", steps: [] });
  });

  test.each([
    ["no attributes", null],
    ["attributes of the user's own", "*.png binary\n"],
    ["attributes without a line break at their end", "*.png binary"],
    ["attributes with CR LF", "*.png binary\r\n*.svg text\r\n"],
  ])("takes out exactly what it wrote: %s", async (_name, attributes) => {
    const at = path.join(world.code, ".git/info/attributes");
    fs.mkdirSync(path.dirname(at), { recursive: true });
    if (attributes !== null) fs.writeFileSync(at, attributes);
    world.git("config", "merge.conflictStyle", "zdiff3");
    world.git("config", "diff.json.textconv", "jq .");
    const before = bytes("config");
    await install();
    expect((await world.json(["git", "uninstall", "--yes"])).answer).toMatchObject({ status: "uninstalled" });
    expect(bytes("config")).toEqual(before);
    expect(fs.existsSync(at) ? fs.readFileSync(at, "utf8") : null).toBe(attributes);
    expect((await world.json(["git", "uninstall", "--yes"])).answer).toMatchObject({ status: "unchanged" });
  });

  test("touches no driver of somebody else's with the same name", async () => {
    world.git("config", "merge.agent-memory.driver", "other %A");
    const before = bytes("config");
    const { exit, answer } = await world.json(["git", "install", "--yes"]);
    expect([exit, answer.error?.code]).toEqual([2, "invalid-input"]);
    await world.json(["git", "uninstall", "--yes"]);
    expect(bytes("config")).toEqual(before);
  });

  test("works where the paths hold spaces, quotes and percent signs", async () => {
    const odd = path.join(world.root, "it's 100% a folder");
    const program = path.join(odd, "bin", "git-memory");
    fs.mkdirSync(path.dirname(program), { recursive: true });
    const main = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
    fs.writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
    const name = await memoryFile("Use pnpm", "--tag", "ci");
    commitOn("one", name, (text) => text.replace('["ci"]', '["ci", "node"]'));
    commitOn("other", name, (text) => text.replace('["ci"]', '["ci", "web"]'));
    const { exit } = await world.call(["git", "install", "--yes"], { env: { COMMIT_TO_MEMORY_DATA: odd } });
    expect(exit).toBe(0);
    expect(world.git("config", "merge.agent-memory.driver")).toContain(
      String.raw`it'\''s 100%% a folder/bin/git-memory'`,
    );
    expect(tried("merge", "--no-edit", "one").status).toBe(0);
    expect(git("diff", "one", "other")).toContain("Fact · everywhere · #ci #");
  });
});
