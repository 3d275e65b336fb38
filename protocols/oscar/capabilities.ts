/** Capability UUIDs, as 32 hex digits: what the dissector acts on, and who is told by one. */

/** The short form: `0946xxxx-4C7F-11D1-8222-444553540000`. */
function short(number: string): string {
  return `0946${number}4c7f11d18222444553540000`;
}

export const CAPABILITY = {
  SEND_FILE: short('1343'),
  DIRECT_IM: short('1345'),
  GET_FILE: short('1348'),
  ICQ_RELAY: short('1349'),
  GAMES: short('134a'),
  /** The second spelling, with bytes 8 and 9 swapped. */
  GAMES_SWAPPED: '0946134a4c7f11d12282444553540000',
  CONTACT_LIST: short('134b'),
  CHAT: '748f2420628711d18222444553540000',
  TRILLIAN_SECUREIM: 'f2e7c7f4fead4dfbb23536798bdf0000',
} as const;

/** Rendezvous services that are calls of some kind: what `im.call.media` says. */
export const CALL_MEDIA: ReadonlyMap<string, string> = new Map([
  [CAPABILITY.DIRECT_IM, 'direct-im'],
  [CAPABILITY.GAMES, 'game'],
  [CAPABILITY.GAMES_SWAPPED, 'game'],
  [short('0100'), 'video'],
  [short('0101'), 'video'],
  [short('0102'), 'video'],
  [short('0103'), 'voice'],
  [short('0104'), 'voice'],
  [short('0105'), 'video'],
  // iChat sends this one moved by a byte.
  ['094601054c7f11d18222444545534000', 'video'],
  [short('1341'), 'voice'],
  [short('1342'), 'game'],
  [short('1347'), 'add-in'],
  [short('f004'), 'screen'],
]);

/** Software that is told by one of its capabilities: the first digits of it, and where its version is. */
export interface Mark {
  readonly prefix: string;
  readonly name: string;
  readonly os?: string;
  /** Offsets of the bytes that are its version, most significant first. */
  readonly version?: readonly number[];
  /** The version is text from this offset on. */
  readonly versionText?: number;
}

/** Letters as hex digits: marks that are text instead of a UUID. */
function text(letters: string): string {
  return Array.from(letters, (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

const BYTES_12 = [12, 13, 14, 15] as const;
const BYTES_9 = [12, 11, 10, 9] as const;

/**
 * Longer prefixes of one family stand first. Sources: the client lists of Miranda IM's ICQ plug-in, licq,
 * climm, SIM and Jimm, which agree where more than one has a mark.
 */
export const CLIENT_MARKS: readonly Mark[] = [
  { prefix: text('MirandaMobile'), name: 'Miranda Mobile' },
  { prefix: text('MirandaM'), name: 'Miranda', version: [8, 9, 10, 11] },
  { prefix: text('MirandaA'), name: 'Miranda' },
  { prefix: text('sinj'), name: 'Miranda (ICQ S!N)' },
  { prefix: text('icqj'), name: 'Miranda (ICQ S7)' },
  { prefix: text('icqp'), name: 'Miranda (ICQ Plus)' },
  { prefix: text('Kopete ICQ  '), name: 'Kopete', version: BYTES_12 },
  { prefix: text('SIM client  '), name: 'SIM', version: [12, 13, 14] },
  { prefix: text('Licq client '), name: 'Licq', version: [12, 13, 14] },
  { prefix: text('mICQ '), name: 'mICQ', version: BYTES_12 },
  { prefix: text('climm'), name: 'climm', version: BYTES_12 },
  { prefix: text('&RQinside'), name: '&RQ', version: BYTES_9 },
  { prefix: text('R&Qinside'), name: 'R&Q', version: BYTES_9 },
  { prefix: text('IMadering Client'), name: 'IMadering' },
  { prefix: text('mChat icq '), name: 'mChat', versionText: 10 },
  { prefix: text('Jimm '), name: 'Jimm', versionText: 5 },
  { prefix: text('Smaper '), name: 'Smaper', versionText: 7 },
  { prefix: text('PIGEON!'), name: 'Pigeon' },
  { prefix: text('VmICQ '), name: 'VmICQ', versionText: 6 },
  { prefix: text('JICQ'), name: 'JICQ' },
  { prefix: text('MIP Client v'), name: 'MIP', versionText: 12 },
  { prefix: text('Jasmine '), name: 'Jasmine' },
  { prefix: `ffffffff${text('naim')}`, name: 'naim' },
  { prefix: `563fc8090b6f41${text('QIP     !')}`, name: 'QIP PDA', os: 'Windows' },
  { prefix: `563fc8090b6f41${text('QIP ')}`, name: 'QIP', versionText: 11 },
  { prefix: '51add1907204473da1a149f4a397a41f', name: 'QIP PDA', os: 'Symbian' },
  { prefix: 'b08262f67f7c4561adc11c6d75705ec5', name: 'QIP Mobile' },
  { prefix: '60de5c8adf8c4e1da4c8bc3bd9794dd8', name: 'QIP Mobile', os: 'iOS' },
  { prefix: '7c737502c3be4f3ea69f015313431e1a', name: 'QIP Infium' },
  { prefix: '97b12751243c4334ad22d6abf73f1409', name: 'Trillian' },
  { prefix: CAPABILITY.TRILLIAN_SECUREIM, name: 'Trillian' },
  { prefix: '74edc33644df485b8b1c671a1f86099f', name: 'IM2' },
  { prefix: '44e5bfceb096e547bd65efd6a37e3602', name: 'Anastasia' },
  { prefix: 'a7e40a96b3a0479ab845c9e467c56b1f', name: 'uIM' },
  { prefix: '7e11b778a3534926a80244735208c42a', name: 'ICQ (Rambler)' },
  { prefix: '00e7e0dfa9d04fe19162c8909a132a1b', name: 'ICQ (ABV)' },
  { prefix: '4c6b90a33d2d480e89d62e4b2c10d99f', name: 'ICQ (Netvigator)' },
  { prefix: 'dd16f20284e611d490db00104b9b4b7d', name: 'ICQ for Mac', os: 'macOS' },
];
