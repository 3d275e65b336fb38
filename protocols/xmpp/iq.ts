import { TO_CLIENT } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { boundJid, onRegister, onSearch } from './account.ts';
import { onBob } from './bob.ts';
import { onDiscoInfo, onVersion } from './client.ts';
import { onBlocking, onPrivacy, onRoster } from './contacts.ts';
import { onIqError } from './errors.ts';
import { onGoogleSession, onJingle } from './jingle.ts';
import { onPublish, onVcard } from './profile.ts';
import type { Stanza, XmppSession } from './session.ts';
import type { SignOn } from './signon.ts';
import { onBytestreams, onIbb, onOobQuery, onSi, onUpload } from './transfer.ts';
import { NS } from './wire.ts';

type IqHandler = (session: XmppSession, stanza: Stanza, payload: XmlElement) => void;

/** What an `iq` is about, by the namespace of its payload. */
const PAYLOADS: ReadonlyMap<string, IqHandler> = new Map<string, IqHandler>([
  [NS.ROSTER, onRoster],
  [NS.BLOCKING, onBlocking],
  [NS.PRIVACY, onPrivacy],
  [NS.VERSION, onVersion],
  [NS.DISCO_INFO, onDiscoInfo],
  [NS.REGISTER, onRegister],
  [NS.SEARCH, onSearch],
  [NS.VCARD, onVcard],
  [NS.PUBSUB, onPublish],
  [NS.SI, onSi],
  [NS.BYTESTREAMS, onBytestreams],
  [NS.IBB, onIbb],
  [NS.IQ_OOB, onOobQuery],
  [NS.UPLOAD, onUpload],
  [NS.OLD_UPLOAD, onUpload],
  [NS.JINGLE, onJingle],
  [NS.GOOGLE_SESSION, onGoogleSession],
  [NS.BOB, onBob],
]);

/** An `<iq/>`: an answer that was waited for, a step of the sign-on, or something by its payload. */
export function onIq(session: XmppSession, signOn: SignOn, stanza: Stanza): void {
  const answer = stanza.type === 'result' || stanza.type === 'error';
  const waiting = answer ? session.answered(stanza) : undefined;
  waiting?.(session, stanza);
  const payload = stanza.element.children.find((c) => c.ns !== stanza.element.ns);
  if (stanza.type === 'error' && !waiting) onIqError(session, stanza, payload?.ns);
  if (!payload) return;
  if (payload.ns === NS.BIND) onBind(signOn, stanza, payload);
  else if (payload.ns === NS.AUTH) signOn.oldAuth(stanza, payload);
  else if (stanza.type !== 'error') PAYLOADS.get(payload.ns)?.(session, stanza, payload);
}

/** True for the steps of signing on that an `iq` carries: a success that waits for them is not settled by them. */
export function isSignOnStep(element: XmlElement): boolean {
  if (element.name !== 'iq') return false;
  const payload = element.children[0]?.ns;
  return payload === undefined || payload === NS.BIND || payload === NS.AUTH;
}

function onBind(signOn: SignOn, stanza: Stanza, bind: XmlElement): void {
  if (stanza.type === 'result' && stanza.direction === TO_CLIENT) signOn.bound(stanza, boundJid(bind));
}
