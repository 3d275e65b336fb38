import type { Cursor, Direction, ImFacts } from '../../src/sdk/index.ts';
import type { IcqSession } from './session.ts';
import { decodeField, decodeText, splitParts } from './text.ts';
import { MESSAGE, readText } from './wire.ts';

/** Messages of all kinds, both ways. */

/** Who writes to whom, and the direction in which the datagram went. */
export interface Route {
  direction: Direction;
  from: string | undefined;
  to: string | undefined;
  /** Of messages that waited on the server. */
  stored?: Pick<ImFacts, 'offline' | 'copy' | 'original_time'>;
}

/** type u16, text with its length. */
export function onMessage(session: IcqSession, route: Route, body: Cursor): void {
  const type = body.u16le() & 0xff;
  const text = readText(body);
  if (!body.ok) {
    session.anomaly(route.direction, 'icq_malformed');
    return;
  }
  KINDS.get(type)?.(session, route, text);
}

type Kind = (session: IcqSession, route: Route, bytes: Uint8Array) => void;

function parties(route: Route): Pick<ImFacts, 'from' | 'to' | 'sent'> {
  return {
    ...(route.from !== undefined && { from: route.from }),
    ...(route.to !== undefined && { to: [route.to] }),
    sent: route.direction === 0,
  };
}

function tellText(session: IcqSession, route: Route, text: string, more: Partial<ImFacts> = {}): void {
  if (text === '') return;
  const read: Partial<ImFacts> = text.startsWith('?OTR') ? { encrypted: 'otr' } : { text, format: 'plain' };
  session.tell(route.direction, { kind: 'message', ...parties(route), ...more, ...read, ...route.stored });
}

/** Description and address. */
const onUrl: Kind = (session, route, bytes) => {
  const parts = splitParts(bytes, 2).map(decodeField);
  tellText(session, route, parts.filter((part) => part !== '').join(' '));
};

/** Web pager and e-mail express: name, three empty parts, e-mail address, one more, text. */
const onPager: Kind = (session, route, bytes) => {
  const parts = splitParts(bytes).map(decodeField);
  const [name = '', , , email = ''] = parts;
  const more: Partial<ImFacts> = {};
  if (email !== '') more.from = email.toLowerCase();
  if (name !== '') more.from_name = name;
  tellText(session, route, parts.slice(5).join(' ').trim(), more);
};

/** An authorisation: a request has nick, first name, last name, e-mail, flag and reason; a refusal its reason. */
function onAuthorisation(op: 'request' | 'accept' | 'deny'): Kind {
  return (session, route, bytes) => {
    const id = route.direction === 0 ? route.to : route.from;
    if (id === undefined) return;
    const parts = splitParts(bytes).map(decodeField);
    const name = op === 'request' ? parts[0] : '';
    const reason = op === 'request' ? parts[5] : parts[0];
    session.tell(route.direction, {
      kind: 'contact',
      ...parties(route),
      contact: { op, id, ...(name && { name }) },
      ...(reason && { reason }),
    });
  };
}

/** Nick, first name, last name and e-mail of whom has put the receiver on the list. */
const onAdded: Kind = (session, route, bytes) => {
  const nick = decodeField(splitParts(bytes)[0] ?? bytes);
  session.tell(route.direction, {
    kind: 'notice',
    ...parties(route),
    ...(nick !== '' && route.direction === 1 && { from_name: nick }),
    text: 'added to the contact list',
    code: 'added',
  });
};

const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [MESSAGE.TEXT, (session, route, bytes) => tellText(session, route, decodeText(bytes))],
  [MESSAGE.URL, onUrl],
  [MESSAGE.AUTH_REQUEST, onAuthorisation('request')],
  [MESSAGE.AUTH_DENIED, onAuthorisation('deny')],
  [MESSAGE.AUTH_GRANTED, onAuthorisation('accept')],
  [MESSAGE.SERVER, onPager],
  [MESSAGE.ADDED, onAdded],
  [MESSAGE.WEB_PAGER, onPager],
  [MESSAGE.EMAIL, onPager],
]);
