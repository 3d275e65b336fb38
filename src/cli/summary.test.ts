import { Chalk } from 'chalk';
import { expect, test } from '@jest/globals';
import type { ReplayResult } from '../app/replay.ts';
import type { EngineCounters } from '../app/stats.ts';
import { addCounters } from '../app/stats.ts';
import { MAX_KEPT, Tally } from '../app/tally.ts';
import type { EveEvent } from '../event/eve.ts';
import { renderSummary } from './summary.ts';

const AT = '2005-03-08T14:03:11.000000+0000';

function counters(set: Partial<EngineCounters> = {}): EngineCounters {
  return {
    frames: 10,
    bytes: 1_000,
    decoded: {},
    ipv6: 0,
    vlan: 0,
    flows: {},
    anomalies: {},
    limits: {},
    time: {},
    unknownLinks: [],
    failures: [],
    ...set,
  };
}

function summary(set: Partial<ReplayResult>): string[] {
  const result = { tally: new Tally(), counters: counters(), problems: [], files: 1, alerts: 0, ...set };
  return renderSummary(result, new Chalk({ level: 0 }), { privacyHides: false, skipped: 0 }).split('\n');
}

function signOn(n: number): EveEvent {
  return {
    timestamp: AT,
    event_type: 'im',
    im: { v: 1, id: String(n), kind: 'login', service: 'aim', account: `user${n}` },
  };
}

test.each([
  [3, 997, '  about 0.3% of the IM bytes were never captured'],
  [1, 99_999, '  less than 0.1% of the IM bytes were never captured'],
] as const)('%i bytes lost beside %i seen are told as their share', (lost, seen, line) => {
  const flows = { im_bytes_lost: lost, im_bytes: seen };
  expect(summary({ counters: counters({ flows }) })).toContain(line);
  expect(summary({}).join('\n')).not.toContain('never captured');
});

test('accounts up to the bound are counted exactly', () => {
  const tally = new Tally();
  for (let n = 0; n < MAX_KEPT; n++) tally.event(signOn(n));
  const lines = summary({ tally });
  expect(lines.some((line) => line.startsWith('  2,000 accounts, '))).toBe(true);
  expect(lines).toContain('  and 1,980 more accounts (all are in --json and --eve)');
  expect(lines.join('\n')).not.toContain('leaves out');
});

test('beyond the bound the summary says that there are more, and counts their events as events', () => {
  const tally = new Tally();
  for (let n = 0; n < MAX_KEPT + 3; n++) tally.event(signOn(n));
  tally.event(signOn(MAX_KEPT));
  const lines = summary({ tally });
  expect(lines.some((line) => line.startsWith('  2,000+ accounts, 0 client addresses, '))).toBe(true);
  expect(lines).toContain('  and 1,980+ more accounts (all are in --json and --eve)');
  expect(lines).toContain(
    '  this summary leaves out 4 events of accounts beyond the first 2,000; --json and --eve have them',
  );
});

test('connections that were not read to their end are told with their reason, over all runs', () => {
  const one = counters({ notRead: { 'xmpp encrypted': 1 } });
  const other = counters({ notRead: { 'msnp bad': 1, 'xmpp encrypted': 1 } });
  const lines = summary({ counters: addCounters(one, other) });
  expect(lines).toContain('  xmpp: 2 connections went on encrypted (TLS): counted, not read');
  expect(lines).toContain(
    '  msnp: 1 connection went on with what is not this protocol: not read from there on',
  );
  expect(addCounters(counters(), counters())).not.toHaveProperty('notRead');
});

test('forgotten findings are told; no limit is advised that cannot be set', () => {
  const found = summary({ counters: counters({ limits: { finding_limit: 2 } }) }).join('\n');
  expect(found).toContain('  2 findings forgotten to bound memory: each may have raised its alert again');
  expect(found).not.toContain('--limit');
  const flows = summary({ counters: counters({ limits: { flow_limit: 1 } }) }).join('\n');
  expect(flows).toContain('  limit flows hit 1 time\n');
  expect(flows).toContain('--limit NAME=VALUE');
});

test('a problem tells its place once', () => {
  const message = 'cut short in packet 7 at byte 4644';
  const lines = summary({ problems: [{ path: 'a.pcap', kind: 'cut', message, offset: 4644 }] });
  expect(lines).toContain(`  a.pcap: ${message}`);
});

test('a failure cannot act on the terminal nor begin a line at its edge', () => {
  const lines = summary({
    counters: counters({ failures: ['xmpp: RangeError\n    at \x1b[2J (a.ts:1:2)'] }),
  });
  expect(lines.slice(lines.indexOf('Bugs of ours (please report them)') + 1)).toEqual([
    '  xmpp: RangeError',
    '      at \\x1b[2J (a.ts:1:2)',
    '',
  ]);
});
