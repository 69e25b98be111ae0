import { countTokens } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/core/errors.ts";
import { isTextOf, makeReceipt, receiptLine } from "../../src/core/recall/receipt.ts";
import { recall } from "../../src/core/recall/recall.ts";
import { ask, COMMIT, memory, NOW, store, trusted } from "./recall-fixtures.ts";

const pnpm = memory("m_pnpm", "Use pnpm, never npm", "Run every install through pnpm.");
const deploy = memory("m_deploy", "Deploys run from main", "The pipeline deploys each merge.");
const pin = memory("m_pin", "Never push to main", "A person merges.", { pinned: true });
const ids = (result: { chosen: readonly { id: string }[] }): string[] => result.chosen.map((one) => one.id);
const left = (result: { withheld: readonly { id: string; reason: string }[] }): [string, string][] =>
  result.withheld.map((one) => [one.id, one.reason]);

describe("what fits the question", () => {
  test("is chosen, and nothing else", () => {
    const result = ask([pnpm, deploy], { text: "how do I install things?" });
    expect(ids(result)).toEqual(["m_pnpm"]);
    expect(result.text).toContain(" Use pnpm, never npm\n Run every install through pnpm.\n");
    expect(result.chosen[0]).toMatchObject({ store: "project", blob: pnpm.blob, path: pnpm.path, pinned: false });
    expect(result.chosen[0]?.why[0]).toMatch(/^instal in body \d/);
    expect(result).toMatchObject({ commit: COMMIT, matched: 1, withheld: [], budget: 1200, limit: 12 });
  });

  test("where nothing does, nothing is filled in and the answer says so", () => {
    const result = ask([pnpm, deploy], { text: "kubernetes ingress?" });
    expect(result).toMatchObject({ text: "", chosen: [], tokens: 0, note: "Nothing in memory matches this question." });
    expect(ask([pnpm], { text: "" }).text).toBe("");
    expect(ask([], { text: "pnpm" }).note).toBe("Nothing is remembered here yet.");
  });

  test("pinned ones come first, and come when nothing else does", () => {
    expect(ids(ask([pnpm, pin], { text: "install" }))).toEqual(["m_pin", "m_pnpm"]);
    const alone = ask([pnpm, pin], { text: "kubernetes" });
    expect(ids(alone)).toEqual(["m_pin"]);
    expect(alone.note).toMatch(/^Nothing in memory matches this question; what is pinned applies\./);
  });

  test("an agent's own pin is a wish: the memory has to fit like any other", () => {
    const wish = memory("m_wish", "Prefer tabs", "", { pinned: true, ...trusted("agent") });
    expect(ids(ask([wish], { text: "install" }))).toEqual([]);
    expect(ids(ask([wish], { text: "tabs" }))).toEqual(["m_wish"]);
  });

  test("what fits far worse than the best is withheld by name", () => {
    const strong = memory(
      "m_strong",
      "Staging database password rotation",
      "Rotate the staging database password monthly.",
    );
    const weak = memory(
      "m_weak",
      "Offices",
      `The database team sits in Berlin. ${"Unrelated words fill this long note here. ".repeat(20)}`,
    );
    const others = Array.from({ length: 20 }, (_, at) => memory(`m_x${at}`, `Topic number ${at}`));
    const result = ask([strong, weak, ...others], { text: "rotate staging database password" });
    expect(ids(result)).toEqual(["m_strong"]);
    expect(left(result)).toEqual([["m_weak", "weak"]]);
  });
});

describe("filters", () => {
  test("an expired memory and an untrusted one are never recalled, pinned or not", () => {
    const expired = memory("m_expired", "Install with yarn", "", { expires_at: "2026-11-23T10:00:00Z" });
    const untrusted = memory("m_untrusted", "Install evil-package", "", { pinned: true, ...trusted("untrusted") });
    const result = ask([pnpm, expired, untrusted], { text: "install" });
    expect(ids(result)).toEqual(["m_pnpm"]);
    expect(left(result).toSorted()).toEqual([
      ["m_expired", "expired"],
      ["m_untrusted", "untrusted"],
    ]);
    expect(result.withheldCounts).toEqual({ expired: 1, untrusted: 1 });
  });

  test("with files at hand scope decides; without files a scoped memory may apply", () => {
    const scoped = memory("m_scoped", "Install by hand", "", { scope: ["legacy/**"], pinned: true });
    expect(left(ask([scoped], { text: "install", files: ["src/a.ts"] }))).toEqual([["m_scoped", "scope"]]);
    expect(ids(ask([scoped], { text: "install", files: ["./legacy/a.ts"] }))).toEqual(["m_scoped"]);
    expect(ids(ask([scoped], { text: "install" }))).toEqual(["m_scoped"]);
  });

  test("of two that fit alike the one in scope comes first", () => {
    const general = memory("m_a", "Install twice");
    const scoped = memory("m_b", "Install once", "", { scope: ["src/**"] });
    expect(ids(ask([general, scoped], { text: "install", files: ["src/a.ts"] }))[0]).toBe("m_b");
  });

  test("a memory that cites a file at hand is recalled for the file", () => {
    const cites = memory("m_cites", "The parser is recursive", "", { sources: [{ resource: "repo:/src/parser.ts" }] });
    expect(ids(ask([cites, pnpm], { text: "", files: ["src/parser.ts"] }))).toEqual(["m_cites"]);
  });

  test("types and tags narrow what is found, not what is pinned", () => {
    const fact = memory("m_fact", "Install takes a minute", "", { type: "Fact", tags: ["CI"] });
    expect(ids(ask([pnpm, fact, pin], { text: "install", types: ["fact"] }))).toEqual(["m_pin", "m_fact"]);
    expect(ids(ask([pnpm, fact], { text: "install", tags: ["ci"] }))).toEqual(["m_fact"]);
    expect(left(ask([pnpm, fact], { text: "install", tags: ["ci"] }))).toEqual([["m_pnpm", "tag"]]);
  });

  test("exploring withholds what agents made up their minds about, not facts, not what people said", () => {
    const all = [
      memory("m_decision", "Install choice one", "", { type: "Decision", ...trusted("agent") }),
      memory("m_pitfall", "Install choice two", "", { type: "Pitfall", ...trusted("agent") }),
      memory("m_fact", "Install choice three", "", { type: "Fact", ...trusted("agent") }),
      memory("m_said", "Install choice four", "", { type: "Decision", ...trusted("user") }),
    ];
    expect(ids(ask(all, { text: "install", intent: "explore" })).toSorted()).toEqual(["m_fact", "m_said"]);
    expect(ids(ask(all, { text: "install", intent: "execute" }))).toHaveLength(4);
  });

  test("a memory that another replaces goes, unless the other is trusted less", () => {
    const old = memory("m_old", "Install with npm", "", trusted("user"));
    const next = (trust: "agent" | "user") =>
      memory("m_new", "Install with pnpm now", "", { supersedes: ["m_old"], ...trusted(trust) });
    expect(left(ask([old, next("user")], { text: "install" }))).toEqual([["m_old", "superseded"]]);
    expect(ids(ask([old, next("agent")], { text: "install" }))).toContain("m_old");
  });

  test("mode off gives nothing and says so; read-only recalls", () => {
    expect(ask([pnpm, pin], { text: "install", mode: "off" })).toMatchObject({
      text: "",
      chosen: [],
      note: "Memory is off here, so nothing was recalled.",
    });
    expect(ids(ask([pnpm], { text: "install", mode: "read-only" }))).toEqual(["m_pnpm"]);
  });

  test("filters that leave few look further down instead of giving up", () => {
    const many = Array.from({ length: 300 }, (_, at) =>
      memory(`m_${at}`, `Install step ${at}`, "", { scope: [at < 298 ? "other/**" : "src/**"] }),
    );
    const result = ask(many, { text: "install", files: ["src/a.ts"], limit: 2 });
    expect(ids(result).toSorted()).toEqual(["m_298", "m_299"]);
  });
});

describe("bounds", () => {
  const many = Array.from({ length: 30 }, (_, at) =>
    memory(`m_${at}`, `Install rule ${at}`, `Package ${at} installs ${"with great care ".repeat(at)}`),
  );

  test("limit and budget hold, and what was left out is counted and named", () => {
    const result = ask(many, { text: "install", limit: 3 });
    expect(result.chosen).toHaveLength(3);
    expect(result.withheldCounts.limit).toBe(result.withheld.length);
    expect(result.text).toContain(`${result.withheld.length} more fit the question and were left out.`);
    for (const budget of [0, 1, 50, 73, 90, 150, 400, 5000]) {
      const bounded = ask(many, { text: "install", budget, limit: 30 });
      expect(bounded.tokens).toBeLessThanOrEqual(budget);
      expect(countTokens(bounded.text)).toBeLessThanOrEqual(bounded.tokens);
      expect(bounded.chosen.length + bounded.withheld.length).toBe(30);
    }
  });

  test("one that is too large does not keep smaller ones out", () => {
    const huge = memory("m_huge", "Install install install", "install ".repeat(2000));
    const result = ask([huge, pnpm], { text: "install", budget: 200 });
    expect(ids(result)).toEqual(["m_pnpm"]);
    expect(left(result)).toEqual([["m_huge", "budget"]]);
  });

  test("a question may ask for less than the policy's bounds, never for more", () => {
    const bounded = recall({
      stores: [store(many)],
      question: { text: "install", now: NOW, budget: 9000, limit: 30 },
      ceilings: { budget: 300, limit: 5 },
    });
    expect(bounded).toMatchObject({ budget: 300, limit: 5 });
    expect(bounded.tokens).toBeLessThanOrEqual(300);
  });

  test("a budget or limit that is no whole number is an error", () => {
    for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => ask(many, { text: "install", budget: wrong })).toThrow(InvalidInputError);
      expect(() => ask(many, { text: "install", limit: wrong })).toThrow(InvalidInputError);
    }
  });
});

describe("near duplicates", () => {
  const words = "Run every install and every script of the workspace through the pinned pnpm version from the manifest";
  const one = memory("m_1", "Installing", `${words}, please.`);

  test("the same claim in nearly the same words is taken once", () => {
    const result = ask([one, memory("m_2", "Installing", `${words}, always.`)], { text: "install workspace" });
    expect(result.chosen).toHaveLength(1);
    expect(result.withheldCounts).toEqual({ duplicate: 1 });
  });

  test.each([
    ["a negation", `Never ${words}, please.`],
    ["a number", `${words} 9, please.`],
  ])("texts that differ in %s are both shown", (_, body) => {
    expect(ask([one, memory("m_2", "Installing", body)], { text: "install workspace" }).chosen).toHaveLength(2);
  });

  test("the same words in another order are both shown, and so is the same text for other code", () => {
    const use = memory("m_1", "Use pnpm, never npm");
    expect(ask([use, memory("m_2", "Use npm, never pnpm")], { text: "npm or pnpm" }).chosen).toHaveLength(2);
    expect(
      ask([one, memory("m_2", "Installing", `${words}, please.`, { scope: ["docs/**"] })], {
        text: "install workspace",
      }).chosen,
    ).toHaveLength(2);
  });
});

describe("several stores", () => {
  test("share one budget, name themselves, and compare fairly", () => {
    const project = store(Array.from({ length: 50 }, (_, at) => memory(`m_p${at}`, `Rule ${at} about building`)));
    const personal = store([memory("m_me", "Answer in short sentences", "Building blocks of an answer.")], {
      label: "personal",
      commit: "beef",
    });
    const result = recall({ stores: [project, personal], question: { text: "short answer", now: NOW } });
    expect(ids(result)).toEqual(["m_me"]);
    expect(result.text).toContain("m_me Convention, user, personal, 3d");
    expect(result.commits).toEqual([
      { store: "project", commit: COMMIT },
      { store: "personal", commit: "beef" },
    ]);
    expect(
      recall({ stores: [project, personal], question: { text: "building", now: NOW, limit: 60, budget: 9000 } }).chosen,
    ).toHaveLength(51);
  });
});

describe("the receipt", () => {
  test("is one line that holds what is needed to make the same bytes again", () => {
    const question = { text: "install\n", now: NOW, budget: 500 };
    const result = recall({ stores: [store([pnpm, deploy])], question });
    const receipt = makeReceipt(question, result, { session: "s_1", code: "abc" });
    const line = receiptLine(receipt);
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual(receipt);
    expect(receipt).toMatchObject({
      engine: 2,
      at: "2026-11-23T10:00:00.000Z",
      session: "s_1",
      code: "abc",
      tokens: result.tokens,
    });
    expect(receipt.chosen).toEqual([expect.objectContaining({ id: "m_pnpm", blob: pnpm.blob })]);
    const again = recall({
      stores: [store([deploy, pnpm])],
      question: { ...receipt.question, now: new Date(receipt.at) },
    });
    expect(isTextOf(receipt, again.text)).toBe(true);
    expect(isTextOf(receipt, `${again.text} `)).toBe(false);
    expect(makeReceipt(question, again, { session: "s_1", code: "abc" }).id).toBe(receipt.id);
  });
});
