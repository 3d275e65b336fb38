/** Which client this is, from what it says of itself when it answers the challenge. */
import type { ClientSoftware } from '../../src/sdk/index.ts';
import { KEY } from './numbers.ts';
import type { Packet } from './wire.ts';

const OFFICIAL = 'Yahoo! Messenger';

/** Key 244: a set of capability bits that grew with each version. */
const CLIENT_ID: Readonly<Record<string, string>> = {
  '524223': '7.0',
  '2097087': '8.1',
  '4194239': '9.0',
  '4186047': '9.0',
};

/** By the first number of key 135: the versions of the protocol that such a client can speak, with some room. */
const SPEAKS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  '5': [8, 11],
  '6': [10, 13],
  '7': [11, 14],
  '8': [13, 16],
  '9': [15, 17],
  '10': [16, 19],
  '11': [16, 20],
};

/**
 * Clients that are known by the keys of their answer (54), in order. libpurple from version 16 of
 * the protocol on claims to be Messenger 9 (244) but loses its version text (135): its list of
 * pairs is one too short. Before, it claimed to be 8.1 and kept the text. Early libpurple and its
 * relatives had none; the first ones wrote their pairs from the last to the first.
 */
const BY_KEYS: Readonly<Record<string, { name: string; masquerade?: string }>> = {
  '1,0,277,278,307,244,2,2,135': { name: 'libpurple', masquerade: `${OFFICIAL} 8.1` },
  '1,0,277,278,307,244,2,2,135,192': { name: 'libpurple', masquerade: `${OFFICIAL} 8.1` },
  '1,0,277,278,307,244,2,2,98': { name: 'libpurple', masquerade: `${OFFICIAL} 9.0` },
  '1,0,277,278,307,244,2,2,59,98': { name: 'libpurple', masquerade: `${OFFICIAL} 9.0` },
  '1,0,277,278,307,244,2,2,98,192': { name: 'libpurple', masquerade: `${OFFICIAL} 9.0` },
  '1,0,277,278,307,244,2,2,59,98,192': { name: 'libpurple', masquerade: `${OFFICIAL} 9.0` },
  '1,96,6,0': { name: 'libpurple' },
  '0,6,96,1': { name: 'libpurple or libyahoo2' },
};
/** The keys of a message (06) of those first ones. */
const BACKWARDS: readonly number[] = [206, 1002, 64, 63, 14, 97, 5, 1];
/** The longest of the lists above has so many keys. */
const MOST_KEYS = 12;
const LONGEST_VERSION = 64;

/** The client by keys 135 (its version text) and 244, else by the order of its keys; undefined where none tells. */
export function identifyClient(packet: Packet): ClientSoftware | undefined {
  const text = packet.word(KEY.CLIENT_VERSION)?.slice(0, LONGEST_VERSION);
  const id = packet.word(KEY.CLIENT_ID);
  const evidence: string[] = [];
  if (packet.version > 0) {
    evidence.push(
      `protocol version ${packet.version}${packet.littleEndian ? ' in little-endian order' : ''}`,
    );
  }
  const keys = keysOf(packet);
  const known = keys === undefined ? undefined : BY_KEYS[keys];
  if (text !== undefined) {
    evidence.push('key 135 version text');
    if (id !== undefined) evidence.push('key 244 client id');
    if (known && keys !== undefined) {
      evidence.push(`keys of the answer: ${keys}`);
      return { ...known, raw: text, evidence };
    }
    return claimed(packet, text, id, evidence);
  }
  const validId = id !== undefined && /^\d{1,10}$/.test(id) ? id : undefined;
  if (known && keys !== undefined) {
    evidence.push(`keys of the answer: ${keys}`);
    if (validId !== undefined) evidence.push('key 244 client id without key 135');
    const raw = validId === undefined ? `keys ${keys}` : `244=${validId}`;
    return { ...known, raw, evidence };
  }
  if (validId === undefined) return undefined;
  evidence.push('key 244 client id');
  return withVersion({ name: OFFICIAL, raw: `244=${validId}`, evidence }, CLIENT_ID[validId]);
}

/** The client that key 135 claims to be; where the rest of the packet contradicts it, what it pretends. */
function claimed(packet: Packet, text: string, id: string | undefined, evidence: string[]): ClientSoftware {
  const version = dotted(text);
  const speaks = SPEAKS[version?.split('.', 1)[0] ?? ''];
  const spoken = packet.version;
  const byId = id === undefined ? undefined : CLIENT_ID[id];
  const wrongVersion =
    speaks !== undefined && spoken > 0 && spoken <= 32 && (spoken < speaks[0] || spoken > speaks[1]);
  const wrongId =
    byId !== undefined && version !== undefined && !version.startsWith(byId.split('.', 1)[0] ?? '');
  if (!wrongVersion && !wrongId) return withVersion({ name: OFFICIAL, raw: text, evidence }, version);
  evidence.push(
    wrongVersion
      ? `such a client does not speak version ${spoken} of the protocol`
      : `key 244 is that of ${OFFICIAL} ${byId ?? ''}`,
  );
  return { name: 'not identified', raw: text, evidence, masquerade: `${OFFICIAL} ${version ?? text}` };
}

/**
 * The client of an attempt that ended before it answered the challenge: the official ones ask for the
 * server's turn (4C) before they name themselves (57), libpurple and OpenYMSG do not.
 */
export function identifyByBeginning(version: number): ClientSoftware {
  const raw = 'service 57 first';
  const evidence = ['the first packet is 57: no 4C before it'];
  if (version > 0) evidence.unshift(`protocol version ${version}`);
  return { name: 'libpurple or OpenYMSG', raw, evidence };
}

/** The client by the keys of a message, for connections whose sign-on was not seen. */
export function identifyByMessage(packet: Packet): ClientSoftware | undefined {
  if (packet.count !== BACKWARDS.length) return undefined;
  for (let pair = 0; pair < packet.count; pair++) {
    if (packet.keyAt(pair) !== BACKWARDS[pair]) return undefined;
  }
  const keys = BACKWARDS.join();
  return { name: 'libpurple', raw: `keys ${keys}`, evidence: [`keys of a message: ${keys}`] };
}

/** What libpurple and libyahoo2 write where the official client shows a cookie. */
const FIXED_COOKIE = 'abcde';

/** The client that enters chat rooms (96), by key 135, unless key 6 shows that it only says so. */
export function identifyInChat(packet: Packet): ClientSoftware | undefined {
  const client = packet.has(KEY.CLIENT_VERSION) ? identifyClient(packet) : undefined;
  if (!client || packet.word(KEY.CRYPT_RESPONSE) !== FIXED_COOKIE) return client;
  const { raw } = client;
  const evidence = ['key 135 version text', 'key 6 of service 96 is a fixed word'];
  const version = dotted(raw);
  const masquerade = version === undefined ? OFFICIAL : `${OFFICIAL} ${version}`;
  return { name: 'libpurple or libyahoo2', raw, evidence, masquerade };
}

/** The operating system of service 16, whose values are base64. */
export function hostStats(packet: Packet): ClientSoftware | undefined {
  const os = fromBase64(packet.word(KEY.OPERATING_SYSTEM));
  if (os === undefined) return undefined;
  return { name: OFFICIAL, os, raw: os, evidence: ['service 16 key 146 operating system'] };
}

function withVersion(client: ClientSoftware, version: string | undefined): ClientSoftware {
  return version === undefined ? client : { ...client, version };
}

/** `5, 5, 0, 1246` and `9.0.0.2162` both as the latter; undefined for what is no version. */
function dotted(text: string): string | undefined {
  const numbers = text.match(/\d{1,9}/g);
  return numbers && numbers.length > 1 ? numbers.slice(0, 6).join('.') : undefined;
}

function keysOf(packet: Packet): string | undefined {
  if (packet.count > MOST_KEYS) return undefined;
  const keys: number[] = [];
  for (let pair = 0; pair < packet.count; pair++) keys.push(packet.keyAt(pair));
  return keys.join(',');
}

function fromBase64(word: string | undefined): string | undefined {
  if (word === undefined || word.length > 256 || word.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(word)) return undefined;
  const text = atob(word);
  return text.trim() || undefined;
}
