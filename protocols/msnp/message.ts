import type { Chunked } from './chunks.ts';
import { dispatch, tellAttention } from './content.ts';
import type { Message, Parts } from './content.ts';
import { onServerMessage } from './notify.ts';
import type { Command } from './reader.ts';
import { mediaType, parseId, parseMime } from './text.ts';
import { ROLE } from './commands.ts';

/** Messages as commands carry them: `MSG` on a switchboard, `UUM` and `UBM` on the notification server. */

/** `MSG`. */
export function onMessage(parts: Parts, command: Command): void {
  const { session } = parts;
  const { bytes, start, end, args } = command;
  const mime = parseMime(bytes, start, end);
  if (command.direction === 1 && !parseId(args[0])) {
    if (session.role === ROLE.UNKNOWN) session.role = ROLE.NOTIFICATION;
    onServerMessage(session, command, mime);
    return;
  }
  if (session.role === ROLE.UNKNOWN) session.role = ROLE.SWITCHBOARD;
  const envelope =
    command.direction === 0 ? session.envelope(command) : session.envelope(command, args[0], args[1]);
  const message: Message = { envelope, headers: mime.headers, bytes, start: mime.body, end };
  if (
    command.direction === 0 &&
    args[1] !== 'U' &&
    mediaType(mime.headers.get('content-type')) === 'text/plain'
  )
    session.unacknowledged.set(args[0] ?? '', true);
  onChunk(parts, message);
}

/** Joins what comes in parts; hands on what is whole. */
function onChunk(parts: Parts, message: Message): void {
  const { headers, envelope, bytes, start, end } = message;
  const id = headers.get('message-id');
  const count = Number(headers.get('chunks') ?? 0);
  const index = headers.get('chunk');
  const { chunks, session } = parts;
  if (id && index !== undefined) {
    const joined = chunks.add(envelope, id, Number(index), bytes.subarray(start, end));
    if (joined === false) session.flow.anomaly(envelope.direction, envelope.offset, 'msnp_stray_chunk');
    else if (joined !== true) onJoined(parts, joined);
  } else if (id && count > 1) {
    const evicted = chunks.begin(envelope, headers, id, count, bytes.subarray(start, end));
    if (evicted) onJoined(parts, evicted);
  } else dispatch(parts, message);
}

/** A message that came in parts. */
export function onJoined(parts: Parts, chunked: Chunked): void {
  const { envelope, headers, id, body } = chunked;
  const message: Message = { envelope, headers, bytes: body, start: 0, end: body.length, id };
  if (!chunked.whole) {
    if (mediaType(headers.get('content-type')) !== 'text/plain') return;
    message.truncated = true;
  }
  dispatch(parts, message);
}

/** `UUM TrID id network type length` and `UBM id network ... type length`: a message over the notification server. */
export function onUnifiedMessage(parts: Parts, command: Command): void {
  const { bytes, start, end, args } = command;
  const sent = command.direction === 0;
  const peer = parseId(sent ? args[1] : args[0]);
  if (!peer) return;
  const mime = parseMime(bytes, start, end);
  const envelope = parts.session.envelope(command, args[0]);
  if (sent) envelope.to = [peer];
  const message: Message = { envelope, headers: mime.headers, bytes, start: mime.body, end };
  if (mime.headers.has('content-type')) onChunk(parts, message);
  else if (args[args.length - 2] === NUDGE_TYPE) tellAttention(parts, message, 'nudge');
}

/** The type number of a nudge in `UUM` and `UBM`. */
const NUDGE_TYPE = '3';
