import { decodeBase64Strict } from '../../src/sdk/index.ts';
import type { FileDigest, XmlElement } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import type { Stanza, XmppSession } from './session.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/**
 * Bits of binary (XEP-0231): small things of known content (pictures in texts, icons of forms), each named by its checksum, in an
 * answer to who asked for it or at once in a message or presence.
 */

/** `algorithm+checksum@bob.xmpp.org` (2.1). */
const CID = /^(sha1|sha-256|sha256|md5)\+([0-9a-f]{32,64})@bob\.xmpp\.org$/i;
const LENGTH = { md5: 32, sha1: 40, sha256: 64 } as const;
const LONGEST_NAME = 256;
const LONGEST_TYPE = 128;
/** Of one stanza. */
const MOST = 16;

/** The bits that stand beside the text of a message, or in a presence. */
export function onInlineBob(session: XmppSession, stanza: Stanza): void {
  let count = 0;
  for (const child of stanza.element.children) {
    if (child.ns === NS.BOB && child.name === 'data' && count++ < MOST) onBob(session, stanza, child);
  }
}

/** `<data cid='...' type='...'>base64</data>`; an empty one asks. */
export function onBob(session: XmppSession, stanza: Stanza, data: XmlElement): void {
  const cid = data.attr('cid');
  const text = data.text();
  if (data.name !== 'data' || stanza.type === 'error' || !cid || text.trim() === '') return;
  const bytes = decodeBase64Strict(text);
  if (!bytes) {
    session.odd(stanza, 'xmpp_bob_not_base64');
    return;
  }
  const mime = data.attr('type');
  const digest = digestOf(cid);
  const people = parties(session, stanza);
  const id = session.flow.hash('xmpp-bob', cid, people.from ?? '', people.to?.[0] ?? '');
  const name = cutText(cid, LONGEST_NAME);
  const file = { id, name, size: bytes.length, ...(mime ? { mime: cutText(mime, LONGEST_TYPE) } : {}) };
  session.tell(stanza, { kind: 'file', ...people, file: { ...file, method: 'bob', state: 'complete' } });
  const writer = session.flow.carve({
    ...{ id, name, size: bytes.length, service: session.service },
    ...(people.from === undefined ? {} : { from: people.from }),
    ...(people.to === undefined ? {} : { to: people.to }),
    ...(digest ? { digest } : {}),
  });
  writer.write(0, bytes, 0, bytes.length);
  writer.close(stanza.direction, stanza.offset, { complete: true });
}

function digestOf(cid: string): FileDigest | undefined {
  const [, name, value] = CID.exec(cid) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const algorithm = name.toLowerCase().replace('-', '') as FileDigest['algorithm'];
  return value.length === LENGTH[algorithm] ? { algorithm, value: value.toLowerCase() } : undefined;
}
