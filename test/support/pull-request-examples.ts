/** Writes the example comments of docs/pull-requests.md anew, from the review of two real pull requests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { COMMENT_MARKER, markdownReport } from "../../src/core/pull-request/formats/markdown.ts";
import { reviewChange } from "../../src/core/pull-request/review.ts";
import { openReview } from "../../src/git/pull-request/open.ts";
import { SCENARIOS } from "./pull-request-scenarios.ts";
import { PullRequests } from "./pull-requests.ts";
import { ROOT } from "../../scripts/paths.ts";

const PAGE = join(ROOT, "docs/pull-requests.md");
const EXAMPLES = ["honest", "reviving"] as const;
const NOW = new Date("2026-11-23T09:00:00Z");

/** The page with its examples as the review would word them today. */
export async function pageWithExamples(page: string): Promise<string> {
  let text = page;
  for (const name of EXAMPLES) {
    const [start, end] = [`<!-- example: ${name} -->\n`, "<!-- end of example -->"];
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end, from);
    if (from < start.length || to < 0) throw new Error(`docs/pull-requests.md has no place for the example "${name}".`);
    text = `${text.slice(0, from)}\n${await commentOf(name)}\n${text.slice(to)}`;
  }
  return text;
}

export function readPage(): string {
  return readFileSync(PAGE, "utf8");
}

async function commentOf(name: string): Promise<string> {
  const scenario = SCENARIOS.find((one) => one.name.startsWith(`${name}:`));
  if (scenario === undefined) throw new Error(`There is no pull request "${name}".`);
  const world = new PullRequests();
  try {
    const { base = "agent-memory", head = "head" } = scenario.make(world);
    const opened = await openReview({ folder: world.scratch.folder });
    const review = await reviewChange(await opened.request({ base, head }), { ...opened.means, now: NOW });
    await opened.dispose();
    const comment = markdownReport(review).replace(`${COMMENT_MARKER}\n`, "").trimEnd();
    return comment.replaceAll(/^(?=.)/gm, "> ").replaceAll(/^$/gm, ">");
  } finally {
    await world.remove();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const page = await pageWithExamples(readPage());
  writeFileSync(PAGE, `${page.trimEnd()}\n`);
}
