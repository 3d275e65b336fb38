/** What the server tells people: system messages, errors, mail. */
import { TO_CLIENT } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { KEY, SERVICE } from './numbers.ts';
import type { Handlers, Session } from './session.ts';
import { plainText } from './text.ts';
import type { Packet } from './wire.ts';

/** 14 down: {5 us, 14 text}. */
function onSystemMessage(session: Session, packet: Packet, direction: Direction): void {
  const text = packet.text(KEY.TEXT);
  if (direction !== TO_CLIENT || text === undefined) return;
  session.tell(packet, direction, 'notice', { text: plainText(text), code: 'system' });
}

/** 0B and 0E down: {43 sender, 42 e-mail address, 18 subject} of one mail, or only 9, how many there are. */
function onMail(session: Session, packet: Packet, direction: Direction): void {
  const from = packet.id(KEY.EMAIL);
  if (direction !== TO_CLIENT || from === undefined) return;
  session.tell(packet, direction, 'notice', {
    from,
    from_name: packet.text(KEY.SENDER_NAME),
    text: packet.text(KEY.SUBJECT),
    code: 'mail',
  });
}

/** Services that tell their own error text. */
const TELLS_ERROR: ReadonlySet<number> = new Set([
  SERVICE.MESSAGE,
  SERVICE.ADDBUDDY,
  SERVICE.REMBUDDY,
  SERVICE.IGNORECONTACT,
]);

/** Any packet of the server may hold an error text (16), after what else it tells. */
export function tellError(session: Session, packet: Packet, direction: Direction): void {
  if (direction !== TO_CLIENT || TELLS_ERROR.has(packet.service)) return;
  const text = packet.text(KEY.ERROR_TEXT);
  if (text === undefined) return;
  const code = packet.number(KEY.ERROR);
  session.tell(packet, direction, 'notice', { text: plainText(text), code });
}

export const noticeHandlers: Handlers = {
  [SERVICE.SYSMESSAGE]: onSystemMessage,
  [SERVICE.NEWMAIL]: onMail,
  [SERVICE.NEWPERSONALMAIL]: onMail,
};
