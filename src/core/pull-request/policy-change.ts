/** A change of the store's own rules, in words: each key before and after, and whether less is watched than before. */
import { canonicalJson } from "../memory/claim.ts";
import { GATE_ROWS, type Policy, readPolicy } from "../memory/policy.ts";
import { decodeUtf8 } from "../memory/parse.ts";
import { compareTrust } from "../memory/trust.ts";
import { isMapping, readYaml, YamlProblem } from "../memory/yaml.ts";

export interface PolicyChange {
  /** `gate.budget: 1, was 5`. Values are the file's own words. */
  readonly keys: readonly { readonly key: string; readonly before: string; readonly after: string }[];
  /** Keys by which the new rules watch less, or trust more. */
  readonly weaker: readonly string[];
  /** Why the new file can't be read; null where it can. */
  readonly unreadable: { readonly line: number; readonly message: string } | null;
}

export function policyChange(before: Uint8Array | null, after: Uint8Array): PolicyChange {
  const next = readPolicy(after);
  const [problem] = next.problems;
  const [old, fresh] = [before === null ? new Map<string, string>() : valuesIn(before), valuesIn(after)];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])]
    .map((key) => ({ key, before: old.get(key) ?? "not set", after: fresh.get(key) ?? "not set" }))
    .filter((change) => change.before !== change.after);
  return {
    keys,
    weaker: next.readOnly || before === null ? [] : weakerIn(readPolicy(before), next),
    unreadable: next.readOnly
      ? { line: problem?.line ?? 1, message: problem?.message ?? "policy.yaml is not valid." }
      : null,
  };
}

function weakerIn(old: Policy, next: Policy): string[] {
  const order = ["confirm", "quarantine", "block"];
  const rank = (verdict: string | undefined): number => order.indexOf(verdict ?? "");
  const longer = (a: number | null, b: number | null): boolean => (b ?? Infinity) > (a ?? Infinity);
  const lacks = <T>(was: readonly T[], is: readonly T[]): boolean => {
    const there = new Set(is.map(canonicalJson));
    return was.some((one) => !there.has(canonicalJson(one)));
  };
  const neededLess = (part: "types" | "scopes"): boolean =>
    Object.entries(old.trust.needed[part]).some(
      ([name, trust]) => compareTrust(next.trust.needed[part][name] ?? "untrusted", trust) < 0,
    );
  const checks: readonly (readonly [key: string, isWeaker: boolean])[] = [
    ["gate.stricter", GATE_ROWS.some((row) => rank(next.gate.stricter[row]) < rank(old.gate.stricter[row]))],
    ["gate.waiting", longer(old.gate.waiting, next.gate.waiting)],
    ["gate.budget", next.gate.budget < old.gate.budget],
    ["gate.allowed", lacks(next.gate.allowed, old.gate.allowed)],
    ["gate.secrets", lacks(old.gate.secrets, next.gate.secrets)],
    ["gate.limits.bytes", next.gate.limits.bytes > old.gate.limits.bytes],
    ["gate.limits.files", next.gate.limits.files > old.gate.limits.files],
    ["gate.limits.burst", next.gate.limits.burst > old.gate.limits.burst],
    ["trust.remote", !old.trust.remote && next.trust.remote],
    ["trust.undeclared", compareTrust(next.trust.undeclared, old.trust.undeclared) > 0],
    ["trust.needed.types", neededLess("types")],
    ["trust.needed.scopes", neededLess("scopes")],
    ["ttl.agent", longer(old.ttl.agent, next.ttl.agent)],
    ["ttl.agent_cited", longer(old.ttl.agentCited, next.ttl.agentCited)],
    ["snapshots", old.snapshots === "automatic" && next.snapshots === "never"],
  ];
  return checks.filter(([, isWeaker]) => isWeaker).map(([key]) => key);
}

/** Every value of a file by its path of keys, as text; empty where it is no YAML of ours. */
function valuesIn(bytes: Uint8Array): Map<string, string> {
  const values = new Map<string, string>();
  const take = (value: unknown, key: string): void => {
    if (!isMapping(value)) {
      values.set(key, typeof value === "string" ? value : canonicalJson(value));
      return;
    }
    for (const [name, inner] of Object.entries(value)) take(inner, key === "" ? name : `${key}.${name}`);
  };
  try {
    take(readYaml((decodeUtf8(bytes) ?? "").replace(/^\uFEFF/, "")), "");
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
  }
  return values;
}
