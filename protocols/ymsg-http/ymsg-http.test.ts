import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import ymsgHttp from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const packet = (id: string, body: string): string =>
  `YMSG\0\x65\0\0\0${String.fromCharCode(body.length)}\0\x06\0\0\0\0${id}${body}`;
const post = (body: string, host = 'http://http.pager.yahoo.com'): string =>
  `POST ${host}/notify HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const answer = (...packets: string[]): string => {
  const body = `${String.fromCharCode(packets.length)}\0\0\0${packets.join('')}`;
  return `HTTP/1.0 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};
const NONE = '\0\0\0\0';
const ID = '\x11\x22\x33\x44';

describe('detection', () => {
  test.each([
    [post(packet(NONE, '')), '', 'yes'],
    [post(packet(NONE, ''), ''), '', 'yes'],
    [post('YPNS2.0\0'), '', 'yes'],
    [post('').replace('/notify', '/notify/') + 'YMSG', '', 'yes'],
    [post('<xml>'), '', 'no'],
    [post(packet(NONE, '')).replace('/notify', '/notifyft'), '', 'no'],
    [post(packet(NONE, '')).replace('/notify', '/x/notify'), '', 'no'],
    ['POST /notify HTTP/1.0\r\n\r\n', '', 'more'],
    ['POST /index HTTP/1.0\r\n\r\n', '', 'no'],
    ['GET /notify HTTP/1.0\r\n\r\n', '', 'no'],
    ['', answer(packet(ID, '')), 'yes'],
    ['', answer('<html></html>'), 'no'],
  ])('%j %j', (asked, answered, expected) => {
    expect(runDetector(ymsgHttp, latin1(asked), latin1(answered)).answer).toBe(expected);
  });
});

test('a session’s packets are one stream, wherever segments end', () => {
  const steps = [
    client(post(packet(NONE, 'one'))),
    server(answer(packet(ID, 'two'), packet(ID, 'three'))),
    client('GET http://shop/ HTTP/1.0\r\n\r\n'),
    server('HTTP/1.0 200 OK\r\nContent-Length: 30\r\n\r\n' + '\x01\0\0\0YMSG'.padEnd(30)),
    client(post(packet(ID, 'four'))),
    server('HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n\0\0\0\0'),
  ];
  everySplit(ymsgHttp, steps, (told, where) => {
    expect([where, told.inner]).toMatchObject([
      where,
      [
        {
          target: { carrier: 'http-tunnel', protocol: 'ymsg', spans: true, midstream: false },
          texts: [packet(NONE, 'one') + packet(ID, 'four'), packet(ID, 'two') + packet(ID, 'three')],
          named: '11223344',
        },
      ],
    ]);
    expect(told.issued).toEqual([{ realm: 'ymsg-http', token: '11223344' }]);
  });
});

test('a session that began in another connection', () => {
  const told = runDissector(ymsgHttp, [client(post(packet(ID, 'hello')))]);
  expect(told.inner[0]?.target).toMatchObject({ midstream: true, session: '11223344' });
  expect(told.presented).toEqual([{ realm: 'ymsg-http', token: '11223344' }]);
});

test('an error page says nothing; prefixes and mutations throw nothing', () => {
  const whole = post(packet(ID, 'hello'));
  const told = runDissector(ymsgHttp, [
    client(whole),
    server('HTTP/1.0 502 Bad\r\nContent-Length: 40\r\n\r\n' + '<html>'.padEnd(40)),
  ]);
  expect(told.inner[0]?.texts[1]).toBe('');
  for (let n = 0; n < whole.length; n++) {
    runDissector(ymsgHttp, [client(whole.slice(0, n)), { direction: 0, end: true }]);
    const bytes = latin1(whole);
    bytes[n] = (bytes[n] ?? 0) ^ 0xff;
    runDissector(ymsgHttp, [
      { direction: 0, bytes },
      { direction: 0, gap: 3 },
      server(answer(packet(ID, ''))),
    ]);
  }
});
