/** `imspan alerts` on the state folder of real runs: what people say of findings, and what the next run makes of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';
import type { Run } from './program.ts';

jest.setTimeout(PATIENCE);

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});
const state = scratch.file('state');
const CAPTURES = ['oscar/aim-basic', 'msn/basic-msnp9', 'yahoo/basic-ymsg12'].map(
  (name) => `captures/${name}.pcap`,
);

interface Listed {
  finding: string;
  status: string;
  signature_id: number;
  count: number;
  what: string;
  note?: string;
}

function alerts(...args: string[]): Run {
  return imspan(['alerts', ...args, '--state', state]);
}

function listed(...more: string[]): Listed[] {
  const { stdout, stderr } = alerts('list', '--json', ...more);
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Listed);
}

/** Findings of which a run over the captures told an alert. */
function told(...more: string[]): (string | undefined)[] {
  const run = imspan(['replay', '--json', '--no-progress', '--state', state, ...more, ...CAPTURES]);
  expect(run.status).toBe(0);
  return eventsOf(run.stdout).flatMap((e) => (e.event_type === 'alert' ? [e.im?.finding] : []));
}

test('findings are listed, marked and noted; the next run keeps to that', () => {
  const first = told();
  const [one, two, three] = listed();
  if (!one || !two || !three) throw new Error('three findings are needed here');
  expect(new Set(listed().map(({ finding }) => finding))).toEqual(new Set(first));

  expect(alerts('ack', one.finding.slice(0, 8), '--note', 'known \u001b[31mred')).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(alerts('close', two.finding)).toMatchObject({ status: 0, stderr: '' });
  expect(alerts('false-positive', three.finding.toUpperCase())).toMatchObject({ status: 0, stderr: '' });
  expect(alerts('note', three.finding, 'a lab machine')).toMatchObject({ status: 0, stderr: '' });
  const open = new Set(listed().map(({ finding }) => finding));
  expect(open).toEqual(
    new Set(first.filter((id) => ![one, two, three].some(({ finding }) => finding === id))),
  );
  const marked = new Map(listed('--all').map((row) => [row.finding, row]));
  expect(marked.get(one.finding)).toMatchObject({ status: 'ack', note: 'known \u001b[31mred' });
  expect(marked.get(two.finding)).toMatchObject({ status: 'closed' });
  expect(marked.get(three.finding)).toMatchObject({ status: 'false-positive', note: 'a lab machine' });
  // For people a note does nothing to their terminal.
  const shown = alerts('list', '--all').stdout;
  expect(shown).toContain('note: a lab machine');
  expect(shown).not.toContain('\u001b[31m');

  // Nothing is new: each was told, and is seen as often once more.
  expect(told()).toEqual([]);
  for (const { finding, count, status } of listed('--all')) {
    expect([finding, status, count]).toEqual([
      finding,
      marked.get(finding)?.status,
      2 * (marked.get(finding)?.count ?? 0),
    ]);
  }

  // A mark survives; what was closed is told again once its facts are others: here the policy's line.
  const policy = scratch.write(
    'p.yaml',
    Buffer.from('version: 2\ndefault: {verdict: alert, reason: audit}\n'),
  );
  const again = told('--policy', policy);
  expect(again).not.toContain(one.finding);
  const client = [two, three].filter(({ signature_id }) => signature_id <= 9_000_019);
  expect(again.filter((id) => id === two.finding || id === three.finding).sort()).toEqual(
    client.map(({ finding }) => finding).sort(),
  );
  expect(client.length).toBeGreaterThan(0);
});

test.each([
  [['note', 'ffffffffffffffffffffffffffffffff', 'x'], 'no such finding'],
  [['ack', '\u001b]0;x\u0007'], 'no such finding'],
])('%j is refused in a line', (args, why) => {
  const run = alerts(...args);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toContain(why);
  expect(run.stderr).not.toMatch(/[\u001b\u0007]|^ +at /m);
});

test('marks that are damaged are moved aside, and findings are open again', () => {
  const marks = join(state, 'marks.json');
  const before = listed('--all').length;
  writeFileSync(marks, readFileSync(marks, 'utf8').slice(0, 40));
  const run = alerts('list', '--json');
  expect(run.status).toBe(0);
  expect(run.stderr).toContain('marks.json is not used: it is no JSON');
  expect(run.stdout.trim().split('\n')).toHaveLength(before);
  expect(existsSync(`${marks}.aside-1`)).toBe(true);
});

test('a test alert goes to the file that alerts go to, marked as a test', () => {
  const eve = scratch.file('test.jsonl');
  expect(imspan(['alerts', 'test', '9000142', '--eve', eve])).toMatchObject({ status: 0, stderr: '' });
  const [event, ...more] = eventsOf(readFileSync(eve, 'utf8'));
  expect(more).toEqual([]);
  expect(event?.alert).toMatchObject({ signature_id: 9_000_142, metadata: { test: ['true'] } });
  expect(imspan(['alerts', 'test', '1'])).toMatchObject({ status: 2 });
});
