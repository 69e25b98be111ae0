import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/gate/gate.ts";
import { agent, inputOf, memoryText, newFile, withBody } from "../support/gate-input.ts";
import { PLANTED } from "../support/planted-secrets.ts";

const STAND_INS = [
  "password: string",
  "Use `password: 'password123'` in the fixtures.",
  "Set PASSWORD=${DB_PASSWORD} before the start.",
  "A password must be at least 8 characters long.",
  "The token is a JWT signed with RS256.",
  "Passwords are hashed with Argon2id; the old password is SHA-256 hashed.",
  "token: ${{ secrets.NPM_TOKEN }}",
  "Locally we use postgres://postgres:postgres@localhost:5432/app",
  "mysql://user:pass@host:3306/db and redis://localhost:6379",
  "api_key = os.environ['API_KEY1'], apiKey: import.meta.env.VITE_API_KEY2",
  "const token = await getToken2(); const other = tokens[index1];",
  "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
  "The commit is 9fceb02d0ae598e95dc970b74767f19372d61af8.",
  "secret: projects/shop/secrets/db-pass/versions/1",
  "max_tokens=4096 and a token budget: 1200 tokens",
  "'password' => 'required|min:8|max:64'",
  "Authorization: Bearer YOUR_TOKEN_HERE_1234",
  "AWS's own example is AKIAIOSFODNN7EXAMPLE.",
  "credentials: 'same-origin', token: design-tokens-v2-color-primary-500",
  "private_key: ~/.ssh/id_ed25519",
  "See https://example.com:8080/path@v2 and git@github.com:org/repo.git",
  "API_KEY=a1b2c3d4e5f6xxxxxxxxxxxx",
  "API_KEY=00000000000000001a2b3c4d",
  "API_KEY=a1b2c3d4e5*****f6a7b8c9d0",
  "api_key: 11111111-2222-3333-4444-555555555555",
];

/** Random keys hold such runs too, now and then. */
const WITH_RUNS = [
  `API_KEY=${"a1a4144444"}d2b8e33cf2e35f60d8ebd8`,
  `SECRET_KEY=${"9f3c0000000"}b7e1d25a84c6f07d3e9b1a52c8f4d6e07b3a19c5d2e8f40617a3b`,
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"}\n`,
];

describe("secrets", () => {
  test.each(PLANTED)("a planted $kind is refused", ({ text }) => {
    const verdict = judge(withBody(`The deploy job needs this.\n\n${text(20261123)}\n`));
    expect(verdict.kind).toBe("block");
    expect(verdict.findings.every(({ rule }) => rule.startsWith("secret/"))).toBe(true);
  });

  test.each(WITH_RUNS)("a key with one character many times in a row is a key: %s", (text) => {
    expect(judge(withBody(text)).kind).toBe("block");
  });

  test.each(STAND_INS)("a stand-in passes: %s", (text) => {
    const { kind, findings } = judge(withBody(text));
    expect(kind).toBe("allow");
    expect(findings.filter(({ rule }) => !rule.startsWith("order/"))).toEqual([]);
  });

  test("the finding names the kind and the line, gives no span and doesn't repeat the secret", () => {
    const secret = PLANTED.find(({ kind }) => kind === "stripe-key");
    if (secret === undefined) throw new Error("no such secret");
    const { findings } = judge(withBody(`One line.\n\nThe key: ${secret.text(7)}`));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ rule: "secret/stripe-key", verdict: "block", line: 9 });
    expect(findings[0]).not.toHaveProperty("span");
    expect(findings[0]?.forPerson).toBe(
      "Line 9 holds what looks like a Stripe key; take it out and say where it is kept instead.",
    );
    expect(JSON.stringify(findings)).not.toContain(secret.secret(7));
  });

  test("the same kind in several places is one finding that counts them", () => {
    const [key] = PLANTED;
    const { findings } = judge(withBody([1, 2, 3].map((seed) => key?.text(seed)).join("\n")));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.forPerson).toContain("and 2 more places");
  });

  test("every word of the commit is searched", () => {
    const secret = PLANTED[0]?.text(5) ?? "";
    for (const place of [
      { reason: secret },
      { subject: secret },
      { note: secret },
      { caller: { ...agent, actor: secret } },
      { caller: { ...agent, session: secret } },
    ]) {
      const verdict = judge(withBody("A plain claim.", place));
      expect(verdict.kind).toBe("block");
      expect(JSON.stringify(verdict)).not.toContain(secret);
    }
  });

  test("a secret that YAML escapes hide is found in the parsed value", () => {
    const secret = PLANTED[0]?.text(5) ?? "";
    const escaped = `\\x${secret.charCodeAt(0).toString(16)}${secret.slice(1)}`;
    const file = newFile(memoryText("A plain claim.").replace('"A claim"', `"${escaped}"`));
    expect(file.after?.front.title).toBe(secret);
    expect(judge(inputOf([file])).findings).toMatchObject([{ rule: "secret/aws-access-key", verdict: "block" }]);
  });

  test("a new file's name, which repeats its title, is not told", () => {
    const file = newFile(
      memoryText("A plain claim.", [], `password=${"hunter"}2`),
      "semantic/convention/password-hunter2-m_7k3q9f2d4cxw.md",
    );
    const { findings } = judge(inputOf([file]));
    expect(findings[0]?.path).toBe("semantic/convention/…");
    expect(JSON.stringify(findings)).not.toContain("hunter");
  });

  test("a comment that switches a scanner off switches nothing off here", () => {
    const secret = PLANTED.find(({ kind }) => kind === "github-token")?.text(5) ?? "";
    expect(judge(withBody(`<!-- secretlint-disable -->\n${secret}`)).kind).toBe("block");
  });

  test("a person's write is held to the same", () => {
    const secret = PLANTED[0]?.text(5) ?? "";
    expect(
      judge(withBody(secret, { caller: { channel: "editor", actor: "human:alice", trust: "reviewed" } })).kind,
    ).toBe("block");
  });

  test("a file that can't be read as a memory is searched by its bytes", () => {
    const secret = PLANTED[0]?.text(5) ?? "";
    const file = newFile(`---\ntype: [\n---\n${secret}`);
    expect(file.after).toBeNull();
    expect(judge(inputOf([file])).kind).toBe("block");
  });

  test("removing a file asks for nothing", () => {
    const before = newFile(memoryText("A plain claim.")).after;
    expect(
      judge(inputOf([{ path: "semantic/fact/x.md", bytes: null, before, after: null }], { operation: "expire" })),
    ).toEqual({ kind: "allow", findings: [] });
  });
});
