import { TO_SERVER } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { formValue } from './account.ts';
import { announceStream, announceUrl, carveBlock } from './carve.ts';
import { errorCondition } from './errors.ts';
import { newTransfer, tellFile } from './file-facts.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { offered, parseSize } from './transfer-book.ts';
import type { OfferedFile, PeerHost, Transfer } from './transfer-book.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/** Stream methods by their namespace, and what the contract calls them. */
const METHODS: ReadonlyMap<string, string> = new Map([
  [NS.BYTESTREAMS, 'socks5'],
  [NS.IBB, 'ibb'],
]);

/** Blocks of an in-band bytestream have at most so many bytes (XEP-0047, 2.1). */
const MAX_BLOCK = 65_535;

/** Conditions of an error with which a person says no; others say that it cannot be done. */
const REFUSALS: ReadonlySet<string> = new Set(['forbidden', 'not-acceptable', 'not-allowed']);

/** An offer of stream initiation (XEP-0095, 0096); its answer accepts or declines it. */
export function onSi(session: XmppSession, stanza: Stanza, si: XmlElement): void {
  const sid = si.attr('id');
  const file = si.child('file', NS.SI_FILE);
  if (stanza.type !== 'set' || !sid || !file) return;
  const about = offered(file.attr('name'), file.attr('size'), si.attr('mime-type'), file.attr('hash'));
  if (!about) return;
  const transfer = newTransfer(session, stanza, sid, about, 'si');
  session.transfers.keep(sid, transfer);
  tellFile(session, stanza, transfer, 'offer');
  session.expect(stanza, (_, answer) => onSiAnswer(session, answer, transfer));
}

function onSiAnswer(session: XmppSession, answer: Stanza, transfer: Transfer): void {
  if (answer.type === 'error') {
    const refused = REFUSALS.has(errorCondition(answer.element) ?? '');
    tellFile(session, answer, transfer, refused ? 'decline' : 'failed');
    return;
  }
  const chosen = answer.element
    .child('si', NS.SI)
    ?.child('feature', NS.FEATURE_NEG)
    ?.child('x', NS.DATA_FORM);
  transfer.method = METHODS.get(formValue(chosen, 'stream-method') ?? '') ?? transfer.method;
  tellFile(session, answer, transfer, 'accept');
}

/** SOCKS5 bytestreams (XEP-0065): the hosts offered, then the one that was reached. */
export function onBytestreams(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  const sid = query.attr('sid');
  if (stanza.type !== 'set' || !sid) return;
  const transfer = session.transfers.find(sid);
  const asker = stanza.direction === TO_SERVER ? undefined : session.sender(stanza)?.bare;
  if (asker !== undefined && session.transfers.asked(asker)) session.odd(stanza, 'xmpp_bytestreams_failing');
  if (transfer) announceStream(session, stanza, transfer, sid);
  for (const child of query.children) {
    const host = child.name === 'streamhost' ? hostOf(child) : undefined;
    const name = child.attr('jid');
    if (host && name) session.transfers.offerHost(sid, name, host);
  }
  session.expect(stanza, (_, answer) => {
    const used = answer.element.child('query', NS.BYTESTREAMS)?.child('streamhost-used')?.attr('jid');
    if (used !== undefined && asker !== undefined) session.transfers.reached(asker);
    onConnected(session, answer, sid, used);
  });
}

/** A bytestream stands: the transfer begins. */
export function onConnected(
  session: XmppSession,
  stanza: Stanza,
  sid: string,
  used: string | undefined,
): void {
  const transfer = session.transfers.find(sid);
  if (!transfer || used === undefined) return;
  transfer.method = 'socks5';
  const peer = session.transfers.host(sid, used);
  tellFile(session, stanza, transfer, 'start', peer ? { peer_ip: peer.host, peer_port: peer.port } : {});
}

/** Host and port of a `streamhost` or `candidate`; the contract's field is for addresses, not names. */
export function hostOf(element: XmlElement): PeerHost | undefined {
  const host = element.attr('host') ?? '';
  const port = parseSize(element.attr('port')) ?? 0;
  const isAddress = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(host) || /^[0-9a-fA-F:]*:[0-9a-fA-F:.]+$/.test(host);
  return isAddress && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** In-band bytestreams (XEP-0047) as `iq`: open, data, close. */
export function onIbb(session: XmppSession, stanza: Stanza, child: XmlElement): void {
  const sid = child.attr('sid');
  if (stanza.type !== 'set' || !sid) return;
  const transfer =
    session.transfers.find(sid) ?? (child.name === 'open' ? unnamed(session, stanza, sid) : undefined);
  if (!transfer) return;
  if (child.name === 'open') {
    transfer.method = 'ibb';
    transfer.blockSize = Math.min(parseSize(child.attr('block-size')) ?? 0, MAX_BLOCK);
    tellFile(session, stanza, transfer, 'start');
  } else if (child.name === 'data') {
    carveBlock(session, stanza, transfer, child);
  } else if (child.name === 'close') {
    const { size } = transfer.file;
    tellFile(
      session,
      stanza,
      transfer,
      size === undefined || transfer.carried >= size ? 'complete' : 'failed',
    );
  }
}

/** A stream that nobody offered a file for in view: called by its own id. */
function unnamed(session: XmppSession, stanza: Stanza, sid: string): Transfer {
  const transfer = newTransfer(session, stanza, sid, { name: cutText(sid, 256) }, 'ibb');
  session.transfers.keep(sid, transfer);
  return transfer;
}

/** A block of an in-band bytestream inside a `message`. True where it was one. */
export function onIbbData(session: XmppSession, stanza: Stanza): boolean {
  const data = stanza.element.child('data', NS.IBB);
  const transfer = session.transfers.find(data?.attr('sid'));
  if (!data) return false;
  if (transfer) carveBlock(session, stanza, transfer, data);
  return true;
}

/** HTTP upload (XEP-0363): the client asks for a place, the service names its address. */
export function onUpload(session: XmppSession, stanza: Stanza, request: XmlElement): void {
  if (stanza.type !== 'get' || request.name !== 'request') return;
  const field = (name: string): string | undefined => request.attr(name) ?? request.childText(name);
  const about = offered(field('filename'), field('size'), field('content-type'), undefined);
  if (!about) return;
  session.expect(stanza, (_, answer) => onSlot(session, answer, about));
}

function onSlot(session: XmppSession, answer: Stanza, about: OfferedFile): void {
  const slot = answer.element.children.find((c) => c.ns === NS.UPLOAD || c.ns === NS.OLD_UPLOAD);
  const get = slot?.child('get');
  const url = get?.attr('url') ?? get?.text();
  const transfer = { ...linked(session, about, url ?? ''), method: 'http-upload' };
  if (answer.type === 'error') tellUpload(session, answer, transfer, 'failed');
  else if (url) {
    tellUpload(session, answer, transfer, 'offer', url);
    announceSlot(session, answer, slot, transfer, url);
  }
}

/** Whoever puts a file at the slot's address, or fetches it there, carries this one. */
function announceSlot(
  session: XmppSession,
  answer: Stanza,
  slot: XmlElement | undefined,
  { id, file }: Transfer,
  url: string,
): void {
  const own = answer.direction === TO_SERVER ? undefined : session.recipient(answer);
  const put = slot?.child('put');
  const { name, size, mime } = file;
  const announced = {
    ...{ id, name, service: session.service },
    ...(size === undefined ? {} : { size }),
    ...(mime === undefined ? {} : { mime }),
    ...(own ? { from: own.bare } : {}),
  };
  for (const place of new Set([url, put?.attr('url') ?? put?.text() ?? url]))
    announceUrl(session, announced, place);
}

/** What the service answers is the client's doing: it offers the file. */
function tellUpload(
  session: XmppSession,
  answer: Stanza,
  transfer: Transfer,
  state: 'offer' | 'failed',
  url?: string,
): void {
  const { id, file, method } = transfer;
  const facts: Facts = {
    kind: 'file',
    file: { id, ...file, method, state, ...(url === undefined ? {} : { url }) },
  };
  const own = answer.direction === TO_SERVER ? undefined : session.recipient(answer);
  if (own) facts.from = own.bare;
  session.tell(answer, facts);
}

/** Links to files in a message (XEP-0066). A link's transfer has the id of its address, on every leg. */
export function onLinks(session: XmppSession, stanza: Stanza, message: Facts): void {
  for (const x of stanza.element.children) {
    if (x.ns !== NS.OOB || x.name !== 'x') continue;
    const { from, to, room, copy } = message;
    tellLink(session, stanza, x, {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(room === undefined ? {} : { room }),
      ...(copy === undefined ? {} : { copy }),
    });
  }
}

/** The older way to offer a link (jabber:iq:oob). */
export function onOobQuery(session: XmppSession, stanza: Stanza, query: XmlElement): void {
  const from = session.sender(stanza);
  const to = session.recipient(stanza);
  if (stanza.type !== 'set') return;
  tellLink(session, stanza, query, {
    ...(from ? { from: from.bare } : {}),
    ...(to ? { to: [to.bare] } : {}),
  });
}

function tellLink(session: XmppSession, stanza: Stanza, x: XmlElement, who: Omit<Facts, 'kind'>): void {
  const url = x.childText('url')?.trim() ?? '';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return;
  if (scheme === 'javascript' || scheme === 'file' || scheme === 'data')
    session.odd(stanza, 'xmpp_oob_scheme');
  const about = { name: nameOfUrl(url) };
  const { id, file, method } = linked(session, about, url);
  session.tell(stanza, { kind: 'file', ...who, file: { id, ...file, url, method, state: 'offer' } });
  const { from, to } = who;
  announceUrl(
    session,
    {
      ...{ id, name: file.name, service: session.service },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
    url,
  );
}

function linked(session: XmppSession, file: OfferedFile, url: string): Transfer {
  return {
    id: session.flow.hash('xmpp-link', url),
    file,
    method: 'http',
    carried: 0,
    block: 0,
    blockSize: 0,
    over: false,
  };
}

/** The last part of a URL's path, as a person would name the file; the URL where it has none. */
function nameOfUrl(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last === '') return cutText(url, 256);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
