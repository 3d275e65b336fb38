import { messageText } from '../../src/sdk/index.ts';
import type { ClientHandler, Place, ServerHandler, TocSession } from './session.ts';
import { displayed } from './session.ts';
import { decodeName } from './text.ts';
import type { Args } from './wire.ts';
import { normalizeName, splitFields } from './wire.ts';

/** One-to-one messages, typing notices and warnings. */

function tellSent(session: TocSession, at: Place, to: string, raw: string | undefined, auto: boolean): void {
  const text = raw === undefined ? undefined : messageText(session.read(at, raw));
  if (to === '' || raw === undefined) session.anomaly(at, 'toc_fields_missing');
  if (to === '' || text === undefined) return;
  session.tell(at, {
    kind: 'message',
    ...session.self(),
    to: [to],
    ...text,
    ...(auto && { auto: true }),
    sent: true,
  });
}

/** toc_send_im, toc2_send_im: name, text, `auto`. */
const onSend: ClientHandler = (session, at, args) => {
  const to = normalizeName(decodeName(args.next() ?? ''));
  const raw = args.next();
  tellSent(session, at, to, raw, args.next() === 'auto');
};

/** toc2_send_im_enc: name, `"F"`, encoding, language, text, `auto`. */
const onSendEncoded: ClientHandler = (session, at, args) => {
  const to = normalizeName(decodeName(args.next() ?? ''));
  args.next();
  args.next();
  args.next();
  const raw = args.next();
  tellSent(session, at, to, raw, args.next() === 'auto');
};

/** The `IM_IN` family: name first, then T for an automatic answer; the text is the last of `count` fields. */
function receiver(count: number): ServerHandler {
  return (session, at, line) => {
    const fields = splitFields(line, count);
    const raw = fields[count - 1];
    const { id, ...shown } = displayed(decodeName(fields[0] ?? ''));
    if (raw === undefined || id === '') {
      session.anomaly(at, 'toc_fields_missing');
      return;
    }
    const text = messageText(session.read(at, raw));
    if (text === undefined) return;
    session.tell(at, {
      kind: 'message',
      from: id,
      ...shown,
      ...session.toSelf(),
      ...text,
      ...(fields[1] === 'T' && { auto: true }),
      sent: false,
    });
  };
}

/** States of CLIENT_EVENT2 and toc2_client_event. */
const TYPING: ReadonlyMap<string, string> = new Map([
  ['0', 'stopped'],
  ['1', 'paused'],
  ['2', 'typing'],
]);

const onTyping: ClientHandler = (session, at, args) => {
  const to = normalizeName(decodeName(args.next() ?? ''));
  const state = TYPING.get(args.next() ?? '');
  if (to !== '' && state !== undefined) {
    session.tell(at, { kind: 'typing', ...session.self(), to: [to], state, sent: true });
  }
};

const onPeerTyping: ServerHandler = (session, at, line) => {
  const [name = '', code = ''] = splitFields(line, 2);
  const state = TYPING.get(code);
  const { id, ...shown } = displayed(decodeName(name));
  if (id === '' || state === undefined) return;
  session.tell(at, { kind: 'typing', from: id, ...shown, ...session.toSelf(), state, sent: false });
};

/** toc_evil: name, `norm` or `anon`; toc_chat_evil has the room first. */
export function tellWarning(
  session: TocSession,
  at: Place,
  args: Args,
  room?: { id: string; name?: string },
): void {
  const to = normalizeName(decodeName(args.next() ?? ''));
  const text = args.next() === 'anon' ? 'warning sent anonymously' : 'warning sent';
  if (to === '') return;
  const where = room === undefined ? {} : { room };
  session.tell(at, {
    kind: 'notice',
    ...session.self(),
    to: [to],
    ...where,
    text,
    code: 'warning',
    sent: true,
  });
}

/** EVILED: the new warning level in percent, and who warned; no name where it was anonymous. */
const onWarned: ServerHandler = (session, at, line) => {
  const [level = '', name = ''] = splitFields(line, 2);
  const { id, ...shown } = displayed(decodeName(name));
  session.tell(at, {
    kind: 'notice',
    ...(id !== '' && { from: id, ...shown }),
    ...session.toSelf(),
    text: /^\d{1,4}$/.test(level) ? `warned: level now ${level}%` : 'warned',
    code: 'warning',
    sent: false,
  });
};

export const messageCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_send_im', onSend],
  ['toc2_send_im', onSend],
  ['toc2_send_im_enc', onSendEncoded],
  ['toc2_client_event', onTyping],
  ['toc_evil', tellWarning],
];

export const messageReplies: readonly (readonly [string, ServerHandler])[] = [
  ['IM_IN', receiver(3)],
  ['IM_IN2', receiver(4)],
  ['IM_IN_ENC', receiver(9)],
  ['IM_IN_ENC2', receiver(9)],
  ['CLIENT_EVENT2', onPeerTyping],
  ['EVILED', onWarned],
];
