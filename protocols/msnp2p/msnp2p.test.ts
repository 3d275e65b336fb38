import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import { FOO, HANDSHAKE, frame, packet, packetV2 } from './build.ts';
import msnp2p from './index.ts';

const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CALL = '{46697A3A-4069-1D6B-90FD-57FD26DD6581}';
const up = (...parts: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.join(...parts) });
const down = (...parts: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.join(...parts) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const OPENING: Step[] = [up(FOO, HANDSHAKE), down(HANDSHAKE)];
const INVITE = build.fileInvite(ALICE, BOB, CALL, 'päper.bin', 3000);
const answer = (start: string, type: string): string =>
  build.slp(start, BOB, ALICE, CALL, type, 'SessionID: 77\r\n');
const OK = answer('MSNSLP/1.0 200 OK', 'sessionreqbody');
const BYE = answer(`BYE MSNMSGR:${ALICE} MSNSLP/1.0`, 'sessionclosebody');
const DATA = new Uint8Array(1500);
const run = (steps: Step[]): Told => runDissector(msnp2p, steps);
const states = (told: Told): unknown[] => told.facts.map(({ from, to, file }) => [from, to, file?.state]);

const TRANSFER: Step[] = [
  ...OPENING,
  up(packet(INVITE, { length: 0 }), packet(INVITE)),
  down(packet('', { flags: 2, total: INVITE.length, length: 0 }), packet(OK)),
  up(packet(DATA, { session: 77, total: 3000 }), packet(DATA, { session: 77, offset: 1500, total: 3000 })),
  down(packet(BYE)),
];

describe('files that are agreed over the connection', () => {
  test('offer, accept, complete', () => {
    const told = run([...TRANSFER, ...END]);
    expect(states(told)).toEqual([
      [ALICE, [BOB], 'offer'],
      [BOB, [ALICE], 'accept'],
      [BOB, [ALICE], 'complete'],
    ]);
    expect(told.facts[0]).toEqual({
      kind: 'file',
      service: 'msn',
      file: { id: `msnslp|${CALL}|77`, name: 'päper.bin', size: 3000, method: 'msnslp', state: 'offer' },
      from: ALICE,
      to: [BOB],
    });
    expect(told.anomalies).toEqual([]);
  });

  test('libpurple overstates the length of the last part of data: it is the last nevertheless', () => {
    const last = packet(new Uint8Array(800), { session: 77, offset: 2200, total: 3000, length: 1202 });
    const told = run([...OPENING, up(packet(INVITE), last), down(packet(BYE)), ...END]);
    expect(states(told)[1]).toEqual([BOB, [ALICE], 'complete']);
    expect(told.anomalies).toEqual(['msnp2p_overstated_length']);
  });

  test('refused, and given up', () => {
    const decline = answer('MSNSLP/1.0 603 Decline', 'null');
    expect(states(run([...OPENING, up(packet(INVITE)), down(packet(decline))]))[1]).toEqual([
      BOB,
      [ALICE],
      'decline',
    ]);
    expect(states(run([...OPENING, up(packet(INVITE)), down(packet(BYE))]))[1]).toEqual([
      BOB,
      [ALICE],
      'cancel',
    ]);
  });

  test('version 2, in parts', () => {
    const text = build.join(INVITE.replaceAll(BOB, `${BOB};{1be99e6d-1c6e-4bea-8b3e-9c464006a774}`));
    const nonce = frame(new Uint8Array(16));
    const told = run([
      up(FOO, nonce),
      down(nonce),
      up(packetV2(text.slice(0, 900), true, text.length - 900), packetV2(text.slice(900), false)),
      up(packetV2(DATA, true, 0, 77)),
      down(packetV2(BYE)),
    ]);
    expect(states(told)).toEqual([
      [ALICE, [BOB], 'offer'],
      [BOB, [ALICE], 'complete'],
    ]);
  });

  test.each<[string, number[], string[]]>([
    ['half a header', [8, 0, 0, 0], ['msnp2p_short']],
    ['a header that announces data and ends', [8, 0, 0, 40, 0, 0, 0, 1], ['msnp2p_short']],
    ['half a header of data', [8, 0, 0, 4, 0, 0, 0, 1, 8, 1, 0, 3], ['msnp2p_short']],
    ['a header alone', [8, 0, 0, 0, 0, 0, 0, 1], []],
    ['a header that is longer than the frame', [40, 0, 0, 0, 0, 0, 0, 1], ['msnp2p_bad_header']],
  ])('version 2, %s', (_name, bytes, anomalies) => {
    const nonce = frame(new Uint8Array(16));
    const told = run([up(FOO, nonce), down(nonce), up(frame(Uint8Array.from(bytes))), ...END]);
    expect(told.anomalies).toEqual(anomalies);
  });

  test('version 1, in parts', () => {
    const text = build.join(INVITE);
    const part = (from: number, to: number): Uint8Array =>
      packet(text.slice(from, to), { offset: from, total: text.length });
    expect(run([...OPENING, up(part(0, 900), part(900, text.length))]).facts).toHaveLength(1);
    expect(run([...OPENING, up(part(0, 900), part(1000, text.length))]).facts).toEqual([]);
  });
});

describe('hostile', () => {
  test('however the bytes are cut, the same is told', () => {
    const steps = [...TRANSFER, ...END];
    const whole = run(steps);
    everySplit(msnp2p, steps.slice(0, 4), (told, where) => {
      if (JSON.stringify(told.facts) !== JSON.stringify(whole.facts.slice(0, 2)))
        throw new Error(`differs: ${where}`);
    });
    for (const chunk of [1, 7, 48, 1000]) expect(runDissector(msnp2p, steps, { chunk })).toEqual(whole);
  });

  test('no event from a frame that is not whole', () => {
    const invite = packet(INVITE);
    for (let n = 0; n < invite.length; n++)
      expect(run([...OPENING, up(invite.slice(0, n)), ...END]).facts).toEqual([]);
  });

  test.each([
    ['a frame without end', frame(new Uint8Array(0)).fill(0xff), 'msnp2p_frame_too_long'],
    ['a length beyond the frame', packet('x', { length: 50, total: 50 }), 'msnp2p_bad_header'],
    ['an offset beyond the total', packet('x', { offset: 9, total: 3 }), 'msnp2p_bad_header'],
    ['a frame shorter than its header', frame(new Uint8Array(20)), 'msnp2p_bad_header'],
    ['a text without end', packet('x', { total: 1_000_000 }), 'msnp2p_slp_too_long'],
    [
      'a context that is too short',
      packet(INVITE.replace(/Context: .*/, 'Context: PgIAAA==')),
      'msnp2p_short_context',
    ],
  ])('%s is an anomaly', (_, bytes, code) => {
    expect(run([...OPENING, up(bytes), ...END]).anomalies).toEqual([code]);
  });

  test('a bad frame costs itself alone; a path in a name is told', () => {
    const told = run([
      ...OPENING,
      up(packet('x', { length: 50, total: 50 }), packet(build.fileInvite(ALICE, BOB, CALL, '..\\x', 1))),
    ]);
    expect(told.facts[0]?.file?.name).toBe('..\\x');
    expect(told.anomalies).toEqual(['msnp2p_bad_header', 'msnp2p_path_in_name']);
  });

  test('a gap inside data costs nothing', () => {
    const data = packet(DATA, { session: 77, total: 1500 });
    const told = run([
      ...OPENING,
      up(packet(INVITE), data.slice(0, 300)),
      { direction: TO_SERVER, gap: 1000 },
      up(data.slice(1300)),
      down(packet(BYE)),
      up(packet(INVITE.replace(CALL, '{2}'))),
    ]);
    expect(states(told).map((state) => (state as string[])[2])).toEqual(['offer', 'complete', 'offer']);
  });

  test('any byte may be any other, and anything may come', () => {
    for (let i = 2; i < 4; i++) {
      const step = TRANSFER[i];
      if (!step || !('bytes' in step)) continue;
      for (let at = 0; at < step.bytes.length; at += 3) {
        for (const value of [0, 0x0a, 0xff]) {
          const bytes = step.bytes.slice();
          bytes[at] = value;
          const told = run([...TRANSFER.slice(0, i), { ...step, bytes }, ...TRANSFER.slice(i + 1), ...END]);
          if (JSON.stringify(told.facts).includes('""')) throw new Error(`empty: step ${i} byte ${at}`);
        }
      }
    }
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => frame(bytes)),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => packet(bytes)),
    );
    const steps = fc.array(fc.tuple(fc.constantFrom<Direction>(0, 1), part), { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 60 }), (parts, chunk) => {
        const conversation: Step[] = [
          ...OPENING,
          ...parts.map(([direction, bytes]) => ({ direction, bytes })),
          ...END,
        ];
        expect(runDissector(msnp2p, conversation, { chunk })).toEqual(run(conversation));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('detection', () => {
  const opening = build.join(FOO, HANDSHAKE);

  test('the frame foo and a handshake, from both sides', () => {
    expect(runDetector(msnp2p, opening, HANDSHAKE)).toMatchObject({ answer: 'yes', confidence: 'high' });
    expect(runDetector(msnp2p, opening).answer).toBe('more');
    expect(runDetector(msnp2p, opening, new Uint8Array(0), { final: true })).toMatchObject({
      confidence: 'medium',
    });
    expect(runDetector(msnp2p, FOO, new Uint8Array(0), { final: true }).answer).toBe('no');
    for (let n = 1; n < FOO.length; n++) expect(runDetector(msnp2p, FOO.slice(0, n)).answer).toBe('more');
  });

  test.each([
    ['another word', Uint8Array.of(4, 0, 0, 0, 0x62, 0x61, 0x72, 0)],
    ['a second frame that is no handshake', build.join(FOO, frame(new Uint8Array(20)))],
    ['SOCKS4', Uint8Array.of(4, 1, 0, 80, 1, 2, 3, 4)],
  ])('not %s', (_, bytes) => {
    expect(runDetector(msnp2p, bytes, HANDSHAKE, { final: true }).answer).toBe('no');
  });
});
