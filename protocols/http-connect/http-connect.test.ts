import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import httpConnect from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });

const ASK = 'CONNECT login.oscar.aol.com:5190 HTTP/1.1\r\nHost: x\r\n\r\n';
const OK = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe('detection', () => {
  test.each([
    ['CONNECT host:5190 HTTP/1.0\r\n', 'yes'],
    ['CONNECT [2001:db8::1]:443 HTTP/1.1\r\n', 'yes'],
    ['CONNECT host:51', 'more'],
    ['C', 'more'],
    ['CONNECT host HTTP/1.1\r\n', 'no'],
    ['CONNECT host: HTTP/1.1\r\n', 'no'],
    ['CONNECT host:80\r\n', 'no'],
    ['CONNECT\r\n', 'no'],
    ['CONSTRAIN\r\n', 'no'],
    ['GET / HTTP/1.1\r\n', 'no'],
    [`CONNECT ${'a'.repeat(600)}`, 'no'],
  ])('%j: %s', (text, answer) => {
    expect(runDetector(httpConnect, latin1(text)).answer).toBe(answer);
  });

  test('a server that does not answer in HTTP', () => {
    expect(runDetector(httpConnect, latin1(ASK), latin1('220 hi')).answer).toBe('no');
  });
});

describe('tunnels', () => {
  test('what is inside is handed on, wherever segments end', () => {
    const steps = [client(ASK), server(`${OK}*hello`), client('*mine'), server('*more')];
    everySplit(httpConnect, steps, (told, where) => {
      expect([where, told.inner.map((i) => i.texts)]).toEqual([where, [['*mine', '*hello*more']]]);
      expect(told.inner[0]?.target).toMatchObject({ carrier: 'http-connect', port: 5190 });
      expect(told.facts).toEqual([]);
    });
  });

  test('a password in the target is told as exposed and never shown', () => {
    const steps = [
      client('CONNECT me:s3cret@login.oscar.aol.com:5190 HTTP/1.1\r\n\r\n'),
      server('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    ];
    everySplit(httpConnect, steps, (told) => {
      expect([told.user, told.anomalies]).toEqual(['me', ['proxy_password_exposed']]);
      expect(told.facts).toHaveLength(1);
      expect(JSON.stringify(told)).not.toContain('s3cret');
    });
  });

  test('a target that is no host is no request', () => {
    const steps = [
      client('CONNECT im\x1b[2J.aol.com:5190 HTTP/1.1\r\n\r\n'),
      server('HTTP/1.1 403 No\r\n\r\n'),
    ];
    everySplit(httpConnect, steps, (told) => {
      expect([told.facts, told.inner]).toEqual([[], []]);
    });
  });

  test('other requests, refusals and 407 before it', () => {
    const steps = [
      client('CONNECT im:25 HTTP/1.1\r\n\r\n'),
      server('HTTP/1.1 407 Who\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n0\r\n\r\n'),
      client('GET http://a/ HTTP/1.1\r\n\r\n'),
      server('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage'),
      client('CONNECT im:5222 HTTP/1.1\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n'),
      server(OK),
      client('<stream/>'),
    ];
    everySplit(httpConnect, steps, (told) => {
      expect(told.inner.map((i) => [i.target.port, i.texts[0]])).toEqual([[5222, '<stream/>']]);
      expect([told.user, told.anomalies]).toEqual(['me', ['proxy_password_exposed']]);
    });
  });

  test.each<[string, Step[], [string, string]]>([
    ['the client alone', [client(ASK), client('*mine')], ['*mine', '']],
    ['the client before the answer', [client(ASK), client('*mine'), server(`${OK}*his`)], ['*mine', '*his']],
    ['the answer lost', [client(ASK), { direction: 1, gap: 39 }, server('*his')], ['', '*his']],
  ])('%s', (_, steps, texts) => {
    expect(runDissector(httpConnect, steps).inner.map((i) => i.texts)).toEqual([texts]);
  });

  test('a gap in the tunnel is the tunnel’s', () => {
    const told = runDissector(httpConnect, [client(ASK), server(OK), { direction: 1, gap: 9 }, server('x')]);
    expect(told.inner[0]).toMatchObject({ gaps: [9], texts: ['', 'x'] });
  });
});

describe('refusals', () => {
  test.each([
    ['login.oscar.aol.com:5190', '403 Forbidden', ['aim', 'medium', 403]],
    ['scs.msg.yahoo.com:80', '502 Bad Gateway', ['yahoo', 'medium', 502]],
    ['10.0.0.1:1863', '503 No', ['msn', 'low', 503]],
    ['shop.example:443', '403 Forbidden', undefined],
    ['mail.example:25', '403 Forbidden', undefined],
    ['notoscar.aol.com.example:443', '403 Forbidden', undefined],
    ['login.oscar.aol.com:5190', '407 Who', undefined],
  ])('%s %s', (to, status, expected) => {
    const told = runDissector(httpConnect, [
      client(`CONNECT ${to} HTTP/1.0\r\n\r\n`),
      server(`HTTP/1.0 ${status}\r\n\r\n`),
    ]);
    expect(told.inner).toEqual([]);
    const [fact] = told.facts;
    expect(fact && [fact.service, fact.confidence, fact.code]).toEqual(expected);
  });

  test('closed without an answer', () => {
    const told = runDissector(httpConnect, [client(ASK), { direction: 1, end: true }]);
    expect(told.facts).toHaveLength(1);
  });
});
