import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventsOf, imspan, PATIENCE, ROOT, Scratch } from './program.ts';
import type { Run } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

/** Bytes of a capture that are somebody's secret: what sits in the first group of the expression. */
const ON_THE_WIRE: readonly [capture: string, what: string, where: RegExp][] = [
  ['captures/yahoo/conference-ymsg12.pcap', 'MD5-crypt answer', /\xc0\x806\xc0\x80([\w.-]{20,})\xc0\x80/g],
  ['captures/yahoo/conference-ymsg12.pcap', 'cookie T', /\xc0\x80T\tz=([0-9a-f]{16,})&/g],
  ['captures/msn/basic-msnp9.pcap', 'Passport ticket', /USR \d+ TWN S ([0-9a-f]{20,})\r\n/g],
  ['captures/msn/basic-msnp9.pcap', 'switchboard key', /XFR \d+ SB \S+ CKI (\S{8,})\r\n/g],
  ['captures/msn/basic-msnp18.pcap', 'sign-on ticket', /USR \d+ SSO S (\S{16,}) /g],
  ['captures/msn/msnftp-msnp7.pcap', 'MD5 answer', /USR \d+ MD5 S ([0-9a-f]{32})\r\n/g],
  [
    'captures/xmpp/plain-chat.pcap',
    'SASL PLAIN',
    /<auth [^>]*mechanism=['"]PLAIN['"][^>]*>([\w+/=]{12,})<\/auth>/g,
  ],
  ['captures/xmpp/sasl-digest-md5.pcap', 'DIGEST-MD5 answer', /<response [^>]*>([\w+/=]{64,})<\/response>/g],
  ['captures/oscar/toc2-naim.pcap', 'roasted password', /toc2_\w+ \S+ \d+ \S+ (0x[0-9a-f]{8,})/gi],
];

describe('what the shipped captures hold of secrets is in no output, whatever is asked for', () => {
  let run: Run;
  let written: string;
  beforeAll(() => {
    const path = scratch.file('all.jsonl');
    run = imspan(['replay', '--verbose', '--flows', 'all', '--eve', path, 'captures']);
    written = readFileSync(path, 'utf8');
  });

  test.each(ON_THE_WIRE)('%s: %s', (capture, what, where) => {
    const wire = readFileSync(join(ROOT, capture)).toString('latin1');
    const secrets = new Set([...wire.matchAll(where)].map((match) => match[1] ?? ''));
    expect(secrets.size).toBeGreaterThan(0);
    for (const secret of secrets) {
      for (const form of formsOf(secret, what)) {
        expect(written).not.toContain(form);
        expect(run.stdout).not.toContain(form);
      }
    }
  });

  test('that a secret was exposed is told', () => {
    const exposed = new Set(eventsOf(written).map((event) => event.im?.auth?.exposed));
    for (const kind of ['password', 'hash', 'token']) expect(exposed).toContain(kind);
    expect(run.stdout).toContain('password exposed');
  });
});

/** A secret as it was sent, and what anybody can make of it. */
function formsOf(secret: string, what: string): string[] {
  if (what === 'SASL PLAIN') {
    const password = Buffer.from(secret, 'base64').toString().split('\0')[2] ?? '';
    expect(password.length).toBeGreaterThan(5);
    return [secret, password];
  }
  if (what === 'DIGEST-MD5 answer') {
    const answer = /response="?([0-9a-f]{32})/.exec(Buffer.from(secret, 'base64').toString());
    return [secret, ...(answer?.[1] === undefined ? [] : [answer[1]])];
  }
  if (what === 'roasted password') {
    const key = Buffer.from('Tic/Toc');
    const bytes = Buffer.from(secret.slice(2), 'hex').map((byte, i) => byte ^ (key[i % key.length] ?? 0));
    return [secret, Buffer.from(bytes).toString('latin1')];
  }
  return [secret];
}
