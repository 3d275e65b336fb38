import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import http from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const get = (host: string, target = '/', more = '', method = 'GET'): string =>
  `${method} ${target} HTTP/1.1\r\nAccept: */*\r\nHost: ${host}\r\n${more}\r\n`;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

describe('detection', () => {
  test.each([
    ['a host', get('webmessenger.msn.com'), 'yes'],
    ['a name below it, upper case, with a port', get(' SC.WebMessenger.MSN.com:80 '), 'yes'],
    ['a path', get('vcs1.msg.yahoo.com', '/capacity'), 'yes'],
    [
      'an address for a proxy',
      get('proxy.example', 'http://config.messenger.msn.com/Config/MsgrConfig.asmx?op=1'),
      'yes',
    ],
    ['lines that end in LF', 'GET / HTTP/1.0\nHost: www.meebo.com\n\n', 'yes'],
    ['a head that goes on', get('www.meebo.com').slice(0, -2), 'yes'],
    ['no host yet', 'GET /config/x HTTP/1.1\r\nAccept: */*\r\nHos', 'more'],
    ['half a host', 'GET / HTTP/1.1\r\nHost: www.meebo.c', 'more'],
    ['a method that begins', 'PO', 'more'],
    [
      'a gateway: its plug-in decides first',
      get('gateway.messenger.hotmail.com', '/gateway/gateway.dll', '', 'POST'),
      'more',
    ],
    ['another host', get('www.example.com'), 'no'],
    ['another path', get('login.yahoo.com'), 'no'],
    [
      'a sign-on host where nothing of the web is spoken',
      get('login.oscar.aol.com:5190', '/index.html'),
      'no',
    ],
    ['no host at all', 'GET / HTTP/1.0\r\n\r\n', 'no'],
    [
      'the host in another field',
      get('www.example.com', '/', 'Referer: http://webmessenger.msn.com/\r\n'),
      'no',
    ],
    ['the host in a query', get('www.example.com', '/?u=http://webmessenger.msn.com/'), 'no'],
    ['the host in a body', get('www.example.com', '/', '', 'POST') + 'Host: webmessenger.msn.com', 'no'],
    ['a picture on a page', get('api.oscar.aol.com', '/SOA/key=1/presence/somebody'), 'no'],
    ['other methods', get('webmessenger.msn.com', '/', '', 'DELETE'), 'no'],
    ['a mail', 'HELO x\r\nHost: webmessenger.msn.com\r\n', 'no'],
  ])('%s', (_, text, expected) => {
    const bytes = latin1(text);
    expect(runDetector(http, bytes).answer).toBe(expected);
    // The glance lets through what the probe may still say yes to.
    expect(http.detector.glance?.(bytes, 0, bytes.length)).toBe(expected !== 'no');
  });

  test('at the end a gateway is told all the same', () => {
    const bytes = latin1(get('gateway.messenger.hotmail.com', '/', '', 'POST'));
    expect(runDetector(http, bytes, undefined, { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'high',
    });
  });

  test('a head without end is given up', () => {
    expect(runDetector(http, latin1(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(900)}`)).answer).toBe('no');
    expect(runDetector(http, latin1(`GET /${'a'.repeat(9_000)}`)).answer).toBe('no');
  });

  test('a server that speaks first in mid-stream tells nothing', () => {
    expect(runDetector(http, new Uint8Array(0), latin1(OK), { midstream: true }).answer).toBe('no');
  });
});

describe('what is told', () => {
  test('a place once a connection, wherever segments end', () => {
    const steps = [
      client(get('webmessenger.msn.com', '/a', 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\n')),
      server(OK),
      client(get('webmessenger.msn.com', '/b')),
      server(OK),
      client(get('www.example.com', '/c')),
    ];
    everySplit(http, steps, (told, where) => {
      expect([where, told.facts.map((f) => [f.kind, f.service, f.confidence, f.client])]).toEqual([
        where,
        [['service', 'msn', 'high', undefined]],
      ]);
      expect(told.facts[0]?.evidence).toEqual([
        'http: request to webmessenger.msn.com',
        'host list of 2026-11: web messenger of msn (pfSense documentation)',
      ]);
    });
  });

  test('places of several networks on a connection to a proxy, bodies passed over', () => {
    const body = get('www.meebo.com');
    const post = `POST http://webmessenger.yahoo.com/x HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const told = runDissector(http, [
      client(post + get('www.ebuddy.com') + get('vcs1.msg.yahoo.com', '/capacity')),
    ]);
    expect(told.facts.map((f) => [f.service, f.evidence?.[0]])).toEqual([
      ['yahoo', 'http: request to webmessenger.yahoo.com'],
      ['ebuddy', 'http: request to www.ebuddy.com'],
      ['yahoo', 'http: request to vcs1.msg.yahoo.com'],
    ]);
  });

  test.each([
    ['Y!%20Messenger/9.0.0.2162', { name: 'Y!%20Messenger', version: '9.0.0.2162' }],
    ['MSMSGS', { name: 'MSMSGS' }],
    ['AIM/5.9.3797 (Windows; U)', { name: 'AIM', version: '5.9.3797' }],
  ])('software: %s', (agent, expected) => {
    const told = runDissector(http, [client(get('api.icq.net', '/', `User-Agent: ${agent}\r\n`))]);
    expect(told.facts[0]?.client).toEqual({ ...expected, raw: agent, evidence: ['http: User-Agent'] });
  });

  test('a password in a query is exposed, not shown', () => {
    const target = '/config/pwtoken_get?src=ymsgr&ts=&login=Alice%5Fy&passwd=hunter2&chal=zz';
    const told = runDissector(http, [
      client(get('login.yahoo.com', target) + get('login.yahoo.com', target)),
    ]);
    expect(told.facts.map((f) => f.kind)).toEqual(['service', 'login']);
    expect(told.facts[1]).toMatchObject({
      account: 'alice_y',
      auth: { mechanism: 'http', result: 'unknown', exposed: 'password' },
    });
    expect(JSON.stringify(told)).not.toMatch(/hunter2|chal|zz/);
  });

  test('a broken name in a query is left out', () => {
    const target = '/config/pwtoken_get?src=ymsgr&login=%E0%A4%A&passwd=x';
    const [, login] = runDissector(http, [client(get('login.yahoo.com', target))]).facts;
    expect(login).toMatchObject({ kind: 'login' });
    expect(login).not.toHaveProperty('account');
  });

  test('after a loss the next request is read; without HTTP it is over', () => {
    const steps: Step[] = [
      client(get('www.meebo.com')),
      { direction: 0, gap: 900 },
      client(get('www.ebuddy.com')),
      client('\0\0\0'),
      client(get('webmessenger.msn.com')),
    ];
    expect(runDissector(http, steps).facts.map((f) => f.service)).toEqual(['meebo', 'ebuddy']);
  });
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    get('www.meebo.com'),
    'POST http://login.yahoo.com/config/pwtoken_get?src=ymsgr&passwd=%',
    'Host: ',
    '\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\nffffffff\r\n',
    'Content-Length: 99999999999999999\r\n',
    '\0',
    ' HTTP/1.1\r\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), fc.integer({ min: 1, max: 90 }), (pieces, chunk) => {
      const bytes = latin1(pieces.join(''));
      runDetector(http, bytes);
      http.detector.glance?.(bytes, 0, bytes.length);
      runDissector(http, pieces.map(client), { chunk });
    }),
    { seed: 11, numRuns: 300 },
  );
});
