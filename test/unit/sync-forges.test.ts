import { describe, expect, test } from "vitest";
import { placeOf, pullRequestUrl } from "../../src/git/sync/forges.ts";

const HEAD = "agent-memory-review/pnpm & co";
const urlOf = (address: string): string | null => {
  const place = placeOf(address);
  return place === null ? null : pullRequestUrl(place, HEAD, "agent-memory");
};
const GITHUB = "compare/agent-memory...agent-memory-review/pnpm%20%26%20co?expand=1";
const GITLAB =
  "-/merge_requests/new?merge_request%5Bsource_branch%5D=agent-memory-review%2Fpnpm%20%26%20co&merge_request%5Btarget_branch%5D=agent-memory";
const AZURE = "pullrequestcreate?sourceRef=agent-memory-review%2Fpnpm%20%26%20co&targetRef=agent-memory";
const SERVER =
  "pull-requests?create&sourceBranch=refs%2Fheads%2Fagent-memory-review%2Fpnpm%20%26%20co&targetBranch=refs%2Fheads%2Fagent-memory";

describe("the page of a pull request", () => {
  test.each([
    ["https://github.com/o/r.git", `https://github.com/o/r/${GITHUB}`],
    ["https://alice:ghp_token@github.com/o/r", `https://github.com/o/r/${GITHUB}`],
    ["git@github.com:o/r.git", `https://github.com/o/r/${GITHUB}`],
    ["ssh://git@ssh.github.com:443/o/r.git", `https://github.com/o/r/${GITHUB}`],
    ["https://github.example.com:8443/o/r.git/", `https://github.example.com:8443/o/r/${GITHUB}`],
    ["https://gitlab.com/a/b/c/r.git", `https://gitlab.com/a/b/c/r/${GITLAB}`],
    ["ssh://git@gitlab.example.com:2222/a/b/r.git", `https://gitlab.example.com/a/b/r/${GITLAB}`],
    ["git@altssh.gitlab.com:a/r.git", `https://gitlab.com/a/r/${GITLAB}`],
    ["http://gitlab.local:8080/a/r.git", `http://gitlab.local:8080/a/r/${GITLAB}`],
    [
      "https://me@dev.azure.com/org/My%20Project/_git/repo",
      `https://dev.azure.com/org/My%20Project/_git/repo/${AZURE}`,
    ],
    ["git@ssh.dev.azure.com:v3/org/My%20Project/repo", `https://dev.azure.com/org/My%20Project/_git/repo/${AZURE}`],
    [
      "https://org.visualstudio.com/DefaultCollection/p/_git/r",
      `https://org.visualstudio.com/DefaultCollection/p/_git/r/${AZURE}`,
    ],
    ["org@vs-ssh.visualstudio.com:v3/org/p/r", `https://dev.azure.com/org/p/_git/r/${AZURE}`],
    ["https://tfs.example.com/tfs/Main/p/_git/r", `https://tfs.example.com/tfs/Main/p/_git/r/${AZURE}`],
    ["https://git.example.com/bb/scm/PRJ/r.git", `https://git.example.com/bb/projects/PRJ/repos/r/${SERVER}`],
    ["ssh://git@git.example.com:7999/~alice/r.git", `https://git.example.com/users/alice/repos/r/${SERVER}`],
    [
      "git@bitbucket.org:ws/r.git",
      "https://bitbucket.org/ws/r/pull-requests/new?source=agent-memory-review%2Fpnpm%20%26%20co&dest=agent-memory",
    ],
    [
      "https://codeberg.org/o/r.git",
      "https://codeberg.org/o/r/compare/agent-memory...agent-memory-review/pnpm%20%26%20co",
    ],
  ])("%s", (address, url) => {
    expect(urlOf(address)).toBe(url);
  });

  test.each(["/srv/git/r.git", "../r.git", "file:///srv/r.git", "C:/git/r.git", "https://code.example.com/o/r.git"])(
    "is not known for %s",
    (address) => {
      expect(urlOf(address)).toBeNull();
    },
  );

  test("takes a branch's name whole, whatever is in it", () => {
    const place = placeOf("git@github.com:o/r.git");
    const url = place === null ? null : pullRequestUrl(place, "agent-memory-review/a#1?b%2F+ü", "agent-memory");
    expect(url).toBe(
      "https://github.com/o/r/compare/agent-memory...agent-memory-review/a%231%3Fb%252F%2B%C3%BC?expand=1",
    );
  });

  test("never carries what signs a person in", () => {
    expect(JSON.stringify(placeOf("https://alice:ghp_token@github.com/o/r"))).not.toContain("ghp_token");
  });
});
