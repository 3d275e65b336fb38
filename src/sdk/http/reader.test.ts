import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gzipSync, deflateRawSync, deflateSync } from 'node:zlib';
import { Cursor } from '../../core/cursor.ts';
import type { FlowContext } from '../plugin.ts';
import { Keep } from '../keep.ts';
import { HttpDialog } from './dialog.ts';
import { HttpExchange, MAX_PIPELINED } from './exchange.ts';
import { parseHead } from './head.ts';
import { inflateBody, MAX_INFLATED, MessageInflater } from './inflate.ts';
import { HTTP, HttpReader } from './reader.ts';

/** A handler without items. */
const ITEMS = { request: () => null, response: () => null };
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Reads a direction in pieces of `size`: `HEAD`, `BODY text`, `END`, ... with adjacent bodies joined. */
function read(text: string, options: { size?: number; asked?: string[]; request?: boolean } = {}): string[] {
  const exchange = new HttpExchange(new Keep(() => true));
  for (const method of options.asked ?? []) exchange.asked(method);
  const troubles: string[] = [];
  const reader = new HttpReader(!options.request, exchange, (code) => troubles.push(`! ${code}`));
  const out: string[] = [];
  const all = latin1(text);
  const size = options.size ?? all.length;
  let tail = new Uint8Array(0);
  for (let at = 0; at < all.length; at += size) {
    const cursor = new Cursor(Buffer.concat([tail, all.subarray(at, at + size)]));
    for (let answer = reader.next(cursor); answer !== HTTP.MORE; answer = reader.next(cursor)) {
      if (answer === HTTP.RAW || answer === HTTP.BAD)
        return [...out, answer === HTTP.RAW ? 'RAW' : 'BAD', ...troubles];
      if (answer === HTTP.HEAD) out.push(`${reader.head?.method ?? ''}${reader.head?.status || ''}`);
      if (answer === HTTP.END) out.push('END');
      if (answer !== HTTP.BODY) continue;
      const body = Buffer.from(cursor.bytes.subarray(reader.from, reader.to)).toString('latin1');
      if (out.at(-1)?.startsWith('=')) out[out.length - 1] += body;
      else out.push(`=${body}`);
    }
    tail = cursor.bytes.slice(cursor.pos, cursor.end);
  }
  return [...out, ...troubles];
}

describe('bodies of responses', () => {
  test.each<[string, string, string[], string[]]>([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', ['GET'], ['200', '=hello', 'END']],
    ['bare line feeds', 'HTTP/1.0 200 OK\nContent-Length: 2\n\nhi', ['GET'], ['200', '=hi', 'END']],
    ['none', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['GET'], ['200', 'END']],
    [
      'in chunks, with extension and trailer',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n',
      ['GET'],
      ['200', '=abc0123456789', 'END'],
    ],
    ['to the end', 'HTTP/1.0 200 OK\r\n\r\nall that comes', ['GET'], ['200', '=all that comes']],
    [
      'HEAD',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
      ['HEAD', 'GET'],
      ['200', 'END', '204', 'END'],
    ],
    ['304', 'HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n', ['GET'], ['304', 'END']],
    [
      '100 before it',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
      ['POST'],
      ['100', 'END', '200', '=x', 'END'],
    ],
    ['a tunnel', 'HTTP/1.1 200 Connection established\r\n\r\n', ['CONNECT'], ['200', 'END']],
    ['bad length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n', ['GET'], ['200', 'END', '! bad_length']],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! lengths_conflict'],
    ],
    ['one length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx', ['GET'], ['200', '=x', 'END']],
    [
      'two lengths in one field',
      'HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! lengths_conflict'],
    ],
    [
      'chunks and a length',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      ['GET'],
      ['200', '=x', 'END', '! lengths_conflict'],
    ],
    [
      'another coding and a length',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! bad_coding'],
    ],
    [
      'chunked is not the last coding',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\nContent-Length: 1\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! bad_coding'],
    ],
    [
      'two coding fields',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      ['GET'],
      ['200', '=x', 'END', '! bad_coding'],
    ],
    [
      'a folded field',
      'HTTP/1.1 200 OK\r\nX: a\r\n Content-Length: 5\r\nContent-Length: 1\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! folded_line'],
    ],
    [
      'a space behind a name',
      'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx',
      ['GET'],
      ['200', '=x', 'END', '! bad_field_name'],
    ],
    [
      'a chunk size with a sign',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc',
      ['GET'],
      ['200', '! bad_chunk'],
    ],
    [
      'a chunk size of 2^36',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000000000\r\nabc',
      ['GET'],
      ['200', '! bad_chunk'],
    ],
    [
      'bad chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      ['GET'],
      ['200', '! bad_chunk'],
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', ['GET'], ['BAD']],
  ])('%s', (_, text, asked, expected) => {
    expect(read(text, { asked })).toEqual(expected);
    for (let size = 1; size < text.length; size++) expect(read(text, { asked, size })).toEqual(expected);
  });

  test('a head without end', () => {
    expect(read(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(7_000)}`)).toEqual(['BAD', '! head_large']);
  });
});

test('requests are pipelined', () => {
  const text = 'GET / HTTP/1.1\r\n\r\nPOST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nokGET /b HTTP/1.0\r\n\r\n';
  for (let size = 1; size <= text.length; size++) {
    expect(read(text, { size, request: true })).toEqual(['GET', 'END', 'POST', '=ok', 'END', 'GET', 'END']);
  }
});

test('a gap in a body of known length is bridged, one in a head is not', () => {
  const reader = new HttpReader(true, new HttpExchange(new Keep(() => true)), () => undefined);
  const cursor = new Cursor(latin1('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
  expect([reader.next(cursor), reader.next(cursor)]).toEqual([HTTP.HEAD, HTTP.BODY]);
  reader.gap(5);
  const rest = new Cursor(latin1('ijHTTP/1.1 204 No\r\n\r\n'));
  expect([reader.next(rest), reader.next(rest), reader.next(rest)]).toEqual([HTTP.BODY, HTTP.END, HTTP.HEAD]);
  reader.next(rest);
  reader.gap(5);
  expect(reader.next(new Cursor(latin1('y: z\r\n\r\n')))).toBe(HTTP.MORE);
  expect(reader.next(new Cursor(latin1('HTTP/1.1 204 No\r\n\r\n')))).toBe(HTTP.HEAD);
});

test('whatever comes, nothing is thrown and reading ends', () => {
  const parts = fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'Content-Length: 3\r\n',
    '\r\n',
    'Transfer-Encoding: chunked\r\n',
    '3\r\n',
    'abc',
    '\0',
    'GET / HTTP/1.1\r\n',
    ': ',
    '\n',
  );
  fc.assert(
    fc.property(
      fc.array(parts, { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (texts, size, request) => {
        read(texts.join(''), { size, request });
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('fields: folded, repeated, without a colon', () => {
  const text = latin1('GET /x HTTP/1.1\r\nA: 1\r\n 2\r\na:3\r\nnothing\r\n\r\n');
  expect(parseHead(text, 0, text.length)).toMatchObject({ method: 'GET', target: '/x', minor: 1, status: 0 });
  expect(parseHead(text, 0, text.length)?.fields.get('a')).toEqual(['1 2', '3']);
});

test('small bodies that become large ones: not again and again', () => {
  const anomalies: string[] = [];
  const flow = {
    anomaly: (_d: number, _o: number, code: string) => anomalies.push(code),
  } as unknown as FlowContext;
  let inflated = 0;
  const dialog = new HttpDialog(flow, {
    ...ITEMS,
    body: (_d, _item, _bytes, from, to) => (inflated += to - from),
    done: () => undefined,
  });
  const bomb = gzipSync(new Uint8Array(MAX_INFLATED));
  const head = latin1(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
  const message = Buffer.concat([head, bomb]);
  for (let n = 0; n < 100; n++) dialog.data(1, new Cursor(message));
  expect(inflated).toBeGreaterThanOrEqual(4 * MAX_INFLATED);
  expect(inflated).toBeLessThan(8 * MAX_INFLATED);
  expect(anomalies.length).toBeGreaterThan(90);
  const inflater = new MessageInflater();
  const small = deflateRawSync(new Uint8Array(MAX_INFLATED), { finishFlush: 2 }).subarray(0, -4);
  const whole = Array.from({ length: 100 }, () => inflater.inflate(small, true)).filter(Boolean);
  expect(whole.length).toBeLessThan(8);
});

test('who signs on to a proxy, in any request', () => {
  const told: string[] = [];
  const flow = {
    anomaly: (_d: number, _o: number, code: string) => told.push(code),
    carry: { user: (name: string) => told.push(name) },
  } as unknown as FlowContext;
  const nothing = (): undefined => undefined;
  const dialog = new HttpDialog(flow, { ...ITEMS, body: nothing, done: nothing });
  const basic = Buffer.from('user:s3cr3t').toString('base64');
  dialog.data(
    0,
    new Cursor(
      latin1(
        `GET http://a/ HTTP/1.1\r\nProxy-Authorization: basic ${basic}\r\nProxy-Authorization: NTLM TlRM\r\n\r\n`,
      ),
    ),
  );
  expect(told).toEqual(['user', 'proxy_password_exposed']);
});

describe('compression', () => {
  const text = latin1('<body>hello</body>'.repeat(20));
  test.each<[string, string, Uint8Array]>([
    ['gzip', 'gzip', gzipSync(text)],
    ['zlib', 'deflate', deflateSync(text)],
    ['raw', 'deflate', deflateRawSync(text)],
  ])('%s', (_, encoding, packed) => {
    expect(Buffer.from(inflateBody(encoding, packed) ?? [])).toEqual(Buffer.from(text));
  });

  test('a bomb, damage and unknown encodings yield nothing', () => {
    expect(inflateBody('gzip', gzipSync(new Uint8Array(MAX_INFLATED + 1)))).toBeUndefined();
    expect(inflateBody('gzip', latin1('nonsense'))).toBeUndefined();
    expect(inflateBody('br', text)).toBeUndefined();
  });

  test('messages refer to those before them', () => {
    const first = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
    const second = deflateRawSync(text, { finishFlush: 2, dictionary: text }).subarray(0, -4);
    const inflater = new MessageInflater();
    expect(Buffer.from(inflater.inflate(first, true) ?? [])).toEqual(Buffer.from(text));
    expect(Buffer.from(inflater.inflate(second, true) ?? [])).toEqual(Buffer.from(text));
    expect(new MessageInflater().inflate(second, true)).toBeUndefined();
  });

  test('of a response, whole at its end', () => {
    const bodies: string[] = [];
    const anomalies: string[] = [];
    const flow = {
      reserve: () => true,
      anomaly: (_d: number, _o: number, code: string) => anomalies.push(code),
    } as unknown as FlowContext;
    const dialog = new HttpDialog(flow, {
      ...ITEMS,
      body: (_d, _item, bytes, from, to) => bodies.push(Buffer.from(bytes.subarray(from, to)).toString()),
      done: () => bodies.push('.'),
    });
    const packed = gzipSync(text);
    const head = (length: number): Uint8Array =>
      latin1(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${length}\r\n\r\n`);
    dialog.data(1, new Cursor(Buffer.concat([head(packed.length), packed])));
    dialog.data(1, new Cursor(Buffer.concat([head(3), latin1('bad')])));
    expect(bodies).toEqual([Buffer.from(text).toString(), '.', '.']);
    expect(anomalies).toEqual(['http_bad_compression']);
    dialog.data(1, new Cursor(Buffer.concat([head(packed.length - 9), packed.subarray(0, -9)])));
    expect(bodies.slice(3, -1).join('')).toMatch(/^<body>hello/);
    expect(anomalies).toHaveLength(2);
  });
});

describe('which response answers which request', () => {
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\n\r\n`;
  const OK = 'HTTP/1.1 204 OK\r\n\r\n';

  /** Paths as responses are paired with them, and the anomalies. */
  function pair(...steps: [direction: 0 | 1, text: string | number][]): [string[], string[]] {
    const paired: string[] = [];
    const anomalies: string[] = [];
    const flow = {
      reserve: () => true,
      anomaly: (_d: number, _o: number, code: string) => anomalies.push(code),
    } as unknown as FlowContext;
    const dialog = new HttpDialog<string>(flow, {
      request: (head) => head.target,
      response: (_head, _offset, asked) => {
        paired.push(asked ?? '?');
        return '';
      },
      body: () => undefined,
      done: () => undefined,
    });
    for (const [direction, what] of steps) {
      if (typeof what === 'number') dialog.gap(direction, what);
      else dialog.data(direction, new Cursor(latin1(what)));
    }
    return [paired, anomalies];
  }
  const paths = (n: number, from = 0): string[] => Array.from({ length: n }, (_, i) => `/${from + i}`);

  test('as many as may wait are all paired', () => {
    const all = paths(MAX_PIPELINED);
    expect(pair([0, all.map(ask).join('')], [1, OK.repeat(all.length)])).toEqual([all, []]);
  });

  test('those beyond are not, are told of, and those after them are again', () => {
    const all = paths(MAX_PIPELINED + 3);
    const [paired, anomalies] = pair(
      [0, ask('/first')],
      [1, OK],
      [0, all.map(ask).join('')],
      [1, OK.repeat(all.length)],
      [0, ask('/last')],
      [1, OK],
    );
    expect(paired).toEqual(['/first', ...paths(MAX_PIPELINED), '?', '?', '?', '/last']);
    expect(anomalies).toEqual(['http_pipeline_limit']);
  });

  test('the client alone is no flood', () => {
    expect(
      pair([
        0,
        paths(3 * MAX_PIPELINED)
          .map(ask)
          .join(''),
      ]),
    ).toEqual([[], []]);
  });

  test('interim responses answer nothing', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    expect(pair([0, ask('/a') + ask('/b')], [1, interim + OK + interim + OK])).toEqual([['/a', '/b'], []]);
  });

  test('a loss inside a body leaves the pairs; one of a head does not', () => {
    const body = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc';
    const asked: [0, string] = [0, ask('/a') + ask('/b')];
    expect(pair(asked, [1, body], [1, 6], [1, OK])).toEqual([['/a', '/b'], []]);
    expect(pair(asked, [1, 30], [1, OK], [0, ask('/c')], [1, OK])).toEqual([['?', '/c'], []]);
  });
});
