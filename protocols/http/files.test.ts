import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import http from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const SLOT = '/file_share/SQ8-dqxVtnXw6pNbc11t5pES/a%20b.txt';
const put = (path: string, body: string, length = body.length): string =>
  `PUT ${path} HTTP/1.1\r\nHost: share.test:5280\r\nContent-Length: ${length}\r\n\r\n${body}`;
const CREATED = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n';

describe('the places of files', () => {
  test.each([
    [SLOT, true],
    [`/upload/${'0a'.repeat(20)}/${'Zz'.repeat(20)}/x.png`, true],
    ['/httpfileupload/6f2609b1-86b7-4015-8547-5c4c5455825e/x.png', true],
    [`/storage/file/x.bin?${'0f'.repeat(15)}`, true],
    ['/file_share/short/x.txt', false],
    ['/upload/2026/11/x.png', false],
    ['/httpfileupload/status', false],
    ['/storage/file/x.bin', false],
    ['/notifyft/x', false],
    ['/relay?token=t%2b1&sender=alice&recver=bob', true],
    ['/relay?token=t&sender=alice', false],
    ['/relay?token=&sender=a&recver=b', false],
    ['/Messenger.bob.1700000000000a+b.txt?AppID=Messenger&UserID=bob&K=x', true],
    ['/Messenger.bob.1700000000/a.txt?AppID=Messenger&UserID=bob&K=x', true],
    ['/Messenger.html', false],
    [`/Messenger.${'1'.repeat(900)}?AppID=messenger&`, false],
  ])('%s: %s', (path, is) => {
    const bytes = latin1(`GET ${path} HTTP/1.1\r\nHost: www.example.com\r\n\r\n`);
    expect(runDetector(http, bytes).answer).toBe(is ? 'yes' : 'no');
    expect(http.detector.glance?.(bytes, 0, bytes.length)).toBe(is);
  });
});

describe('files over HTTP', () => {
  test('an upload and a fetch, wherever segments end', () => {
    const get = `GET ${SLOT} HTTP/1.1\r\nHost: share.test:5280\r\n\r\n`;
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes';
    everySplit(
      http,
      [client(put(SLOT, 'bytes')), server(CREATED), client(get), server(ok)],
      (told, where) => {
        const states = told.facts.map((f) => f.file?.state);
        expect([where, states]).toEqual([where, ['start', 'complete', 'start', 'complete']]);
        expect(told.files.map((f) => [f.text, f.target.name, f.how?.complete])).toEqual([
          ['bytes', 'a b.txt', true],
          ['bytes', 'a b.txt', true],
        ]);
      },
    );
  });

  test('what the server refuses, and what is cut, has failed', () => {
    const refused = runDissector(http, [
      client(put(SLOT, 'x')),
      server('HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n'),
    ]);
    expect(refused.facts.at(-1)?.file?.state).toBe('failed');
    const cut = runDissector(http, [
      client(put(SLOT, 'x', 100)),
      { direction: 0, end: true },
      { direction: 1, end: true },
    ]);
    expect(cut.facts.at(-1)?.file?.state).toBe('failed');
    expect(cut.files[0]?.how?.complete).toBe(false);
  });

  test('an upload to Yahoo: the file stands behind the packet, and ends with its size', () => {
    const z = '\xc0\x80';
    const packet = `YMSG${'\0'.repeat(16)}0${z}Alice${z}5${z}bob${z}27${z}r.bin${z}28${z}4${z}29${z}`;
    const body = `${packet}data\0\0`;
    const post = `POST http://filetransfer.msg.yahoo.com:80/notifyft HTTP/1.0\r\nContent-length: ${body.length}\r\n\r\n${body}`;
    everySplit(http, [client(post), server('HTTP/1.0 200 OK\r\n\r\n')], (told, where) => {
      const files = told.facts.filter((f) => f.kind === 'file');
      expect([where, files.map((f) => [f.from, f.to, f.file?.name, f.file?.state])]).toEqual([
        where,
        [
          ['alice', ['bob'], 'r.bin', 'start'],
          ['alice', ['bob'], 'r.bin', 'complete'],
        ],
      ]);
      expect(told.files[0]?.text).toBe('data');
    });
  });

  test('a packet that is none carves nothing', () => {
    const post = `POST /notifyft HTTP/1.0\r\nContent-Length: 3000\r\n\r\n${'YMSG'.padEnd(3_000, '\x80')}`;
    expect(runDissector(http, [client(post)]).files).toEqual([]);
  });

  const RELAY = '/relay?token=t%2b1&sender=Alice&recver=bob';
  const relay = (method: string, body = '', more = ''): string =>
    `${method} ${RELAY} HTTP/1.1\r\nCookie: Y=S3cret; T=S3cretT\r\nHost: 203.0.113.5\r\n${more}\r\n${body}`;

  test('through Yahoo’s relay: what is posted is the file, and whose it is stands in the query', () => {
    everySplit(
      http,
      [client(relay('POST', 'bytes', 'Content-Length: 5\r\n')), server('HTTP/1.1 200 OK\r\n\r\n')],
      (told, where) => {
        expect([where, told.files.map((f) => f.text)]).toEqual([where, ['bytes']]);
        expect(told.facts.map((f) => [f.from, f.to, f.file?.state])).toEqual([
          ['alice', ['bob'], 'start'],
          ['alice', ['bob'], 'complete'],
        ]);
        expect(told.claimed).toMatchObject([{ realm: 'yahoo-relay', token: 't+1', sender: 0 }]);
        expect(JSON.stringify(told.facts)).not.toContain('S3cret');
      },
    );
  });

  test('from the relay: the request before the fetch carries nothing, and who fetches is no sender', () => {
    const told = runDissector(http, [
      client(relay('HEAD', '', 'Content-Length: 0\r\n')),
      server('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      client(relay('GET')),
      server('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes'),
    ]);
    expect(told.files.map((f) => [f.text, f.target.size, f.how?.complete])).toEqual([['bytes', 5, true]]);
    expect(told.facts.map((f) => [f.from, f.file?.state])).toEqual([
      [undefined, 'start'],
      [undefined, 'complete'],
    ]);
    expect(told.claimed).toMatchObject([{ realm: 'yahoo-relay', token: 't+1', sender: 1 }]);
  });

  test.each(['GET', 'POST'])('from peer to peer by %s: the name stands in the path', (method) => {
    const path = '/Messenger.bob.1700000000000a+b.txt?AppID=Messenger&UserID=bob&K=x';
    const body = 'HTTP/1.0 200 OK\r\nContent-length: 3\r\n\r\nxyz';
    const steps =
      method === 'GET'
        ? [client(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`), server(body)]
        : [
            client(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz`),
            server('HTTP/1.1 200 OK\r\n\r\n'),
          ];
    const told = runDissector(http, steps);
    expect(told.files.map((f) => [f.text, f.target.name, f.how?.complete])).toEqual([
      ['xyz', 'a b.txt', true],
    ]);
    expect(told.facts.map((f) => [f.file?.method, f.file?.state])).toEqual([
      ['p2p-http', 'start'],
      ['p2p-http', 'complete'],
    ]);
    expect(told.claimed).toMatchObject([{ realm: 'yahoo-file', token: path }]);
  });
});

test('no cut or changed byte of a request or response throws, or shows a secret', () => {
  const post =
    'POST /relay?token=S3cret&sender=alice&recver=bob HTTP/1.1\r\nCookie: Y=S3cret\r\nContent-Length: 5\r\n\r\nbytes';
  const pairs: [string, string][] = [
    [post, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [
      `GET ${SLOT} HTTP/1.1\r\n\r\n`,
      'HTTP/1.1 206 Part\r\nContent-Range: bytes 2-6/9\r\nContent-Length: 5\r\n\r\nbytes',
    ],
  ];
  const ends: Step[] = [
    { direction: 0, end: true },
    { direction: 1, end: true },
  ];
  for (const [request, response] of pairs) {
    const sides = [latin1(request), latin1(response)] as const;
    for (const side of [0, 1] as const) {
      for (let at = 0; at < sides[side].length; at++) {
        const changed = sides[side].slice();
        changed[at] = (changed[at] ?? 0) ^ 0x41;
        for (const bytes of [changed, sides[side].slice(0, at)]) {
          const steps = [0, 1].map((d): Step => ({
            direction: d as 0 | 1,
            bytes: d === side ? bytes : sides[d as 0 | 1],
          }));
          const told = runDissector(http, [...steps, ...ends]);
          expect(JSON.stringify(told.facts)).not.toContain('S3cret');
          expect(told.files.length).toBeLessThanOrEqual(1);
        }
      }
    }
  }
});
