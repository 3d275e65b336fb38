/**
 * IMVironments: pictures, games and the drawing board behind the text of a conversation. Key 63 of a
 * message names the one that its sender looks at (`doodle;106`, `;0` for none); 4B or 4D with the word
 * IMVIRONMENT is what one of the two does with it.
 */
import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { KEY } from './numbers.ts';
import { addPeople, between } from './people.ts';
import type { Session } from './session.ts';
import type { Packet } from './wire.ts';

/** Conversations whose IMVironment is remembered. */
const MAX_REMEMBERED = 64;
const LONGEST_NAME = 64;

/** The name before the version; empty for none. */
export function imvironmentOf(word: string): string {
  const end = word.indexOf(';');
  return (end < 0 ? word : word.slice(0, end)).slice(0, LONGEST_NAME).trim().toLowerCase();
}

/** Drawing board, by key 13: 1 to 3 are what is drawn. */
const BOARD: Readonly<Record<string, string>> = { '0': 'invite', '4': 'start', '5': 'accept' };
const isBoard = (name: string): boolean => name.startsWith('doodle');

/** Remembers what a conversation shows; true where that is another one than before. */
function changes(session: Session, peer: string, up: boolean, name: string): boolean {
  const { imvironments } = session;
  const mark = `${up ? '>' : '<'}${peer}`;
  if ((imvironments.get(mark) ?? '') === name) return false;
  imvironments.delete(mark);
  if (imvironments.size >= MAX_REMEMBERED) {
    const [oldest] = imvironments.keys();
    if (oldest !== undefined) imvironments.delete(oldest);
  }
  imvironments.set(mark, name);
  return true;
}

/** Key 63 of a message: told when the sender of it has changed what the conversation shows. */
export function noteImvironment(
  session: Session,
  packet: Packet,
  direction: Direction,
  from: string | undefined,
  to: string[],
): void {
  const pair = packet.find(KEY.IMVIRONMENT);
  if (pair < 0 || (packet.lengthAt(pair) <= 2 && session.imvironments.size === 0)) return;
  const up = direction === TO_SERVER;
  const peer = (up ? to[0] : from) ?? '';
  const name = imvironmentOf(packet.textAt(pair));
  if (!changes(session, peer, up, name)) return;
  const facts = addPeople(session.facts('attention'), direction, from, to);
  facts.state = name === '' ? 'imvironment-closed' : 'imvironment';
  if (name !== '') facts.ref = name;
  session.emit(packet, direction, facts);
}

/** 4B or 4D with the word IMVIRONMENT: {63 name, 13 command, 14 its words}. */
export function onImvironment(session: Session, packet: Packet, direction: Direction): void {
  const facts = between(session, packet, direction, 'attention');
  const up = direction === TO_SERVER;
  const peer = (up ? facts.to?.[0] : facts.from) ?? '';
  const name = imvironmentOf(packet.text(KEY.IMVIRONMENT) ?? '');
  const mark = `${up ? '>' : '<'}${peer}`;
  const before = session.imvironments.get(mark) ?? '';
  const isNew = changes(session, peer, up, name);
  if (isBoard(name)) {
    const state = BOARD[packet.word(KEY.FLAG) ?? ''];
    if (state === undefined) return;
    facts.kind = 'call';
    facts.call = { media: 'whiteboard', state };
  } else if (isBoard(before) && name === '') {
    facts.kind = 'call';
    facts.call = { media: 'whiteboard', state: 'end' };
  } else if (isNew) {
    facts.state = name === '' ? 'imvironment-closed' : 'imvironment';
    if (name !== '') facts.ref = name;
  } else {
    return;
  }
  session.emit(packet, direction, facts);
}
