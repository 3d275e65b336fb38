import { describe, expect, test } from '@jest/globals';
import { Probe } from '../../src/sdk/index.ts';
import { runDetector } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line, bytesOf } = build;
const ALICE = 'alice@example.test';
const NOTHING = new Uint8Array(0);
const text = (value: string): Uint8Array => bytesOf(value);

describe('recognised from the begin', () => {
  const ver = line('VER', 1, 'MSNP9', 'MSNP8', 'CVR0');
  const caller = line('USR', 1, ALICE, '15b3463bf96ac00a05b6');

  test.each([
    ['a notification server', ver, line('VER', 1, 'MSNP9'), 'high'],
    [
      'a switchboard that is called',
      line('ANS', 1, ALICE, 'key', 'sid'),
      line('IRO', 1, 1, 1, ALICE, 'Alice'),
      'high',
    ],
    ['a switchboard of the caller', caller, line('USR', 1, 'OK', ALICE, 'Alice'), 'medium'],
    ['lines that end in LF alone', text('VER 1 MSNP8 CVR0\n'), text('VER 1 MSNP8\n'), 'high'],
    ['the client alone', bytesOf(ver, line('INF', 2)), NOTHING, 'medium'],
  ])('%s', (_, client, server, confidence) => {
    expect(runDetector(msnp, client, server)).toMatchObject({ answer: 'yes', confidence, flip: false });
  });

  test('the server alone', () => {
    const server = bytesOf(
      line('VER', 1, 'MSNP9'),
      line('CVR', 2, '6.0', '6.0', '6.0', 'http://x', 'http://y'),
    );
    expect(runDetector(msnp, NOTHING, server).answer).toBe('yes');
  });

  test('waits for the other side, and decides when nothing more comes', () => {
    expect(runDetector(msnp, ver).answer).toBe('more');
    expect(runDetector(msnp, ver, NOTHING, { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'low',
    });
    expect(runDetector(msnp, caller, NOTHING, { final: true }).answer).toBe('no');
    for (let n = 1; n < ver.length; n++) expect(runDetector(msnp, ver.slice(0, n)).answer).toBe('more');
  });

  test('says what it saw, and no secret', () => {
    const { evidence } = runDetector(msnp, caller, line('USR', 1, 'OK', ALICE, 'Alice'));
    expect(evidence).toEqual(['client: USR line at byte 0', 'server: USR line at byte 0']);
  });
});

describe('recognised from the middle', () => {
  /** Asks the detector itself: where no SYN was seen, the first bytes of both sides are those of either. */
  const middle = (
    client: Uint8Array,
    server: Uint8Array = NOTHING,
    options: Partial<Probe> = {},
  ): unknown => {
    const probe = Object.assign(new Probe(), { midstream: true }, options);
    probe.clientBytes = client;
    probe.clientEnd = client.length;
    probe.serverBytes = server;
    probe.serverEnd = server.length;
    const answer = ['no', 'more', 'yes'][msnp.detector.probe(probe)];
    return { answer, confidence: probe.confidence, flip: probe.flip };
  };
  const online = line('NLN', 'NLN', ALICE, 'Alice', 805306404, '%3Cmsnobj%2F%3E');
  const message = build.sent(5, build.plain('hi'), 'A');

  test('keep-alives alone', () => {
    expect(middle(line('PNG'), line('QNG', 48))).toMatchObject({
      answer: 'yes',
      confidence: 'medium',
      flip: false,
    });
    expect(middle(line('PNG'))).toMatchObject({ answer: 'more' });
    expect(middle(line('PNG'), NOTHING, { final: true })).toMatchObject({ answer: 'no' });
  });

  test('a message says which side is which', () => {
    expect(middle(message)).toMatchObject({ answer: 'yes', flip: false });
    expect(middle(build.received(ALICE, 'Alice', build.plain('hi')))).toMatchObject({
      answer: 'yes',
      flip: true,
    });
    expect(middle(NOTHING, message)).toMatchObject({ answer: 'yes', flip: true });
  });

  test('a payload that is not there yet is waited for', () => {
    expect(middle(line('MSG', 5, 'A', 183))).toMatchObject({ answer: 'more' });
  });

  test('a line from the server alone', () => {
    expect(middle(online, NOTHING, { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'low',
      flip: true,
    });
    expect(middle(NOTHING, online, { final: true })).toMatchObject({ answer: 'yes', flip: false });
  });

  test('what fits both ways is settled by the port', () => {
    const change = line('CHG', 9, 'BSY', 1073741856);
    expect(middle(change, change)).toMatchObject({ answer: 'yes', flip: false });
    expect(middle(change, change, { clientPort: 1863, serverPort: 40_000 })).toMatchObject({ flip: true });
  });
});

describe('not recognised', () => {
  const negatives: [string, Uint8Array][] = [
    ['HTTP', text('GET /VER 1 MSNP9 HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['HTTP PUT', text('PUT /a 17\r\nRouting: 1.0\r\n')],
    ['IMAP', text('* OK ready\r\n')],
    ['IRC', text('USER a b c :d\r\nNICK x\r\n')],
    ['FTP server', text('220 ready\r\n')],
    ['FTP client', text('USER anonymous\r\nPASS x\r\n')],
    ['POP3', text('+OK\r\n')],
    ['SMTP', text('EHLO x\r\nMAIL FROM:<a@b>\r\n')],
    ['Redis', text('*3\r\n$3\r\nSET\r\n')],
    ['MSNFTP', text('VER MSNFTP\r\nUSR bob@example.test 193083812\r\n')],
    ['another VER', text('VER 1 2 3\r\n')],
    ['a command that cannot open', text('CHG 5 NLN 0\r\nCHG 6 BSY 0\r\n')],
    ['a TLS hello', Uint8Array.of(0x16, 3, 1, 0, 200, 1)],
    ['a short binary', Uint8Array.of(0x56, 0x45, 0x52, 0)],
    ['VER and then noise', bytesOf(line('VER', 1, 'MSNP9', 'CVR0'), Uint8Array.of(1, 2, 3, 4, 10))],
  ];

  test.each(negatives)('%s', (_, bytes) => {
    expect(runDetector(msnp, bytes, NOTHING, { final: true }).answer).toBe('no');
    expect(runDetector(msnp, NOTHING, bytes, { final: true }).answer).toBe('no');
  });

  test.each(
    negatives.filter(([name]) => name !== 'a command that cannot open' && !name.startsWith('VER and')),
  )('%s in the middle', (_, bytes) => {
    expect(runDetector(msnp, bytes, NOTHING, { midstream: true, final: true }).answer).toBe('no');
    expect(runDetector(msnp, NOTHING, bytes, { midstream: true, final: true }).answer).toBe('no');
  });

  test('an endless line', () => {
    expect(runDetector(msnp, text(`VER ${'1'.repeat(9000)}`)).answer).toBe('no');
  });
});
