/** The claims of a project's rules as one document, for reading before they are stored. */
import type { RuleImport } from "../../core/onboarding/rules-files.ts";
import type { Draft } from "../../core/proposal.ts";

/** `CLAUDE.md:12-14`, as an editor's link would have it. */
export function citationsOf(draft: Draft): string {
  return (draft.sources ?? [])
    .map(({ resource, lines }) => `${resource.replace(/^repo:\//, "")}${lines === undefined ? "" : `:${lines}`}`)
    .join(", ");
}

export function rulesPreview({ claims, leftOut }: RuleImport, notice: string | undefined): string {
  const head = [
    "# What these rules would become",
    "",
    ...(notice === undefined ? [] : [notice, ""]),
    `${claims.length} ${claims.length === 1 ? "memory" : "memories"}, one commit.`,
  ];
  const bodies = claims.flatMap((claim) => ["", `## ${claim.title}`, "", detailsOf(claim), "", claim.body]);
  const rest =
    leftOut.length === 0
      ? []
      : ["", "# Left out", "", ...leftOut.map(({ path, line, reason }) => `- ${path}:${line} ${reason}`)];
  return `${[...head, ...bodies, ...rest].join("\n")}\n`;
}

function detailsOf(claim: Draft): string {
  const scope = claim.scope === undefined ? [] : [`about ${claim.scope.join(", ")}`];
  const tags = claim.tags === undefined ? [] : [claim.tags.map((tag) => `#${tag}`).join(" ")];
  return [claim.type, `from ${citationsOf(claim)}`, ...scope, ...tags].join(" · ");
}
