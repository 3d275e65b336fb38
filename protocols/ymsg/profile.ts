/** Pictures, avatars and the personal data of contacts. */
import { TO_CLIENT } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { parseUrl } from './files.ts';
import { KEY, SERVICE } from './numbers.ts';
import { actorOf } from './people.ts';
import type { Handlers, Session } from './session.ts';
import { leadingNumber } from './wire.ts';
import type { Packet } from './wire.ts';

/** People whose picture is remembered as told. */
const MAX_PICTURES = 1024;
const LONGEST_AVATAR = 256;

type Profile = NonNullable<ImFacts['profile']>;

/** The checksum of a picture; undefined for none (0 or −1). */
function checksumAt(packet: Packet, pair: number): number | undefined {
  const checksum = pair < 0 ? undefined : leadingNumber(packet.wordAt(pair));
  return checksum === undefined || checksum === 0 || checksum === -1 ? undefined : checksum;
}

/** Tells a person's picture by its checksum (192), once for each that he has. */
export function tellPicture(
  session: Session,
  packet: Packet,
  direction: Direction,
  from: string | undefined,
  pair: number,
  more: Profile = {},
): void {
  const checksum = checksumAt(packet, pair);
  const known = from === undefined ? undefined : session.pictures.get(from);
  const isNew = checksum !== undefined && checksum !== known;
  if (isNew && from !== undefined && (known !== undefined || session.pictures.size < MAX_PICTURES))
    session.pictures.set(from, checksum);
  const profile: Profile = isNew ? { picture_checksum: checksum, ...more } : more;
  if (Object.keys(profile).length > 0) session.tell(packet, direction, 'profile', { from, profile });
}

/** BD: {1 or 4 who, 5 whom, 192 checksum}. */
function onChecksum(session: Session, packet: Packet, direction: Direction): void {
  tellPicture(
    session,
    packet,
    direction,
    actorOf(session, packet, direction),
    packet.find(KEY.PICTURE_CHECKSUM),
  );
}

/** BE: asks for a picture (13 is 1), or tells where it is (13 is 2): {4 who, 20 URL, 192}. */
function onPicture(session: Session, packet: Packet, direction: Direction): void {
  const place = parseUrl(packet.text(KEY.URL) ?? '');
  if (!place) return;
  const from = actorOf(session, packet, direction);
  const more = { picture_url: place.url };
  tellPicture(session, packet, direction, from, packet.find(KEY.PICTURE_CHECKSUM), more);
}

/** C2 down, after an upload over HTTP: {5 us, 20 URL, 27 name}. */
function onUpload(session: Session, packet: Packet, direction: Direction): void {
  const place = parseUrl(packet.text(KEY.URL) ?? '');
  if (direction !== TO_CLIENT || !place) return;
  const profile: Profile = { picture_url: place.url };
  const name = packet.text(KEY.FILE_NAME);
  if (name !== undefined) profile['picture_name'] = name;
  session.tell(packet, direction, 'profile', { from: session.account, profile });
}

/** What a person shows (206 or 213). */
const SHOWN: Readonly<Record<string, string>> = { '0': 'nothing', '1': 'avatar', '2': 'picture' };

/** C1 and C7: {1 or 4 who, 206 or 213 what is shown, 192 checksum, 197 avatar}. */
function onShown(session: Session, packet: Packet, direction: Direction): void {
  const shown = SHOWN[packet.word(KEY.PICTURE_FLAG) ?? packet.word(KEY.PICTURE_MODE) ?? ''];
  const avatar = packet.word(KEY.AVATAR)?.slice(0, LONGEST_AVATAR);
  const more: Profile = {};
  if (shown !== undefined) more['picture'] = shown;
  if (avatar !== undefined) more['avatar'] = avatar;
  const from = actorOf(session, packet, direction);
  tellPicture(session, packet, direction, from, packet.find(KEY.PICTURE_CHECKSUM), more);
}

/** Fields of an address book's entry, as its attributes or elements are called, and what they are told as. */
const FIELDS: readonly (readonly [short: string, name: string])[] = [
  ['fn', 'first_name'],
  ['ln', 'last_name'],
  ['nn', 'nickname'],
  ['e0', 'email'],
  ['mo', 'mobile_phone'],
  ['mphone', 'mobile_phone'],
  ['hp', 'home_phone'],
  ['hphone', 'home_phone'],
  ['wp', 'work_phone'],
  ['wphone', 'work_phone'],
];
const PATTERNS = FIELDS.map(
  ([short, name]) =>
    [name, new RegExp(`(?:\\s${short}="([^"<]{1,200})"|<${short}>([^<]{1,200})</${short}>)`)] as const,
);
const LONGEST_ENTRY = 4096;
const ENTITY: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The fields of an address book's entry in XML; undefined where there is none. */
export function parseEntry(xml: string): Profile | undefined {
  const text = xml.slice(0, LONGEST_ENTRY);
  const profile: Profile = {};
  for (const [name, pattern] of PATTERNS) {
    const found = pattern.exec(text);
    const value = (found?.[1] ?? found?.[2])?.replace(
      /&(amp|lt|gt|quot|apos);/g,
      (_whole, entity: string) => ENTITY[entity] ?? '',
    );
    if (value !== undefined && value.trim() !== '') profile[name] ??= value.trim();
  }
  return Object.keys(profile).length > 0 ? profile : undefined;
}

/** D3 and C4: {4 whose, 5 us, 280 or 203 entry}. */
function onEntry(session: Session, packet: Packet, direction: Direction): void {
  const profile = parseEntry(packet.text(KEY.CONTACT_DETAILS) ?? packet.text(KEY.ADDRESS_ENTRY) ?? '');
  if (!profile) return;
  session.tell(packet, direction, 'profile', { from: actorOf(session, packet, direction), profile });
}

export const profileHandlers: Handlers = {
  [SERVICE.PICTURE_CHECKSUM]: onChecksum,
  [SERVICE.PICTURE]: onPicture,
  [SERVICE.PICTURE_UPLOAD]: onUpload,
  [SERVICE.PICTURE_UPDATE]: onShown,
  [SERVICE.AVATAR]: onShown,
  [SERVICE.AVATAR_UPDATE]: onShown,
  [SERVICE.CONTACT_DETAILS]: onEntry,
  [SERVICE.YAB_UPDATE]: onEntry,
};
