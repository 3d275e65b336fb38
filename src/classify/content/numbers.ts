/** Numbers that people must not send: payment cards, bank accounts, US social security numbers. */

export interface NumberMatch {
  readonly kind: 'card' | 'iban' | 'ssn';
  /** Digits and letters without separators. */
  readonly value: string;
  /** What an alert may show. */
  readonly masked: string;
}

/** Numbers told of one text. */
const MAX_MATCHES = 4;

interface Issuer {
  readonly name: string;
  /** First digits, low and high, of the same width. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly lengths: readonly number[];
}

/** Issuer ranges of ISO/IEC 7812 as the networks publish them. */
const ISSUERS: readonly Issuer[] = [
  { name: 'Visa', ranges: [[4, 4]], lengths: [13, 16, 19] },
  {
    name: 'Mastercard',
    ranges: [
      [51, 55],
      [2221, 2720],
    ],
    lengths: [16],
  },
  {
    name: 'American Express',
    ranges: [
      [34, 34],
      [37, 37],
    ],
    lengths: [15],
  },
  {
    name: 'Discover',
    ranges: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    lengths: [16, 19],
  },
  {
    name: 'Diners Club',
    ranges: [
      [300, 305],
      [3095, 3095],
      [36, 36],
      [38, 39],
    ],
    lengths: [14],
  },
  { name: 'JCB', ranges: [[3528, 3589]], lengths: [16, 19] },
  { name: 'UnionPay', ranges: [[62, 62]], lengths: [16, 17, 18, 19] },
];

/** Lengths of IBANs by country (SWIFT's registry). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
    .split(' ')
    .map((row) => [row.slice(0, 2), Number(row.slice(2))]),
);

const CARD_MIN = 13;
const CARD_MAX = 19;

/** Looks for all of them. One pass over the runs of digits, and one over the candidates of IBANs. */
export function findNumbers(text: string): NumberMatch[] {
  const found: NumberMatch[] = [];
  // Groups of digits that are parted by single spaces or hyphens.
  for (const { 0: run, index } of text.matchAll(/(?<![\w.,/:=&?#@+-])\d(?:[ -]?\d){8,40}(?![\w]|[.,]\d)/g)) {
    if (found.length >= MAX_MATCHES) return found;
    const match = cardIn(run) ?? ssnIn(run, text, index);
    if (match) found.push(match);
  }
  for (const { 0: run } of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,40}/g)) {
    if (found.length >= MAX_MATCHES) return found;
    const match = ibanIn(run);
    if (match) found.push(match);
  }
  return found;
}

/** A card number: the whole run, parted as cards are or not at all. */
function cardIn(run: string): NumberMatch | undefined {
  const digits = run.replace(/[ -]/g, '');
  if (digits.length < CARD_MIN || digits.length > CARD_MAX || !isCardShape(run, digits.length))
    return undefined;
  const issuer = ISSUERS.find(
    (i) => i.lengths.includes(digits.length) && i.ranges.some((r) => begins(digits, r)),
  );
  if (!issuer || !passesLuhn(digits) || isDull(digits)) return undefined;
  const masked = `${issuer.name} ${'*'.repeat(digits.length - 4)}${digits.slice(-4)}`;
  return { kind: 'card', value: digits, masked };
}

/** Undivided, or in groups of four (4-6-5 and 4-6-4 where the card has them), all by the same sign. */
function isCardShape(run: string, length: number): boolean {
  const sign = /[ -]/.exec(run)?.[0];
  if (sign === undefined) return true;
  const groups = run.split(sign);
  if (groups.some((group) => /\D/.test(group))) return false;
  const widths = groups.map((group) => group.length).join();
  if (length === 15) return widths === '4,6,5';
  if (length === 14) return widths === '4,6,4';
  return /^4(?:,4){2,3}(?:,[1-4])?$/.test(widths);
}

function begins(digits: string, [low, high]: readonly [number, number]): boolean {
  const head = Number(digits.slice(0, String(low).length));
  return head >= low && head <= high;
}

/** ISO/IEC 7812-1 annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const twice = digit * 2;
    sum += i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0;
}

/** Few different digits, as in numbers of forms and examples (`4111 1111 1111 1111`). */
function isDull(digits: string): boolean {
  return new Set(digits.slice(1)).size < 4;
}

function ibanIn(run: string): NumberMatch | undefined {
  const letters = run.replaceAll(' ', '');
  const length = IBAN_LENGTHS[letters.slice(0, 2)];
  if (length === undefined || letters.length < length) return undefined;
  const value = letters.slice(0, length);
  if (!passesMod97(value) || isDull(value.slice(4))) return undefined;
  return {
    kind: 'iban',
    value,
    masked: `${value.slice(0, 2)}** ${'*'.repeat(length - 8)}${value.slice(-4)}`,
  };
}

/** ISO 7064 mod 97-10, as ISO 13616 takes it. */
export function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const c of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(c, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** `123-45-6789` or with spaces; undivided only behind a word that says so. */
function ssnIn(run: string, text: string, index: number): NumberMatch | undefined {
  const digits = run.replace(/[ -]/g, '');
  if (digits.length !== 9) return undefined;
  const before = text.slice(Math.max(0, index - 24), index);
  const named = /ssn|social security/i.test(before);
  if (!/^\d{3}-\d{2}-\d{4}$/.test(run) && !(named && /^\d{3}([ -]?)\d{2}\1\d{4}$/.test(run)))
    return undefined;
  const area = digits.slice(0, 3);
  // Never given out: area 000, 666 and from 900, group 00, serial 0000; and those of advertisements.
  if (area === '000' || area === '666' || area >= '900') return undefined;
  if (digits.slice(3, 5) === '00' || digits.slice(5) === '0000') return undefined;
  if (digits === '078051120' || digits === '219099999' || digits === '123456789') return undefined;
  return { kind: 'ssn', value: digits, masked: `***-**-${digits.slice(-4)}` };
}
