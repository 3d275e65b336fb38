import type { FileTransfer } from '../../src/sdk/index.ts';
import { Cursor, decodeBase64 } from '../../src/sdk/index.ts';
import type { ClientHandler, ServerHandler } from './session.ts';
import { displayed } from './session.ts';
import { decodeName } from './text.ts';
import { normalizeName } from './wire.ts';

/** File offers: RVOUS_PROPOSE from the server, toc_rvous_accept and toc_rvous_cancel from the client. */

/** The capability of a file offer: "send file". */
const SEND_FILE = '09461343-4c7f-11d1-8222-444553540000';
/** Tag of the service data: kind u16, file count u16, bytes u32, name with a NUL. */
const TAG_SERVICE_DATA = '10001';
const LONGEST_DATA = 4096;

/**
 * RVOUS_PROPOSE: user, capability, cookie, sequence, three addresses (rendezvous, proposer,
 * verified), port, then pairs of tag and base64 value.
 */
const onPropose: ServerHandler = (session, at, line) => {
  const fields = line.split(':', 64);
  const [user = '', service = '', cookie = '', , rendezvousIp = '', proposerIp = '', , port = ''] = fields;
  const { id: from, ...shown } = displayed(decodeName(user));
  if (service.toLowerCase() !== SEND_FILE || from === '' || cookie === '') return;
  const offered = offeredFile(serviceData(fields));
  if (offered === undefined) {
    session.anomaly(at, 'toc_fields_missing');
    return;
  }
  const file: FileTransfer = {
    id: session.flow.hash('toc-rendezvous', from, cookie),
    ...offered,
    method: 'oft',
    state: 'offer',
  };
  const ip = isAddress(rendezvousIp) ? rendezvousIp : proposerIp;
  if (isAddress(ip)) file.peer_ip = ip;
  if (/^\d{1,5}$/.test(port) && Number(port) > 0) file.peer_port = Number(port);
  session.keep(at, session.transfers, cookie, { file, from });
  session.tell(at, { kind: 'file', from, ...shown, ...session.toSelf(), file, sent: false });
};

/** The answer to an offer: name, cookie, capability. */
function answer(state: FileTransfer['state']): ClientHandler {
  return (session, at, args) => {
    const peer = normalizeName(decodeName(args.next() ?? ''));
    const cookie = args.next() ?? '';
    const known = session.transfers.get(cookie);
    if (known === undefined || known.from !== peer) return;
    session.tell(at, {
      kind: 'file',
      ...session.self(),
      to: [peer],
      file: { ...known.file, state },
      sent: true,
    });
    if (state === 'decline') session.transfers.delete(cookie);
  };
}

function serviceData(fields: readonly string[]): Uint8Array {
  for (let i = 8; i + 1 < fields.length; i += 2) {
    if (fields[i] === TAG_SERVICE_DATA) return decodeBase64((fields[i + 1] ?? '').slice(0, LONGEST_DATA));
  }
  return new Uint8Array(0);
}

function offeredFile(data: Uint8Array): Pick<FileTransfer, 'name' | 'size'> | undefined {
  const cursor = new Cursor(data);
  cursor.skip(4);
  const size = cursor.u32();
  const nul = cursor.find(0);
  const raw = cursor.latin1((nul < 0 ? cursor.end : nul) - cursor.pos);
  const name = decodeName(raw);
  return cursor.ok && name !== '' ? { name, size } : undefined;
}

function isAddress(ip: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(ip) && ip !== '0.0.0.0';
}

/**
 * toc_rvous_propose: name, capability, cookie, then tags and base64 values: the client offers a file itself.
 * No description tells more of it, so values without their tag are passed over.
 */
const onOwnPropose: ClientHandler = (session, at, args) => {
  const peer = normalizeName(decodeName(args.next() ?? ''));
  const service = args.next() ?? '';
  const cookie = args.next() ?? '';
  const words = session.some(at, args.all());
  const tag = words.indexOf(TAG_SERVICE_DATA);
  const offered = offeredFile(decodeBase64(tag < 0 ? '' : (words[tag + 1] ?? '').slice(0, LONGEST_DATA)));
  if (service.toLowerCase() !== SEND_FILE || peer === '' || cookie === '' || offered === undefined) return;
  const id = session.flow.hash('toc-rendezvous', session.account ?? '', cookie);
  const file: FileTransfer = { id, ...offered, method: 'oft', state: 'offer' };
  session.tell(at, { kind: 'file', ...session.self(), to: [peer], file, sent: true });
};

export const fileCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_rvous_propose', onOwnPropose],
  ['toc_rvous_accept', answer('accept')],
  ['toc_rvous_cancel', answer('decline')],
];

export const fileReplies: readonly (readonly [string, ServerHandler])[] = [['RVOUS_PROPOSE', onPropose]];
