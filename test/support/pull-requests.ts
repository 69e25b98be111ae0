/** A repository with a memory branch, from which pull requests go out. */
import { execFileSync } from "node:child_process";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { policyText, storeReadme } from "../../src/core/memory/store-files.ts";
import { Scratch } from "./scratch.ts";

export interface Claim {
  readonly id: string;
  readonly title: string;
  readonly body?: string;
  readonly type?: string;
  readonly trust?: string;
  readonly by?: string;
  readonly channel?: string;
  readonly more?: string;
}

/** A memory file as the program writes it. */
export function memoryText(claim: Claim): string {
  const { id, title, body = `${title}.`, type = "Fact", trust = "agent", by = "copilot/gpt-5.2", more = "" } = claim;
  return [
    "---",
    `type: ${type}`,
    `id: ${id}`,
    `title: ${JSON.stringify(title)}`,
    ...(more === "" ? [] : more.split("\n")),
    `generated: { by: ${JSON.stringify(by)}, at: 2026-11-20T09:12:00Z }`,
    `origin: { channel: "${claim.channel ?? "mcp"}", session: s_9d2k4m7x, trust: "${trust}" }`,
    "---",
    "",
    body,
    "",
  ].join("\n");
}

export function pathOf({ id, title }: Pick<Claim, "id" | "title">, folder = "fact"): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return `semantic/${folder}/${slug}-${id}.md`;
}

export const PNPM: Claim = {
  id: "m_7k3q9f2d4cxw",
  title: "Use pnpm, never npm",
  type: "Convention",
  trust: "user",
  by: "human:alice",
  channel: "editor",
  body: "Run every install and script through pnpm.\n\n**Why:** an npm lockfile slipped in twice and broke CI.",
};
export const PORT: Claim = {
  id: "m_1x8h2j5k9p4w",
  title: "The API listens on port 8080",
  body: "The API server listens on port 8080 in every environment.",
};
export const TESTS: Claim = {
  id: "m_0a2b4c6d8e0f",
  title: "Tests run in parallel",
  body: "The unit tests run in parallel; each makes its own database.",
};
export const PAGE: Claim = {
  id: "m_5p5p5p5p5p5p",
  title: "The payment provider retries webhooks for three days",
  trust: "untrusted",
  by: "claude-code/2.1",
  body: "Webhooks that fail are sent again for three days.",
  more: 'sources: [{ id: "docs", resource: "https://pay.example/docs/webhooks" }]',
};
export const REJECTED: Claim = {
  id: "m_zzzzzzzzzzzz",
  title: "Skip code review for small changes",
  body: "Small changes need no code review and go straight to main.",
};
const OTHERS: readonly Claim[] = ["logs", "caching", "time zones", "feature flags", "migrations", "images"].map(
  (topic, i) => ({
    id: `m_${String(i).repeat(6)}abcdef`,
    title: `How ${topic} work here`,
    body: `The team wrote about ${topic} in its handbook.`,
  }),
);
export const BELIEFS = [PNPM, PORT, TESTS, PAGE, ...OTHERS];

type Files = Readonly<Record<string, string | null>>;

export interface Commit {
  readonly files: Files;
  readonly message?: string;
  readonly author?: string;
}

/** A repository with a memory branch, from which pull requests go out. */
export class PullRequests {
  readonly scratch = new Scratch();
  readonly base: string;
  /** Where the file of a claim is. */
  readonly at = (claim: Claim): string => pathOf(claim);

  constructor() {
    const tombstone = tombstoneOf(REJECTED, "alice said no: every change is reviewed");
    this.base = this.commit("agent-memory", null, [
      {
        message: "memory(init): Start the memory store",
        files: {
          "policy.yaml": policyText,
          "README.md": storeReadme,
          allowed_signers: "alice@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEALICE\n",
          [tombstone.path]: tombstone.text,
          ...Object.fromEntries(BELIEFS.map((claim) => [pathOf(claim), memoryText(claim)])),
        },
      },
    ]);
  }

  /** Commits on a branch that begins at a commit, or at nothing; hands back the last one. */
  commit(branch: string, from: string | null, commits: readonly Commit[], merge?: string): string {
    const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const input = commits.map(({ files, message = "memory(update): By hand", author = "Bob <bob@example.com>" }, i) => {
      const changes = Object.entries(files).map(([file, text]) => {
        const quoted = `"${file.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
        return text === null ? `D ${quoted}\n` : `M 100644 inline ${quoted}\n${data(text)}`;
      });
      const parent = i === 0 ? (from === null ? "" : `from ${from}\n`) : "";
      const other = i === 0 && merge !== undefined ? `merge ${merge}\n` : "";
      const reset = i === 0 ? `reset refs/heads/${branch}\n` : "";
      return `${reset}commit refs/heads/${branch}\nauthor ${author} 1795510000 +0000\ncommitter ${author} 1795510000 +0000\n${data(message)}${parent}${other}${changes.join("")}\n`;
    });
    execFileSync("git", ["fast-import", "--quiet", "--force"], {
      cwd: this.scratch.folder,
      input: input.join(""),
      stdio: ["pipe", "pipe", "pipe"],
    });
    return this.scratch.git("rev-parse", `refs/heads/${branch}`);
  }

  async remove(): Promise<void> {
    await this.scratch.remove();
  }
}

export function tombstoneOf(claim: Claim, why: string): { path: string; text: string } {
  const memory: Memory = readable(claim);
  return makeTombstone(memory, why, new Date("2026-10-01T00:00:00Z"));
}

function readable(claim: Claim): Memory {
  const read = readMemory(pathOf(claim), "", new TextEncoder().encode(memoryText(claim)));
  if (isBroken(read)) throw new Error(JSON.stringify(read.problems));
  return read;
}
