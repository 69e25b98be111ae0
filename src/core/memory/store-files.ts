/** The files that a new store begins with, both written for people. */

/** `policy.yaml`: the defaults, spelled out. */
export const policyText = `format: 1

# The rules of this memory store. Only people change this file; what an agent asks for waits.
# A key that is left out has the value shown here.

# How long a new memory lives when nobody named its end: 12h, 30d, 6w, or never.
ttl:
  types:
    Episode: 90d
  # What only an agent vouches for, and the same where it cites code of this repository.
  agent: 90d
  agent_cited: 365d

# Every write is checked. A row can be made stricter: confirm, quarantine or block.
# Rows: dangerous (downloads and runs, hides, sends data away), security (weakens a check),
# orders (tells an agent what to do), facts, score.
gate:
  stricter: {}
  # How long something waits for review before it lapses.
  waiting: 30d
  # Of a hundred ordinary memories, how many may wait for a suspicious wording alone: 1 or 5.
  budget: 5
  # Wording that you have looked at: { phrase: "…", reason: "…", expires: 2027-01-31 }
  allowed: []
  # Your own kinds of secrets: { name: acme-key, pattern: "acme_[0-9a-z]{32}" }
  secrets: []
  # What is stored unseen, at most: bytes of one memory, memories in one change, memories of one session in ten minutes.
  limits:
    bytes: 8192
    files: 25
    burst: 30

trust:
  # true: what arrives from the team's own remote branch counts as reviewed.
  remote: true
  # What an agent's write counts as when nobody can tell what the agent has read: agent or untrusted.
  undeclared: agent
  # The least trust that a memory needs to be stored unseen: by type, and by the code that it is about.
  needed:
    types: {}
    scopes: {}

# Upper bounds of what one request is given.
budgets:
  tokens: 1200
  limit: 12

# Who is named as the author of a commit: actor (who believes it) or user.
author: actor
`;

/** The same for a store whose commits are all signed, the first one too. */
export const signedPolicyText = `${policyText}
# Each commit is signed by the program and key that git is configured with; without the key, a write waits for it.
commits: { sign: always }
`;

/** `README.md`: for the reviewer who meets this branch in a pull request. */
export const storeReadme = `---
type: Reference
title: "What this is"
---

# What coding agents believe about this project

Each file under \`semantic/\` and \`episodic/\` is one belief: something that a coding agent was told or found out, and is
reminded of when it works here. A file that is here is believed; removing a file ends the belief.

To review a change, read it as you would read instructions to a new colleague:

- **Is it true**, and is it true for everyone? The title is the claim; the body says why.
- **Where does it come from?** \`generated\` says who wrote it and when, \`origin\` how it came in, \`sources\` what it rests
  on. \`origin.trust: "untrusted"\` means that it came from outside: a web page, a dependency, somebody's text.
- **Does it ask for less safety** than you have now, or for something to be hidden, fetched or run? Then say no.

\`git log\` shows the reason for each change, and \`git blame\` who put a line there. \`git revert\` of a commit takes it
back. \`policy.yaml\` holds the rules, and only people change it. Old beliefs are in the history, not here.
`;
