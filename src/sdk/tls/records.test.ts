import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes, clientHello, handshake, record, u24 } from '../../../protocols/tls/build.ts';
import { Cursor } from '../../core/cursor.ts';
import { TLS_LIMITS } from './limits.ts';
import { HandshakeReader, TLS } from './records.ts';

/** Types and lengths of the messages, and the last answer, of a stream that comes in pieces of `size` bytes. */
function readAll(stream: Uint8Array, size = stream.length): { messages: [number, number][]; answer: number } {
  const reader = new HandshakeReader();
  const messages: [number, number][] = [];
  let tail = new Uint8Array(0);
  let answer: number = TLS.MORE;
  for (let at = 0; at < stream.length; at += size) {
    const cursor = new Cursor(bytes(tail, stream.slice(at, at + size)));
    for (;;) {
      answer = reader.next(cursor);
      if (answer !== TLS.MESSAGE) break;
      messages.push([reader.type, reader.end - reader.start]);
    }
    if (answer !== TLS.MORE) break;
    tail = cursor.bytes.slice(cursor.pos);
  }
  return { messages, answer };
}

const hello = clientHello({ sni: 'a.example' });
const three = bytes(hello, handshake(11, new Uint8Array(300)), handshake(14));

describe('records', () => {
  test.each([
    ['one record', record(three)],
    ['a record each', bytes(record(hello), record(three.slice(hello.length)))],
    ['records of seven bytes', record(three, 0x16, 7)],
    ['records of one byte', record(three, 0x16, 1)],
  ])('messages in %s are read whatever the segments', (_, stream) => {
    const want: [number, number][] = [
      [1, hello.length - 4],
      [11, 300],
      [14, 0],
    ];
    for (const size of [1, 2, 3, 5, 6, 100, stream.length]) {
      expect(readAll(stream, size)).toEqual({ messages: want, answer: TLS.MORE });
    }
  });

  test.each([
    ['change cipher spec', 20],
    ['alert', 21],
    ['data', 23],
  ])('%s ends the clear part', (_, type) => {
    const answer = readAll(bytes(record(hello), record(Uint8Array.of(1), type)));
    expect(answer).toEqual({ messages: [[1, hello.length - 4]], answer: TLS.OTHER });
  });

  test.each<[string, readonly number[]]>([
    ['text', [0x47, 0x45, 0x54, 0x20]],
    ['another major version', [0x16, 2, 0, 0, 9]],
    ['an empty record', [0x16, 3, 1, 0, 0]],
    ['a record longer than one can be', [0x16, 3, 1, 0xff, 0xff]],
  ])('%s is no record', (_, stream) => {
    expect(readAll(Uint8Array.from(stream)).answer).toBe(TLS.BAD);
  });

  test('a message that claims more than is kept is cut, and reading goes on behind it', () => {
    const long = TLS_LIMITS.message + 5_000;
    const reader = new HandshakeReader();
    const stream = record(bytes([1], u24(long), new Uint8Array(long), handshake(14)));
    const cursor = new Cursor(stream);
    expect(reader.next(cursor)).toBe(TLS.MESSAGE);
    expect([reader.cut, reader.end]).toEqual([true, TLS_LIMITS.message]);
    expect(reader.next(cursor)).toBe(TLS.MESSAGE);
    expect([reader.cut, reader.type, reader.end]).toEqual([false, 14, 4]);
  });

  test('a length alone sets nothing aside', () => {
    const reader = new HandshakeReader();
    expect(reader.next(new Cursor(record(bytes([1], u24(0xffffff), [3]))))).toBe(TLS.MORE);
    expect(reader.body.length).toBeLessThan(1_024);
    expect(reader.partEnd).toBe(5);
  });

  test('no bytes make it throw or stand still', () => {
    fc.assert(
      fc.property(fc.nat(three.length), fc.nat(255), fc.integer({ min: 1, max: 40 }), (at, value, size) => {
        const stream = record(three, 0x16, 50);
        stream[at] = value;
        const { messages } = readAll(stream, size);
        expect(messages.length).toBeLessThan(200);
      }),
      { seed: 31, numRuns: 500 },
    );
  });
});
