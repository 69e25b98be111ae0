import { InvalidInputError } from "../../core/errors.ts";
import { scanText } from "../../core/gate/gate.ts";
import type { Finding, VerdictKind } from "../../core/gate/verdict.ts";
import { TRUST_LEVELS } from "../../core/memory/model.ts";
import { defaultPolicy, type Policy } from "../../core/memory/policy.ts";
import { instantOf } from "../../core/memory/time.ts";
import { type Command, EXIT, type Exit } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storeWish } from "../context.ts";
import type { Context } from "../context.ts";
import type { StoreLabel } from "../../core/stores.ts";
import type { Line, Tone } from "../terminal.ts";

const EXITS: Readonly<Record<VerdictKind, Exit>> = {
  allow: EXIT.done,
  confirm: EXIT.done,
  quarantine: EXIT.held,
  block: EXIT.blocked,
};

const SENTENCES: Readonly<Record<VerdictKind, { readonly text: string; readonly tone: Tone }>> = {
  allow: { text: "It would be stored.", tone: "good" },
  confirm: { text: "A person would be asked before it is stored.", tone: "warning" },
  quarantine: { text: "It would wait for a person's review.", tone: "warning" },
  block: { text: "It would be refused.", tone: "bad" },
};

export const gate: Command = {
  name: "gate",
  usage: ["gate [--tier TIER] [--store STORE] < FILE"],
  about:
    "Says what the gate thinks of a text that it reads from standard input, as if an agent wanted to remember it. Stores nothing. Exit code 0 where it would be stored or a person asked, 5 where it would wait, 3 where it would be refused.",
  options: {
    tier: { value: "TIER", choices: TRUST_LEVELS, summary: "How far the text is trusted. Default: agent." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "gate --json", says: "What an agent's own words would meet, as JSON." },
    { line: "gate --tier untrusted", says: "The same for text from a web page." },
  ],
  async run(context, args) {
    const { policy, now } = await rulesOf(context, storeWish(args));
    const text = decoded(await context.host.input());
    const tier = args.choice("tier", TRUST_LEVELS) ?? "agent";
    const { kind, findings, score } = scanText(text, { tier, policy, now: instantOf(now) });
    return {
      exit: EXITS[kind],
      json: {
        verdict: kind,
        tier,
        score: score ?? null,
        findings: findings.map(({ rule, verdict, line, span, forPerson, forModel }) => ({
          rule,
          verdict,
          line: line ?? null,
          span: span ?? null,
          message: forPerson,
          advice: forModel,
        })),
      },
      lines: [[SENTENCES[kind]], ...findings.map(lineFor)],
    };
  },
};

/** The rules of the store that it would go to; where there is none, those that every store begins with. */
async function rulesOf(context: Context, wish: StoreLabel | undefined): Promise<{ policy: Policy; now: Date }> {
  const existing = await (await context.stores()).existing();
  const store = existing.find(({ label }) => wish === undefined || label === wish);
  return store === undefined
    ? { policy: defaultPolicy, now: new Date() }
    : { policy: await store.policy(), now: store.environment.now() };
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InvalidInputError("The text is not UTF-8. Convert it first.");
  }
}

function lineFor({ rule, verdict, forPerson }: Finding): Line {
  return [
    { text: `  ${verdict.padEnd(10)} `, tone: verdict === "allow" ? "quiet" : SENTENCES[verdict].tone },
    forPerson,
    { text: ` (${rule})`, tone: "quiet" },
  ];
}
