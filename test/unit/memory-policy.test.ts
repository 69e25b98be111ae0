import { describe, expect, test } from "vitest";
import { NewerFormatError } from "../../src/core/errors.ts";
import { assertWritable, defaultPolicy, readPolicy } from "../../src/core/memory/policy.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import { policyText, storeReadme } from "../../src/core/memory/store-files.ts";

const read = (text: string): ReturnType<typeof readPolicy> => readPolicy(new TextEncoder().encode(text));
const DAY = 86_400_000;

describe("policy.yaml", () => {
  test("the text of a new store spells out the defaults", () => {
    expect(read(policyText)).toEqual(defaultPolicy);
    expect(policyText.startsWith("format: 1\n")).toBe(true);
  });

  test("what is left out has its default, and an empty section is as good as none", () => {
    expect(read("format: 1")).toEqual(defaultPolicy);
    expect(read("format: 1\r\nttl:\r\ngate:\r\n  waiting:\r\n")).toEqual(defaultPolicy);
  });

  test("what is written counts", () => {
    const policy = read(
      "\uFEFFformat: 1\nttl: { types: { Fact: 6w, Episode: never }, agent: 12h, agent_cited: never }\ngate: { stricter: { orders: block }, waiting: 7d }\ntrust: { remote: false, undeclared: untrusted }\nbudgets: { tokens: 800 }\nauthor: user\ncommits: { sign: always }\nsnapshots: never\n",
    );
    expect(policy).toEqual({
      format: 1,
      readOnly: false,
      problems: [],
      ttl: { types: { Fact: 42 * DAY, Episode: null }, agent: DAY / 2, agentCited: null },
      gate: { ...defaultPolicy.gate, stricter: { orders: "block" }, waiting: 7 * DAY },
      trust: { ...defaultPolicy.trust, remote: false, undeclared: "untrusted" },
      budgets: { tokens: 800, limit: 12 },
      author: "user",
      commits: { sign: "always", hooks: "skip" },
      snapshots: "never",
    });
  });

  test("what the gate is to let pass, to refuse and to hold is read", () => {
    const { gate, trust } = read(
      'format: 1\ngate:\n  budget: 1\n  allowed: [{ phrase: "checks are off in dev", reason: "they are", expires: 2027-01-31 }]\n  secrets: [{ name: acme-key, pattern: "acme_[0-9a-z]{8}" }]\n  limits: { burst: 5 }\ntrust:\n  needed: { types: { Decision: user }, scopes: { "src/auth/**": reviewed } }\n',
    );
    expect(gate).toMatchObject({
      budget: 1,
      allowed: [{ phrase: "checks are off in dev", reason: "they are", expires: "2027-01-31" }],
      secrets: [{ name: "acme-key", pattern: "acme_[0-9a-z]{8}" }],
      limits: { ...defaultPolicy.gate.limits, burst: 5 },
    });
    expect(trust.needed).toEqual({ types: { Decision: "user" }, scopes: { "src/auth/**": "reviewed" } });
  });

  test("a newer format opens read-only, whatever else it holds", () => {
    const policy = read("# new\nformat: 2\nsomething: else\n");
    expect(policy).toMatchObject({ format: 2, readOnly: true, problems: [{ code: "newer-format", line: 2 }] });
    expect(() => assertWritable(policy)).toThrow(NewerFormatError);
    expect(() => assertWritable(defaultPolicy)).not.toThrow();
  });

  test.each([
    ["", "missing-format", 1],
    ["author: user\n", "missing-format", 1],
    ["format: one\n", "wrong-type", 1],
    ["format: 1\nauthr: user\n", "unknown-key", 2],
    ["format: 1\nauthor: nobody\n", "wrong-type", 2],
    ["format: 1\nttl:\n  agent: soon\n", "wrong-type", 3],
    ["format: 1\nbudgets:\n  tokens: many\n", "wrong-type", 3],
    ["format: 1\ngate:\n  stricter:\n    orders: allow\n", "wrong-type", 4],
    ["format: 1\ngate:\n  budget: 3\n", "wrong-type", 3],
    ['format: 1\ngate:\n  secrets: [{ name: x, pattern: "(a+)+b" }]\n', "wrong-type", 3],
    ['format: 1\ngate:\n  secrets: [{ name: x, pattern: "acme[" }]\n', "wrong-type", 3],
    ['format: 1\ngate:\n  allowed: [{ phrase: "long enough", reason: r, expires: 2026-13-01 }]\n', "wrong-type", 3],
    ["format: 1\ntrust:\n  needed: { types: { Fact: root } }\n", "wrong-type", 3],
    ["format: 1\nformat: 1\n", "duplicate-key", 2],
    ["format: &a 1\n", "yaml-alias", 1],
    ["format: [1\n", "bad-yaml", 2],
  ])("%j is read-only with %s on line %i", (text, code, line) => {
    const policy = read(text);
    expect(policy.problems.map((problem) => [problem.code, problem.line])).toEqual([[code, line]]);
    expect(policy).toMatchObject({ readOnly: true, budgets: defaultPolicy.budgets });
  });

  test("bytes that are no text are read-only too", () => {
    expect(readPolicy(Uint8Array.of(0xff, 0xfe))).toMatchObject({ readOnly: true, problems: [{ code: "not-utf8" }] });
  });
});

test("the store's README is a reference, which is never recalled", () => {
  expect(readMemoryText("README.md", "b", storeReadme)).toMatchObject({ problems: [{ code: "not-a-memory" }] });
});
