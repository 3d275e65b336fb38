/** What an HTTP connection keeps is bounded and accounted for, whatever is sent. */
import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { Cursor } from '../../core/cursor.ts';
import { Keep } from '../keep.ts';
import type { FlowContext } from '../plugin.ts';
import { HttpDialog } from './dialog.ts';
import { HttpExchange, MAX_PIPELINED } from './exchange.ts';
import { MAX_DEFLATED } from './inflate.ts';
import { HTTP, HttpReader, MAX_HEAD } from './reader.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const head = (length: number): Uint8Array =>
  latin1(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${length}\r\n\r\n`);

/** A dialog whose flow has `room` bytes of working memory; what was reserved, and what was told. */
function dialogWith(room: number): {
  dialog: HttpDialog<string>;
  told: { reserved: number; anomalies: string[]; bodies: number[]; paired: string[] };
} {
  const told = { reserved: 0, anomalies: [] as string[], bodies: [] as number[], paired: [] as string[] };
  const flow = {
    reserve: (bytes: number) => told.reserved + bytes <= room && (told.reserved += bytes) >= 0,
    anomaly: (_d: number, _o: number, code: string) => told.anomalies.push(code),
  } as unknown as FlowContext;
  const dialog = new HttpDialog<string>(flow, {
    request: ({ target }) => target,
    response: (_head, _offset, asked) => {
      told.paired.push(asked ?? '?');
      return '';
    },
    body: (_d, _item, _bytes, from, to) => told.bodies.push(to - from),
    done: () => undefined,
  });
  return { dialog, told };
}

describe('a compressed body that is not whole', () => {
  // Bytes that do not compress: it is as long as it says.
  let x = 1;
  const noise = Uint8Array.from({ length: 90_000 }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x >>> 24;
  });
  const packed = gzipSync(noise);

  test('is accounted for while it grows, and its room is used again', () => {
    const { dialog, told } = dialogWith(1e9);
    for (let round = 0; round < 3; round++) {
      dialog.data(1, new Cursor(Buffer.concat([head(packed.length), packed.subarray(0, 60_000)])));
      expect(told.reserved).toBeGreaterThan(50_000);
      dialog.data(1, new Cursor(packed.subarray(60_000)));
    }
    expect(told.bodies).toEqual([noise.length, noise.length, noise.length]);
    expect(told.reserved).toBeLessThan(2 * MAX_DEFLATED);
  });

  test('is given up where there is no room, and the connection goes on', () => {
    const { dialog, told } = dialogWith(16_384);
    const next = latin1('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    dialog.data(1, new Cursor(Buffer.concat([head(packed.length), packed, next])));
    expect(told).toMatchObject({ bodies: [2], anomalies: ['http_bad_compression'] });
    expect(told.reserved).toBeLessThanOrEqual(16_384);
  });

  test('a loss gives its room back', () => {
    const { dialog, told } = dialogWith(1e9);
    for (let round = 0; round < 20; round++) {
      dialog.data(1, new Cursor(Buffer.concat([head(packed.length), packed.subarray(0, 60_000)])));
      dialog.gap(1, packed.length - 60_000);
    }
    expect(told.reserved).toBeLessThan(2 * MAX_DEFLATED);
  });
});

describe('requests that wait', () => {
  const ask = (n: number): Uint8Array => latin1(`GET /${n} HTTP/1.1\r\n\r\n`);
  const OK = latin1('HTTP/1.1 204 OK\r\n\r\n');

  test('are accounted for; without room for them they are counted, and later ones paired again', () => {
    const { dialog, told } = dialogWith(0);
    for (let n = 0; n < MAX_PIPELINED; n++) dialog.data(0, new Cursor(ask(n)));
    for (let n = 0; n < MAX_PIPELINED; n++) dialog.data(1, new Cursor(OK));
    const named = told.paired.filter((path) => path !== '?').length;
    expect(named).toBeGreaterThan(16);
    expect(named).toBeLessThan(MAX_PIPELINED / 4);
    dialog.data(0, new Cursor(ask(999)));
    dialog.data(1, new Cursor(OK));
    expect(told.paired.at(-1)).toBe('/999');
  });

  test('with room they are all paired, and what they took is used again', () => {
    const { dialog, told } = dialogWith(1e9);
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < MAX_PIPELINED; n++) dialog.data(0, new Cursor(ask(n)));
      for (let n = 0; n < MAX_PIPELINED; n++) dialog.data(1, new Cursor(OK));
    }
    expect(told.paired).not.toContain('?');
    expect(told.reserved).toBeLessThan(MAX_PIPELINED * 256);
  });
});

/** Counts how many bytes are searched. */
class Searched extends Uint8Array {
  static count = 0;
  override indexOf(byte: number, from = 0): number {
    const found = super.indexOf(byte, from);
    Searched.count += (found < 0 ? this.length : found) - from;
    return found;
  }
}

describe('heads', () => {
  const reader = (): HttpReader =>
    new HttpReader(false, new HttpExchange(new Keep(() => true)), () => undefined);

  test('one that comes byte by byte is searched once', () => {
    const text = `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(MAX_HEAD / 8)}\r\n`;
    const bytes = Searched.from(latin1(text));
    const one = reader();
    Searched.count = 0;
    for (let end = 1; end < bytes.length; end++) {
      expect(one.next(new Cursor(bytes, 0, end))).toBe(HTTP.MORE);
    }
    expect(Searched.count).toBeLessThan(20 * bytes.length);
    expect(one.next(new Cursor(bytes, 0, bytes.length))).toBe(HTTP.HEAD);
  });

  test('are forgotten once they were handed on', () => {
    const one = reader();
    const cursor = new Cursor(latin1('GET / HTTP/1.1\r\n\r\n'));
    expect(one.next(cursor)).toBe(HTTP.HEAD);
    expect(one.head?.target).toBe('/');
    one.next(cursor);
    expect(one.head).toBeUndefined();
  });

  test('fields beyond those that are kept are not read, and nothing is told of them', () => {
    const one = reader();
    const cursor = new Cursor(latin1(`GET / HTTP/1.1\r\n${'a: b\n'.repeat(3_000)}Last: one\r\n\r\n`));
    expect(one.next(cursor)).toBe(HTTP.HEAD);
    expect(one.head?.fields.get('a')?.length).toBe(128);
    expect(one.head?.fields.has('last')).toBe(false);
  });
});
