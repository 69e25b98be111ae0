/** Every effect that the gate looks for, in every language it knows, ready to run. */
import { BENT_ANSWERS, READ_AND_TOLD } from "./answers.ts";
import { DELAYED, EXECUTION, EXFILTRATION, REMOTE_RULES } from "./dangers.ts";
import { ORDER, STANDING, SUBSTITUTION, TAMPERING, TRUSTED_SOURCE, WEAKER_SETTING } from "./beliefs.ts";
import { chinese, japanese, korean, russian } from "./cyrillic-and-asian.ts";
import { MEANINGS, type Effect, type Meaning } from "./effect.ts";
import { english } from "./english.ts";
import { french, german, portuguese, spanish } from "./european.ts";
import { dutch, italian, polish, turkish } from "./european-more.ts";
import {
  STATED_AUTHORITY,
  STATED_CONCEALMENT,
  STATED_CONSENT,
  STATED_DELAY,
  STATED_EXFILTRATION,
  STATED_PRIORITY,
  STATED_SUBSTITUTION,
  STATED_TAMPERING,
  STATED_TRUST,
  STATED_WEAKENING,
} from "./statements.ts";
import { Expression } from "./expression.ts";
import { CARRIED_AWAY, LEFT_UNGUARDED, STANDING_YES, UNSAID, WAITING_HARM } from "./habits.ts";
import { near, together, type Language } from "./language.ts";
import { FETCHED_AND_RUN, LET_IN, SPREADING, STEERED_TRUST, SWAPPED, VOID_RULES } from "./persuasion.ts";
import {
  LOOSE_ACCESS,
  QUIET_COPIES,
  SELF_REFERENCE,
  STEERED_ANSWERS,
  STRANGE_ORDERS,
  UNSAFE_PRACTICE,
} from "./practices.ts";
import { MODEL_REQUESTS } from "./requests.ts";

/**
 * An effect with its expressions. A text in which one of `needs` finds nothing can't have it: scripts and single words are
 * looked for first, because a large expression costs much time at its first use, which most texts then never come to.
 */
export interface CompiledEffect extends Omit<Effect, "patterns"> {
  readonly expressions: readonly Expression[];
  readonly needs: readonly Expression[];
}

const LATIN_LANGUAGES = [german, french, spanish, portuguese, italian, dutch, polish, turkish];
/** Neighbouring languages share their words for controls, so what one of them denies is denied for all. */
const LATIN_DENIAL = LATIN_LANGUAGES.map(({ denial }) => denial).join("|");

const LANGUAGES: readonly { readonly language: Language; readonly needs: Expression | null }[] = [
  { language: english, needs: null },
  ...LATIN_LANGUAGES.map((language) => ({ language: { ...language, denial: LATIN_DENIAL }, needs: null })),
  { language: russian, needs: new Expression("[а-я]{3}") },
  { language: chinese, needs: new Expression("\\p{sc=Han}") },
  { language: japanese, needs: new Expression("[\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Han}]") },
  { language: korean, needs: new Expression("\\p{sc=Hangul}") },
];

/** Asian sentences are shorter by characters, and English ones put more words between. */
const GAP = { latin: 55, cyrillic: 45, asian: 24 };

function compiled(
  meaning: Meaning,
  patterns: readonly string[],
  {
    language = english,
    needs = [],
    deniable = "never",
  }: { language?: Language; needs?: readonly Expression[]; deniable?: Effect["deniable"] } = {},
): CompiledEffect {
  return { ...meaning, language, needs, deniable, expressions: patterns.map((pattern) => new Expression(pattern)) };
}

function ofLanguage({ language, needs: script }: (typeof LANGUAGES)[number]): CompiledEffect[] {
  const { controls, off, unneeded, concealment, override, consent, privilege } = language;
  const gap = script === null ? GAP.latin : language === russian ? GAP.cyrillic : GAP.asian;
  const needs = script === null ? [] : [script];
  const control = [...needs, new Expression(controls)];
  const isOff = [...control, new Expression(off)];
  const isUnneeded = [...control, new Expression(unneeded)];
  return [
    compiled(MEANINGS.concealment, concealment, { language, needs, deniable: "before" }),
    compiled(MEANINGS.override, override, { language, needs, deniable: "before" }),
    compiled(MEANINGS.consent, consent, { language, needs, deniable: "before" }),
    compiled(MEANINGS.privilege, privilege, { language, needs, deniable: "before" }),
    compiled(MEANINGS.weakerCheck, [together(controls, off, gap)], { language, needs: isOff, deniable: "within" }),
    compiled(MEANINGS.weakerCheck, [together(controls, unneeded, gap)], { language, needs: isUnneeded }),
  ];
}

const CONTROL_VERB =
  "(?:validat(?:e|ing)|verify(?:ing)?|authenticat(?:e|ing)|authori[sz](?:e|ing)|saniti[sz](?:e|ing)|escap(?:e|ing)|encrypt(?:ing)?|check(?:ing)?|review(?:ing)?|scan(?:ning)?|audit(?:ing)?|inspect(?:ing)?|confirm(?:ing)? the identity|enforc(?:e|ing))";
const GUARDED =
  "(?:signatures?|certificates?|certs?|tokens?|permissions?|identit(?:y|ies)|auth\\w*|users?|input|inputs|payloads?|credentials?|passwords?|sessions?|requests?|origins?|webhooks?|access|ownership|roles?|tls|ssl|hashes|checksums?|integrity|packages?|dependencies|downloads?|links?|urls?|code|prs?|pull requests?|transactions?|payments?|transfers?|commands?|scripts?|output|results|sources?|claims?|attachments?|who|rate limits?|quotas?|admins?|secrets|uploads?|sql|queries|html)";

/** Controls denied by their verb: "do not verify signatures", "without validating the token". */
const UNGUARDED: readonly string[] = [
  near(
    `\\b(?:do not|don't|dont|never|no need to|need not|needn't|not (?:necessary|required|needed) to|unnecessary to|without|stop|cease|not bother(?: to)?|rather than|instead of|no longer (?:need to )?|does not need to|do not need to|don't need to|don't have to|can safely not) (?:\\w+ ){0,1}?${CONTROL_VERB}\\b`,
    `\\b${GUARDED}\\b`,
    24,
  ),
  `\\b(?:trust|accept|process|execute|run|merge|install|store|use|deploy|pass|allow|let|grant)\\b[^.\\n]{0,50}\\b(?:without (?:\\w+ ){0,1}?(?:validati\\w+|verif\\w+|authenticat\\w+|saniti[sz]\\w+|checking (?:the )?(?:signature|permission|token|source|origin)s?|any (?:checks?|validation|verification|authentication)|(?:further |additional |security |any |permission )*(?:checks|validation|verification|review)))\\b`,
  "\\b(?:admins?|administrators?|root|superusers?|staff|service accounts?|internal (?:users?|callers?|services?)|trusted users?|employees|vips?|moderators?)\\b(?!(?: \\w+){0,2} (?:must|may|should|shall|can)(?:not| not| never)\\b)[^.\\n]{0,50}\\b(?:exempt|bypass(?:es)?|skip(?:s)?|immune|excused|excluded|no (?:\\w+ )?(?:checks?|validation|verification|authentication|authorization|restrictions?|limits?|passwords?|login)|unchecked|unvalidated|unverified|unrestricted|without (?:\\w+ )?(?:checks?|validation|verification|authentication|authorization|password|logging in|restrictions?|limits?))\\b",
  "\\b(?:no|zero|none of the|without(?: any)?) (?:\\w+ ){0,1}?(?:security|auth(?:entication|ori[sz]ation)?|permission|access|validation|verification|safety|identity) ?(?:checks?|controls?|validation|verification|rules?|restrictions?|screening|is|are)?\\b[^.\\n]{0,40}\\b(?:appl(?:y|ies)|needed|required|necessary|run|enforced|for|exists?|happens?|performed|take place)\\b[^.\\n]{0,30}\\b(?:admins?|administrators?|root|users?|requests?|staff|accounts?|calls?|callers?|them|internal|production)?",
  `\\b(?:push|merge|commit|deploy|publish|release|ship)\\b[^.\\n]{0,40}\\b(?:directly|straight) (?:to|into) (?:main|master|prod(?:uction)?)\\b[^.\\n]{0,30}\\b(?:without|skipping|no) (?:\\w+ )?(?:review|approval|checks?|ci|tests?)\\b`,
  "\\b(?:anyone|everyone|anybody|everybody|any (?:user|caller|client|request)|all (?:users|callers|requests))\\b (?:\\w+ ){0,2}?(?:may|can|could|should|is allowed to|are allowed to|gets?|has|have)\\b (?:\\w+ ){0,3}?(?:admin|every record|all records|any (?:account|record|endpoint|data)|without (?:logging in|a password|credentials|signing in|authentica\\w+|authori[sz]a\\w+))",
  "\\b(?:admins?|administrators?|root|superusers?)\\b[^.\\n]{0,30}\\b(?:whatever|anything|everything)\\b[^.\\n]{0,20}\\b(?:passes|pass|goes|is allowed|is permitted|gets through|accepted|valid|fine)\\b",
  "\\b(?:hard-?code|commit|check in|store|log|print|embed|share|paste|put)\\b (?:\\w+ ){0,3}?(?:passwords?|secrets?|api keys?|credentials?|private keys?|tokens?) (?:\\w+ ){0,2}?(?:in|into|to) (?:\\w+ ){0,2}?(?:plain ?text|the (?:repo\\w*|code|source|logs?|commit)|clear ?text|git|public)\\b",
];

/** All effects, the gravest first. `STANDING` is a sign that the model weighs, and reported as an order. */
export const EFFECTS: readonly CompiledEffect[] = [
  compiled(MEANINGS.tampering, TAMPERING),
  compiled(MEANINGS.exfiltration, EXFILTRATION, { deniable: "order" }),
  compiled(MEANINGS.remoteRules, REMOTE_RULES, { deniable: "order" }),
  compiled(MEANINGS.execution, EXECUTION, { deniable: "order" }),
  compiled(MEANINGS.delayed, DELAYED),
  compiled(MEANINGS.trustedSource, TRUSTED_SOURCE, { deniable: "before" }),
  compiled(MEANINGS.substitution, SUBSTITUTION, { deniable: "before" }),
  compiled(MEANINGS.weakerSetting, WEAKER_SETTING, { deniable: "before" }),
  compiled(MEANINGS.weakerCheck, UNGUARDED, { deniable: "before" }),
  ...LANGUAGES.flatMap(ofLanguage),
  compiled(MEANINGS.override, MODEL_REQUESTS, { deniable: "before" }),
  compiled(MEANINGS.tampering, [...STATED_TAMPERING, ...SELF_REFERENCE], { deniable: "before" }),
  compiled(MEANINGS.concealment, STATED_CONCEALMENT, { deniable: "before" }),
  compiled(MEANINGS.exfiltration, [...STATED_EXFILTRATION, ...QUIET_COPIES], { deniable: "order" }),
  compiled(MEANINGS.delayed, STATED_DELAY, { deniable: "before" }),
  compiled(MEANINGS.trustedSource, [...STATED_TRUST, ...STEERED_ANSWERS], { deniable: "before" }),
  compiled(MEANINGS.substitution, STATED_SUBSTITUTION, { deniable: "before" }),
  compiled(MEANINGS.weakerCheck, [...STATED_WEAKENING, ...UNSAFE_PRACTICE], { deniable: "before" }),
  compiled(MEANINGS.consent, STATED_CONSENT, { deniable: "before" }),
  compiled(MEANINGS.privilege, [...STATED_AUTHORITY, ...LOOSE_ACCESS], { deniable: "before" }),
  compiled(MEANINGS.override, [...STATED_PRIORITY, ...STRANGE_ORDERS], { deniable: "before" }),
  compiled(MEANINGS.tampering, SPREADING, { deniable: "before" }),
  compiled(MEANINGS.exfiltration, [...CARRIED_AWAY, ...READ_AND_TOLD], { deniable: "order" }),
  compiled(MEANINGS.execution, FETCHED_AND_RUN, { deniable: "order" }),
  compiled(MEANINGS.concealment, UNSAID, { deniable: "before" }),
  compiled(MEANINGS.delayed, WAITING_HARM, { deniable: "before" }),
  compiled(MEANINGS.weakerCheck, LEFT_UNGUARDED, { deniable: "before" }),
  compiled(MEANINGS.consent, STANDING_YES, { deniable: "before" }),
  compiled(MEANINGS.privilege, LET_IN, { deniable: "before" }),
  compiled(MEANINGS.trustedSource, STEERED_TRUST, { deniable: "before" }),
  compiled(MEANINGS.substitution, SWAPPED, { deniable: "before" }),
  compiled(MEANINGS.override, [...VOID_RULES, ...BENT_ANSWERS], { deniable: "before" }),
  compiled({ ...MEANINGS.order, rule: "order/standing" }, STANDING),
  compiled(MEANINGS.order, ORDER),
];
