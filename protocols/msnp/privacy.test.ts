import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line, withPayload } = build;
const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.bytesOf(...bytes) });

function told(dialect: number, ...steps: Step[]): Told {
  return runDissector(msnp, [
    up(line('VER', 1, `MSNP${dialect}`, 'CVR0'), line('USR', 2, 'TWN', 'I', ALICE)),
    down(line('VER', 1, `MSNP${dialect}`), line('USR', 2, 'OK', ALICE, 1, 0)),
    ...steps,
  ]);
}
const after = (dialect: number, ...steps: Step[]): ImFacts[] =>
  told(dialect, ...steps).facts.filter(({ kind }) => kind !== 'login');

describe('settings', () => {
  test.each([
    ['of a list', 9, [down(line('BLP', 'BL'))], { privacy: 'permit only allowed' }],
    ['of MSNP7', 7, [down(line('BLP', 5, 123, 'AL'))], { privacy: 'permit all but blocked' }],
    [
      'that change',
      9,
      [up(line('BLP', 8, 'AL')), down(line('BLP', 8, 'AL'))],
      { privacy: 'permit all but blocked' },
    ],
    ['of being added', 9, [down(line('GTC', 'A')), up(line('GTC', 9, 'A'))], { when_added: 'ask' }],
  ] as [string, number, Step[], object][])('%s are told once', (_, dialect, steps, profile) => {
    expect(after(dialect, ...steps)).toMatchObject([{ kind: 'profile', from: ALICE, profile }]);
  });

  test('that nobody knows are none', () => {
    expect(after(9, down(line('BLP', 'XX'), line('GTC', 'constructor')))).toEqual([]);
  });
});

describe('beside conversations', () => {
  const TEXT = '<TEXT xml:space="preserve" enc="utf-8">call me &amp; hurry</TEXT><LCID>1033</LCID>';

  test.each([
    ['PGD', 'tel:+15550100', 'tel:+15550100'],
    ['PGD', 'Bob@Example.test', BOB],
    ['PAG', BOB, BOB],
  ])('%s to %s is a message', (name, whom, to) => {
    const next = line('PNG');
    expect(after(9, up(withPayload([name, 7, whom, 1], TEXT), next, line('CHG', 8, 'NLN', 0)))).toMatchObject(
      [{ kind: 'message', from: ALICE, to: [to], text: 'call me & hurry', sent: true }, { kind: 'presence' }],
    );
  });

  test('SDC invites by mail', () => {
    const words = ['SDC', 7, BOB, '0x0409', 'MSMSGR', 'WindowsMessenger', 'X', 'X', 'Alice'];
    expect(after(9, up(withPayload(words, 'come in')))).toMatchObject([
      { kind: 'contact', from: ALICE, contact: { op: 'request', id: BOB }, text: 'come in' },
    ]);
  });

  test('an endpoint signs another one off; nobody else can', () => {
    const place = `${ALICE};{11111111-2222-3333-4444-555555555555}`;
    const all = told(
      18,
      up(withPayload(['UUN', 7, place, 4], 'goawyplzthxbye')),
      down(withPayload(['UBN', ALICE, 4], 'gtfo'), withPayload(['UBN', BOB, 4], 'gtfo')),
      down(withPayload(['UBN', BOB, 3], 'INVITE MSNMSGR:x'), line('QNG', 30)),
    );
    expect(all.facts.filter(({ code }) => code === 'endpoint-sign-off')).toMatchObject([
      { kind: 'notice', from: ALICE, sent: true },
      { kind: 'notice', from: ALICE, sent: false },
    ]);
    expect(all.anomalies).toEqual([]);
  });

  test('a page without a text, or to nobody, is none', () => {
    expect(
      after(9, up(withPayload(['PGD', 7, BOB, 1], '<X/>'), withPayload(['PGD', 8, '', 1], TEXT))),
    ).toEqual([]);
  });
});

test('no cut or changed byte throws; what is not whole tells nothing', () => {
  const commands = [
    line('BLP', 8, 'AL'),
    line('GTC', 9, 'A'),
    withPayload(['PGD', 7, BOB, 1], '<TEXT>call me</TEXT>'),
    withPayload(['SDC', 7, BOB, '0x0409', 'MSMSGR', 'WindowsMessenger', 'X', 'X', 'Alice'], 'come in'),
    withPayload(['UUN', 7, ALICE, 4], 'gtfo'),
  ];
  for (const bytes of commands) {
    for (let at = 0; at < bytes.length; at++) {
      // The line end alone may be missing from what is told.
      if (at < bytes.length - 2) expect([at, after(9, up(bytes.slice(0, at)))]).toEqual([at, []]);
      for (const bit of [0x01, 0x20, 0x80]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ bit;
        for (const { text = '' } of after(9, up(changed, line('PNG'))))
          expect(text).not.toMatch(/\p{Surrogate}/u);
      }
    }
  }
});
