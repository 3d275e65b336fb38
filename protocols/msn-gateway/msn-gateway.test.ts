import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import msnGateway from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const client = (text: string): Step => ({ direction: 0, bytes: latin1(text) });
const server = (text: string): Step => ({ direction: 1, bytes: latin1(text) });
const post = (query: string, body: string): string =>
  `POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?${query} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const answer = (session: string, body: string): string =>
  `HTTP/1.1 200 OK\r\nX-MSN-Messenger: ${session}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('detection', () => {
  test.each([
    [post('Action=open&Server=NS&IP=a', ''), 'yes'],
    ['POST /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\n', 'yes'],
    ['POST /gateway/gatew', 'more'],
    ['POST /gateway/gateway.dll?x=y HTTP/1.1\r\n', 'no'],
    ['POST /other HTTP/1.1\r\n\r\n/gateway/gateway.dll?Action=open', 'no'],
    ['GET /gateway/gateway.dll?Action=open HTTP/1.1\r\n', 'no'],
  ])('%j', (text, expected) => {
    expect(runDetector(msnGateway, latin1(text)).answer).toBe(expected);
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nx-msn-messenger: SessionID=1.2; GW-IP=a\r\n', 'yes'],
    ['HTTP/1.1 200 OK\r\nServer: x\r\nX-MSN-Mess', 'more'],
    ['HTTP/1.1 200 OK\r\nServer: x\r\n\r\nX-MSN-Messenger: SessionID=1.2', 'no'],
    ['HTTP/1.1 200 OK\r\nY: X-MSN-Messenger: z\r\n\r\n', 'no'],
    ['HELO x\r\nX-MSN-Messenger: y\r\n', 'no'],
    ['', 'more'],
  ])('the server alone: %j', (text, expected) => {
    expect(runDetector(msnGateway, new Uint8Array(0), latin1(text)).answer).toBe(expected);
  });
});

test('a session’s bodies are one stream, wherever segments end', () => {
  const steps = [
    client(post('Action=open&Server=NS&IP=a', 'VER 1\r\n')),
    server(answer('SessionID=12.34; GW-IP=a', 'VER 1\r\n')),
    client(post('Action=poll&Lifespan=3&SessionID=12.34', '')),
    server(answer('SessionID=12.34; GW-IP=a', 'MSG\r\n')),
    client(post('SessionID=12.34', 'OUT\r\n')),
    server(answer('SessionID=12.34; GW-IP=a; Session=close', '')),
  ];
  everySplit(msnGateway, steps, (told, where) => {
    expect([where, told.inner]).toMatchObject([
      where,
      [
        {
          target: { carrier: 'http-gateway', protocol: 'msnp', midstream: false },
          texts: ['VER 1\r\nOUT\r\n', 'VER 1\r\nMSG\r\n'],
          named: '12.34',
          closed: true,
        },
      ],
    ]);
    expect(told.issued).toEqual([{ realm: 'msn-gateway', token: '12.34' }]);
  });
});

test('a session that began in another connection, beside other requests', () => {
  const told = runDissector(msnGateway, [
    client('POST http://shop/ HTTP/1.1\r\nContent-Length: 1\r\n\r\nx'),
    server('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny'),
    client(post('SessionID=5', 'MSG 1')),
    server(answer('SessionID=5; GW-IP=a', 'ACK 1')),
  ]);
  expect(told.inner).toMatchObject([
    { target: { midstream: true, session: '5' }, texts: ['MSG 1', 'ACK 1'] },
  ]);
  expect(told.presented).toContainEqual({ realm: 'msn-gateway', token: '5' });
});

test('the server alone', () => {
  const told = runDissector(msnGateway, [server(answer('SessionID=5; GW-IP=a', 'MSG\r\n'))]);
  expect(told.inner[0]?.texts).toEqual(['', 'MSG\r\n']);
});
