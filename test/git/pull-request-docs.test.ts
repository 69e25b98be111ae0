import { expect, test } from "vitest";
import { pageWithExamples, readPage } from "../support/pull-request-examples.ts";

/** Commits differ with everything that the store begins with; the words are what the page is about. */
const withoutCommits = (text: string): string => text.replaceAll(/`[0-9a-f]{9}`/g, "`commit`");

test("docs/pull-requests.md shows comments as they are worded today (else: npm run docs:review)", async () => {
  const page = readPage();
  expect(withoutCommits(await pageWithExamples(page))).toBe(withoutCommits(page));
});
