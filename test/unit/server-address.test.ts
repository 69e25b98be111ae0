import { expect, test } from "vitest";
import { withoutCredentials } from "../../src/core/trust/server-address.ts";

test.each([
  ["https://alice:ghp_t0ken@github.com/o/r.git", "https://github.com/o/r.git"],
  ["https://ghp_t0ken@github.com/o/r.git", "https://github.com/o/r.git"],
  ["https://alice:p@ss@example.com:8443/o/r", "https://example.com:8443/o/r"],
  ["ssh://git:secret@example.com:2222/o/r.git", "ssh://git@example.com:2222/o/r.git"],
  ["git+ssh://git@example.com/o/r.git", "git+ssh://git@example.com/o/r.git"],
  ["git@github.com:o/r.git", "git@github.com:o/r.git"],
  ["https://example.com/o/a@b.git", "https://example.com/o/a@b.git"],
  ["fatal: unable to access 'https://a:b@example.com/r/': no", "fatal: unable to access 'https://example.com/r/': no"],
  ["../srv.git", "../srv.git"],
])("%s", (address, shown) => {
  expect(withoutCredentials(address)).toBe(shown);
});
