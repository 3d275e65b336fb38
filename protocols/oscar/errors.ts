/** Codes that servers answer with, in words. */

/** TLV 8 of a sign-on answer. */
const LOGIN_ERRORS: ReadonlyMap<number, string> = new Map([
  [0x01, 'invalid screen name or password'],
  [0x02, 'service unavailable'],
  [0x03, 'refused for another reason'],
  [0x04, 'incorrect screen name or password'],
  [0x05, 'incorrect password'],
  [0x06, 'internal client error'],
  [0x07, 'invalid account'],
  [0x08, 'deleted account'],
  [0x09, 'expired account'],
  [0x0a, 'no database access'],
  [0x0b, 'no access to the resolver'],
  [0x0c, 'invalid database fields'],
  [0x0d, 'bad database status'],
  [0x0e, 'bad resolver status'],
  [0x0f, 'internal error'],
  [0x10, 'service temporarily offline'],
  [0x11, 'suspended account'],
  [0x12, 'database send error'],
  [0x13, 'database link error'],
  [0x14, 'service unavailable'],
  [0x15, 'reservation link error'],
  [0x16, 'too many connections from this address'],
  [0x17, 'too many connections from this address'],
  [0x18, 'signing on too often'],
  [0x19, 'warned too much'],
  [0x1a, 'reservation timed out'],
  [0x1b, 'client too old'],
  [0x1c, 'client too old'],
  [0x1d, 'signing on too often'],
  [0x1e, 'cannot register on ICQ'],
  [0x20, 'incorrect SecurID'],
  [0x22, 'under age'],
]);

export function loginError(code: number): string {
  return `${LOGIN_ERRORS.get(code) ?? 'refused'} (code ${code})`;
}

/** Codes of subtype 1 of every family. */
const SNAC_ERRORS: ReadonlyMap<number, string> = new Map([
  [0x01, 'invalid SNAC'],
  [0x02, 'too fast for the server'],
  [0x03, 'too fast for the receiver'],
  [0x04, 'not signed on'],
  [0x05, 'service unavailable'],
  [0x06, 'service not defined'],
  [0x07, 'obsolete SNAC'],
  [0x08, 'not supported by the server'],
  [0x09, 'not supported by the client'],
  [0x0a, 'refused by the client'],
  [0x0b, 'answer too big'],
  [0x0c, 'answer lost'],
  [0x0d, 'request denied'],
  [0x0e, 'malformed SNAC'],
  [0x0f, 'not entitled'],
  [0x10, 'blocked by one of the two'],
  [0x11, 'sender warned too much'],
  [0x12, 'receiver warned too much'],
  [0x13, 'user not available'],
  [0x14, 'no match'],
  [0x15, 'list too long'],
  [0x16, 'ambiguous request'],
  [0x17, 'queue full'],
  [0x18, 'not while on AOL'],
]);

export function snacError(code: number): string {
  return SNAC_ERRORS.get(code) ?? `error ${code}`;
}
