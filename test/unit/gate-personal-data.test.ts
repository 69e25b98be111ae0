import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/gate/gate.ts";
import { withBody } from "../support/gate-input.ts";

/** A number that passes the card check and that nobody printed. */
function card(prefix: string, length: number): string {
  const body = prefix.padEnd(length - 1, "8190263754");
  for (let check = 0; check < 10; check++) {
    const digits = [...`${body}${check}`].toReversed().map(Number);
    const sum = digits.reduce((total, digit, place) => {
      const doubled = digit * (place % 2 === 0 ? 1 : 2);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    if (sum % 10 === 0) return `${body}${check}`;
  }
  throw new Error("no check digit fits");
}

function iban(country: string, account: string): string {
  const letters = [...`${account}${country}00`].map((one) => Number.parseInt(one, 36).toString()).join("");
  const check = 98n - (BigInt(letters) % 97n);
  return `${country}${String(check).padStart(2, "0")}${account}`;
}

const inFours = (text: string): string => text.replaceAll(/(.{4})(?=.)/g, "$1 ");

describe("personal data that a checksum makes sure is refused and not repeated", () => {
  test.each([
    ["personal/payment-card", inFours(card("4539", 16))],
    ["personal/payment-card", `the card ${card("5412", 16)} of the office`],
    ["personal/iban", iban("DE", "500105175407324931")],
    ["personal/iban", inFours(iban("GB", "BARC20040178345612"))],
    ["personal/national-id", "the DNI 53170942W"],
    ["personal/national-id", "SSN 536-22-8731"],
  ])("%s: %s", (rule, text) => {
    const verdict = judge(withBody(`Refunds go to ${text} for now.`, { reason: "It was asked." }));
    expect(verdict.kind).toBe("block");
    const found = verdict.findings.filter((finding) => finding.rule === rule);
    expect(found).toHaveLength(1);
    const number = text.match(/[A-Z\d][\dA-Z -]{7,}/)?.[0]?.trim() ?? "";
    expect(JSON.stringify(verdict)).not.toContain(number);
    expect(found[0]?.span).toBeUndefined();
  });

  test.each([
    "Payments in tests use 4242 4242 4242 4242, which never charges anybody.",
    "Transfers in the tests go to the account DE89 3704 0044 0532 0130 00.",
    "The order 4539178233445520 failed, and so did 1700000000000.",
    "Trace 4916-3385-0608-2833 is no card: its check digit is wrong.",
    "The commit is 9fceb02d0ae598e95dc970b74767f19372d61af8, the build 20261123091200.",
    "Version 536.22.8731 of the driver, part 12345678Z, and ticket 123-45-6789.",
    "Ask maintainer@example.com before a release; the repository's owner is jane@corp.example.",
    "The support line is +49 30 1234567 and opens at nine.",
  ])("what is none passes: %s", (text) => {
    const { kind, findings } = judge(withBody(text));
    expect(kind).toBe("allow");
    expect(findings.filter(({ rule }) => rule.startsWith("personal/"))).toEqual([]);
  });
});

test.each(["Her private email is jane.doe@mail.example.", "His mobile number is +49 151 23456789."])(
  "what may be somebody's own is told, and stored: %s",
  (text) => {
    const { kind, findings } = judge(withBody(text));
    expect(kind).toBe("allow");
    expect(findings.map(({ rule }) => rule)).toContain("personal/private-contact");
  },
);
