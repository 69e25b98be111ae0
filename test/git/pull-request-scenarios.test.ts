/** Twenty pull requests on real repositories, each in every form of the review. */
import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };
import { Ajv } from "ajv";
import { afterEach, describe, expect, test } from "vitest";
import { inFormat, type Format } from "../../src/cli/review/formats.ts";
import { render } from "../../src/cli/terminal.ts";
import type { Review } from "../../src/core/pull-request/model.ts";
import { reviewChange } from "../../src/core/pull-request/review.ts";
import { failsAt, raisedIn } from "../../src/core/pull-request/wording.ts";
import { openReview } from "../../src/git/pull-request/open.ts";
import { checkAnswer } from "../support/cli-world.ts";
import { SCENARIOS, type Scenario } from "../support/pull-request-scenarios.ts";
import { PullRequests } from "../support/pull-requests.ts";

// It is of JSON Schema's draft 4, of which it uses nothing that later drafts read otherwise, but for its own name.
const { $schema: _draft, id: _name, ...schema } = sarifSchema;
const isSarif = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false }).compile(
  schema,
);

let world: PullRequests | undefined;
afterEach(async () => {
  await world?.remove();
  world = undefined;
});

async function reviewed({ make }: Scenario): Promise<Review> {
  world = new PullRequests();
  const { base = "agent-memory", head = "head", code } = make(world);
  const opened = await openReview({ folder: world.scratch.folder });
  try {
    const request = await opened.request({ base, head, ...(code === undefined ? {} : { code }) });
    const now = new Date("2026-11-23T09:00:00Z");
    return await reviewChange(request, { ...opened.means, now });
  } finally {
    await opened.dispose();
  }
}

const as = (review: Review, format: Format): string =>
  render(inFormat(review, format, { level: "block", version: "1.2.3" }), false);

describe.each(SCENARIOS)("$name", (scenario) => {
  const { gravest, rules, says, never = [] } = scenario;

  test("is told as it is, in every form", async () => {
    const review = await reviewed(scenario);
    const raised = raisedIn(review).map(({ concern }) => concern);
    const grave = raised.filter(({ level }) => level !== "allow");
    expect(grave[0]?.level ?? (gravest === "allow" ? "allow" : null)).toBe(gravest);
    for (const rule of rules)
      expect(raised.map((concern) => concern.rule)).toContainEqual(expect.stringContaining(rule));
    expect(failsAt(review, "block")).toBe(gravest === "block");
    expect(failsAt(review, "confirm")).toBe(gravest !== null && gravest !== "allow");
    expect(failsAt(review, "never")).toBe(false);

    const comment = as(review, "markdown");
    for (const words of says) expect(comment).toMatch(words);
    for (const words of never) expect(comment).not.toMatch(words);
    expect(comment.length).toBeLessThanOrEqual(65_536);
    expect(comment.startsWith("<!-- git-memory-review -->\n")).toBe(true);

    const sarif: unknown = JSON.parse(as(review, "sarif"));
    expect(isSarif(sarif), JSON.stringify(isSarif.errors)).toBe(true);
    expect(sarif).toMatchObject({ runs: [{ results: raised.map(({ rule }) => ({ ruleId: rule })) }] });

    const json: unknown = JSON.parse(as(review, "json"));
    checkAnswer("review", json);

    const commands = as(review, "github")
      .split("\n")
      .filter((line) => line !== "");
    expect(commands).toHaveLength(raised.length);
    for (const command of commands)
      expect(command).toMatch(/^::(?:error|warning|notice) file=[^,:]+,line=\d+[^:]*::\S/);

    const issues: { fingerprint: string }[] = JSON.parse(as(review, "gitlab"));
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(raised.length);

    const junit = as(review, "junit");
    expect(junit).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(junit.match(/<testcase /g)).toHaveLength(review.beliefs.length + 1);
    expect(junit.includes("<failure ")).toBe(gravest === "block");

    for (const format of ["text", "json", "sarif", "github", "gitlab", "junit"] as const) {
      for (const words of never) expect(as(review, format), format).not.toMatch(words);
    }
  });
});
