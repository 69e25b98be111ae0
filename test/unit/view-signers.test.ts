import { describe, expect, test } from "vitest";
import { confirmationOfSigners, namesNobody } from "../../src/core/view/signers.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIC0QbmiK2VLfvHr7t0NkPgZK1FyjJU7AhAMJYYAYiCyB";

describe("the signers that a person is asked to trust", () => {
  test("are named with the fingerprints that ssh-keygen prints, and the server with them", () => {
    const text = `# the team\nalice@example.com namespaces="agent-memory" ssh-ed25519 ${KEY} a laptop\n\nnot a line of keys\n`;
    const { detail } = confirmationOfSigners({ ssh: bytes(text), gpg: null }, "git@example.com:team/code.git");
    expect(detail.split("\n\n")).toEqual([
      "What they sign counts as reviewed here, as if you had approved it yourself.",
      "alice@example.com: ssh-ed25519 SHA256:9ZU8S4+EMF8V1IERBLMGMeoRrzQWuP7IUwRwjqkf8k4\nnot: a line that can't be read",
      "The team's server is git@example.com:team/code.git.",
    ]);
  });

  test("are counted past what a dialog holds, and never hide the keys of the other kind", () => {
    const lines = Array.from({ length: 20 }, (_, i) => `p${i}@example.com ssh-ed25519 ${KEY}`).join("\n");
    const { detail } = confirmationOfSigners({ ssh: bytes(lines), gpg: bytes("keys") }, null);
    expect(detail).toContain("p11@example.com");
    expect(detail).not.toContain("p12@example.com");
    expect(detail).toContain("and 8 more in allowed_signers; read the file first");
    expect(detail).toContain("All OpenPGP keys in allowed_keys.asc (");
  });

  test("can't disguise their names", () => {
    const { detail } = confirmationOfSigners({ ssh: bytes(`ali\u202ece@x ssh-ed25519 ${KEY}`), gpg: null }, null);
    expect(detail).not.toContain("\u202e");
  });

  test("are nobody where the file has only comments", () => {
    expect(namesNobody({ ssh: bytes("# nobody yet\n\n"), gpg: null })).toBe(true);
    expect(namesNobody({ ssh: null, gpg: bytes("keys") })).toBe(false);
  });
});
