import { expect, test } from "vitest";
import { troubleOf } from "../../src/git/sync/troubles.ts";

/** As git and the forges print them. */
test.each([
  ["fatal: unable to access 'https://example.com/': Could not resolve host: example.com", "offline"],
  [
    "ssh: connect to host example.com port 22: Connection refused\nfatal: Could not read from remote repository.",
    "offline",
  ],
  ["fatal: unable to access 'https://example.com/': The requested URL returned error: 502", "offline"],
  ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", "sign-in"],
  ["remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://gitlab.com/a/b.git/'", "sign-in"],
  ["git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "sign-in"],
  ["Host key verification failed.\nfatal: Could not read from remote repository.", "host-key"],
  ["remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found", "missing"],
  [
    "remote: Permission to a/b.git denied to alice.\nfatal: unable to access '…': The requested URL returned error: 403",
    "forbidden",
  ],
  [" ! [rejected]        abc -> agent-memory (fetch first)\nerror: failed to push some refs to 'x'", "another-first"],
  [" ! [rejected]        abc -> agent-memory (non-fast-forward)", "another-first"],
  [
    " ! [remote rejected] abc -> agent-memory (cannot lock ref 'refs/heads/agent-memory': is at 1 but expected 2)",
    "another-first",
  ],
  [
    "remote: error: GH006: Protected branch update failed for refs/heads/agent-memory.\nremote: error: Changes must be made through a pull request.\n ! [remote rejected] a -> b (protected branch hook declined)",
    "protected",
  ],
  [
    "remote: error: GH013: Repository rule violations found for refs/heads/agent-memory.\nremote: - Changes must be made through a pull request.",
    "protected",
  ],
  [
    "remote: GitLab: You are not allowed to push code to protected branches on this project.\n ! [remote rejected] a -> b (pre-receive hook declined)",
    "protected",
  ],
  [
    "remote: TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.",
    "protected",
  ],
  [
    "remote: error: GH006: Protected branch update failed.\nremote: error: Commits must have verified signatures.",
    "unsigned",
  ],
  ["remote: GitLab: Commit must be signed with a GPG key", "unsigned"],
  ["remote: error: GH007: Your push would publish a private email address.", "author"],
  [
    "remote: GitLab: Author 'copilot@agent.invalid' is not a member of team\nremote: GitLab: Committer's email 'x' does not follow the pattern",
    "author",
  ],
  [
    "remote: error: GH013: Repository rule violations found\nremote: - GITHUB PUSH PROTECTION\nremote: - Push cannot contain secrets",
    "secret",
  ],
  [" ! [remote rejected] a -> b (shallow update not allowed)", "shallow"],
  ["remote: Not on a Friday.\n ! [remote rejected] a -> b (pre-receive hook declined)", "hook"],
  ["fatal: the earth stood still", "unknown"],
])("%s", (said, trouble) => {
  expect(troubleOf("origin", said).trouble).toBe(trouble);
});

test("one that does not answer in time is away", () => {
  expect(troubleOf("origin", "", true)).toMatchObject({
    trouble: "offline",
    message: "origin did not answer in time.",
  });
});

test("what a server says is quoted without the token in an address", () => {
  const { message } = troubleOf("origin", "fatal: bad thing at 'https://alice:ghp_x@example.com/a.git'");
  expect(message).toContain("https://example.com/a.git");
  expect(message).not.toContain("ghp_x");
});
