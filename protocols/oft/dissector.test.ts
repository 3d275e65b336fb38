import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ImFacts } from '../../src/sdk/index.ts';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import {
  arsFrame,
  arsJoin,
  arsReady,
  concat,
  down,
  fileOf,
  headers,
  latin1,
  odcFrame,
  oftHeader,
  over,
  transfer,
  up,
  withImage,
} from './build.ts';
import oft from './index.ts';
import { OFT_TYPE } from './wire.ts';

function run(steps: Step[], options: RunOptions = {}): Told {
  return runDissector(oft, [...steps, ...over], options);
}

const states = (told: Told): (string | undefined)[] => told.facts.map((f) => f.file?.state);

const conversation: Step[] = [
  ...up(arsJoin('Stone Bridge')),
  ...down(arsReady()),
  ...transfer(fileOf(301), 'first.txt'),
  ...down(
    odcFrame({ name: 'TeaCaddy', payload: withImage('<b>x</b> <IMG SRC="i" DATASIZE="9">', fileOf(9)) }),
  ),
  ...up(odcFrame({ name: 'Stone Bridge', flags: 0x0a })),
  ...over,
];

describe('framing and hostile bytes', () => {
  test('every split tells the same facts at the same offsets', () => {
    const whole = runDissector(oft, conversation);
    expect(whole.facts.map((f) => f.kind)).toEqual(['file', 'file', 'message', 'file', 'typing']);
    everySplit(oft, conversation, (told) => {
      expect(told.events).toEqual(whole.events);
      expect(told.anomalies).toEqual([]);
    });
  });

  test('what is no header costs one anomaly; the next header is read', () => {
    const told = run([
      ...down(concat(latin1('what is this OFT2 O\0\0\x04\x4a'), headers(fileOf(9), 'x').prompt)),
      ...up(headers(fileOf(9), 'x').ack),
    ]);
    expect(told.anomalies).toEqual(['oft_desync']);
    expect(states(told)).toEqual(['start', 'failed']);
  });

  test('picked up inside of a file', () => {
    const told = run([...down(concat(fileOf(50).slice(30), headers(fileOf(9), 'x').prompt))], {
      midstream: true,
    });
    expect(states(told)).toEqual(['failed']);
    expect(told.anomalies).toEqual([]);
  });

  test('a prefix of a message tells nothing of it', () => {
    const message = odcFrame({ name: 'a', payload: latin1('<b>text</b>') });
    for (let n = 0; n < message.length; n++) expect(run(down(message.slice(0, n))).facts).toEqual([]);
  });

  test('a changed byte never throws and never leaves an empty value', () => {
    const frames = conversation.flatMap((step) => ('bytes' in step ? [step] : []));
    frames.forEach(({ direction, bytes }, index) => {
      for (let i = 0; i < bytes.length; i++) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const changed = bytes.slice();
          changed[i] = value;
          const steps = [
            ...frames.slice(0, index),
            { direction, bytes: changed },
            ...frames.slice(index + 1),
          ];
          checkValues(run(steps).facts);
        }
      }
    });
  });

  test('random frames and bytes never throw', () => {
    const type = fc.constantFrom(...Object.values(OFT_TYPE));
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .record({ type, name: fc.string({ maxLength: 70 }), size: fc.nat(100), received: fc.nat(100) })
        .map((fields) => oftHeader(fields)),
      fc
        .record({
          name: fc.string({ maxLength: 20 }),
          payload: fc.uint8Array({ maxLength: 60 }),
          flags: fc.nat(0xff),
        })
        .map(odcFrame),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.uint8Array({ maxLength: 60 }))
        .map(([t, p]) => arsFrame(t, p)),
    );
    const step = fc.tuple(fc.constantFrom<0 | 1>(0, 1), frame, fc.option(fc.nat(50)));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (parts, midstream) => {
        const steps = parts.map(([direction, bytes, gap]): Step =>
          gap === null ? { direction, bytes } : { direction, gap },
        );
        checkValues(run(steps, { midstream }).facts);
      }),
      { seed: 11, numRuns: 1500 },
    );
  });

  function checkValues(facts: ImFacts[]): void {
    expect(JSON.stringify(facts)).not.toMatch(/[:[](?:""|null)/);
    for (const fact of facts) if (fact.kind === 'message') expect(fact.text ?? fact.encrypted).toBeTruthy();
  }
});
