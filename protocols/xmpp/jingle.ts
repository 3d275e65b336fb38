import type { FileTransfer, XmlElement } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import { callFacts, mediaKind, RTP_APPLICATION } from './call-facts.ts';
import { newTransfer, tellFile } from './file-facts.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { offered } from './transfer-book.ts';
import type { OfferedFile, Transfer } from './transfer-book.ts';
import { hostOf, onConnected } from './transfer.ts';
import { NS } from './wire.ts';

const FILE_APPLICATION = 'urn:xmpp:jingle:apps:file-transfer:';
const IBB_TRANSPORT = 'urn:xmpp:jingle:transports:ibb:';
const S5B_TRANSPORT = 'urn:xmpp:jingle:transports:s5b:';

/** How a session's end is told, by the reason given (XEP-0166, 7.4). */
const ENDINGS: ReadonlyMap<string, FileTransfer['state']> = new Map([
  ['success', 'complete'],
  ['decline', 'decline'],
  ['busy', 'decline'],
  ['cancel', 'cancel'],
]);

/** Addresses of a session follow one by one (XEP-0166, 7.2.13). */
const TRICKLE = 'transport-info';

/** Actions of Jingle and of Google's sessions before it that change a call, and the call's state. */
const CALL_STATES: ReadonlyMap<string, string> = new Map([
  [TRICKLE, 'transport'],
  ['session-initiate', 'offer'],
  ['session-accept', 'accept'],
  ['session-terminate', 'end'],
  ['initiate', 'offer'],
  ['accept', 'accept'],
  ['reject', 'decline'],
  ['terminate', 'end'],
  ['propose', 'offer'],
  ['retract', 'cancel'],
]);

/** A step of a Jingle session (XEP-0166): a file (XEP-0234) or a call (XEP-0167). */
export function onJingle(session: XmppSession, stanza: Stanza, jingle: XmlElement): void {
  const action = jingle.attr('action');
  const sid = jingle.attr('sid');
  if (stanza.type !== 'set' || action === undefined || !sid) return;
  const content = jingle.child('content');
  const transfer = session.transfers.find(sid) ?? offeredIn(session, stanza, sid, action, content);
  if (transfer) onFileAction(session, stanza, { action, sid, transfer, jingle, content });
  else onCallAction(session, stanza, sid, action, mediaOf(jingle), callFacts(jingle));
}

interface FileAction {
  action: string;
  sid: string;
  transfer: Transfer;
  jingle: XmlElement;
  content: XmlElement | undefined;
}

/** The file of a session that begins. */
function offeredIn(
  session: XmppSession,
  stanza: Stanza,
  sid: string,
  action: string,
  content: XmlElement | undefined,
): Transfer | undefined {
  const description = content?.children.find((c) => c.ns.startsWith(FILE_APPLICATION));
  if (action !== 'session-initiate' || !description) return undefined;
  const about = fileOf(description);
  if (!about) return undefined;
  const transfer = newTransfer(session, stanza, sid, about, 'jingle');
  session.transfers.keep(sid, transfer);
  return transfer;
}

/** Version 3 of the application wraps the file in an `<offer/>`. */
function fileOf(description: XmlElement): OfferedFile | undefined {
  const file = description.child('file') ?? description.child('offer')?.child('file');
  const hash = file?.children.find((c) => c.name === 'hash')?.text();
  return offered(file?.childText('name'), file?.childText('size'), file?.childText('media-type'), hash);
}

function onFileAction(session: XmppSession, stanza: Stanza, step: FileAction): void {
  const { action, transfer, jingle, content } = step;
  const transport = content?.children.find((c) => c.name === 'transport');
  if (transport) onTransport(session, stanza, step, transport);
  if (action === 'session-initiate') tellFile(session, stanza, transfer, 'offer');
  else if (action === 'session-accept') tellFile(session, stanza, transfer, 'accept');
  else if (action === 'session-terminate') {
    const reason = jingle.child('reason')?.children[0]?.name ?? '';
    tellFile(session, stanza, transfer, ENDINGS.get(reason) ?? 'failed');
  }
}

/** The stream that a session's file goes through: found by its own id afterwards. */
function onTransport(session: XmppSession, stanza: Stanza, step: FileAction, transport: XmlElement): void {
  const streamId = transport.attr('sid') ?? step.sid;
  if (transport.ns.startsWith(IBB_TRANSPORT)) {
    step.transfer.method = 'ibb';
    session.transfers.keep(streamId, step.transfer);
  } else if (transport.ns.startsWith(S5B_TRANSPORT)) {
    step.transfer.method = 'socks5';
    session.transfers.keep(streamId, step.transfer);
    for (const child of transport.children) {
      const cid = child.attr('cid');
      const host = child.name === 'candidate' ? hostOf(child) : undefined;
      if (host && cid) session.transfers.offerHost(streamId, cid, host);
      if (child.name === 'candidate-used') onConnected(session, stanza, streamId, cid);
    }
  }
}

/** The media of a call: `audio`, `video` or both. */
function mediaOf(jingle: XmlElement): string | undefined {
  const media = new Set<string>();
  for (const content of jingle.children) {
    const description = content.children.find((c) => c.ns.startsWith(RTP_APPLICATION));
    const kind = mediaKind(description);
    if (kind) media.add(kind);
  }
  return media.size === 0 ? undefined : [...media].sort().join('+');
}

/** Google Talk's sessions before Jingle: voice, with video where the description's namespace says so. */
export function onGoogleSession(session: XmppSession, stanza: Stanza, child: XmlElement): void {
  const action = child.attr('type');
  const sid = child.attr('id');
  if (stanza.type !== 'set' || action === undefined || !sid) return;
  const description = child.children.find((c) => c.name === 'description');
  const media = description && (description.ns.includes('video') ? 'audio+video' : 'audio');
  onCallAction(session, stanza, sid, action, media);
}

/** Jingle message initiation (XEP-0353): a call is proposed to all of a person's clients. True where it was one. */
export function onMessageCall(session: XmppSession, stanza: Stanza): boolean {
  const child = stanza.element.inNamespace(NS.JINGLE_MESSAGE);
  const sid = child?.attr('id');
  if (!child || !sid) return false;
  const kinds = child.children
    .filter((c) => c.ns.startsWith(RTP_APPLICATION))
    .map((c) => (c.attr('media') === 'video' ? 'video' : 'audio'));
  const media = kinds.length === 0 ? undefined : [...new Set(kinds)].sort().join('+');
  onCallAction(session, stanza, sid, child.name, media);
  return true;
}

/** A call's state, told for calls whose media is known: from this step, or from the one that began it. */
function onCallAction(
  session: XmppSession,
  stanza: Stanza,
  sid: string,
  action: string,
  media: string | undefined,
  evidence: string[] = [],
): void {
  const state = CALL_STATES.get(action);
  const kind = session.calls.get(sid) ?? media;
  if (state === undefined || kind === undefined) return;
  // Some of these steps only say that there are no more.
  if (action === TRICKLE && evidence.length === 0) return;
  session.calls.set(sid, kind);
  const facts: Facts = { kind: 'call', ...parties(session, stanza), call: { media: kind, state } };
  if (evidence.length > 0) facts.evidence = evidence;
  session.tell(stanza, facts);
}
