/**
 * What the words of a rule say about it. Lists of words for the languages that rule files are most often written in; a
 * language that is missing here costs a type or a tidier title, never the claim.
 */

/** `Never …`, `Do not …`, in a title's first words or after a short label such as `Important:`. */
const NEGATIVE =
  /^(?:[^\p{L}]*|[^:：]{0,30}[:：]\s*)(?:please\s+)?(?:never|avoid|don['’]?ts?|do\s+not|must\s+not|should\s+not|shouldn['’]t|mustn['’]t|no\s+longer|forbidden|prohibited|beware|pitfalls?|gotchas?|anti-?patterns?|common\s+mistakes|nunca|jamás|evit(?:a|ar|e|er|ez|ar)|no\s+us(?:es|ar|e)|jamais|ne\s+pas|n['’]utilise[zr]?|não|niemals?|nie|vermeide?n?|kein(?:e|en)?|verboten|nigdy|unikaj|никогда|не|нельзя|избега\p{L}+|запрещ\p{L}+)(?!\p{L})|^[^。、\n]{0,40}(?:不要|禁止|切勿|避免|请勿|しないで|しないこと|避け|使わない|하지\s*마|금지|마세요)/iu;
const GENERAL_LEAD =
  /\b(?:following|these|below|rules?|guidelines?|conventions?|principles?|standards?|practices?|notes?|things|overview|includes?|as follows|folgende\p{L}*|siguientes?|suivant(?:e?s)?)\b/iu;
const ACTION =
  /^(?:use|prefer|keep|run|write|add|make|test|follow|put|name|import|export|return|handle|validate|check|ensure|document|commit|always|never|no|avoid|don['’]t|do|must|should|only|be|create|define|include|place|store|set|wrap|throw|log|format|lint|sort|group|split|limit|require|update|remove|delete|fix|ask|read|see|open|call|pass|inject|mock|cover|squash|rebase|branch|tag|release|deploy|build|install|start|stop|restart|enable|disable|verify|review|apply|adopt|stick|leave|treat|think|plan|explain|nutze|verwende|usa|utilise[zr]?|используй\p{L}*)(?!\p{L})/iu;
const SHELL_LANGUAGE = /^(?:sh|bash|zsh|fish|shell|console|terminal|powershell|ps1|pwsh|cmd|bat|shellsession)$/i;
const COMMAND =
  /^\s*(?:[$>%]\s+)?(?:npm|npx|pnpm|yarn|bun|node|deno|git|make|just|task|cargo|go|python3?|pip3?|uv|uvx|poetry|pytest|tox|ruff|mvn|\.\/\w+|gradle|dotnet|docker|podman|kubectl|helm|terraform|bundle|rails|rake|mix|swift|xcodebuild|flutter|dart|composer|php|curl|cd|export|source|brew|apt|sudo)\s/m;
const FACT =
  /^(?:the|this|our|all|each|every|an?|we|it|there|\p{Lu}\S*|\S+[/.]\S+)\b[^.!?]{0,80}?\b(?:is|are|lives?|sits?|contains?|consists?|has|have|holds?|provides?|runs? on|depends? on|targets?|supports?)\b/u;
const ORDER = /\b(?:must|should|always|never|need to|has to|have to|required?|shall|do not|don['’]t)\b/i;

export function isNegative(text: string): boolean {
  return NEGATIVE.test(text);
}

/** `Follow these rules`: what stands under it means the same without it. */
export function isGeneralLead(text: string): boolean {
  return GENERAL_LEAD.test(text) && !isNegative(text);
}

/** A piece that says nothing by itself: `React 18`, `Testing`. A short order does: `Use pnpm`. */
export function isFragment(text: string): boolean {
  if (ACTION.test(text) || isNegative(text)) return false;
  // Scripts without spaces: six characters are about two words.
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(text)) return text.length < 6;
  return text.split(" ").length <= 3 && text.length <= 30;
}

export function isShell(language: string | null, code: string): boolean {
  return language === null || language === "" ? COMMAND.test(code) : SHELL_LANGUAGE.test(language);
}

/** States how something is, without asking for anything. */
export function isFact(text: string): boolean {
  return FACT.test(text) && !ORDER.test(text) && !ACTION.test(text);
}

/** `To release, run …`, `Run …`, or a command itself. */
export function isInstructionToRun(text: string): boolean {
  return COMMAND.test(text) || /^(?:(?:to|for|before|after)\b.{1,80}?,?\s)?(?:run|execute|call)\s/i.test(text);
}

/** Why a piece of text is no claim that an agent could hold, or null where it is one. */
export function whyNoClaim(plain: string, linked: string): string | null {
  const words = plain.replace(/[^\p{L}\p{N}]+/gu, "");
  if (words === "") return "It has no words.";
  if (linked.replace(/[^\p{L}\p{N}]+/gu, "") === words) return "It is only a link.";
  if (/^https?:\/\/\S+$/.test(plain)) return "It is only a link.";
  if (/^(?:table of contents|contents|toc|inhalt|índice|目次|目录)$/i.test(plain)) return "It is a table of contents.";
  if (/^this (?:file|document)\b.{0,20}\b(?:provides?|contains?|gives?|describes?|is)\b/i.test(plain))
    return "It introduces the file.";
  if (/^you are (?:an?|the)\b/i.test(plain)) return "It gives the agent a role, which is no claim about the project.";
  if (linked !== "" && /^(?:see|read|refer to|check|more in|details in)\b/i.test(plain) && plain.length < 120)
    return "It only points elsewhere.";
  if (words.length < 3) return "It is too short to be a claim.";
  return null;
}
