import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AGENTS,
  pathsOf,
  planConnection,
  planDisconnection,
  type ConfigurationFiles,
  type ConnectionPlan,
} from "../../src/core/onboarding/agents.ts";

const launcher = { command: "/usr/bin/node", args: ["/home/ana/.vscode/extensions/memory/dist/mcp.cjs", "--stdio"] };
const eol = fc.constantFrom("\n", "\r\n");
const ending = fc.constantFrom("", "\n", "\n\n");

const markdown = fc
  .tuple(
    fc.array(fc.constantFrom("# Rules", "- Use pnpm.", "", "```", "text", "---", "日本語", "<!-- note -->"), {
      maxLength: 8,
    }),
    ending,
    eol,
  )
  .map(([lines, end, lineEnd]) => (lines.join("\n") + end).replaceAll("\n", lineEnd));
const toml = fc
  .tuple(
    fc.array(fc.constantFrom('model = "x"', "", "# note", "[mcp_servers.docs]", "[profiles.a]", "a = [1,", "2]"), {
      maxLength: 8,
    }),
    ending,
    eol,
  )
  .map(([lines, end, lineEnd]) => (lines.join("\n") + end).replaceAll("\n", lineEnd));
const json = fc
  .tuple(
    fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    fc.option(fc.dictionary(fc.stringMatching(/^s[a-z]{1,6}$/), fc.constant({ command: "x" }), { maxKeys: 3 }), {
      nil: undefined,
    }),
    fc.constantFrom(0, 2, 3, 4, "\t"),
    ending,
    eol,
  )
  .map(([rest, servers, indent, end, lineEnd]) =>
    (
      JSON.stringify({ ...rest, ...(servers === undefined ? {} : { mcpServers: servers }) }, null, indent) + end
    ).replaceAll("\n", lineEnd),
  );

function textFor(path: string): fc.Arbitrary<string | null> {
  const text = path.endsWith(".json") ? json : path.endsWith(".toml") ? toml : markdown;
  return fc.option(text, { nil: null });
}

function apply(current: ConfigurationFiles, plan: ConnectionPlan): ConfigurationFiles {
  return { ...current, ...Object.fromEntries(plan.files.map(({ path, after }) => [path, after])) };
}

/** JSON files by what they say, where no servers and an empty list of them say the same; all others by their bytes. */
function contentOf(files: ConfigurationFiles): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      path.endsWith(".json") && text !== null ? { mcpServers: {}, ...JSON.parse(text) } : text,
    ]),
  );
}

/** Whether one text became the other by putting something in at one place. */
function isInsertion(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  return after.endsWith(before.slice(start));
}

describe.each(AGENTS)("connecting and disconnecting %s", (agent) => {
  const world = fc.record(Object.fromEntries(pathsOf(agent).map((path) => [path, textFor(path)])));

  test("with the plan that was made, every byte comes back", () => {
    fc.assert(
      fc.property(world, (before) => {
        const plan = planConnection(agent, before, launcher);
        const connected = apply(before, plan);
        expect(apply(connected, planDisconnection(agent, connected, launcher, plan))).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("without it, text files come back to the byte and JSON files to their content, but for an empty list of servers", () => {
    fc.assert(
      fc.property(world, (before) => {
        const connected = apply(before, planConnection(agent, before, launcher));
        const after = apply(connected, planDisconnection(agent, connected, launcher));
        expect(contentOf(after)).toEqual(contentOf(before));
      }),
      { numRuns: 300 },
    );
  });

  test("connecting only inserts: every byte that was there is there", () => {
    fc.assert(
      fc.property(world, (before) => {
        const connected = apply(before, planConnection(agent, before, launcher));
        const disturbed = Object.entries(before).filter(
          ([path, text]) => text !== null && !isInsertion(text, connected[path] ?? ""),
        );
        expect(disturbed).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
