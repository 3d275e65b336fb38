/** Capability UUIDs that the dissector acts on, as 32 hex digits. */

/** The short form: `0946xxxx-4C7F-11D1-8222-444553540000`. */
function short(number: string): string {
  return `0946${number}4c7f11d18222444553540000`;
}

export const CAPABILITY = {
  SEND_FILE: short('1343'),
  DIRECT_IM: short('1345'),
  ICQ_RELAY: short('1349'),
  GAMES: short('134a'),
  /** The second spelling, with bytes 8 and 9 swapped. */
  GAMES_SWAPPED: '0946134a4c7f11d12282444553540000',
  CHAT: '748f2420628711d18222444553540000',
} as const;

/** Rendezvous services that are calls of some kind: what `im.call.media` says. */
export const CALL_MEDIA: ReadonlyMap<string, string> = new Map([
  [CAPABILITY.DIRECT_IM, 'direct-im'],
  [CAPABILITY.GAMES, 'game'],
  [CAPABILITY.GAMES_SWAPPED, 'game'],
  [short('0100'), 'video'],
  [short('0101'), 'video'],
  [short('0104'), 'voice'],
  [short('0105'), 'video'],
  [short('1341'), 'voice'],
  [short('1342'), 'game'],
  [short('1347'), 'add-in'],
  [short('f004'), 'screen'],
]);

/** What some third-party clients write into a capability instead of a UUID, and who they are. */
export const CLIENT_MARKS: readonly (readonly [mark: string, name: string])[] = [
  ['MirandaM', 'Miranda'],
  ['Kopete ICQ', 'Kopete'],
  ['SIM client', 'SIM'],
  ['Licq client', 'Licq'],
  ['mICQ ', 'mICQ'],
  ['climm', 'climm'],
  ['&RQinside', '&RQ'],
  ['Jimm ', 'Jimm'],
  ['vmICQ', 'vmICQ'],
];
