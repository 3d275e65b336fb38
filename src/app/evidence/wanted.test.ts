import { expect, test } from '@jest/globals';
import { alertEvent, flowEvent } from '../../classify/build.ts';
import type { EveEvent } from '../../event/eve.ts';
import { portsOf, tupleOf, WantedFlows } from './wanted.ts';

const VERDICT = { protocol: 'oscar', confidence: 'high', evidence: [] } as const;
const over = (flow_id: number): EveEvent =>
  flowEvent(5, { flow_id }, { verdict: { ...VERDICT, evidence: [] } });

test('a flow that is over is known when an alert about it comes late, however many others end, of IM or not', () => {
  const wanted = new WantedFlows(4);
  wanted.event(over(1));
  for (let n = 2; n <= 70_000; n++) wanted.event(flowEvent(6, { flow_id: n }));
  wanted.event(alertEvent({}, { flow_id: 1 }));
  expect(wanted.has(true)).toBe(true);
  const [flow] = wanted.take(true);
  expect(flow).toMatchObject({ flowId: 1, span: { packets: 9, file: 'tap.pcap', number: 15 } });
  for (let n = 2; n <= 70_000; n++) wanted.event(over(n));
  wanted.event(alertEvent({}, { flow_id: 1 }));
  expect(wanted.has(true)).toBe(false);
});

test('flows beyond the limit are counted once each; alerts of one flow are gathered', () => {
  const wanted = new WantedFlows(2);
  for (const flow_id of [1, 2, 3, 3, 4, 1]) wanted.event(alertEvent({ id: `${flow_id}` }, { flow_id }));
  expect(wanted.refused).toBe(2);
  const [first, second, ...more] = wanted.take(false);
  expect([first?.alerts, second?.alerts, more]).toEqual([['1', '1'], ['2'], []]);
  expect(wanted.has(false)).toBe(false);
});

test('an alert about no connection wants no flow', () => {
  const wanted = new WantedFlows(2);
  const { src_ip: _, ...about } = alertEvent();
  wanted.event(about);
  expect([wanted.has(false), wanted.refused]).toEqual([false, 0]);
});

test('both directions of a connection have one key', () => {
  expect(tupleOf(true, '10.0.0.1', 5, '10.0.0.2', 6)).toBe(tupleOf(true, '10.0.0.2', 6, '10.0.0.1', 5));
  expect(tupleOf(true, '10.0.0.1', 5, '10.0.0.2', 6)).not.toBe(tupleOf(false, '10.0.0.1', 5, '10.0.0.2', 6));
  expect(tupleOf(true, '10.0.0.1', 5, '10.0.0.2', 6)).not.toBe(tupleOf(true, '10.0.0.1', 6, '10.0.0.2', 5));
  expect(portsOf(1, 65_535)).toBe(portsOf(65_535, 1));
});
