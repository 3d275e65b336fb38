/**
 * What tells one client from another, beside its own words. Sources: comments of libpurple's sign-on code
 * (ids, its own distribution), the recorded sessions of `captures/oscar` (AIM for Linux and Java), the client lists of
 * Miranda IM's ICQ plug-in, licq and SIM (stamps).
 */

/** Names by TLV 0x16, for sign-ons without a client string. */
export const CLIENT_IDS: ReadonlyMap<number, string> = new Map([
  [0x0001, 'AIM for Java'],
  [0x0004, 'AIM'],
  [0x0109, 'AIM'],
  [0x010a, 'ICQ'],
  [0x010b, 'ICQ'],
  [0x0611, 'AIM'],
  [0x1d09, 'AIM for Linux'],
]);

/** Third-party software by its own distribution number (TLV 0x14), whatever its client string says. */
export const DISTRIBUTIONS: ReadonlyMap<number, string> = new Map([[0x611, 'libpurple']]);

/** Names of AOL's and ICQ's own clients. */
export const OFFICIAL: ReadonlySet<string> = new Set(['AIM', 'AIM for Java', 'AIM for Linux', 'ICQ']);

/** A clone's stamp in the last three u32 of DC info ("client futures"). */
interface Future {
  readonly first: number;
  readonly mask?: number;
  readonly second?: number;
  readonly third?: number;
  readonly name: string;
  readonly version?: (first: number, second: number) => string | undefined;
}

function bytesOf(n: number): number[] {
  return [(n >>> 24) & 0x7f, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff];
}

function licqVersion(first: number): string {
  const version = first & 0xffff;
  return `${Math.floor(version / 1000)}.${Math.floor(version / 10) % 100}.${version % 10}`;
}

/** The more exact ones stand first. */
export const FUTURES: readonly Future[] = [
  { first: 0xffff_ffff, second: 0xffff_ffff, name: 'libpurple' },
  { first: 0xffff_ffff, second: 0, third: 0x3b72_48ed, name: 'spam bot' },
  { first: 0xffff_ffff, name: 'Miranda', version: (_first, second) => bytesOf(second).join('.') },
  { first: 0x7fff_ffff, name: 'Miranda', version: (_first, second) => bytesOf(second).join('.') },
  { first: 0x7d00_0000, mask: 0xff7f_0000, name: 'Licq', version: licqVersion },
  { first: 0xffff_ff8f, name: 'StrICQ' },
  { first: 0xffff_ff42, name: 'mICQ', version: (_first, second) => bytesOf(second).join('.') },
  { first: 0xffff_ffbe, name: 'Alicq', version: (_first, second) => bytesOf(second).slice(0, 3).join('.') },
  { first: 0xffff_ff7f, name: '&RQ' },
  { first: 0xffff_ffab, name: 'YSM' },
  { first: 0xffff_f666, third: 0, name: 'R&Q', version: (_first, second) => String(second) },
  { first: 0x0403_1980, name: 'vICQ' },
  { first: 0x3aa7_73ee, second: 0x3aa6_6380, name: 'libicq2000' },
  { first: 0x3b75_ac09, name: 'Trillian' },
  { first: 0x3ba8_dbaf, name: 'stICQ' },
  { first: 0xffff_fffe, third: 0xffff_fffe, name: 'Jimm' },
  { first: 0x3ff1_9beb, third: 0x3ff1_9beb, name: 'IM2' },
  { first: 0xdddd_eeff, second: 0, third: 0, name: 'SmartICQ' },
  { first: 0x494d_2b00, mask: 0xffff_fff0, second: 0, third: 0, name: 'IM+' },
  { first: 0x3b4c_4c0c, second: 0, third: 0x3b72_48ed, name: 'KXicq2' },
  { first: 0x44f5_23b0, second: 0x44f5_23a6, third: 0x44f5_23a6, name: 'malware (ICQ worm)' },
];
