import { decodeUtf8 } from '../../src/sdk/index.ts';
import type { Auth } from '../../src/sdk/index.ts';

/** What one message of the client's in a SASL exchange shows. The secret itself is looked at, never kept. */
export interface Shown {
  user?: string;
  /** The domain that the name is of, where the mechanism says so. */
  realm?: string;
  exposed?: NonNullable<Auth['exposed']>;
}

/** Reads the client's `step`-th message (0 is the initial response) of a mechanism. */
type Reader = (bytes: Uint8Array, step: number) => Shown;

/** PLAIN (RFC 4616): authzid NUL authcid NUL password. */
function plain(bytes: Uint8Array): Shown {
  return nulFields(bytes, 'password');
}

/** The token mechanisms of Google (X-GOOGLE-TOKEN, X-OAUTH2): the form of PLAIN. */
function tokenFields(bytes: Uint8Array): Shown {
  return nulFields(bytes, 'token');
}

function nulFields(bytes: Uint8Array, exposed: 'password' | 'token'): Shown {
  const first = bytes.indexOf(0);
  const second = first < 0 ? -1 : bytes.indexOf(0, first + 1);
  if (second < 0) return {};
  const user = decodeUtf8(bytes, first + 1, second);
  return { ...named(user), ...(second + 1 < bytes.length ? { exposed } : {}) };
}

/** LOGIN: the server asks for the name, then for the password. */
function login(bytes: Uint8Array, step: number): Shown {
  if (bytes.length === 0) return {};
  return step === 0 ? named(decodeUtf8(bytes)) : { exposed: 'password' };
}

/** DIGEST-MD5 (RFC 2831): `username="...",realm="...",...,response=...`. */
function digestMd5(bytes: Uint8Array): Shown {
  const text = decodeUtf8(bytes);
  const user = directive(text, 'username');
  const realm = directive(text, 'realm');
  if (user === undefined) return {};
  const shown: Shown = named(user);
  if (realm) shown.realm = realm;
  if (directive(text, 'response')) shown.exposed = 'hash';
  return shown;
}

/** CRAM-MD5 (RFC 2195): name, space, hash. */
function cramMd5(bytes: Uint8Array): Shown {
  const text = decodeUtf8(bytes);
  const space = text.lastIndexOf(' ');
  return space <= 0 ? {} : { ...named(text.slice(0, space)), exposed: 'hash' };
}

/** SCRAM (RFC 5802): `n,,n=user,r=nonce`, then `c=...,r=...,p=proof`. */
function scram(bytes: Uint8Array): Shown {
  const text = decodeUtf8(bytes);
  if (text.startsWith('c=')) return text.includes(',p=') ? { exposed: 'hash' } : {};
  const user = /(?:^|,)n=([^,]*)/.exec(text)?.[1] ?? '';
  return named(user.replaceAll('=2C', ',').replaceAll('=3D', '='));
}

/** OAUTHBEARER (RFC 7628) and XOAUTH2: `n,a=user@host,^Aauth=Bearer ...`, `user=...^Aauth=...`. */
function bearer(bytes: Uint8Array): Shown {
  const text = decodeUtf8(bytes);
  // ^A separates the fields of these mechanisms.
  const user = /(?:^|[,\u0001])(?:a|user)=([^,\u0001]*)/.exec(text)?.[1];
  return { ...named(user ?? ''), ...(text.includes('auth=') ? { exposed: 'token' } : {}) };
}

/** HT-* (draft-schmaus-kitten-sasl-ht): name NUL hash of a token. */
function hashedToken(bytes: Uint8Array): Shown {
  const nul = bytes.indexOf(0);
  return nul <= 0 ? {} : { ...named(decodeUtf8(bytes, 0, nul)), exposed: 'token' };
}

/** EXTERNAL: the authorisation identity alone; the proof is a certificate. */
function external(bytes: Uint8Array, step: number): Shown {
  return step === 0 ? named(decodeUtf8(bytes)) : {};
}

/** A token without a name: X-FACEBOOK-PLATFORM, X-MESSENGER-OAUTH2. */
function tokenOnly(bytes: Uint8Array): Shown {
  return bytes.length === 0 ? {} : { exposed: 'token' };
}

/** NTLM: the third message holds the crackable response. */
function ntlm(bytes: Uint8Array): Shown {
  return bytes[0] === 0x4e && bytes[8] === 3 ? { exposed: 'hash' } : {};
}

function nothing(): Shown {
  return {};
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['PLAIN', plain],
  ['LOGIN', login],
  ['DIGEST-MD5', digestMd5],
  ['CRAM-MD5', cramMd5],
  ['OAUTHBEARER', bearer],
  ['XOAUTH2', bearer],
  ['X-OAUTH2', tokenFields],
  ['X-GOOGLE-TOKEN', tokenFields],
  ['X-FACEBOOK-PLATFORM', tokenOnly],
  ['X-MESSENGER-OAUTH2', tokenOnly],
  ['EXTERNAL', external],
  ['NTLM', ntlm],
]);

/** The reader of a mechanism's messages; one that shows nothing where the mechanism is not known. */
export function mechanismReader(mechanism: string): Reader {
  if (mechanism.startsWith('SCRAM-')) return scram;
  if (mechanism.startsWith('HT-')) return hashedToken;
  return READERS.get(mechanism) ?? nothing;
}

function named(user: string): Shown {
  return user === '' ? {} : { user };
}

/** A directive of a DIGEST-MD5 message: `name=value` or `name="value"`. */
function directive(text: string, name: string): string | undefined {
  let at = text.indexOf(`${name}=`);
  while (at > 0 && /[\w-]/.test(text[at - 1] ?? '')) at = text.indexOf(`${name}=`, at + 1);
  if (at < 0) return undefined;
  const from = at + name.length + 1;
  if (text[from] !== '"') return text.slice(from, endOf(text, ',', from));
  let out = '';
  for (let i = from + 1; i < text.length && text[i] !== '"'; i++) {
    if (text[i] === '\\') i++;
    out += text[i] ?? '';
  }
  return out;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}
