/** What is odd about a packet whose form is right: told as anomalies, and unknown numbers as notices. */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { isKnownKey, KEY, SERVICE, serviceName, TRANSFER } from './numbers.ts';
import type { Session } from './session.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** Only the server tells these. */
const FROM_SERVER: ReadonlySet<number> = new Set([
  SERVICE.NEWMAIL,
  SERVICE.NEWPERSONALMAIL,
  SERVICE.NEWCONTACT,
  SERVICE.SYSMESSAGE,
  SERVICE.STATUS_15,
  SERVICE.LIST_15,
  SERVICE.DISCONNECT,
]);
/** Keys that only one side writes: the challenge is the server's, the answer to it the client's. */
const ONLY_DOWN: readonly number[] = [KEY.CHALLENGE, KEY.BUDDY_LIST, KEY.IDENTITIES];
const ONLY_UP: readonly number[] = [KEY.CRYPT_RESPONSE_2, KEY.TOKEN_RESPONSE];
/** Services in whose packets those keys mean that. */
const SIGN_ON: ReadonlySet<number> = new Set([SERVICE.AUTH, SERVICE.AUTHRESP, SERVICE.LIST]);

/** Unknown services, and unknown keys of known ones, that are told of a connection. */
const MAX_UNKNOWN = 16;
/** Keys of one packet that are listed. */
const MAX_LISTED = 16;

/** Looks at a packet before its handler does. */
export function noteOddities(session: Session, packet: Packet, direction: Direction): void {
  const { service } = packet;
  if (serviceName(service) === undefined) tellUnknownService(session, packet, direction);
  else if (!packet.knowsAllKeys) tellUnknownKeys(session, packet, direction);
  if (packet.hasLongValue) session.anomaly(packet, direction, 'ymsg_long_value');
  if (direction === TO_CLIENT) noteShapes(session, packet);
  if (isWrongWay(packet, direction)) session.anomaly(packet, direction, 'ymsg_wrong_direction');
  if (service === SERVICE.FILETRANS_15 && !countsRight(packet))
    session.anomaly(packet, direction, 'ymsg_wrong_count');
}

/** A character that is begun and not ended: `\`, `\1`, `\12` of an octal one; `=`, `=4` inside an encoded word. */
const OPEN_ESCAPE = /\\[0-7]{0,2}$|=\?[^?]*\?[Qq]\?[^?]*=[0-9A-Fa-f]?$/;
/** The longest name of DNS (RFC 1035). */
const LONGEST_HOST = 255;

/** Shapes that overran clients, in what servers tell them. */
function noteShapes(session: Session, packet: Packet): void {
  const { service } = packet;
  if (service === SERVICE.NEWMAIL || service === SERVICE.NEWPERSONALMAIL) {
    const ends = [KEY.SUBJECT, KEY.SENDER_NAME, KEY.EMAIL].some((key) =>
      OPEN_ESCAPE.test(packet.word(key)?.slice(-128) ?? ''),
    );
    if (ends) session.anomaly(packet, TO_CLIENT, 'ymsg_mail_escape');
  } else if (service === SERVICE.WEBCAM) {
    const server = packet.find(KEY.WEBCAM_SERVER);
    if (server >= 0 && packet.lengthAt(server) > LONGEST_HOST)
      session.anomaly(packet, TO_CLIENT, 'ymsg_webcam_long_server');
  }
}

function isWrongWay(packet: Packet, direction: Direction): boolean {
  const { service } = packet;
  if (direction === TO_SERVER && FROM_SERVER.has(service)) return true;
  if (!SIGN_ON.has(service)) return false;
  return (direction === TO_CLIENT ? ONLY_UP : ONLY_DOWN).some((key) => packet.has(key));
}

/** Key 266 of an offer is the number of files that it names, and each size a number. */
function countsRight(packet: Packet): boolean {
  if (packet.number(KEY.TRANSFER_ACTION) !== TRANSFER.OFFER) return true;
  let names = 0;
  for (let pair = 0; pair < packet.count; pair++) {
    const key = packet.keyAt(pair);
    if (key === KEY.FILE_NAME) names++;
    if (key === KEY.FILE_SIZE && !((leadingNumber(packet.wordAt(pair)) ?? -1) >= 0)) return false;
  }
  return !packet.has(KEY.FILE_COUNT) || packet.number(KEY.FILE_COUNT) === names;
}

function tellUnknownService(session: Session, packet: Packet, direction: Direction): void {
  session.anomaly(packet, direction, 'ymsg_unknown_service');
  const name = `0x${packet.service.toString(16).padStart(2, '0')}`;
  const keys: number[] = [];
  for (let pair = 0; pair < packet.count && keys.length < MAX_LISTED; pair++) {
    const key = packet.keyAt(pair);
    if (!keys.includes(key)) keys.push(key);
  }
  const evidence = keys.length > 0 ? [`service ${name}`, `keys ${keys.join(', ')}`] : [`service ${name}`];
  tellUnknown(session, packet, direction, name, 'unknown-service', evidence);
}

function tellUnknownKeys(session: Session, packet: Packet, direction: Direction): void {
  session.anomaly(packet, direction, 'ymsg_unknown_key');
  const name = serviceName(packet.service) ?? '';
  const keys: number[] = [];
  for (let pair = 0; pair < packet.count && keys.length < MAX_LISTED; pair++) {
    const key = packet.keyAt(pair);
    if (!isKnownKey(key) && !keys.includes(key) && !session.unknown.has(`${name} ${key}`)) keys.push(key);
  }
  for (const key of keys)
    tellUnknown(session, packet, direction, `${name} ${key}`, 'unknown-key', [`key ${key} in ${name}`]);
}

/** Values are not told: what is not known may be a secret. */
function tellUnknown(
  session: Session,
  packet: Packet,
  direction: Direction,
  mark: string,
  code: string,
  evidence: string[],
): void {
  if (session.unknown.has(mark) || session.unknown.size >= MAX_UNKNOWN) return;
  session.unknown.add(mark);
  session.tell(packet, direction, 'notice', { code, evidence });
}
