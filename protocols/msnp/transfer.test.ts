import { describe, expect, test } from '@jest/globals';
import { decodeBase64, parseFileContext, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line } = build;
const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CALL = '{4006A774-4034-2698-4AEB-B61447858F8A}';
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.bytesOf(...bytes) });
const CALLER: Step[] = [
  up(line('USR', 1, ALICE, 'key1')),
  down(line('USR', 1, 'OK', ALICE, 'Alice'), line('CAL', 2, 'RINGING', 'sid9'), line('JOI', BOB, 'Bob')),
];
const CALLED: Step[] = [
  up(line('ANS', 1, BOB, 'key2', 'sid9')),
  down(line('IRO', 1, 1, 1, ALICE, 'Alice'), line('ANS', 1, 'OK')),
];
const run = (steps: Step[], options: RunOptions = {}): Told => runDissector(msnp, steps, options);
const states = (told: Told): unknown[] =>
  told.facts.map(({ from, to, file, call }) => [
    from,
    to,
    file?.name ?? call?.media,
    file?.state ?? call?.state,
  ]);
const send = (payload: Uint8Array): Step => up(build.sent(9, payload, 'D'));
const receive = (payload: Uint8Array): Step => down(build.received(BOB, 'Bob', payload));

describe('MSNFTP invitations', () => {
  const invite = (body: Record<string, string>): Uint8Array =>
    build.typed('text/x-msmsgsinvite; charset=UTF-8', build.mime({ 'Invitation-Cookie': '941349', ...body }));
  const OFFER = invite({
    'Application-Name': 'File Transfer',
    'Application-GUID': '{5D3E02AB-6190-11d3-BBBB-00C04F795683}',
    'Invitation-Command': 'INVITE',
    'Application-File': 'notes ä.txt',
    'Application-FileSize': '1500',
  });
  const ACCEPT = invite({ 'Invitation-Command': 'ACCEPT', 'Launch-Application': 'FALSE' });
  const START = invite({
    'Invitation-Command': 'ACCEPT',
    'IP-Address': '192.0.2.7',
    Port: '6891',
    AuthCookie: '193083812',
  });

  test('offer, accept, start with the address; the same id on both legs', () => {
    const sender = run([...CALLER, send(OFFER), receive(ACCEPT), send(START)]);
    expect(states(sender)).toEqual([
      [ALICE, [BOB], 'notes ä.txt', 'offer'],
      [BOB, [ALICE], 'notes ä.txt', 'accept'],
      [ALICE, [BOB], 'notes ä.txt', 'start'],
    ]);
    expect(sender.facts[2]?.file).toMatchObject({
      size: 1500,
      method: 'msnftp',
      peer_ip: '192.0.2.7',
      peer_port: 6891,
    });
    expect(sender.issued).toEqual([]);
    const receiver = run([
      ...CALLED,
      down(build.received(ALICE, 'Alice', OFFER)),
      send(ACCEPT),
      down(build.received(ALICE, 'Alice', START)),
    ]);
    expect(receiver.issued).toEqual([{ realm: 'msnftp', token: '193083812', account: BOB }]);
    const ids = [...sender.facts, ...receiver.facts].map(({ file }) => file?.id);
    expect(new Set(ids).size).toBe(1);
    expect(JSON.stringify(receiver.facts)).not.toContain('193083812');
  });

  test.each([
    ['REJECT', 'decline'],
    ['TIMEOUT', 'failed'],
    ['OUTBANDCANCEL', 'cancel'],
    ['constructor', 'cancel'],
  ])('cancel with %s', (code, state) => {
    const cancel = invite({ 'Invitation-Command': 'CANCEL', 'Cancel-Code': code });
    expect(states(run([...CALLER, send(OFFER), receive(cancel), receive(cancel)])).slice(1)).toEqual([
      [BOB, [ALICE], 'notes ä.txt', state],
    ]);
  });

  test('other applications are calls', () => {
    const call = invite({ 'Application-Name': 'NetMeeting', 'Invitation-Command': 'INVITE' });
    expect(states(run([...CALLER, receive(call), send(ACCEPT)]))).toEqual([
      [BOB, [ALICE], 'netmeeting', 'invite'],
      [ALICE, [BOB], 'netmeeting', 'accept'],
    ]);
  });

  test('an answer to an invitation that was not seen tells nothing', () => {
    expect(run([...CALLER, send(ACCEPT), receive(START)]).facts).toEqual([]);
  });
});

describe('MSNSLP', () => {
  const invite = build.fileInvite(ALICE, BOB, CALL, 'päper 3000.bin', 3000);
  const answer = (start: string, type: string, body: Record<string, string>): string =>
    build.slp(start, BOB, ALICE, CALL, type, body);
  const OK = answer('MSNSLP/1.0 200 OK', 'sessionreqbody', { SessionID: '77' });
  const BYE = answer(`BYE MSNMSGR:${ALICE} MSNSLP/1.0`, 'sessionclosebody', {});

  test('offer, accept, data to its end, complete', () => {
    const data = new Uint8Array(1000);
    const told = run([
      ...CALLER,
      send(build.p2p(BOB, invite)),
      receive(build.p2p(ALICE, '', { flags: 2, total: invite.length, length: 0 })),
      receive(build.p2p(ALICE, OK)),
      receive(build.p2p(ALICE, OK)),
      send(build.p2p(BOB, data, { session: 77, total: 3000, flags: 0x1000030 })),
      send(build.p2p(BOB, data, { session: 77, offset: 1000, total: 3000, flags: 0x1000030 })),
      send(build.p2p(BOB, data, { session: 77, offset: 2000, total: 3000, flags: 0x1000030 })),
      receive(build.p2p(ALICE, BYE)),
      receive(build.p2p(ALICE, BYE)),
    ]);
    expect(states(told)).toEqual([
      [ALICE, [BOB], 'päper 3000.bin', 'offer'],
      [BOB, [ALICE], 'päper 3000.bin', 'accept'],
      [BOB, [ALICE], 'päper 3000.bin', 'complete'],
    ]);
    expect(told.facts[0]?.file).toEqual({
      id: `msnslp|${CALL}|77`,
      name: 'päper 3000.bin',
      size: 3000,
      method: 'msnslp',
      state: 'offer',
    });
    expect(told.anomalies).toEqual([]);
  });

  test('libpurple sends each text first with a length of zero: told once', () => {
    const text = build.bytesOf(invite);
    const told = run([...CALLER, send(build.p2p(BOB, text, { length: 0 })), send(build.p2p(BOB, text))]);
    expect(states(told)).toEqual([[ALICE, [BOB], 'päper 3000.bin', 'offer']]);
  });

  test('libpurple overstates the length of the last part of data: it is the last nevertheless', () => {
    const told = run([
      ...CALLER,
      send(build.p2p(BOB, invite)),
      receive(build.p2p(ALICE, OK)),
      send(build.p2p(BOB, new Uint8Array(800), { session: 77, offset: 2200, total: 3000, length: 1202 })),
      receive(build.p2p(ALICE, BYE)),
    ]);
    expect(told.facts.map(({ file }) => file?.state)).toEqual(['offer', 'accept', 'complete']);
    expect(told.anomalies).toEqual(['msnp_p2p_overstated_length']);
  });

  // As libpurple 2.10.9 sends a display picture (0x20) and a file (0x1000030) with MSNP16 and later: the header of a
  // part is written before its length is set. Of the picture the first part comes twice, the second time with its own header.
  test.each([
    ['a picture: begun again, then each with its own header', 0x20, [0, 0, 1], [0, 10, 10], [0, 0, 10]],
    ['a file: each with the header of the part before', 0x1000030, [0, 1, 2], [0, 10, 10], [0, 0, 10]],
  ])('late headers of %s', (_, flags, parts, lengths, offsets) => {
    const text = 'first part2nd part..the third!'.slice(0, 10 * (Math.max(...parts) + 1));
    const told = run([
      ...CALLER,
      ...parts.map((part, i) => {
        const data = text.slice(part * 10, part * 10 + 10);
        const header = { offset: offsets[i] ?? 0, length: lengths[i] ?? 0, total: text.length };
        return send(build.p2p(BOB, data, { ...header, session: 77, id: 5, flags }));
      }),
    ]);
    expect(told.files.map(({ text }) => text)).toEqual([text]);
  });

  test.each([
    ['603 Decline', 'decline'],
    ['481 No Such Call', undefined],
  ])('answer %s', (status, state) => {
    const decline = answer(`MSNSLP/1.0 ${status}`, 'null', {});
    const told = run([...CALLER, send(build.p2p(BOB, invite)), receive(build.p2p(ALICE, decline))]);
    expect(told.facts[1]?.file?.state).toBe(state);
  });

  test('BYE before the end cancels', () => {
    const told = run([...CALLER, send(build.p2p(BOB, invite)), receive(build.p2p(ALICE, BYE))]);
    expect(told.facts[1]?.file?.state).toBe('cancel');
  });

  test('a listener for a direct connection', () => {
    const listening = answer('MSNSLP/1.0 200 OK', 'transrespbody', {
      Bridge: 'TCPv1',
      Listening: 'true',
      'IPv4External-Addrs': '192.0.2.7 192.0.2.8',
      'IPv4External-Port': '43517',
    });
    const told = run([...CALLER, send(build.p2p(BOB, invite)), receive(build.p2p(ALICE, listening))]);
    expect(told.facts[1]?.file).toMatchObject({ state: 'start', peer_ip: '192.0.2.7', peer_port: 43517 });
  });

  test('a text in parts, version 1', () => {
    const text = build.bytesOf(invite);
    const part = (from: number, to: number): Step =>
      send(build.p2p(BOB, text.slice(from, to), { id: 5, offset: from, total: text.length }));
    expect(states(run([...CALLER, part(0, 500), part(500, 1000), part(1000, text.length)]))).toHaveLength(1);
    expect(run([...CALLER, part(0, 500), part(1000, text.length)]).facts).toEqual([]);
  });

  test('a text in parts, version 2', () => {
    const text = build.bytesOf(invite);
    const to = `${BOB};{1be99e6d-1c6e-4bea-8b3e-9c464006a774}`;
    const told = run([
      ...CALLER,
      send(build.p2pV2(to, text.slice(0, 700), 3, true, text.length - 700)),
      send(build.p2pV2(to, text.slice(700), 3, false)),
    ]);
    expect(states(told)).toEqual([[ALICE, [BOB], 'päper 3000.bin', 'offer']]);
  });

  test.each<[string, number[], string[]]>([
    ['nothing but a footer', [], ['msnp_p2p_short']],
    ['half a header', [8, 0, 0, 0], ['msnp_p2p_short']],
    ['a header that announces data and ends', [8, 0, 0, 40, 0, 0, 0, 1], ['msnp_p2p_short']],
    ['a header alone', [8, 0, 0, 0, 0, 0, 0, 1], []],
    ['a header that is longer than the message', [40, 0, 0, 0, 0, 0, 0, 1], ['msnp_p2p_bad_header']],
  ])('version 2, %s', (_name, header, anomalies) => {
    const body = Uint8Array.from([...header, 0, 0, 0, 0]);
    const to = `${BOB};{1be99e6d-1c6e-4bea-8b3e-9c464006a774}`;
    const told = run([...CALLER, send(build.typed('application/x-msnmsgrp2p', body, { 'P2P-Dest': to }))]);
    expect(told.anomalies).toEqual(anomalies);
  });

  test('a webcam is a call', () => {
    const webcam = build.slp(`INVITE MSNMSGR:${BOB} MSNSLP/1.0`, ALICE, BOB, CALL, 'sessionreqbody', {
      'EUF-GUID': '{4BD96FC0-AB17-4425-A14A-439185962DC8}',
      SessionID: '5',
    });
    expect(states(run([...CALLER, send(build.p2p(BOB, webcam)), receive(build.p2p(ALICE, OK))]))).toEqual([
      [ALICE, [BOB], 'webcam', 'invite'],
      [BOB, [ALICE], 'webcam', 'accept'],
    ]);
  });

  test('in the middle of a conversation the texts say who is who', () => {
    const told = run([send(build.p2p(BOB, invite)), receive(build.p2p(ALICE, OK))], { midstream: true });
    expect(states(told)).toEqual([
      [ALICE, [BOB], 'päper 3000.bin', 'offer'],
      [BOB, [ALICE], 'päper 3000.bin', 'accept'],
    ]);
  });

  test.each([
    [
      'a header that says more than there is',
      build.p2p(BOB, 'x', { length: 500, total: 500 }),
      'msnp_p2p_bad_header',
    ],
    ['an offset beyond the total', build.p2p(BOB, 'x', { offset: 9, total: 3 }), 'msnp_p2p_bad_header'],
    ['a text without end', build.p2p(BOB, 'x', { total: 1_000_000 }), 'msnp_slp_too_long'],
    [
      'a context that is too short',
      build.p2p(
        BOB,
        invite.replace(/Context: .{200}/, 'Context: ').replace(/Context: .*/, 'Context: PgIAAAIAAAA='),
      ),
      'msnp_short_context',
    ],
  ])('%s', (_, payload, code) => {
    const told = run([...CALLER, send(payload)]);
    expect(told.facts).toEqual([]);
    expect(told.anomalies).toEqual([code]);
  });

  test('a path in the name is told and reported', () => {
    const told = run([
      ...CALLER,
      send(build.p2p(BOB, build.fileInvite(ALICE, BOB, CALL, '..\\..\\x.exe', 1))),
    ]);
    expect(told.facts[0]?.file?.name).toBe('..\\..\\x.exe');
    expect(told.anomalies).toEqual(['msnp_path_in_name']);
  });
});

test('base64 and file contexts', () => {
  expect([...decodeBase64('AP/+ \r\nQQ==')]).toEqual([0, 255, 254, 65]);
  expect([...decodeBase64('=AAAA')]).toEqual([]);
  expect(parseFileContext(build.fileContext('a.txt', 5_000_000_000))).toEqual({
    name: 'a.txt',
    size: 5_000_000_000,
  });
  expect(parseFileContext(build.fileContext('', 5))).toBeUndefined();
  expect(parseFileContext(build.fileContext('x', 5).slice(0, 700))).toBeUndefined();
});
