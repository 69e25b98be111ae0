/** What a text would bring about if an agent believed it. Each effect stands in one row of the gate's table. */
import type { Language } from "./language.ts";

/** Rows of the gate's table that content can fall into; `tampering` and what is refused outright can't be made milder. */
export type EffectRow = "tampering" | "dangerous" | "security" | "orders";

export interface Effect {
  /** Stable, e.g. `security/weaker-check`. */
  readonly rule: string;
  readonly row: EffectRow;
  /** Sources of regular expressions over canonical text. */
  readonly patterns: readonly string[];
  /**
   * Where a denial turns the sense round, so that nothing is reported: in front ("never disable …"), there or between the
   * words ("checks must never be disabled"), there where it forbids the act itself ("secrets …; never put them in …"), or
   * nowhere. What is worded with a denial, as keeping something from the user is, can be turned round from in front alone.
   */
  readonly deniable: "before" | "within" | "order" | "never";
  /** A sentence that speaks of tests or of the developer's own machine makes it a notice. */
  readonly testingExcuses: boolean;
  /** The language whose denials and contexts count. */
  readonly language: Language;
  /** What is said after "Line 3 …". */
  readonly says: string;
  /** What a model can do about it: a whole sentence. */
  readonly advice: string;
}

/** What an effect says, without the words by which it is found. */
export type Meaning = Omit<Effect, "patterns" | "language" | "deniable">;

export const MEANINGS = {
  concealment: {
    rule: "danger/concealment",
    row: "dangerous",
    testingExcuses: false,
    says: "asks to keep something from the user or to leave no trace.",
    advice: "Nothing in a memory may be hidden from the user: say openly what is to be done.",
  },
  exfiltration: {
    rule: "danger/exfiltration",
    row: "dangerous",
    testingExcuses: false,
    says: "would send data, credentials or conversations somewhere else.",
    advice: "A person has to confirm where data is sent; name the service and why, without addresses to copy data to.",
  },
  remoteRules: {
    rule: "danger/remote-rules",
    row: "dangerous",
    testingExcuses: false,
    says: "would fetch instructions or code from elsewhere and follow them.",
    advice: "State the rule itself; do not make a memory depend on text that can change elsewhere.",
  },
  execution: {
    rule: "danger/execution",
    row: "dangerous",
    testingExcuses: false,
    says: "would run something that was downloaded, destroys data or stays on the machine.",
    advice: "A person has to confirm commands of this kind; describe the outcome and name the documentation instead.",
  },
  delayed: {
    rule: "danger/delayed",
    row: "dangerous",
    testingExcuses: false,
    says: "waits for something the user says or asks, and then acts on its own.",
    advice: "State what is so, not what to do when somebody says certain words.",
  },
  weakerCheck: {
    rule: "security/weaker-check",
    row: "security",
    testingExcuses: true,
    says: "says that a security control is off, skipped or not needed.",
    advice:
      "A person has to confirm anything that weakens a control. If it is so in tests only, say that in the same sentence.",
  },
  weakerSetting: {
    rule: "security/weaker-setting",
    row: "security",
    testingExcuses: true,
    says: "holds a setting that switches a protection off.",
    advice: "A person has to confirm such a setting. If it is for tests only, say that in the same sentence.",
  },
  consent: {
    rule: "security/blanket-consent",
    row: "security",
    testingExcuses: false,
    says: "gives consent in advance or says not to ask.",
    advice: "Consent is asked for each time; a memory can't give it in advance without a person's review.",
  },
  privilege: {
    rule: "security/privilege",
    row: "security",
    testingExcuses: true,
    says: "grants somebody rights or takes somebody for an administrator.",
    advice:
      "Rights come from the system that guards them, not from a memory; leave this out or let a person confirm it.",
  },
  trustedSource: {
    rule: "security/trusted-source",
    row: "security",
    testingExcuses: false,
    says: "puts one source, product or address before all others.",
    advice: "Say what a source is good for and why, without calling it trusted or preferred over others.",
  },
  override: {
    rule: "security/override",
    row: "security",
    testingExcuses: false,
    says: "puts itself above other instructions or the user.",
    advice: "A memory is one belief among others; state it without ranking it above instructions or the user.",
  },
  substitution: {
    rule: "security/substitution",
    row: "security",
    testingExcuses: true,
    says: "puts one account, person, package or address in the place of another.",
    advice: "A person has to confirm such a replacement; say what changed, when, and where that is written down.",
  },
  tampering: {
    rule: "tampering/memory",
    row: "tampering",
    testingExcuses: false,
    says: "would change the memory's own rules, vouch for itself or make itself spread.",
    advice: "A memory can't change how memories are checked, approved or copied. Leave that out.",
  },
  order: {
    rule: "order/imperative",
    row: "orders",
    testingExcuses: false,
    says: "tells an agent what to do.",
    advice: "Stored as an order; it counts for less than what the user says.",
  },
} as const satisfies Record<string, Meaning>;
