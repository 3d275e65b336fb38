import { describe, expect, test } from '@jest/globals';
import { imEvent } from '../classify/build.ts';
import type { EveEvent } from '../event/eve.ts';
import { ToldByOtherFlow } from './other-flow.ts';

const FILE = { id: 'f1', name: 'a.txt', method: 'ibb' } as const;

function file(state: 'offer' | 'accept', flow: number, after = 0): EveEvent {
  const im = { kind: 'file', service: 'xmpp', from: 'alice', to: ['bob'], file: { ...FILE, state } } as const;
  return { ...imEvent({ ...im, to: ['bob'] }, after), flow_id: flow };
}

function joined(from: string, flow: number, text?: string): EveEvent {
  const op = text === undefined ? 'join' : 'topic';
  const im = { kind: 'room', service: 'xmpp', from, op, room: { id: 'r' } } as const;
  return { ...imEvent({ ...im, ...(text === undefined ? {} : { text }) }), flow_id: flow };
}

describe('a deed that several flows show', () => {
  test('is told by the first of them', () => {
    const told = new ToldByOtherFlow();
    const again = [file('offer', 1), file('offer', 2), file('accept', 2), file('accept', 1)];
    expect(again.map((event) => told.isAgain(event))).toEqual([false, true, false, true]);
    const rooms = [joined('alice', 1), joined('alice', 2), joined('bob', 1), joined('alice', 3)];
    expect(rooms.map((event) => told.isAgain(event))).toEqual([false, true, false, true]);
    expect([joined('alice', 1, 'x'), joined('alice', 2, 'y')].map((e) => told.isAgain(e))).toEqual([
      false,
      false,
    ]);
  });

  test('is told again by its own flow, later, and in another capture', () => {
    const told = new ToldByOtherFlow();
    expect(told.isAgain(file('offer', 1))).toBe(false);
    expect(told.isAgain(file('offer', 1))).toBe(false);
    expect(told.isAgain({ ...file('offer', 2), pcap_filename: 'other.pcap' })).toBe(false);
    expect(told.isAgain(file('offer', 2, 120))).toBe(false);
  });

  test('is nothing else: messages, and files without an id', () => {
    const told = new ToldByOtherFlow();
    const message = imEvent({ kind: 'message', from: 'alice', to: ['bob'], text: 'hi' });
    const carved: EveEvent = { ...imEvent({ from: 'alice' }), event_type: 'fileinfo', fileinfo: { size: 1 } };
    for (const event of [message, carved]) {
      expect(told.isAgain({ ...event, flow_id: 1 })).toBe(false);
      expect(told.isAgain({ ...event, flow_id: 2 })).toBe(false);
    }
  });
});
