import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, gzip, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import bosh from './index.ts';

const NS = 'http://jabber.org/protocol/httpbind';
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function post(body: string, target = '/http-bind', extra = ''): string {
  return `POST ${target} HTTP/1.1\r\nHost: x\r\n${extra}Content-Length: ${body.length}\r\n\r\n${body}`;
}
function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Encoding: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });

const CREATE = `<body rid='1' to='im.example' xmlns='${NS}'/>`;
const CREATED = `<body sid="abc" wait='60' xmlns='${NS}'><stream:features/></body>`;
const SEND = `<body rid='2' sid='abc' xmlns='${NS}'><message/></body>`;
const EMPTY = `<body xmlns='${NS}'/>`;

describe('detection', () => {
  test.each([
    [post(CREATE), 'yes'],
    [post(SEND.replaceAll("'", '"'), 'http://im.example/bosh'), 'yes'],
    [post(`<?xml version='1.0'?>${CREATE}`), 'yes'],
    [post(CREATE).slice(0, -40), 'more'],
    [post(CREATE).slice(0, 30), 'more'],
    ['P', 'more'],
    [post('<body class="page">'), 'no'],
    [post('a=b&c=d'), 'no'],
    [post('{"json":1}'), 'no'],
    ['PUT / HTTP/1.1\r\n\r\n', 'no'],
  ])('%j', (text, expected) => {
    expect(runDetector(bosh, latin1(text)).answer).toBe(expected);
  });

  /** A request whose body is compressed; `size` bytes of it are there. */
  function packed(text: string, fields: string, size = Infinity): Uint8Array {
    const body = gzip(latin1(text));
    const head = `POST /x HTTP/1.1\r\n${fields}Content-Length: ${body.length}\r\n\r\n`;
    return Buffer.concat([latin1(head), body.subarray(0, size)]);
  }
  const GZIP = 'Content-Type: text/xml\r\ncontent-encoding: gzip\r\n';

  test.each<[string, Uint8Array, string]>([
    ['compressed', packed(CREATE, GZIP), 'yes'],
    ['compressed, part of it', packed(CREATE, GZIP, 40), 'more'],
    ['compressed, its first byte', packed(CREATE, GZIP, 1), 'more'],
    ['compressed, in chunks', chunked(CREATE), 'yes'],
    ['compressed, something else', packed('<page/>', GZIP), 'no'],
    ['compressed, and not said to be', packed(CREATE, 'Content-Type: text/xml\r\n'), 'no'],
    ['compressed, and not said to be XML', packed(CREATE, 'Content-Encoding: gzip\r\n'), 'no'],
    ['a bomb', packed(' '.repeat(3_000_000), GZIP), 'no'],
    ['damaged', Buffer.concat([packed(CREATE, GZIP, 12), new Uint8Array(40).fill(255)]), 'no'],
  ])('%s', (_, bytes, expected) => {
    expect(runDetector(bosh, bytes.subarray(0, 4_096)).answer).toBe(expected);
  });

  function chunked(text: string): Uint8Array {
    const body = gzip(latin1(text));
    const head = `POST /x HTTP/1.1\r\n${GZIP}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`;
    return Buffer.concat([latin1(head), body, latin1('\r\n0\r\n\r\n')]);
  }
});

describe('sessions', () => {
  test('bodies are the two directions of one stream, wherever segments end', () => {
    const steps = [client(post(CREATE)), server(answer(CREATED)), client(post(SEND)), server(answer(EMPTY))];
    everySplit(bosh, steps, (told, where) => {
      expect([where, told.inner.map((i) => i.texts)]).toEqual([where, [[CREATE + SEND, CREATED + EMPTY]]]);
      expect(told.inner[0]?.target).toMatchObject({ carrier: 'bosh', protocol: 'xmpp', spans: true });
      expect(told.inner[0]).toMatchObject({
        named: 'abc',
        numbers: [
          [1, 2],
          [1, 2],
        ],
        whole: [2, 2],
      });
      expect(told.issued).toEqual([{ realm: 'bosh-sid', token: 'abc' }]);
    });
  });

  test('another connection of the session shows its id', () => {
    const told = runDissector(bosh, [client(post(SEND)), server(answer(EMPTY))]);
    expect(told.presented).toEqual([{ realm: 'bosh-sid', token: 'abc' }]);
    expect(told.inner[0]?.target.session).toBe('abc');
  });

  test('a proxy’s connection carries several, pipelined, and other things', () => {
    const other = SEND.replace('abc', 'def');
    const steps = [
      client(post(SEND) + post(other) + post('a=b', '/form') + post(SEND)),
      server(answer(EMPTY) + answer(`${EMPTY} `) + answer('<html>') + answer(EMPTY)),
    ];
    expect(runDissector(bosh, steps).inner.map((i) => i.texts)).toEqual([
      [SEND + SEND, EMPTY + EMPTY],
      [other, `${EMPTY} `],
    ]);
  });

  test('responses that will not come are nobody’s turn, and one without a body is one', () => {
    const next = SEND.replace("rid='2'", 'rid="3"');
    const steps: Step[] = [
      client(post(SEND) + post(next)),
      server('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
      { direction: 1, end: true },
    ];
    expect(runDissector(bosh, steps).inner[0]).toMatchObject({
      numbers: [
        [2, 3],
        [2, 3],
      ],
      whole: [2, 2],
    });
  });

  test.each(["rid='12345678901234567'", "rid='-1'", "rid='x'", "rid='9999999999999999'", ''])(
    'no number: %j',
    (rid) => {
      const told = runDissector(bosh, [client(post(SEND.replace("rid='2'", rid)))]);
      expect(told.inner[0]).toMatchObject({ texts: [SEND.replace("rid='2'", rid), ''] });
      expect(told.inner[0]?.numbers).toBeUndefined();
    },
  );

  test('chunks and gzip', () => {
    const packed = gzip(latin1(CREATED));
    const steps: Step[] = [
      client(
        `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${CREATE.length.toString(16)}\r\n${CREATE}\r\n0\r\n\r\n`,
      ),
      server(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`),
      { direction: 1, bytes: packed },
    ];
    expect(runDissector(bosh, steps).inner.map((i) => i.texts)).toEqual([[CREATE, CREATED]]);
  });

  test('a loss is the stream’s too; the next response is read', () => {
    const steps: Step[] = [client(post(SEND)), { direction: 1, gap: 50 }, server(answer(EMPTY))];
    expect(runDissector(bosh, steps).inner[0]).toMatchObject({ gaps: [50], texts: [SEND, EMPTY] });
  });

  test('the server alone', () => {
    expect(runDissector(bosh, [server(answer(CREATED) + answer(EMPTY))]).inner[0]?.texts[1]).toBe(
      CREATED + EMPTY,
    );
  });
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    post(CREATE),
    answer(CREATED),
    '<body',
    ` sid='x'`,
    '>',
    '\r\n\r\n',
    '\0',
    post('x'),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), piece), { maxLength: 10 }),
      fc.integer({ min: 1, max: 90 }),
      (pieces, chunk) => {
        runDissector(
          bosh,
          pieces.map(([d, text]) => (d ? server(text) : client(text))),
          { chunk },
        );
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});
