import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AlertState } from '../../classify/alerts/state.ts';
import { makeClassifyLimits } from '../../classify/limits.ts';
import { DeadMan } from './dead-man.ts';
import type { Alarm } from './dead-man.ts';
import { HOURS_KEPT, ImPresence } from './im-presence.ts';
import { loadPresence, savePresence } from './state.ts';

const HOUR = 3_600;
const START = 500_000 * HOUR;

function watch(
  interfaces: string[],
  patience: number,
): { man: DeadMan; alarms: Alarm[]; told: () => unknown[] } {
  const alarms: Alarm[] = [];
  const man = new DeadMan({
    ...{ interfaces, patience },
    look: () => ({ name: 'eth1', state: 'no carrier', link: 'ethernet', addresses: [] }),
    alarm: (alarm) => alarms.push(alarm),
  });
  return { man, alarms, told: () => alarms.map(({ signature, iface }) => [signature.id, iface]) };
}

function seconds(man: DeadMan, from: number, count: number, frames: (n: number) => number[]): void {
  for (let n = 0; n < count; n++)
    man.second(START + from + n, { frames: frames(n), kernelDrops: 0, queueDrops: 0 });
}

test('a silent interface is told once for each silence, another one is not', () => {
  const { man, alarms, told } = watch(['eth1', 'eth2'], 10);
  seconds(man, 0, 9, (n) => [0, n + 1]);
  expect(told()).toEqual([]);
  seconds(man, 9, 30, (n) => [0, n + 10]);
  expect(told()).toEqual([[9_000_160, 'eth1']]);
  expect(alarms[0]?.evidence).toEqual(['eth1: no packet since the start', 'the interface is no carrier']);
  // It comes back, and goes again.
  seconds(man, 39, 1, () => [5, 40]);
  seconds(man, 40, 20, (n) => [5, n + 41]);
  expect(told()).toEqual([
    [9_000_160, 'eth1'],
    [9_000_160, 'eth1'],
  ]);
  expect(alarms[1]?.evidence[0]).toBe('eth1: no packet for 10 seconds');
  expect(new Set(alarms.map(({ about }) => about)).size).toBe(2);
});

test('a packet now and then, or a patience of 0, is no silence', () => {
  const busy = watch(['eth1'], 10);
  seconds(busy.man, 0, 200, (n) => [Math.floor(n / 9)]);
  const off = watch(['eth1'], 0);
  seconds(off.man, 0, 200, () => [0]);
  expect([busy.told(), off.told()]).toEqual([[], []]);
});

test('one direction for long is told once; for a moment, or of few connections, it is not', () => {
  const { man, told } = watch(['eth1'], 30);
  let frames = 0;
  const look = (both: number, one: number): void => {
    seconds(man, frames, 10, (n) => [(frames += 1) + n]);
    man.directions(START + frames, { both, one });
  };
  look(0, 500);
  look(0, 500);
  look(60, 500);
  for (let n = 0; n < 6; n++) look(1, 9);
  look(0, 500);
  look(0, 500);
  look(0, 500);
  expect(told()).toEqual([]);
  look(2, 500);
  look(2, 500);
  expect(told()).toEqual([[9_000_161, undefined]]);
});

test('losses of more than one in a hundred within a minute are told; fewer, or of few packets, are not', () => {
  const { man, alarms, told } = watch(['eth1'], 0);
  const minute = (frames: number, kernelDrops: number, queueDrops: number): void => {
    for (let n = 0; n < 60; n++) man.second(START, { frames: [frames], kernelDrops, queueDrops });
  };
  minute(900, 90, 0);
  minute(100_900, 1_000, 90);
  expect(told()).toEqual([]);
  minute(200_900, 1_500, 1_090);
  expect(told()).toEqual([[9_000_163, undefined]]);
  expect(alarms[0]?.evidence).toEqual([
    '500 of 100500 packets were dropped by the kernel, 1000 by imspan, within a minute',
  ]);
  minute(300_900, 1_500, 1_090);
  expect(told()).toHaveLength(1);
});

/** An hour of packets, with IM or without. */
function hour(presence: ImPresence, n: number, im: boolean, packets = true): ReturnType<ImPresence['at']> {
  const told = presence.at(START + n * HOUR, packets);
  if (im) presence.im();
  presence.at(START + n * HOUR + 1_800, packets);
  return told;
}

test('an hour without IM behind a day with IM in each hour is told, once until there is some again', () => {
  const presence = new ImPresence();
  for (let n = 0; n < 30; n++) expect(hour(presence, n, true)).toBeUndefined();
  expect(hour(presence, 30, false)).toBeUndefined();
  expect(hour(presence, 31, false)).toEqual({
    hour: START + 30 * HOUR,
    why: 'each of the 24 hours before had some',
  });
  expect(hour(presence, 32, false)).toBeUndefined();
});

test('where nights are quiet it is the same hour of each day of a week that counts', () => {
  const presence = new ImPresence();
  const office = (n: number): boolean => n % 24 >= 8 && n % 24 < 18;
  for (let n = 0; n < 8 * 24; n++) expect(hour(presence, n, office(n))).toBeUndefined();
  const last = 8 * 24;
  for (let n = last; n < last + 8; n++) expect(hour(presence, n, false)).toBeUndefined();
  expect(hour(presence, last + 8, false)).toBeUndefined();
  expect(hour(presence, last + 9, false)).toMatchObject({
    hour: START + (last + 8) * HOUR,
    why: 'the same hour of each of the 7 days before had some',
  });
});

test('a silent span, or a run that was not there for the whole hour, says nothing of IM', () => {
  const presence = new ImPresence();
  for (let n = 0; n < 30; n++) hour(presence, n, true);
  expect(hour(presence, 30, false, false)).toBeUndefined();
  expect(hour(presence, 31, true)).toBeUndefined();
  // Three hours are missing: the clock, or the machine, stood.
  expect(hour(presence, 35, false)).toBeUndefined();
  expect(hour(presence, 36, false)).toBeUndefined();
});

test('through the dead man: packets without IM, and the alarm', () => {
  const { man, told } = watch(['eth1'], 0);
  let frames = 0;
  const at = (n: number, im: boolean): void => {
    man.second(START + n * HOUR, { frames: [++frames], kernelDrops: undefined, queueDrops: 0 });
    if (im) man.im();
    man.second(START + n * HOUR + 1, { frames: [++frames], kernelDrops: undefined, queueDrops: 0 });
  };
  for (let n = 0; n < 26; n++) at(n, true);
  at(26, false);
  expect(told()).toEqual([]);
  at(27, false);
  expect(told()).toEqual([[9_000_162, undefined]]);
});

test('any clock is taken: back, far ahead, over and over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 40 }), fc.boolean(), fc.boolean())),
      (steps) => {
        const presence = new ImPresence();
        for (const [seconds, packets, im] of steps) {
          if (im) presence.im();
          presence.at(seconds, packets);
        }
        const { hour: at, hours } = presence.save();
        const again = new ImPresence();
        again.load({ hour: at, hours });
        return hours.length === HOURS_KEPT - 1 && again.save().hours === hours;
      },
    ),
    { seed: 12, numRuns: 200 },
  );
});

test('hours are kept over runs; the state of an older and a newer program is told and moved aside, never lost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-health-'));
  const said: string[] = [];
  const say = (line: string): number => said.push(line);
  try {
    const first = new ImPresence();
    for (let n = 0; n < 30; n++) hour(first, n, true);
    savePresence(folder, first);
    const second = new ImPresence();
    loadPresence(folder, second, say);
    // The hour in which it was started is not whole; the one behind it is.
    expect([hour(second, 30, true), hour(second, 31, false), hour(second, 32, false)]).toEqual([
      undefined,
      undefined,
      { hour: START + 31 * HOUR, why: 'each of the 24 hours before had some' },
    ]);
    // An upgrade adds fields, and a roll-back reads what it knows of them.
    const text = JSON.parse(readFileSync(join(folder, 'health.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'health.json'), JSON.stringify({ ...text, later: [1] }));
    loadPresence(folder, new ImPresence(), say);
    expect(said).toEqual([]);
    // A version that cannot be read waits beside for the program that can.
    writeFileSync(join(folder, 'health.json'), JSON.stringify({ ...text, version: 2 }));
    loadPresence(folder, new ImPresence(), say);
    expect(said.join()).toMatch(
      /health\.json is not used: it is of version 2, newer than this program's 1\. It was moved to/,
    );
    writeFileSync(join(folder, 'health.json'), '{"version":1,"hour":3,"hours":"9"}');
    loadPresence(folder, new ImPresence(), say);
    expect(said.at(-1)).toContain('"hours" is not as we write it');
    expect(readdirSync(folder).sort()).toEqual(['health.json.aside-1', 'health.json.aside-2']);
    // A program from before this file leaves it alone.
    new AlertState(folder, makeClassifyLimits(), say).save();
    expect(readdirSync(folder)).toContain('health.json.aside-1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
