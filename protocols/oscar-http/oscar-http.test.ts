import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import oscarHttp from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const SID = '0123456789abcdef'.repeat(2);

function packet(type: number, connection: number, data = ''): string {
  const head = Buffer.alloc(14);
  head.writeUInt16BE(12 + data.length, 0);
  head.writeUInt16BE(0x0443, 2);
  head.writeUInt16BE(type, 4);
  head.writeUInt32BE(connection, 10);
  return head.toString('latin1') + data;
}

const post = (body: string, seq = 1): string =>
  `POST http://10.0.0.1/data?sid=${SID}&seq=${seq} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const monitor = `GET http://10.0.0.1/monitor?sid=${SID} HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n`;
const answer = (body = ''): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const LOGIN = packet(3, 1, '\0\x0dlogin.icq.com\x14\x46');

describe('detection', () => {
  test.each([
    [post(''), '', 'yes'],
    [monitor, '', 'yes'],
    [`GET /monitor?sid=${SID} HTTP/1.0\r\n`, '', 'yes'],
    ['GET /monitor?sid=1234 HTTP/1.0\r\n', '', 'no'],
    ['GET /moni', '', 'more'],
    ['GET /index.html', '', 'no'],
    ['POST /data?sid=', '', 'more'],
    [`POST /data?id=${SID} HTTP/1.0\r\n`, '', 'no'],
    [`GET /data?sid=${SID} HTTP/1.0\r\n`, '', 'no'],
    ['GET http://http.proxy.icq.com/hello HTTP/1.0\r\n\r\n', '', 'yes'],
    ['GET http://aimhttp.oscar.aol.com/hello HTTP/1.0\r\n\r\n', '', 'yes'],
    ['GET /hello HTTP/1.0\r\n\r\n', '', 'more'],
    ['GET /hello HTTP/1.0\r\n\r\n', answer('Hello!'), 'no'],
    ['GET /hello HTTP/1.0\r\n\r\n', answer(packet(2, 0, 'x'.repeat(20))), 'yes'],
    ['', answer(packet(5, 1, '*\x02')), 'yes'],
    ['', answer('<html>'), 'no'],
    ['', 'HTTP/1.1 200 OK\r\n', 'more'],
  ])('%j %j', (asked, answered, expected) => {
    expect(runDetector(oscarHttp, latin1(asked), latin1(answered)).answer).toBe(expected);
  });
});

test('a virtual connection is one stream, wherever segments and packets end', () => {
  const steps = [
    client(post(LOGIN)),
    server(answer()),
    client(monitor),
    server(answer(packet(4, 1, '\0') + packet(5, 1, '*\x01\0\0') + packet(5, 1, '\0\x04\0\0\0\x01'))),
    client(post(packet(5, 1, 'client '), 2)),
    server(answer()),
    client(post(packet(5, 1, 'hello'), 3)),
    server(answer()),
    client(post(packet(6, 1), 4)),
    server(answer()),
  ];
  everySplit(oscarHttp, steps, (told, where) => {
    expect([where, told.inner]).toEqual([
      where,
      [
        {
          target: {
            carrier: 'http-tunnel',
            evidence: 'http: OSCAR tunnel to login.icq.com:5190',
            port: 5190,
            protocol: 'oscar',
            spans: true,
            midstream: false,
            session: `${SID}:1`,
          },
          texts: ['client hello', '*\x01\0\0\0\x04\0\0\0\x01'],
          gaps: [],
          ended: [false, false],
          closed: true,
        },
      ],
    ]);
    expect(told.presented).toEqual([{ realm: 'oscar-http', token: SID }]);
    expect(told.anomalies).toEqual([]);
  });
});

test('two virtual connections of one session, and another session on the proxy’s connection', () => {
  const other = post(packet(5, 1, 'c')).replaceAll(SID, 'f'.repeat(32));
  const told = runDissector(oscarHttp, [
    client(post(packet(5, 1, 'a') + packet(5, 2, 'b'))),
    client(other),
    client('GET http://shop/ HTTP/1.1\r\n\r\n'),
  ]);
  expect(told.inner.map((i) => [i.target.session, i.texts[0], i.target.midstream])).toEqual([
    [`${SID}:1`, 'a', true],
    [`${SID}:2`, 'b', true],
    [`${'f'.repeat(32)}:1`, 'c', true],
  ]);
});

test('the end of a virtual connection that was not seen opens no stream', () => {
  const told = runDissector(oscarHttp, [client(post(packet(6, 7))), client(post(packet(7, 8)))]);
  expect(told.inner).toEqual([]);
});

test('virtual connections without end are not all kept', () => {
  const many = Array.from({ length: 3_000 }, (_, i) => packet(5, i + 1, 'x')).join('');
  const told = runDissector(oscarHttp, [client(post(many)), client(post(packet(5, 1, 'y')))]);
  expect(told.inner).toHaveLength(16);
  expect(told.inner[0]?.texts[0]).toBe('xy');
});

describe('bad input', () => {
  test.each([
    ['another version', packet(5, 1, 'x').replace('\x04\x43', '\x04\x44'), 'oscar_http_bad_packet', 0],
    ['a length that cannot be', '\0\x0b' + packet(5, 1, 'x').slice(2), 'oscar_http_bad_packet', 0],
    ['half a header', packet(5, 1, 'x').slice(0, 9), 'oscar_http_cut_packet', 0],
    ['half a packet', packet(5, 1, 'xyz').slice(0, 15), 'oscar_http_cut_packet', 1],
  ])('%s', (_, body, code, streams) => {
    const told = runDissector(oscarHttp, [client(post(body)), client(post(packet(6, 9)))]);
    expect(told.anomalies).toEqual([code]);
    expect(told.ended).toBeUndefined();
    expect(told.inner.filter((i) => i.target.session?.endsWith(':1'))).toHaveLength(streams);
  });

  test('a log-in whose lengths disagree names no place', () => {
    const told = runDissector(oscarHttp, [client(post(packet(3, 1, '\0\xfflogin')))]);
    expect(told.inner).toEqual([]);
  });

  test('what a packet lacks is a gap', () => {
    const told = runDissector(oscarHttp, [client(post(packet(5, 1, 'xyz').slice(0, 15)))]);
    expect(told.inner[0]?.gaps).toEqual([2]);
  });

  test('prefixes and mutations throw nothing', () => {
    const whole = post(LOGIN) + post(packet(5, 1, '*\x01\0\0\0\x04\0\0\0\x01'));
    for (let n = 0; n < whole.length; n++) {
      runDissector(oscarHttp, [client(whole.slice(0, n)), { direction: 0, end: true }]);
      const bytes = latin1(whole);
      bytes[n] = (bytes[n] ?? 0) ^ 0xff;
      runDissector(oscarHttp, [{ direction: 0, bytes }, { direction: 0, gap: 3 }, client(monitor)]);
    }
  });
});

test('a proxy that refuses: an attempt', () => {
  const told = runDissector(oscarHttp, [
    client('GET http://http.proxy.icq.com/hello HTTP/1.0\r\n\r\n'),
    server('HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
  ]);
  expect(told.carrier).toBe('http-tunnel');
  expect(told.facts).toEqual([
    {
      kind: 'service',
      service: 'icq',
      evidence: ['http: hello of the OSCAR tunnel at http.proxy.icq.com', 'proxy: refused (403)'],
      confidence: 'medium',
      code: 403,
    },
  ]);
});

test('the server alone', () => {
  const told = runDissector(oscarHttp, [server(answer(packet(5, 1, '*\x02')))]);
  expect(told.inner[0]).toMatchObject({ texts: ['', '*\x02'], target: { midstream: true } });
  expect(told.inner[0]?.target.session).toBeUndefined();
});
