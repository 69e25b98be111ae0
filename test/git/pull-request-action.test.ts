/** The action, run as GitHub would run it, against an interface of GitHub's that keeps comments. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../scripts/paths.ts";
import { bundleCli } from "../support/bundled-cli.ts";
import { commandsIn, type Ran, readAction, runAction } from "../support/github-runner.ts";
import { SCENARIOS } from "../support/pull-request-scenarios.ts";
import { memoryText, pathOf, PORT, PullRequests, REJECTED } from "../support/pull-requests.ts";

// Each test starts a dozen processes, as a runner does.
vi.setConfig({ testTimeout: 180_000 });

const action = readAction(path.join(ROOT, "action.yml"));
const built = fs.mkdtempSync(path.join(os.tmpdir(), "memory-action-"));
beforeAll(async () => {
  await bundleCli(built);
});
afterAll(() => fs.rmSync(built, { recursive: true, force: true }));

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly type: string };
}

let world: PullRequests;
let server: http.Server;
let comments: Comment[];
let mayWrite: boolean;
let asked: string[];

beforeEach(async () => {
  world = new PullRequests();
  comments = [];
  asked = [];
  mayWrite = true;
  server = http.createServer((request, response) => {
    let sent = "";
    request.on("data", (chunk: Buffer) => (sent += chunk.toString("utf8")));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      asked.push(`${method} ${url}`);
      const answer = (status: number, value: unknown): void =>
        void response.writeHead(status).end(JSON.stringify(value));
      if (headers.authorization !== "Bearer t0ken") return answer(401, {});
      if (method === "GET") return answer(200, comments);
      if (!mayWrite) return answer(403, { message: "Resource not accessible by integration" });
      const { body }: { body: string } = JSON.parse(sent);
      if (method === "POST") comments.push({ id: comments.length + 1, body, user: { type: "Bot" } });
      const own = comments.find(({ id }) => url.endsWith(`/comments/${id}`));
      if (method === "PATCH" && own !== undefined) own.body = body;
      return answer(method === "POST" ? 201 : 200, {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await world.remove();
});

interface Runner {
  readonly base?: string;
  readonly actionPath?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The checkout of a runner: all of the history, and the merge of both sides as its work tree. */
async function run(
  head: string,
  inputs: Record<string, string> = {},
  { base = world.base, actionPath = built, env = {} }: Runner = {},
): Promise<Ran> {
  const { port } = server.address() as AddressInfo;
  return runAction({
    action,
    actionPath,
    workspace: world.scratch.folder,
    temp: path.join(world.scratch.root, "temp"),
    inputs,
    github: {
      token: "t0ken",
      event: { pull_request: { number: 7, base: { sha: base }, head: { sha: head } } },
    },
    env: {
      PATH: `${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      HOME: world.scratch.root,
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_REPOSITORY: "team/project",
      ...env,
    },
  });
}

const NODE = { id: "m_2b2b2b2b2b2b", title: "The build needs Node 24" };
const honest = { files: { [pathOf(NODE)]: memoryText(NODE) } };
const back = { ...REJECTED, id: "m_8g8g8g8g8g8g" };
const revived = { files: { [pathOf(back)]: memoryText(back) } };

test("an honest pull request passes, with a comment that later runs update", async () => {
  const first = await run(world.commit("head", world.base, [honest]));
  expect(first).toMatchObject({ ok: true, outputs: { result: "fine" } });
  expect(first.summary).toMatch(/## Memory review[\s\S]*`The build needs Node 24`/);
  expect(comments.map(({ body }) => body)).toEqual([first.summary]);

  comments.unshift({ id: 99, body: "<!-- git-memory-review --> by somebody else", user: { type: "User" } });
  const second = await run(world.commit("head", world.base, [honest, { files: { [pathOf(PORT)]: null } }]));
  expect(second.outputs["summary"]).toMatch(/^It adds 1 belief and ends 1\./);
  expect(comments.map(({ body }) => body)).toEqual(["<!-- git-memory-review --> by somebody else", second.summary]);
});

test("what the gate refuses fails the job, with the place in the files and SARIF", async () => {
  const head = world.commit("head", world.base, [revived]);
  const { ok, log, outputs } = await run(head, { sarif: "memory.sarif" });
  expect(ok).toBe(false);
  expect(outputs["result"]).toBe("findings");
  expect(commandsIn(log)).toContainEqual(
    expect.stringMatching(/^::error file=semantic\/fact\/[^,]*,line=1,title=tombstone\/same::/),
  );
  expect(commandsIn(log).at(-1)).toMatch(/^::error title=Memory review::It adds 1 belief\. One thing must be mended/);
  const sarif: unknown = JSON.parse(fs.readFileSync(path.join(world.scratch.folder, "memory.sarif"), "utf8"));
  expect(sarif).toMatchObject({ version: "2.1.0", runs: [{ tool: { driver: { name: "git-memory" } } }] });
  expect(await run(head, { "fail-on": "never" })).toMatchObject({ ok: true, outputs: { result: "fine" } });
});

test("from a fork whose names would run as commands, nothing runs, and the report is in the summary alone", async () => {
  const fork = SCENARIOS.find(({ name }) => name.startsWith("from a fork"));
  const branch = fork?.make(world).head ?? "";
  // The work tree is the fork's, as after the usual checkout, with its own idea of the rules.
  world.scratch.write("policy.yaml", "format: 1\ngate: { budget: 1 }\n");
  world.scratch.write(".gitattributes", "*.md binary diff=evil filter=evil\n");
  world.scratch.write("dist/cli.cjs", "require('fs').writeFileSync('pwned', '')\n");
  mayWrite = false;
  const { ok, log, summary } = await run(world.scratch.git("rev-parse", `refs/heads/${branch}`));
  expect(ok).toBe(true);
  expect(comments).toEqual([]);
  expect(summary).toMatch(/@team/);
  expect(commandsIn(log)).toEqual([expect.stringMatching(/^::notice title=Memory review::The token may not comment/)]);
  expect(fs.readdirSync(world.scratch.folder)).not.toContain("pwned");
  expect(fs.readdirSync(world.scratch.folder)).not.toContain("x");

  // Named by hand, as a workflow for other events would.
  expect(await run("", { base: "agent-memory", head: branch })).toMatchObject({ ok: true });
  expect(fs.readdirSync(world.scratch.folder)).not.toContain("pwned");
});

test("a pull request without memories is passed over in silence", async () => {
  const { ok, outputs } = await run(world.base);
  expect({ ok, result: outputs["result"] }).toEqual({ ok: true, result: "fine" });
  expect(comments).toEqual([]);
});

test("a shallow checkout, a missing command line and another event each fail and say what to do", async () => {
  world.commit("head", world.base, [honest]);
  world.commit("agent-memory", world.base, [{ files: { [pathOf(PORT)]: null } }]);
  const shallow = path.join(world.scratch.root, "shallow");
  execFileSync("git", ["clone", "-q", "--depth=1", "--no-single-branch", `file://${world.scratch.folder}`, shallow], {
    stdio: "ignore",
  });
  comments.push({ id: 1, body: "<!-- git-memory-review -->\nas it was", user: { type: "Bot" } });
  const cut = await run("", { base: "agent-memory", head: "head", folder: shallow });
  expect(cut).toMatchObject({ ok: false, outputs: { result: "failed" } });
  expect(cut.log).toMatch(/This clone is shallow.*fetch-depth: 0/);
  expect(comments.map(({ body }) => body)).toEqual([expect.stringMatching(/could not be reviewed/)]);
  expect((await run("", { cli: "/nowhere/cli.cjs" })).log).toMatch(/no command line at \/nowhere\/cli\.cjs/);
  expect((await run("", {})).log).toMatch(/Run this on pull_request/);
});

/** This project as it would be checked out, without what is built. */
function copyOfSource(): string {
  const source = path.join(world.scratch.root, "source");
  const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listed, { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const file of files.filter((name) => name !== "" && fs.existsSync(path.join(ROOT, name))))
    fs.cpSync(path.join(ROOT, file), path.join(source, file));
  return source;
}

/** What this project's own packages were installed with, so that little has to be fetched again. */
function npmAsHere(): Record<string, string> {
  const npm = (name: string): string => execFileSync("npm", ["config", "get", name], { encoding: "utf8" }).trim();
  return {
    npm_config_cache: npm("cache"),
    npm_config_registry: npm("registry"),
    npm_config_prefer_offline: "true",
  };
}

test("a checkout of this project's source builds the command line once, and asks no file of the branch how", async () => {
  const source = copyOfSource();
  world.scratch.write(".npmrc", "registry=http://127.0.0.1:1/\nignore-scripts=false\n");
  world.scratch.write(
    "package.json",
    JSON.stringify({ scripts: { preinstall: "touch pwned", prepare: "touch pwned" } }),
  );
  const head = world.commit("head", world.base, [honest]);
  const env = npmAsHere();
  const first = await run(head, {}, { actionPath: source, env });
  expect(first, first.log).toMatchObject({ ok: true, outputs: { result: "fine" } });
  expect(comments).toEqual([expect.objectContaining({ body: expect.stringMatching(/`The build needs Node 24`/) })]);
  expect(fs.existsSync(path.join(source, "node_modules/vitest"))).toBe(false);
  expect(fs.existsSync(world.scratch.path("pwned"))).toBe(false);

  fs.rmSync(path.join(source, "node_modules"), { recursive: true });
  expect(await run(head, {}, { actionPath: source })).toMatchObject({ ok: true });
  expect(fs.existsSync(path.join(source, "node_modules"))).toBe(false);

  fs.rmSync(path.join(source, "dist"), { recursive: true });
  const nowhere = {
    npm_config_cache: path.join(world.scratch.root, "empty"),
    npm_config_registry: "http://127.0.0.1:1/",
    npm_config_fetch_retries: "0",
  };
  const cut = await run(head, {}, { actionPath: source, env: nowhere });
  expect(cut).toMatchObject({ ok: false, outputs: { result: "failed" } });
  expect(cut.log).toMatch(/ECONNREFUSED[\s\S]*could not be built from this action's source/);
});

test("the token goes to the interface named by the runner, and to nothing else", async () => {
  const { log, summary } = await run(world.commit("head", world.base, [honest]));
  expect(log + summary).not.toMatch(/t0ken/);
  expect(asked).toEqual([
    "GET /repos/team/project/issues/7/comments?per_page=100&page=1",
    "POST /repos/team/project/issues/7/comments",
  ]);
});

describe("the GitLab job", () => {
  const template: { "memory-review": { script: string[] }; variables: Record<string, string> } = parse(
    fs.readFileSync(path.join(ROOT, "ci/gitlab.yml"), "utf8"),
  );
  const job = (head: string, more: Record<string, string> = {}): Promise<{ code: number | null; said: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn("sh", ["-c", template["memory-review"].script.join("\n")], {
        cwd: world.scratch.folder,
        env: {
          PATH: process.env["PATH"] ?? "",
          ...template.variables,
          GIT_MEMORY_CLI: path.join(built, "dist/cli.cjs"),
          CI_MERGE_REQUEST_TARGET_BRANCH_SHA: "",
          CI_MERGE_REQUEST_DIFF_BASE_SHA: world.base,
          CI_COMMIT_SHA: head,
          ...more,
        },
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, said }));
    });
  const read = (file: string): string => fs.readFileSync(path.join(world.scratch.folder, file), "utf8");

  test("reviews a merge request and leaves its reports", async () => {
    expect(await job(world.commit("head", world.base, [revived]))).toMatchObject({ code: 3 });
    expect(JSON.parse(read("gl-code-quality-report.json"))).toContainEqual(
      expect.objectContaining({ check_name: "tombstone/same", severity: "blocker" }),
    );
    expect(read("memory-review.xml")).toMatch(/<failure /);
    expect(read("memory-review.md")).toMatch(/rejected on 2026-10-01/);
  });

  test("builds the command line from the version of this project that it is told, where it is given none", async () => {
    const source = copyOfSource();
    const git = (...args: string[]): string => world.scratch.gitIn(source, ...args);
    git("init", "--quiet", "--template=");
    git("add", "-A");
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "Version 1");
    git("tag", "v1.0.0");
    world.scratch.write(".npmrc", "registry=http://127.0.0.1:1/\n");
    const { code, said } = await job(world.commit("head", world.base, [honest]), {
      ...npmAsHere(),
      HOME: world.scratch.root,
      TMPDIR: fs.mkdtempSync(path.join(world.scratch.root, "tmp-")),
      GIT_MEMORY_CLI: "",
      MEMORY_SOURCE: `file://${source}`,
      MEMORY_VERSION: "v1.0.0",
    });
    expect(code, said).toBe(0);
    expect(read("memory-review.md")).toMatch(/The build needs Node 24/);
  });

  test("writes a note where it has a token for it, updates its own alone, and never hides the result", async () => {
    const notes = [{ id: 1, body: "<!-- git-memory-review --> by somebody else", author: { id: 5 } }];
    const gitlab = http.createServer((request, response) => {
      let sent = "";
      request.on("data", (chunk: Buffer) => (sent += chunk.toString("utf8")));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        asked.push(`${method} ${url}`);
        const answer = (status: number, value: unknown): void =>
          void response.writeHead(status).end(JSON.stringify(value));
        if (headers["private-token"] !== "t0ken") return answer(403, {});
        if (url === "/user") return answer(200, { id: 7 });
        if (method === "GET") return answer(200, notes);
        const { body }: { body: string } = JSON.parse(sent);
        if (method === "POST") notes.push({ id: notes.length + 1, body, author: { id: 7 } });
        const own = notes.find(({ id }) => url.endsWith(`/notes/${id}`));
        if (method === "PUT" && own !== undefined) own.body = body;
        return answer(200, {});
      });
    });
    await new Promise<void>((resolve) => gitlab.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = gitlab.address() as AddressInfo;
      const at = { CI_API_V4_URL: `http://127.0.0.1:${port}`, CI_PROJECT_ID: "3", CI_MERGE_REQUEST_IID: "9" };
      const token = { ...at, MEMORY_REVIEW_TOKEN: "t0ken" };
      expect(await job(world.base, token)).toMatchObject({ code: 0 });
      expect(notes).toHaveLength(1);
      expect(await job(world.commit("head", world.base, [revived]), token)).toMatchObject({ code: 3 });
      expect(notes.map(({ body }) => body)).toEqual([
        "<!-- git-memory-review --> by somebody else",
        read("memory-review.md"),
      ]);
      const { code, said } = await job(world.commit("head", world.base, [honest]), token);
      expect(code).toBe(0);
      expect(notes[1]?.body).toMatch(/The build needs Node 24/);
      expect(said).not.toMatch(/t0ken/);
      expect(asked).toContain("PUT /projects/3/merge_requests/9/notes/2");
      const refused = await job(world.commit("head", world.base, [revived]), { ...at, MEMORY_REVIEW_TOKEN: "other" });
      expect(refused).toMatchObject({ code: 3, said: expect.stringMatching(/could not be written \(HTTP 403\)/) });
    } finally {
      await new Promise((resolve) => gitlab.close(resolve));
    }
  });
});
