import type { FileTransfer } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import { closeCarved } from './carve.ts';
import { fullJid } from './jid.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import type { OfferedFile, Transfer } from './transfer-book.ts';

/** A new transfer, offered by the sender of `stanza`; its id is the same on every leg that shows both addresses. */
export function newTransfer(
  session: XmppSession,
  stanza: Stanza,
  sid: string,
  file: OfferedFile,
  method: string,
): Transfer {
  const from = session.sender(stanza);
  const to = session.recipient(stanza);
  const id = session.flow.hash('xmpp-transfer', from ? fullJid(from) : '', to ? fullJid(to) : '', sid);
  const people = { ...(from ? { from: from.bare } : {}), ...(to ? { to: [to.bare] } : {}) };
  return { id, file, method, carried: 0, block: 0, blockSize: 0, over: false, people };
}

/** Tells a step of a transfer. */
export function tellFile(
  session: XmppSession,
  stanza: Stanza,
  transfer: Transfer,
  state: FileTransfer['state'],
  extra: Partial<FileTransfer> = {},
): void {
  if (transfer.over) return;
  transfer.over = state === 'complete' || state === 'decline' || state === 'cancel' || state === 'failed';
  if (transfer.over) closeCarved(stanza, transfer, state === 'complete');
  const { id, file, method, people } = transfer;
  const told = parties(session, stanza);
  // That its bytes flow, or have come, is told by either end, and done by the one who sends them.
  const byOther = (state === 'start' || state === 'complete') && people?.from !== told.from;
  const facts: Facts = {
    kind: 'file',
    ...(byOther && people?.from !== undefined && people.to !== undefined ? people : told),
    file: { id, ...file, method, state, ...extra },
  };
  session.tell(stanza, facts);
}
