import { describe, expect, test } from "vitest";
import { anomalies, type AnomalyInput, type GateStore, type RecentWrite } from "../../src/core/gate/anomalies.ts";
import { contradicts } from "../../src/core/gate/contradiction.ts";
import type { Memory, Trust } from "../../src/core/memory/model.ts";
import { defaultPolicy } from "../../src/core/memory/policy.ts";
import type { ProposedFile } from "../../src/core/proposal.ts";
import { agent, newFile } from "../support/gate-input.ts";

const NOW = "2026-11-23T09:12:00Z";

function file(
  id: string,
  title: string,
  body: string,
  lines: readonly string[] = [],
  type = "Convention",
): ProposedFile {
  const text = [
    "---",
    `type: ${type}`,
    `id: ${id}`,
    `title: ${JSON.stringify(title)}`,
    ...lines,
    "---",
    "",
    body,
    "",
  ].join("\n");
  return newFile(text, `semantic/x/${id}.md`);
}

function memory(...args: Parameters<typeof file>): Memory {
  const { after } = file(...args);
  if (after === null) throw new Error("The fixture is no memory.");
  return after;
}

function storeOf(beliefs: readonly (readonly [Memory, Trust])[], recent: readonly RecentWrite[] = []): GateStore {
  return {
    get: (id) => beliefs.find(([belief]) => belief.id === id)?.[0],
    about: () => beliefs.map(([belief]) => belief),
    trustOf: (belief) => beliefs.find(([known]) => known.id === belief.id)?.[1] ?? "agent",
    recent,
  };
}

function rules(files: readonly ProposedFile[], rest: Partial<AnomalyInput> = {}): string[] {
  const input: AnomalyInput = {
    files,
    caller: agent,
    operation: "add",
    tier: "agent",
    policy: defaultPolicy,
    now: NOW,
    ...rest,
  };
  return anomalies(input).map(({ sighting }) => sighting.rule);
}

const NEW = "m_000000000001";
const OLD = "m_000000000002";

describe("a contradiction", () => {
  test.each([
    ["Use pnpm for installs", "Never use pnpm for installs"],
    ["The API listens on port 4100", "The API listens on port 4000"],
    ["Logging is enabled in production", "Logging is disabled in production"],
    ["Migrations are required before deploys", "Migrations are optional before deploys"],
    ["Mails are retried three times", "Mails are retried five times"],
    ["Mails are retried three times", "Mails are retried 5 times"],
    ["The billing service uses port 8080", "The billing service uses port 9090"],
    ["The value of part 3 is 33.", "The value of part 3 is 44."],
    ["Service 1 answers in 5 ms", "Service 1 answers in 9 ms"],
    ["Node 20 is supported by the plugin", "Node 20 is not supported by the plugin"],
    ["The v1 endpoint is public", "The v1 endpoint is private"],
    ["Use Node 20 for builds", "Use Node 22 for builds"],
    ["Uploads take 4 minutes at most", "Uploads take 9 minutes at most"],
    ["Worker 2 runs the imports every 5 minutes", "Worker 2 runs the imports every 10 minutes"],
  ])("%s / %s", (one, other) => {
    expect(contradicts(memory(NEW, one, "x"), memory(OLD, other, "y"))).toBe(true);
  });

  test.each([
    ["Use pnpm for installs", "Use pnpm for installs in CI too"],
    ["The API listens on port 4100", "The web app listens on port 3000"],
    ["Never commit to main", "Never commit generated files"],
    ["Use zod for validation", "Use date-fns for dates"],
    ["Put new endpoints of the cart under /v3", "Put new endpoints of the search under /v2"],
    ["The tests of the api take 4 minutes", "The tests of the web app take 9 minutes"],
    ["The value of part 3 is 33.", "The value of part 4 is 44."],
    ["The value of part A is 33.", "The value of part B is 44."],
    ["Part three of the plan is worth 33", "Part four of the plan is worth 44"],
    ["Service 1 answers in 5 ms", "Service 2 answers in 9 ms"],
    ["The service answers in 5 ms", "Service 2 answers in 9 ms"],
    ["Service 1 is enabled in production", "Service 2 is disabled in production"],
    ["Node 20 is supported by the plugin", "Node 22 is not supported by the plugin"],
    ["The v1 endpoint is public", "The v2 endpoint is private"],
    ["The v1 endpoint is removed in 2026", "The v2 endpoint is removed in 2027"],
    ["Worker 2 runs the imports every 5 minutes", "Worker 3 runs the imports every 10 minutes"],
    ["Errors of the cart are listed in cart/errors.ts", "Errors of the search are listed in search/errors.ts"],
  ])("is none: %s / %s", (one, other) => {
    expect(contradicts(memory(NEW, one, "x"), memory(OLD, other, "y"))).toBe(false);
  });

  test.each([
    ["Retry limit", "How often mails are retried", true],
    ["Checkout was down on a Tuesday", "Checkout was down on a Tuesday", true],
    ["Checkout was down on a Tuesday", "Search was down on a Tuesday", false],
    ["Timeout of the cart service", "Timeout of the search service", false],
  ])("of two sentences counts where they stand under titles for one thing: %s / %s", (one, other, expected) => {
    const [a, b] = [memory(NEW, one, "A request is tried 3 times."), memory(OLD, other, "A request is tried 5 times.")];
    expect(contradicts(a, b)).toBe(expected);
  });

  test("counts against a belief that is trusted more, and not against an equal", () => {
    const old = memory(OLD, "The API listens on port 4100", "Since May.");
    const claim = file(NEW, "The API listens on port 4000", "Seen in the log.");
    expect(rules([claim], { store: storeOf([[old, "user"]]) })).toEqual(["state/contradiction"]);
    expect(rules([claim], { store: storeOf([[old, "agent"]]) })).toEqual([]);
  });
});

describe("an agent's change of a memory", () => {
  const before = memory(
    OLD,
    "Use pnpm",
    "For all installs.",
    ['scope: ["packages/**"]', "expires_at: 2026-12-01T00:00:00Z"],
    "Fact",
  );
  const edit = (title: string, body: string, lines: readonly string[], type = "Fact"): string[] =>
    rules([{ ...file(OLD, title, body, lines, type), before }], { operation: "update" });
  const same = ['scope: ["packages/**"]', "expires_at: 2026-12-01T00:00:00Z"];

  test("is ordinary where nothing weighs more afterwards", () => {
    expect(edit("Use pnpm", "For all installs and scripts.", same)).toEqual([]);
  });

  test.each([
    ["escalation/pin", [...same, "pinned: true"], "Fact"],
    ["escalation/scope", ['scope: ["**"]', "expires_at: 2026-12-01T00:00:00Z"], "Fact"],
    ["escalation/scope", ["expires_at: 2026-12-01T00:00:00Z"], "Fact"],
    ["escalation/expiry", ['scope: ["packages/**"]'], "Fact"],
    ["escalation/expiry", ['scope: ["packages/**"]', "expires_at: 2029-12-01T00:00:00Z"], "Fact"],
    ["escalation/type", same, "Procedure"],
  ])("is told by %s", (rule, lines, type) => {
    expect(edit("Use pnpm", "For all installs.", lines, type)).toEqual([rule]);
  });

  test("narrowing is not escalation", () => {
    expect(
      edit("Use pnpm", "For all installs.", ['scope: ["packages/app/**"]', "expires_at: 2026-11-30T00:00:00Z"]),
    ).toEqual([]);
  });

  test("or removal waits where the memory is trusted more", () => {
    const store = storeOf([[before, "reviewed"]]);
    expect(rules([{ path: before.path, bytes: null, after: null, before }], { store, operation: "expire" })).toEqual([
      "state/edit-above-trust",
    ]);
  });

  test("growing out of proportion is seen", () => {
    expect(edit("Use pnpm", "word ".repeat(900), same)).toEqual(["size/growth"]);
  });
});

describe("a write", () => {
  test("of one long memory or of many memories is out of proportion", () => {
    expect(rules([file(NEW, "Long", "word ".repeat(2_000))])).toEqual(["size/memory"]);
    const many = Array.from({ length: 26 }, (_, place) =>
      file(`m_0000000000${String(place).padStart(2, "0")}`, "A claim", "Plain."),
    );
    expect(rules(many)).toEqual(["size/write"]);
  });

  test("that replaces what is trusted more is an escalation", () => {
    const old = memory(OLD, "Use pnpm", "For all installs.");
    const claim = file(NEW, "Use yarn", "For all installs.", [`supersedes: ["${OLD}"]`]);
    expect(rules([claim], { store: storeOf([[old, "user"]]) })).toEqual(["escalation/supersede"]);
    expect(rules([claim], { store: storeOf([[old, "agent"]]) })).toEqual([]);
  });

  test("that rests on agents' beliefs alone is told", () => {
    const parents = ["m_00000000000a", "m_00000000000b"].map((id) => memory(id, `Claim ${id}`, "Concluded."));
    const claim = file(NEW, "Therefore", "It follows.", [`derived_from: ["m_00000000000a", "m_00000000000b"]`]);
    expect(rules([claim], { store: storeOf(parents.map((parent) => [parent, "agent"])) })).toEqual([
      "state/self-reinforcement",
    ]);
    expect(rules([claim], { store: storeOf(parents.map((parent) => [parent, "user"])) })).toEqual([]);
  });

  test("too many in ten minutes by one session is a burst, and by another is not its own", () => {
    const caller = { ...agent, session: "s_9d2k4m" };
    const wrote = (at: string, session: string): RecentWrite => ({ at, session, actor: agent.actor, memories: 30 });
    const claim = file(NEW, "A claim", "Plain.");
    const at = (recent: readonly RecentWrite[]): string[] => rules([claim], { caller, store: storeOf([], recent) });
    expect(at([wrote("2026-11-23T09:05:00Z", "s_9d2k4m")])).toEqual(["burst/session"]);
    expect(at([wrote("2026-11-23T09:01:00Z", "s_9d2k4m")])).toEqual([]);
    expect(at([wrote("2026-11-23T09:05:00Z", "s_other00")])).toEqual([]);
  });
});
