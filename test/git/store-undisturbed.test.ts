import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { initialiseStore } from "../../src/core/initialise.ts";
import { planRevertOfMemory, revert } from "../../src/core/provenance/revert.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;

beforeEach(() => {
  scratch = new Scratch();
  scratch.write("code.ts", "1\n");
  scratch.write("other.ts", "1\n");
  scratch.git("add", ".");
  scratch.git("commit", "--quiet", "--message=code");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.remove();
});

/** Everything that the store does to a repository. */
async function useTheStore(store: MemoryStore): Promise<void> {
  await initialiseStore(store, { caller: human, reason: "" });
  const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
  await updateMemory(store, id, { body: "Another body." }, act);
  await expireMemories(store, [id], { ...act, cause: "wrong" });
  await revert(store, await planRevertOfMemory(store, id), act);
  await store.journal.entries();
}

/** The developer's side of the repository: every file of the work tree and of the git folder that isn't ours or an object. */
function developersSide(): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const entry of fs.readdirSync(scratch.folder, { recursive: true, withFileTypes: true })) {
    const file = path.relative(scratch.folder, path.join(entry.parentPath, entry.name));
    const isOurs = /^\.git\/(objects|memory|refs\/heads\/agent-memory$|logs\/refs\/heads\/agent-memory$)/.test(file);
    if (entry.isFile() && !isOurs)
      seen[file] = createHash("sha256")
        .update(fs.readFileSync(path.join(scratch.folder, file)))
        .digest("hex");
  }
  return seen;
}

describe("the developer's work is byte for byte as it was", () => {
  const situations: Record<string, () => void> = {
    "with staged, unstaged and untracked work": () => {
      scratch.write("code.ts", "staged\n");
      scratch.git("add", "code.ts");
      scratch.write("code.ts", "unstaged\n");
      scratch.write("new.ts", "untracked\n");
    },
    "with a stash": () => {
      scratch.write("code.ts", "stashed\n");
      scratch.git("stash", "--quiet");
    },
    "in a merge that stopped at a conflict": () => {
      diverge();
      expect(() => scratch.git("merge", "--quiet", "side")).toThrow("Command failed");
    },
    "in a rebase that stopped at a conflict": () => {
      diverge();
      expect(() => scratch.git("rebase", "--quiet", "side")).toThrow("Command failed");
    },
    "with a detached HEAD": () => {
      scratch.git("checkout", "--quiet", "--detach");
    },
    "while another git holds the index": () => {
      scratch.write(".git/index.lock", "");
    },
  };

  function diverge(): void {
    scratch.git("checkout", "--quiet", "-b", "side");
    scratch.write("code.ts", "side\n");
    scratch.git("commit", "--quiet", "--all", "--message=side");
    scratch.git("checkout", "--quiet", "main");
    scratch.write("code.ts", "main\n");
    scratch.git("commit", "--quiet", "--all", "--message=main");
  }

  test.each(Object.entries(situations))("%s", async (_name, arrange) => {
    arrange();
    const before = developersSide();
    const store = await scratch.open();
    await useTheStore(store);
    await store.dispose();
    expect(developersSide()).toEqual(before);
    fs.rmSync(scratch.path(".git/index.lock"), { force: true });
    scratch.fsck();
  });
});

const HOOKS = [
  "pre-commit",
  "commit-msg",
  "prepare-commit-msg",
  "post-commit",
  "reference-transaction",
  "post-checkout",
  "post-index-change",
  "post-rewrite",
  "pre-auto-gc",
];

test.each(["hooks", "core.hooksPath"])("no hook runs, set by %s", async (place) => {
  const hooks = place === "hooks" ? ".git/hooks" : "team-hooks";
  for (const name of HOOKS) {
    scratch.write(`${hooks}/${name}`, `#!/bin/sh\necho ${name} >> "${scratch.root}/ran"\nexit 1\n`);
    fs.chmodSync(scratch.path(hooks, name), 0o755);
  }
  if (place !== "hooks") scratch.git("config", "core.hooksPath", "team-hooks");
  expect(() => scratch.git("commit", "--allow-empty", "--message=x")).toThrow("Command failed");
  expect(fs.readFileSync(`${scratch.root}/ran`, "utf8")).toContain("pre-commit");
  fs.rmSync(`${scratch.root}/ran`);
  await useTheStore(await scratch.open());
  expect(fs.existsSync(`${scratch.root}/ran`)).toBe(false);
});

test("a configuration that signs, pages, colours, prompts and monitors changes nothing", async () => {
  const settings = {
    "commit.gpgSign": "true",
    "tag.gpgSign": "true",
    "gpg.program": "/bin/false",
    "log.showSignature": "true",
    "core.pager": "/bin/false",
    "core.editor": "/bin/false",
    "core.fsmonitor": "/bin/false",
    "color.ui": "always",
    "log.date": "relative",
    "log.follow": "true",
    "i18n.logOutputEncoding": "ISO-8859-1",
    "blame.showEmail": "true",
    "user.useConfigOnly": "true",
    "merge.conflictStyle": "diff3",
    "core.logAllRefUpdates": "false",
  };
  for (const [key, value] of Object.entries(settings)) scratch.git("config", key, value);
  const store = await scratch.open();
  await useTheStore(store);
  const written = await addMemory(store, claim(2, { title: "Größe in Käse" }), act);
  expect((await store.journal.entries())[0]?.text.subject).toBe("Größe in Käse");
  expect(scratch.git("log", "-1", "--format=%G?", written.commit)).toBe("N");
});

test("the variables of a surrounding git, as inside a hook, do not mislead", async () => {
  const elsewhere = new Scratch();
  vi.stubEnv("GIT_DIR", elsewhere.path(".git"));
  vi.stubEnv("GIT_WORK_TREE", elsewhere.folder);
  vi.stubEnv("GIT_INDEX_FILE", elsewhere.path("odd-index"));
  vi.stubEnv("GIT_OBJECT_DIRECTORY", elsewhere.path(".git/objects/incoming"));
  vi.stubEnv("GIT_QUARANTINE_PATH", elsewhere.path(".git/objects/incoming"));
  vi.stubEnv("GIT_LITERAL_PATHSPECS", "1");
  await useTheStore(await scratch.open());
  vi.unstubAllEnvs();
  expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("5");
  expect(elsewhere.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect(fs.existsSync(elsewhere.path("odd-index"))).toBe(false);
  await elsewhere.remove();
});

test("a write works without a configured name, and says that it is unknown", async () => {
  scratch.git("config", "--unset", "user.name");
  scratch.git("config", "--unset", "user.email");
  scratch.git("config", "user.useConfigOnly", "true");
  const store = await scratch.open();
  await useTheStore(store);
  expect(scratch.git("log", "-1", "--format=%cn <%ce>", "agent-memory")).toBe("unknown <unknown@user.invalid>");
  scratch.fsck();
});

test("a commit in the middle of the developer's own is carried by nobody", async () => {
  scratch.write("code.ts", "staged\n");
  scratch.git("add", "code.ts");
  await useTheStore(await scratch.open());
  scratch.git("commit", "--quiet", "--message=mine");
  expect(scratch.git("show", "--format=", "--name-only", "HEAD")).toBe("code.ts");
});
