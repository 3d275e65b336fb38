import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EveEvent } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { header, imEvent } from '../build.ts';
import { Findings } from '../findings.ts';
import { Classifier } from '../classifier.ts';
import { makeClassifyLimits } from '../limits.ts';
import { defaultRulebook } from '../rulebook.ts';
import { SIGNATURES } from '../signatures.ts';
import { factsAtMark } from './memory.ts';
import { AlertState } from './state.ts';

let folder = '';
const said: string[] = [];
const limits = makeClassifyLimits();
const ID = hash128('a finding');

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'imspan-state-')), 'state');
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(): AlertState {
  return new AlertState(folder, limits, (line) => said.push(line));
}

/** A run that sees the finding so often, an hour apart, and saves; its alerts. */
function run(times: number, first: number, account = 'alice'): EveEvent[] {
  const state = open();
  const alerts: EveEvent[] = [];
  const findings = new Findings((alert) => alerts.push(alert), limits, { memory: state.memory });
  for (let n = 0; n < times; n++) {
    findings.tell({
      ...{ signature: SIGNATURES.unauthorizedAim, severity: 1, header: header(), trigger: 'x', finding: ID },
      place: { timestamp: imEvent({}, (first + n) * 3600).timestamp },
      ...{ evidence: ['seen'], confidence: 'high', im: { service: 'aim', account } },
    });
  }
  state.save();
  return alerts;
}

function mark(status: 'ack' | 'closed' | 'false-positive'): void {
  const state = open();
  const told = state.memory.told.get(ID);
  const kept = told === true ? undefined : told?.kept;
  if (kept === undefined) throw new Error('the finding was not kept');
  state.memory.marks.set(ID, { status, facts: factsAtMark(kept), at: '2026-01-01T00:00:00.000Z' });
  state.saveMarks();
}

test('a second run goes on with the findings of the first: no new alert, and the update counts both', () => {
  const [first] = run(6, 0);
  const second = run(4, 6);
  expect(second.map((a) => a.im?.count)).toEqual([10]);
  expect(second[0]?.im?.finding).toBe(first?.im?.finding);
  expect(second[0]?.im?.first_seen).toBe(first?.timestamp);
  expect(second[0]?.alert?.metadata.update).toEqual(['2']);
  expect(said).toEqual([]);
});

test('the files are for their owner alone, and no part is left behind', () => {
  run(1, 0);
  mark('ack');
  expect(readdirSync(folder).sort()).toEqual(['findings.json', 'marks.json']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('the same state and input make the same state', () => {
  run(3, 0);
  const once = readFileSync(join(folder, 'findings.json'), 'utf8');
  rmSync(folder, { recursive: true });
  run(3, 0);
  expect(readFileSync(join(folder, 'findings.json'), 'utf8')).toBe(once);
});

test('what was acknowledged counts and is quiet, whatever its facts', () => {
  run(1, 0);
  mark('ack');
  expect(run(20, 1, 'Alice')).toEqual([]);
  const told = open().memory.told.get(ID);
  expect(told).toMatchObject({ count: 21, alerts: 1 });
});

test('when a client was first seen is known in the next run: what was there is not new, what was not is', () => {
  const seen = (client: string, after: number, flow: number): number[] => {
    const state = open();
    const alerts: EveEvent[] = [];
    const rulebook = { ...defaultRulebook(), memory: state.memory, firstSeen: state.firstSeen };
    const classifier = new Classifier({ rulebook, emit: (alert) => alerts.push(alert) });
    const software = { name: client, raw: client, evidence: [] };
    classifier.on(imEvent({ kind: 'login', account: client, client: software }, after, { flow_id: flow }));
    classifier.finish();
    state.save();
    return alerts.flatMap(({ alert }) => (alert?.signature_id === 9_000_078 ? [flow] : []));
  };
  const day = 86_400;
  // The same capture again neither.
  expect([
    ...seen('AIM', 0, 1),
    ...seen('AIM', 0, 7),
    ...seen('AIM', 2 * day, 2),
    ...seen('Gaim', 3 * day, 3),
  ]).toEqual([3]);
  // An older capture that is read later makes nothing new of what is known.
  expect([...seen('AIM', -5 * day, 4), ...seen('Gaim', 4 * day, 5), ...seen('Kopete', -4 * day, 6)]).toEqual([
    6,
  ]);
  expect(readdirSync(folder)).toContain('first-seen.json');
  writeFileSync(join(folder, 'first-seen.json'), '{"version":1,"since":-1,"first":[]}');
  expect(open().firstSeen.since).toBeUndefined();
  expect(said.at(-1)).toContain('"since" of a row is no whole number');
});

test.each(['closed', 'false-positive'] as const)('what is %s is quiet until its facts change', (status) => {
  run(1, 0);
  mark(status);
  expect(run(20, 1)).toEqual([]);
  const changed = run(2, 21, 'alice the second');
  expect(changed.map((a) => [a.im?.count, a.alert?.metadata.update])).toEqual([[22, ['2']]]);
  expect(run(1, 23, 'alice the second')).toEqual([]);
});

test('facts that were there before the mark are none that changed, whichever of them was told', () => {
  run(1, 0);
  expect(run(1, 1, 'Alice')).toEqual([]);
  mark('closed');
  expect([...run(1, 2), ...run(1, 3, 'Alice'), ...run(1, 4)]).toEqual([]);
  expect(run(1, 5, 'ALICE')).toHaveLength(1);
});

test.each([
  ['no JSON', 'it is no JSON'],
  ['[]', 'it is no JSON object'],
  ['{"findings":[]}', 'it has no version'],
  ['{"version":2,"findings":[]}', "newer than this program's 1"],
  ['{"version":1,"findings":{}}', 'its list is not as we write it'],
  ['{"version":1,"findings":[{"id":"../x"}]}', '"id" of a row is not as we write it'],
  [
    `{"version":1,"findings":[{"id":"${ID}","count":-1,"signature":1}]}`,
    '"count" of a row is no whole number',
  ],
])('a file that holds %s is moved aside with a line that says why', (content, why) => {
  open();
  writeFileSync(join(folder, 'findings.json'), content);
  const state = open();
  expect(state.memory.told.size).toBe(0);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(why);
  expect(readFileSync(join(folder, 'findings.json.aside-1'), 'utf8')).toBe(content);
});
