import { describe, expect, test } from "vitest";
import { typedClaim } from "../../src/extension/onboarding/typed-claim.ts";

describe("a claim that a person types in one line", () => {
  test("is a convention where nothing says otherwise", () => {
    expect(typedClaim("  Use pnpm,  never npm ")).toEqual({
      type: "Convention",
      title: "Use pnpm, never npm",
      body: "Use pnpm, never npm",
    });
  });

  test("takes the type that is written in front, whatever its letters' case", () => {
    expect(typedClaim("decision: Sessions live in Redis")).toEqual({
      type: "Decision",
      title: "Sessions live in Redis",
      body: "Sessions live in Redis",
    });
  });

  test("keeps a word before a colon that is no type", () => {
    expect(typedClaim("Note: the staging database is shared")).toMatchObject({
      type: "Convention",
      body: "Note: the staging database is shared",
    });
  });

  test.each([
    ["I prefer short answers", "Preference"],
    ["Never commit to main", "Pitfall"],
    ["Don’t mock the clock", "Pitfall"],
  ])("guesses the type of %j as %s", (line, type) => {
    expect(typedClaim(line)?.type).toBe(type);
  });

  test.each(["", "   ", "Fact:", "fact:   "])("is none where nothing is claimed: %j", (line) => {
    expect(typedClaim(line)).toBeNull();
  });

  test("has the first sentence as its title and all of it as its body", () => {
    const claim = typedClaim("Tests run in UTC. The clock of the build machine is wrong.");
    expect(claim?.title).toBe("Tests run in UTC");
    expect(claim?.body).toBe("Tests run in UTC. The clock of the build machine is wrong.");
  });

  test("is cut at a word where its first sentence is long", () => {
    const line =
      "The importer reads the whole file into memory before it starts to parse so that a broken line never leaves half an import";
    const title = typedClaim(line)?.title ?? "";
    expect(title.length).toBeLessThanOrEqual(72);
    expect(title).toMatch(/^The importer reads .*\w…$/);
    expect(line).toContain(`${title.slice(0, -1)} `);
  });
});
