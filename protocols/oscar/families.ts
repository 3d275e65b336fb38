import { FAMILY } from './numbers.ts';

/** Families by number: their names, and the highest subtype of each that any known dialect uses. */
const FAMILIES: ReadonlyMap<number, readonly [name: string, highest: number]> = new Map([
  [FAMILY.OSERVICE, ['OSERVICE', 0x28]],
  [FAMILY.LOCATE, ['LOCATE', 0x19]],
  [FAMILY.BUDDY, ['BUDDY', 0x16]],
  [FAMILY.ICBM, ['ICBM', 0x24]],
  [FAMILY.ADVERT, ['ADVERT', 0x04]],
  [FAMILY.INVITE, ['INVITE', 0x03]],
  [FAMILY.ADMIN, ['ADMIN', 0x09]],
  [FAMILY.POPUP, ['POPUP', 0x02]],
  [FAMILY.PERMIT_DENY, ['PERMIT_DENY', 0x0b]],
  [FAMILY.USER_LOOKUP, ['USER_LOOKUP', 0x04]],
  [FAMILY.STATS, ['STATS', 0x05]],
  [FAMILY.TRANSLATE, ['TRANSLATE', 0x03]],
  [FAMILY.CHAT_NAV, ['CHAT_NAV', 0x0a]],
  [FAMILY.CHAT, ['CHAT', 0x30]],
  [FAMILY.ODIR, ['ODIR', 0x05]],
  [FAMILY.BART, ['BART', 0x09]],
  [FAMILY.FEEDBAG, ['FEEDBAG', 0x36]],
  [FAMILY.ICQ, ['ICQ', 0x04]],
  [FAMILY.BUCP, ['BUCP', 0x0d]],
  [FAMILY.ALERT, ['ALERT', 0x20]],
  [FAMILY.PLUGIN, ['PLUGIN', 0x06]],
  [FAMILY.MDIR, ['MDIR', 0x09]],
  [FAMILY.ARS, ['ARS', 0x07]],
  [FAMILY.KERBEROS, ['KERBEROS', 0x05]],
]);

/** Families below this one are looked up in a table. */
const LOW = 0x40;
const highest = new Uint8Array(LOW);
for (const [family, [, subtype]] of FAMILIES) if (family < LOW) highest[family] = subtype;

/** True where a SNAC of this number can be: a known family with a subtype in its range. */
export function isKnown(family: number, subtype: number): boolean {
  const last = family < LOW ? (highest[family] ?? 0) : (FAMILIES.get(family)?.[1] ?? 0);
  return subtype > 0 && subtype <= last;
}

/** The family's name with its number: `LOCATE (02)`. */
export function familyName(family: number): string {
  const number = family.toString(16).padStart(2, '0');
  const name = FAMILIES.get(family)?.[0];
  return name === undefined ? `family ${number}` : `${name} (${number})`;
}
