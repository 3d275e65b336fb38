import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import tocHttp from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const COOKIE = '00106b050e41'.repeat(4);
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: 192.0.2.1:9898\r\n\r\n`;
const INFO = `/info?cookie=${COOKIE}&from=pineforest&user=Velvet%20Moth`;
const HTML =
  '<HTML><HEAD><TITLE>Profile Lookup</TITLE></HEAD><BODY>Velvet profile: <i>moths</i></BODY></HTML>';
const ok = (html: string, more = `Content-Length: ${html.length}\r\n`): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${more}\r\n${html}`;

describe('detection', () => {
  test.each([
    [get(INFO), 'yes'],
    [get(`http://192.0.2.1:9898${INFO}`), 'yes'],
    [get(`/dir_search?city=&cookie=${COOKIE}&email=`), 'yes'],
    [get(`/dir_info?cookie=${COOKIE}`), 'yes'],
    ['GET /inf', 'more'],
    [`GET /info?cookie=${COOKIE}`, 'more'],
    ['GET http://192.0.2.1:98', 'more'],
    [get('/info'), 'no'],
    [get('/info?cookie=yes&user=x'), 'no'],
    [get(`/info/x?cookie=${COOKIE}`), 'no'],
    [get(`/information?cookie=${COOKIE}`), 'no'],
    [get(`/info?xcookie=${COOKIE}`), 'no'],
    [get('ftp://x/info?'), 'no'],
    [`GET /info?${'a'.repeat(3_000)}`, 'no'],
    ['POST /info?', 'no'],
  ])('%s: %s', (text, answer) => {
    const bytes = latin1(text);
    expect(runDetector(tocHttp, bytes).answer).toBe(answer);
    if (answer !== 'no') expect(tocHttp.detector.glance?.(bytes, 0, bytes.length)).toBe(true);
  });

  test('a target that never ends says nothing at the end', () => {
    expect(runDetector(tocHttp, latin1('GET /info?cook'), undefined, { final: true }).answer).toBe('no');
  });
});

describe('pages', () => {
  test('say whose they are and what stands on them, wherever segments end', () => {
    everySplit(tocHttp, [client(get(INFO)), server(ok(HTML))], (told, where) => {
      expect([where, told.facts]).toEqual([
        where,
        [
          {
            ...{
              kind: 'profile',
              service: 'aim',
              account: 'pineforest',
              from: 'velvetmoth',
              to: ['pineforest'],
            },
            profile: {
              page: 'info',
              text: 'Velvet profile: moths',
              html: '<HTML><HEAD></HEAD><BODY>Velvet profile: <i>moths</i></BODY></HTML>',
            },
          },
        ],
      ]);
      expect(told.presented).toEqual([{ realm: 'toc-page', token: COOKIE }]);
    });
  });

  test('a search names nobody; a page may end with the connection', () => {
    const told = runDissector(tocHttp, [
      client(get(`/dir_search?city=&cookie=${COOKIE}`)),
      server(ok('<B>Screen Name:</B> pineforest<BR>', '')),
      { direction: 1, end: true },
    ]);
    expect(told.facts).toMatchObject([{ profile: { page: 'dir_search', text: 'Screen Name: pineforest' } }]);
    expect(told.facts[0]).not.toHaveProperty('from');
    expect(JSON.stringify(told.facts)).not.toContain(COOKIE);
  });

  test.each([
    [
      'a page that is not there',
      [client(get(INFO)), server('HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno')],
    ],
    [
      'a picture',
      [
        client(get(INFO)),
        server('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nno'),
      ],
    ],
    ['an empty page', [client(get(INFO)), server(ok(''))]],
    ['an answer without a question', [server(ok(HTML))]],
    [
      'a page with a hole',
      [
        client(get(INFO)),
        server(ok(HTML).slice(0, 100)),
        { direction: 1, gap: 20 } as Step,
        server(ok(HTML).slice(120)),
      ],
    ],
  ])('%s tells nothing', (_, steps) => {
    expect(runDissector(tocHttp, steps).facts).toEqual([]);
  });

  test('of a long page the beginning is told; after 64 of a connection none', () => {
    const long = runDissector(tocHttp, [client(get(INFO)), server(ok('x'.repeat(100_000)))]);
    expect(String(long.facts[0]?.profile?.['text'])).toHaveLength(32_768);
    const many = Array.from({ length: 70 }, () => [client(get(INFO)), server(ok('x'))]).flat();
    expect(runDissector(tocHttp, many).facts).toHaveLength(64);
  });

  test('nothing throws: every prefix and every changed byte', () => {
    const page = latin1(ok(HTML));
    const asked = latin1(get(INFO));
    for (let at = 0; at < page.length; at++) {
      const changed = page.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      runDissector(tocHttp, [
        client(get(INFO)),
        { direction: 1, bytes: page.slice(0, at) },
        { direction: 1, end: true },
      ]);
      runDissector(tocHttp, [client(get(INFO)), { direction: 1, bytes: changed }]);
    }
    for (let at = 0; at < asked.length; at++) {
      const changed = asked.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      runDetector(tocHttp, changed);
      runDissector(tocHttp, [{ direction: 0, bytes: changed }, server(ok(HTML))]);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        runDissector(tocHttp, [
          { direction: 0, bytes },
          { direction: 1, bytes },
        ]);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});
