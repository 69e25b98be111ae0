/**
 * Personal data: what identifies a person for good, or pays in their name. A commit is for ever and is pulled by everybody,
 * so what a checksum makes sure is refused like a secret and never repeated. What only looks like it is told: a maintainer's
 * e-mail address is no leak.
 */
import { sighting, type Rule, type ScannedText, type Sighting } from "../rule.ts";

interface Kind {
  readonly id: string;
  readonly name: string;
  readonly pattern: RegExp;
  readonly isReal: (match: string, around: string) => boolean;
}

/** Numbers that payment services and standards print for everybody to test with. */
const PUBLISHED = new Set(
  "4242424242424242 4111111111111111 4012888888881881 4000056655665556 4222222222222 5555555555554444 5105105105105100 5200828282828210 2223003122003222 2223000048400011 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 3056930009020004 30569309025904 38520000023237 3566002020360505 3530111333300000 6200000000000005 DE89370400440532013000 GB29NWBK60161331926819 GB82WEST12345698765432 GB33BUKB20201555555555 FR1420041010050500013M02606 NL91ABNA0417164300 ES9121000418450200051332 IT60X0542811101000000123456 CH9300762011623852957 BE68539007547034 AT611904300234573201 PL61109010140000071219812874".split(
    " ",
  ),
);

/** Around a number: so many characters to either side may say what it is. */
const AROUND = 48;
const CARD_WORD = /\b(?:card|visa|master ?card|amex|american express|pan|cvv|cvc|karte|carte|tarjeta|carta)\b/i;
/** The issuers' ranges (ISO/IEC 7812): Visa, Mastercard, American Express, Discover, Diners Club, JCB. */
const ISSUED = /^(?:4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3[068]|35|6011|65)/;
/** Length by country (SWIFT's IBAN registry); others are not judged. */
const IBAN_LENGTH: Readonly<Record<string, number>> = {
  AD: 24,
  AT: 20,
  BE: 16,
  BG: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IS: 26,
  IT: 27,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TR: 26,
  UA: 29,
};
const DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";

const SURE: readonly Kind[] = [
  {
    id: "payment-card",
    name: "a payment card's number",
    pattern: /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g,
    isReal: (match, around) => {
      const digits = match.replaceAll(/\D/g, "");
      const isGrouped = /^\d{4}([ -])\d{4}\1\d{4}\1\d{4}$|^\d{4}([ -])\d{6}\2\d{5}$/.test(match);
      if (!isGrouped && (/[ -]/.test(match) || !CARD_WORD.test(around))) return false;
      return ISSUED.test(digits) && !PUBLISHED.has(digits) && !/^(\d)\1+$/.test(digits.slice(1, -1)) && luhn(digits);
    },
  },
  {
    id: "iban",
    name: "a bank account's number (IBAN)",
    pattern: /(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])/g,
    isReal: (match) => {
      const text = match.replaceAll(" ", "");
      return IBAN_LENGTH[text.slice(0, 2)] === text.length && !PUBLISHED.has(text) && mod97(text);
    },
  },
  {
    id: "national-id",
    name: "a person's national number",
    pattern:
      /(?<![\w.-])(?:\d{3}-\d{2}-\d{4}|\d{8}-?[A-HJ-NP-TV-Z]|[XYZ]\d{7}-?[A-HJ-NP-TV-Z]|\d{2} ?\d{3} ?\d{3} ?\d{3})(?![\w-]|\.\d)/g,
    isReal: (match, around) => {
      if (/^\d{3}-/.test(match))
        return (
          /\b(?:ssn|social security)\b/i.test(around) &&
          !/^(?:000|666|9|123-45-6789|078-05-1120)|-00-|-0000$/.test(match)
        );
      if (/[A-Z]/.test(match)) return /\b(?:dni|nie|nif)\b/i.test(around) && isDni(match.replace("-", ""));
      return (
        /\b(?:steuer-?id|steuer(?:liche )?identifikationsnummer|idnr)\b/i.test(around) &&
        isSteuerId(match.replaceAll(" ", ""))
      );
    },
  },
];

/** Each of those numbers has them, and most texts don't. */
const TWO_DIGITS = /\d[ -]?\d/;

/** Words that say that what follows is somebody's own, and what would follow. */
const PRIVATE =
  /\b(?:home|private|personal|mobile|cell|privat\w*|personnel\w*|personale?s?)\b[^\n.]{0,30}?(?:\b(?:e-?mail|address|adresse|mail)\b[^\n]{0,30}?[\w.+-]+@[\w-]+\.\w{2,}|\b(?:phone|number|telefon\w*|numéro|mobile|handy)\b[^\n]{0,20}?\+?\d[\d ()/.-]{7,}\d|\b(?:address|adresse|anschrift|street)\b[^\n]{0,40}?\d{1,4}\b)/giu;

/** Finds personal data that is sure: one sighting for each kind in each text, with no span. */
export const personalData: Rule = ({ texts }) =>
  texts.flatMap((scanned) =>
    (TWO_DIGITS.test(scanned.text) ? SURE : []).flatMap(({ id, name, pattern, isReal }): Sighting[] => {
      const { text } = scanned;
      const places = [...text.matchAll(pattern)].filter(({ index, 0: match }) =>
        isReal(match, text.slice(Math.max(0, index - AROUND), index + match.length + AROUND)),
      );
      return told(scanned, id, places, {
        forPerson: `holds what looks like ${name}; take it out.`,
        forModel: `contains what looks like ${name}. Never store personal data; say what it is for without the number.`,
      });
    }),
  );

/** Tells of what may be a person's private address or number. */
export const privateContact: Rule = ({ texts }) =>
  texts.flatMap((scanned) =>
    told(scanned, "private-contact", /[@\d]/.test(scanned.text) ? [...scanned.text.matchAll(PRIVATE)] : [], {
      forPerson: "may hold a person's private address or number; everybody with this repository could read it.",
      forModel: "may hold a person's private address or number. Leave it out unless it is meant for everybody here.",
    }),
  );

function told(
  scanned: ScannedText,
  id: string,
  places: readonly { readonly index: number; readonly 0: string }[],
  says: { readonly forPerson: string; readonly forModel: string },
): Sighting[] {
  const [first] = places;
  if (first === undefined) return [];
  const place = { start: first.index, end: first.index + first[0].length, others: places.length - 1 };
  return [
    sighting(
      `personal/${id}`,
      scanned,
      place,
      (where) => ({ forPerson: `${where} ${says.forPerson}`, forModel: `${where} ${says.forModel}` }),
      { span: false },
    ),
  ];
}

/** The check digit of ISO/IEC 7812. */
function luhn(digits: string): boolean {
  const sum = [...digits].toReversed().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 13616: the country and its check digits go to the end, letters count from 10. */
function mod97(iban: string): boolean {
  const numbers = [...(iban.slice(4) + iban.slice(0, 4))].map((one) => Number.parseInt(one, 36).toString()).join("");
  let rest = 0;
  for (const digit of numbers) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

function isDni(text: string): boolean {
  const number = Number(text.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter))));
  return DNI_LETTERS[number % 23] === text.at(-1);
}

/** ISO 7064, MOD 11,10. */
function isSteuerId(digits: string): boolean {
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return digits[0] !== "0" && (11 - product) % 10 === Number(digits[10]);
}
