import { costOfText, KeptMap } from '../../src/sdk/index.ts';
import type { Direction, Keep } from '../../src/sdk/index.ts';
import { SERVICE } from './session.ts';
import type { Envelope, Session } from './session.ts';
import { lookUp, parseMime } from './text.ts';
import type { Headers } from './text.ts';

/** `text/x-msmsgsinvite`: invitations to send a file (MSNFTP), to talk, to play, to share. */

const FILE_TRANSFER_GUID = '{5D3E02AB-6190-11D3-BBBB-00C04F795683}';
/** Joins the switchboard on which a transfer was agreed with the connection that carries it. */
const FILE_REALM = 'msnftp';
const MAX_INVITATIONS = 32;

interface Invitation {
  /** Who invites. */
  from: string;
  /** What to do; empty for a file. */
  media: string;
  id: string;
  name: string;
  size: number | undefined;
}

/** Invitations of one switchboard by their cookie. */
export class Invitations extends KeptMap<Invitation> {
  constructor(keep: Keep) {
    super(MAX_INVITATIONS, keep, ({ from, media, id, name }) => costOfText(from + media + id + name));
  }
}

interface InvitationMessage {
  envelope: Envelope;
  bytes: Uint8Array;
  start: number;
  end: number;
}

type FileState = 'offer' | 'accept' | 'decline' | 'cancel' | 'start' | 'failed';

/** Reads one message: its body is headers. */
export function onInvitation(session: Session, known: Invitations, message: InvitationMessage): void {
  const body = parseMime(message.bytes, message.start, message.end).headers;
  const cookie = body.get('invitation-cookie');
  if (!cookie) return;
  const command = body.get('invitation-command')?.toUpperCase();
  const { envelope } = message;
  if (command === 'INVITE') onInvite(session, known, envelope, cookie, body);
  const invitation = known.get(cookie);
  if (!invitation) return;
  if (command === 'ACCEPT') onAccept(session, envelope, invitation, body);
  else if (command === 'CANCEL') {
    const code = body.get('cancel-code')?.toUpperCase() ?? '';
    const state = lookUp(CANCELS, code) ?? 'cancel';
    if (invitation.media) tellCall(session, envelope, invitation, state);
    else tellFile(session, envelope, invitation, state);
    known.delete(cookie);
  }
}

const CANCELS: Readonly<Record<string, FileState>> = {
  REJECT: 'decline',
  REJECT_NOT_INSTALLED: 'decline',
  FAIL: 'failed',
  TIMEOUT: 'failed',
  FTTIMEOUT: 'failed',
};

function onInvite(
  session: Session,
  known: Invitations,
  envelope: Envelope,
  cookie: string,
  body: Headers,
): void {
  const name = body.get('application-file') ?? '';
  const isFile = body.get('application-guid')?.toUpperCase() === FILE_TRANSFER_GUID;
  if (isFile && !name) return;
  const size = Number(body.get('application-filesize') ?? Number.NaN);
  const invitation: Invitation = {
    from: envelope.from,
    media: isFile ? '' : (body.get('application-name') ?? '').toLowerCase(),
    id: session.flow.hash(FILE_REALM, session.sessionId, envelope.from, cookie),
    name,
    size: Number.isSafeInteger(size) && size >= 0 ? size : undefined,
  };
  if (!isFile && !invitation.media) return;
  known.set(cookie, invitation);
  if (isFile) tellFile(session, envelope, invitation, 'offer');
  else tellCall(session, envelope, invitation, 'invite');
}

/** The one invited accepts first; the inviter's own `ACCEPT` then says where to connect and with which cookie. */
function onAccept(session: Session, envelope: Envelope, invitation: Invitation, body: Headers): void {
  const starts = body.has('ip-address');
  if (invitation.media) {
    if (!starts) tellCall(session, envelope, invitation, 'accept');
    return;
  }
  const key = body.get('authcookie');
  if (key) announce(session, envelope, invitation, key);
  if (key && isReceiver(envelope.direction, envelope, invitation)) {
    session.flow.issue(FILE_REALM, key, session.account || undefined);
  }
  tellFile(session, envelope, invitation, starts ? 'start' : 'accept', body);
}

/** The connection that carries the file shows the cookie; its name and its people are known here only. */
function announce(session: Session, envelope: Envelope, invitation: Invitation, key: string): void {
  const { id, name, size, from } = invitation;
  const to = envelope.from === from ? envelope.to : [envelope.from];
  session.flow.announce(FILE_REALM, key, {
    ...{ id, name, service: SERVICE, to },
    ...(from === '' ? {} : { from }),
    ...(size === undefined ? {} : { size }),
  });
}

/** True on the leg of the one who receives the file: he connects and shows the cookie. */
function isReceiver(direction: Direction, envelope: Envelope, invitation: Invitation): boolean {
  return direction === 1 && envelope.from === invitation.from;
}

function tellFile(
  session: Session,
  envelope: Envelope,
  invitation: Invitation,
  state: FileState,
  body?: Headers,
): void {
  const facts = session.said('file', envelope);
  facts.file = { id: invitation.id, name: invitation.name, method: 'msnftp', state };
  if (invitation.size !== undefined) facts.file.size = invitation.size;
  const address = body?.get('ip-address');
  const port = Number(body?.get('port') ?? 0);
  if (address && /^\d{1,3}(\.\d{1,3}){3}$/.test(address)) facts.file.peer_ip = address;
  if (Number.isInteger(port) && port > 0 && port < 65_536) facts.file.peer_port = port;
  session.flow.emit(envelope.direction, envelope.offset, facts);
}

function tellCall(session: Session, envelope: Envelope, invitation: Invitation, state: string): void {
  const facts = session.said('call', envelope);
  facts.call = { media: invitation.media, state };
  session.flow.emit(envelope.direction, envelope.offset, facts);
}
