import { TO_SERVER } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import type { Jid } from './jid.ts';
import type { Stanza, XmppSession } from './session.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

type Profile = Record<string, unknown>;

/** Fields of vcard-temp (XEP-0054), by the path of elements to them. */
const VCARD_FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ['name', ['FN']],
  ['family_name', ['N', 'FAMILY']],
  ['given_name', ['N', 'GIVEN']],
  ['nickname', ['NICKNAME']],
  ['birthday', ['BDAY']],
  ['email', ['EMAIL', 'USERID']],
  ['phone', ['TEL', 'NUMBER']],
  ['url', ['URL']],
  ['title', ['TITLE']],
  ['role', ['ROLE']],
  ['organization', ['ORG', 'ORGNAME']],
  ['department', ['ORG', 'ORGUNIT']],
  ['city', ['ADR', 'LOCALITY']],
  ['country', ['ADR', 'CTRY']],
  ['about', ['DESC']],
];

const LONGEST_VALUE = 1024;

/** A vCard that the client sets, or that an answer shows. */
export function onVcard(session: XmppSession, stanza: Stanza, vcard: XmlElement): void {
  const set = stanza.type === 'set' && (stanza.direction === TO_SERVER || session.role !== 'client');
  const shown = stanza.type === 'result' && (stanza.direction !== TO_SERVER || session.role !== 'client');
  if (!set && !shown) return;
  const profile: Profile = {};
  for (const [key, path] of VCARD_FIELDS) put(profile, key, textAt(vcard, path));
  const photo = vcard.child('PHOTO');
  if (photo) put(profile, 'photo', photo.childText('TYPE') ?? photo.childText('EXTVAL') ?? 'image');
  tellProfile(session, stanza, session.sender(stanza), profile);
}

function textAt(element: XmlElement, path: readonly string[]): string | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path) at = at?.child(name);
  return at?.text();
}

/** `<photo/>` in a presence (XEP-0153): the checksum of the vCard's picture, told when it is another one. */
export function onPhotoHash(session: XmppSession, stanza: Stanza, who: Jid | undefined): void {
  const hash = stanza.element.child('x', NS.VCARD_UPDATE)?.childText('photo')?.trim().toLowerCase() ?? '';
  if (!/^[0-9a-f]{40}$/.test(hash) || !who || !session.news(`photo ${who.bare}`, hash)) return;
  tellProfile(session, stanza, who, { avatar_hash: hash });
}

type PersonalReader = (payload: XmlElement) => Profile;

/** Personal events (XEP-0163) that say something of a person, by the namespace of their payload. */
const PERSONAL: ReadonlyMap<string, PersonalReader> = new Map<string, PersonalReader>([
  [NS.NICK, (nick) => put({}, 'nickname', nick.text())],
  ['http://jabber.org/protocol/mood', readMood], // 0107
  ['http://jabber.org/protocol/activity', readActivity], // 0108
  ['http://jabber.org/protocol/tune', readTune], // 0118
  ['http://jabber.org/protocol/geoloc', readLocation], // 0080
  ['urn:xmpp:avatar:metadata', readAvatar], // 0084
]);

/** An item that the client publishes for itself (`iq` of XEP-0060). */
export function onPublish(session: XmppSession, stanza: Stanza, pubsub: XmlElement): void {
  if (stanza.type !== 'set' || stanza.to) return;
  const publish = pubsub.child('publish');
  if (publish) tellItems(session, stanza, session.sender(stanza), publish);
}

/** An event of a person's own node, as a message from the bare JID. True where it was an event. */
export function onPersonalEvent(session: XmppSession, stanza: Stanza): boolean {
  const event = stanza.element.child('event', NS.PUBSUB_EVENT);
  const items = event?.child('items');
  if (!event) return false;
  const { from } = stanza;
  // The client's own publication comes back to it as an event.
  const reflected = from !== undefined && from.bare === session.account && !session.blind(TO_SERVER);
  if (items && from && !reflected) tellItems(session, stanza, from, items);
  return true;
}

function tellItems(session: XmppSession, stanza: Stanza, who: Jid | undefined, items: XmlElement): void {
  for (const item of items.children) {
    const payload = item.children[0];
    const reader = payload && PERSONAL.get(payload.ns);
    if (reader) tellProfile(session, stanza, who, reader(payload));
  }
}

function readMood(mood: XmlElement): Profile {
  const name = mood.children.find((c) => c.name !== 'text')?.name;
  const text = mood.childText('text');
  return put({}, 'mood', name !== undefined && text !== undefined ? `${name}: ${text}` : (name ?? text));
}

function readActivity(activity: XmlElement): Profile {
  const general = activity.children.find((c) => c.name !== 'text');
  const specific = general?.children[0]?.name;
  const name = general && specific !== undefined ? `${general.name}/${specific}` : general?.name;
  return put(put({}, 'activity', name), 'activity_text', activity.childText('text'));
}

function readTune(tune: XmlElement): Profile {
  const parts = [tune.childText('artist'), tune.childText('title')].filter((part) => part !== undefined);
  return put({}, 'tune', parts.join(' - '));
}

function readLocation(geoloc: XmlElement): Profile {
  const profile: Profile = {};
  for (const name of ['country', 'region', 'locality', 'lat', 'lon', 'text']) {
    put(profile, name === 'text' ? 'location' : name, geoloc.childText(name));
  }
  return profile;
}

function readAvatar(metadata: XmlElement): Profile {
  const info = metadata.child('info');
  return put(put({}, 'avatar_hash', info?.attr('id')), 'avatar_type', info?.attr('type'));
}

function put(profile: Profile, key: string, value: string | undefined): Profile {
  const text = value?.trim() ?? '';
  if (text !== '') profile[key] = cutText(text, LONGEST_VALUE);
  return profile;
}

function tellProfile(session: XmppSession, stanza: Stanza, who: Jid | undefined, profile: Profile): void {
  if (Object.keys(profile).length === 0) return;
  session.tell(stanza, { kind: 'profile', ...(who ? { from: who.bare } : {}), profile });
}
