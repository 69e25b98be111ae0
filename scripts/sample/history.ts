/**
 * What the sample's agents and people came to believe, oldest first. Chosen so that every state which the view can show
 * is there: edited, expired, reverted, stale, ending soon, pinned, and one file that nobody can read.
 */

import type { Caller } from "../../src/core/proposal.ts";

/** One of the people or agents who write, and the door that they use. */
export type Writer = Pick<Caller, "actor" | "channel" | "trust">;

export const WRITERS = {
  alice: { actor: "human:alice", channel: "editor", trust: "user" },
  bob: { actor: "human:bob", channel: "cli", trust: "user" },
  copilot: { actor: "copilot/gpt-5.2", channel: "tool", trust: "agent" },
  claude: { actor: "claude-code/2.1", channel: "mcp", trust: "agent" },
} as const satisfies Record<string, Writer>;

export interface SampleClaim {
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly tags?: readonly string[];
  readonly scope?: readonly string[];
  readonly pinned?: boolean;
  /** A file of the sample's code and its lines, cited as it was when the memory was written. */
  readonly cites?: { readonly path: string; readonly lines: string };
  readonly endsInDays?: number;
}

interface Step {
  readonly daysAgo: number;
  readonly by: keyof typeof WRITERS;
  readonly session?: string;
  readonly turn?: number;
  /** A person told the agent to, in a host that shows what they typed. */
  readonly told?: true;
  readonly reason: string;
}

export type SampleStep = Step &
  (
    | { readonly act: "add"; readonly key: string; readonly claim: SampleClaim }
    | { readonly act: "update"; readonly key: string; readonly body: string }
    | { readonly act: "expire"; readonly key: string; readonly cause: "wrong" | "outdated" }
    /** Undoes the newest step on this memory. */
    | { readonly act: "revert"; readonly key: string }
    /** A file put on the branch by hand, whatever it holds. */
    | { readonly act: "by-hand"; readonly path: string; readonly text: string }
  );

const BROKEN_FILE = `---
type: Fact
title: "The staging database is reset every night"
title: "The staging database is reset on Sundays"
---

Don't keep test data there.
`;

export const HISTORY: readonly SampleStep[] = [
  {
    act: "add",
    key: "money",
    daysAgo: 40,
    by: "alice",
    reason: "A rounding bug cost us a day of refunds.",
    claim: {
      type: "Convention",
      title: "Money is an integer in cents",
      body: "Store and compute prices as integers in cents.\n\n**Why:** floating point lost a cent per order in March.",
      tags: ["money"],
      scope: ["src/**"],
      pinned: true,
    },
  },
  {
    act: "add",
    key: "retries",
    daysAgo: 38,
    by: "claude",
    session: "s_4h7m2q",
    turn: 3,
    reason: "Read while the mail queue was being tested.",
    claim: {
      type: "Fact",
      title: "Mails are retried three times",
      body: "`deliver` gives up after three attempts and throws the last error.",
      scope: ["src/queue.js"],
      cites: { path: "src/queue.js", lines: "1-11" },
    },
  },
  {
    act: "add",
    key: "npm",
    daysAgo: 37,
    by: "copilot",
    session: "s_9d2k4m",
    turn: 2,
    reason: "package.json names npm as the package manager.",
    claim: {
      type: "Convention",
      title: "Install with npm",
      body: "Use `npm ci` to install the packages.",
      tags: ["tooling"],
    },
  },
  {
    act: "add",
    key: "tests",
    daysAgo: 30,
    by: "alice",
    reason: "Said in review, twice.",
    claim: {
      type: "Convention",
      title: "Tests sit beside the code and use node's runner",
      body: "Name them `*.test.js` and import `node:test`; no test framework.",
      scope: ["src/**/*.test.js"],
    },
  },
  {
    act: "add",
    key: "throwing",
    daysAgo: 26,
    by: "copilot",
    session: "s_2b8w6t",
    turn: 5,
    reason: "Concluded from the shape of the first handler.",
    claim: {
      type: "Convention",
      title: "Handlers throw on bad input",
      body: "Throw an `Error`; the server turns it into a 400.",
    },
  },
  {
    act: "expire",
    key: "npm",
    daysAgo: 24,
    by: "alice",
    cause: "outdated",
    reason: "The project moved to pnpm.",
  },
  {
    act: "add",
    key: "pnpm",
    daysAgo: 24,
    by: "copilot",
    session: "s_6c3x9r",
    turn: 1,
    reason: "The user moved the project to pnpm in this session.",
    claim: {
      type: "Convention",
      title: "Use pnpm, never npm",
      body: "Run every install and script through pnpm.",
      tags: ["tooling"],
      cites: { path: "package.json", lines: "4-4" },
    },
  },
  {
    act: "update",
    key: "pnpm",
    daysAgo: 22,
    by: "alice",
    reason: "The why was missing.",
    body: "Run every install and script through pnpm.\n\n**Why:** an npm lockfile slipped in twice and broke CI.",
  },
  {
    act: "expire",
    key: "throwing",
    daysAgo: 20,
    by: "bob",
    cause: "wrong",
    reason: "Handlers return a result object.",
  },
  {
    act: "add",
    key: "results",
    daysAgo: 20,
    by: "bob",
    reason: "So that no agent concludes the opposite again.",
    claim: {
      type: "Decision",
      title: "Handlers return a result object, they never throw",
      body: "Return `{ ok: false, reason }` for bad input. The server maps it to a status code in one place.",
      scope: ["src/**"],
    },
  },
  {
    act: "add",
    key: "pool",
    daysAgo: 15,
    by: "claude",
    session: "s_7k1f5n",
    turn: 8,
    reason: "Three test runs hung until the pool was closed.",
    claim: {
      type: "Pitfall",
      title: "An open pg pool keeps the test run alive",
      body: "Call `pool.end()` in an `after` hook, or the run never ends.",
      scope: ["src/**/*.test.js"],
      tags: ["postgres", "tests"],
    },
  },
  {
    act: "add",
    key: "release",
    daysAgo: 12,
    by: "alice",
    reason: "Asked for in every release session.",
    claim: {
      type: "Procedure",
      title: "How a release is made",
      body: "1. `pnpm test`\n2. `pnpm version minor`\n3. Push the tag; CI publishes it.",
    },
  },
  {
    act: "update",
    key: "money",
    daysAgo: 9,
    by: "claude",
    session: "s_3p9v1d",
    turn: 4,
    told: true,
    reason: "A code example used decimal prices.",
    body: "Store prices as decimal numbers with two places.",
  },
  {
    act: "revert",
    key: "money",
    daysAgo: 8,
    by: "alice",
    reason: "An example in a test is no rule.",
  },
  {
    act: "add",
    key: "freeze",
    daysAgo: 5,
    by: "bob",
    reason: "Stock-taking.",
    claim: {
      type: "Fact",
      title: "No schema changes until the stock-taking is over",
      body: "Migrations wait; the counting tool reads the tables directly.",
      tags: ["postgres"],
      endsInDays: 2,
    },
  },
  {
    act: "add",
    key: "answers",
    daysAgo: 2,
    by: "copilot",
    session: "s_8t5z2h",
    turn: 1,
    reason: "The user asked for this form twice.",
    claim: {
      type: "Preference",
      title: "Short answers with the command first",
      body: "Give the command, then one sentence of why.",
    },
  },
  {
    act: "by-hand",
    daysAgo: 1,
    by: "bob",
    reason: "Note the reset of staging",
    path: "semantic/fact/staging-database.md",
    text: BROKEN_FILE,
  },
];
