/**
 * Letters of other scripts that look like Latin ones, as pairs "look-alike, Latin". What NFKC folds by itself (full width,
 * mathematical, circled letters) is not listed. The pairs follow the shapes in common fonts; Unicode's own table
 * (UTS 39, confusables.txt) has several thousand, most of which no attack on prose uses.
 */
export const LOOK_ALIKES: readonly string[] = `
  аa еe оo рp сc уy хx іi ѕs јj ԁd һh ӏl ԛq ԝw ѵv ԍg үy ҽe ӕae єe ʋu
  АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԜW ҮY Ԛq кk мm тt нh вb
  αa οo ρp νv ιi κk τt υu χx ηn εe γy ωw σo ϲc ϳj
  ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX
  օo ոn սu հh ցg ԁd զq ɑa ɡg ɩi ıi ȷj łl øo đd ħh ŧt ƒf ʐz ßss æae œoe
  ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz
  ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᎳW ᏃZ
`
  .trim()
  .split("\n")
  .map((line) => line.trim());

const LATIN: ReadonlyMap<string, string> = new Map(
  LOOK_ALIKES.flatMap((line) => line.split(" ")).map((pair) => {
    const [looks = ""] = pair;
    return [looks, pair.slice(looks.length).toLowerCase()];
  }),
);

/** The Latin letters, in lower case, that a character looks like; undefined where it looks like none or is Latin itself. */
export function latinLookAlike(character: string): string | undefined {
  return LATIN.get(character) ?? darkLetter(character);
}

/** White letters on dark circles and squares, which NFKC leaves as they are (U+1F150 to U+1F189). */
function darkLetter(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x1f150 || code > 0x1f189) return undefined;
  const place = code >= 0x1f170 ? code - 0x1f170 : code - 0x1f150;
  return place < 26 ? String.fromCodePoint(0x61 + place) : undefined;
}
