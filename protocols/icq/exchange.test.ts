import { describe, expect, test } from '@jest/globals';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  answer,
  ask,
  client,
  fields,
  login,
  ME,
  messageBody,
  over,
  PASSWORD,
  PEER,
  server,
  signOnBody,
  text,
  up,
  VERSIONS,
  welcome,
} from './build.ts';
import type { Version } from './build.ts';
import icq from './index.ts';
import { CMD, MESSAGE, SRV } from './wire.ts';

const none: Uint8Array = new Uint8Array(0);

function factsAfter(version: Version, steps: Step[]): ImFacts[] {
  return runDissector(icq, [...login(version), ...welcome(version), ...steps]).facts.slice(2);
}

describe.each(VERSIONS)('version %d', (version) => {
  const mechanism = version >= 4 ? 'scrambled' : 'clear';

  test('sign-on: the generation of the client and one login, the password exposed and not shown', () => {
    const told = runDissector(icq, [
      ...login(version),
      ...answer(version, SRV.ACK),
      ...welcome(version),
      ...over,
    ]);
    expect(told.facts).toEqual([
      {
        kind: 'client',
        service: 'icq',
        account: '91001',
        client: {
          name: 'ICQ',
          raw: `ICQ protocol version ${version}`,
          evidence: [`client: protocol version ${version} in the datagram's header`],
        },
      },
      {
        kind: 'login',
        service: 'icq',
        account: '91001',
        auth: { mechanism, result: 'success', exposed: 'password' },
      },
      { kind: 'logout', service: 'icq', account: '91001', reason: 'flow ended' },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('a bad password, and then a good one in the same exchange', () => {
    const told = runDissector(icq, [
      ...up(
        client({ version, command: CMD.LOGIN, uin: ME, sequence: 1, body: signOnBody(version, 'wrong') }),
      ),
      ...answer(version, SRV.BAD_PASSWORD),
      ...up(
        client({ version, command: CMD.LOGIN, uin: ME, sequence: 1, body: signOnBody(version, PASSWORD) }),
      ),
      ...welcome(version),
    ]);
    expect(told.facts.slice(1).map((f) => f.auth)).toEqual([
      { mechanism, result: 'failure', reason: 'bad password', exposed: 'password' },
      { mechanism, result: 'success', exposed: 'password' },
    ]);
  });

  test('messages both ways, and those that waited', () => {
    const facts = factsAfter(version, [
      ...ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'uh-oh')),
      ...answer(version, SRV.MESSAGE, messageBody(PEER, 'ein altes Paket')),
      ...answer(
        version,
        SRV.OFFLINE_MESSAGE,
        fields([PEER, 4], [1999, 2], [12, 1], [31, 1], [23, 1], [59, 1], [MESSAGE.TEXT, 2], text('later')),
      ),
    ]);
    expect(facts).toEqual([
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91001',
        to: ['91002'],
        sent: true,
        text: 'uh-oh',
        format: 'plain',
      },
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91002',
        to: ['91001'],
        sent: false,
        text: 'ein altes Paket',
        format: 'plain',
      },
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91002',
        to: ['91001'],
        sent: false,
        text: 'later',
        format: 'plain',
        offline: true,
        original_time: '1999-12-31T23:59:00.000000+0000',
      },
    ]);
  });

  test('what is sent again is told once', () => {
    const message = client({ version, command: CMD.SEND_MESSAGE, uin: ME, body: messageBody(PEER, 'once') });
    expect(factsAfter(version, up(message, message, message))).toHaveLength(1);
  });

  test('contacts, presence, signing off', () => {
    const facts = factsAfter(version, [
      ...ask(version, CMD.CONTACT_LIST, fields([2, 1], [PEER, 4], [91003, 4])),
      ...ask(version, CMD.ADD_USER, fields([91004, 4])),
      ...ask(version, CMD.STATUS_CHANGE, fields([1, 4])),
      ...answer(version, SRV.USER_ONLINE, fields([PEER, 4], [0, 4], [0, 4], [0, 4], [4, 1], [0, 4], [0, 4])),
      ...answer(version, SRV.STATUS_UPDATE, fields([PEER, 4], [0x20013, 4])),
      ...answer(version, SRV.STATUS_UPDATE, fields([PEER, 4], [0x20013, 4])),
      ...answer(version, SRV.USER_OFFLINE, fields([PEER, 4])),
      ...ask(version, CMD.TEXT_CODE, fields(text('B_USER_DISCONNECTED'), [5, 2])),
      ...over,
    ]);
    expect(facts).toMatchObject([
      { kind: 'contact', contact: { op: 'list', id: '91002' } },
      { kind: 'contact', contact: { op: 'list', id: '91003' } },
      { kind: 'contact', contact: { op: 'add', id: '91004' } },
      { kind: 'presence', from: '91001', status: { show: 'away' }, sent: true },
      { kind: 'presence', from: '91002', status: { show: 'online' } },
      { kind: 'presence', from: '91002', status: { show: 'dnd' } },
      { kind: 'presence', from: '91002', status: { show: 'offline' } },
      { kind: 'logout', reason: 'signed off' },
    ]);
    expect(facts).toHaveLength(8);
  });

  test('only the client in view', () => {
    const told = runDissector(icq, [...login(version), ...ask(version, CMD.KEEP_ALIVE), ...over]);
    expect(told.facts.slice(1).map((f) => [f.kind, f.auth?.result ?? f.reason])).toEqual([
      ['login', 'unknown'],
      ['logout', 'flow ended'],
    ]);
  });

  test('picked up in the middle', () => {
    const told = runDissector(icq, [
      ...answer(version, SRV.MESSAGE, messageBody(PEER, 'hello')),
      ...ask(version, CMD.KEEP_ALIVE),
    ]);
    expect(told.facts[0]).toMatchObject({ kind: 'message', from: '91002', text: 'hello' });
    expect(told.facts[0]?.to).toEqual(version === 2 ? undefined : ['91001']);
  });

  test('detected from a sign-on, a message, or weak datagrams of both sides', () => {
    const bytes = (steps: Step[]): Uint8Array => (steps[0] && 'bytes' in steps[0] ? steps[0].bytes : none);
    expect(runDetector(icq, bytes(login(version)))).toMatchObject({ answer: 'yes', confidence: 'medium' });
    const sent = bytes(ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'x')));
    expect(runDetector(icq, sent)).toMatchObject({ answer: 'yes', flip: false });
    expect(runDetector(icq, none, sent)).toMatchObject({ answer: 'yes', flip: true });
    const got = bytes(answer(version, SRV.MESSAGE, messageBody(PEER, 'x')));
    expect(runDetector(icq, none, got)).toMatchObject({ answer: 'yes', flip: false });
    expect(runDetector(icq, got)).toMatchObject({ answer: 'yes', flip: true });
    const ping = client({ version, command: CMD.KEEP_ALIVE, uin: ME, sequence: 7, check: [8, 77] });
    const ack = server({ version: version === 4 ? 3 : version, command: SRV.ACK, uin: ME, sequence: 7 });
    expect(runDetector(icq, ping, ack)).toMatchObject({ answer: 'yes', confidence: 'high', flip: false });
    expect(runDetector(icq, ack, ping)).toMatchObject({ answer: 'yes', confidence: 'high', flip: true });
    if (version < 4) expect(runDetector(icq, ping, none, { final: true }).answer).toBe('no');
  });

  test('cut or changed datagrams never throw, show no password, leave no empty value', () => {
    const steps = [
      ...login(version),
      ...welcome(version),
      ...ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'x\xfehttp://y', MESSAGE.URL)),
      ...ask(version, CMD.CONTACT_LIST, fields([2, 1], [PEER, 4], [91003, 4])),
      ...ask(version, CMD.META_USER, fields([0x0514, 2], text('nick'), text(''), text(''))),
      ...answer(version, SRV.USER_FOUND, fields([PEER, 4], text('n'), text('f'), text('l'), text('e@x'))),
      ...answer(
        version,
        SRV.MESSAGE,
        messageBody(PEER, 'n\xfef\xfel\xfee\xfe0\xfewhy', MESSAGE.AUTH_REQUEST),
      ),
    ];
    steps.forEach((step, index) => {
      if (!('bytes' in step)) return;
      for (let i = 0; i < step.bytes.length; i++) {
        const rest = steps.slice(index + 1);
        const before = steps.slice(0, index);
        check(runDissector(icq, [...before, { ...step, bytes: step.bytes.slice(0, i) }, ...rest, ...over]));
        for (const value of [0, 1, 0x7f, 0xff]) {
          const bytes = step.bytes.slice();
          bytes[i] = value;
          check(runDissector(icq, [...before, { ...step, bytes }, ...rest, ...over]));
        }
      }
    });
  });
});

function check(told: Told): void {
  const json = JSON.stringify(told.facts);
  expect(json).not.toContain(PASSWORD);
  expect(json).not.toMatch(/[:[](?:""|null)/);
  for (const facts of told.facts)
    if (facts.kind === 'message') expect(facts.text ?? facts.encrypted).toBeTruthy();
}
