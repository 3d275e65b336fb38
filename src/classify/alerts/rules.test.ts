import { describe, expect, test } from '@jest/globals';
import type { EveEvent } from '../../event/eve.ts';
import type { Finding } from '../alert.ts';
import { START, header, imEvent } from '../build.ts';
import { Findings } from '../findings.ts';
import { makeClassifyLimits } from '../limits.ts';
import type { ClassifyLimits } from '../limits.ts';
import { parsePolicy } from '../policy-file.ts';
import { SIGNATURES } from '../signatures.ts';

interface Run {
  findings: Findings;
  alerts: EveEvent[];
  /** A sighting of the finding about this account, so many seconds after the start. */
  see: (account: string, after: number, more?: Partial<Finding>) => boolean;
}

async function run(section: string, limits: Partial<ClassifyLimits> = {}): Promise<Run> {
  const text = `version: 1\nalerts:\n${section}`;
  const { alerts: rules } = await parsePolicy(section === '' ? 'version: 1' : text, 'policy.yaml');
  const alerts: EveEvent[] = [];
  const findings = new Findings((alert) => alerts.push(alert), makeClassifyLimits(limits), { rules });
  const see: Run['see'] = (account, after, more) => {
    findings.tick(START + after);
    const { timestamp } = imEvent({}, after);
    return findings.tell({
      signature: SIGNATURES.unauthorizedAim,
      severity: 1,
      header: header(),
      place: { timestamp, pcap_cnt: 10 + after },
      trigger: account,
      finding: account,
      evidence: ['seen'],
      confidence: 'high',
      im: { service: 'aim', account },
      ...more,
    });
  };
  return { findings, alerts, see };
}

const rule = (what: string, signatures = '9000001'): string =>
  `  rules:\n    - signatures: [${signatures}]\n      ${what}\n`;

describe('a rule for alerts', () => {
  test('turns a signature off, by id, by name and by glob, and no other', async () => {
    for (const name of [
      '9000001',
      '"IMSPAN Unauthorized consumer IM client (AIM)"',
      '"unauthorized*(aim)"',
      '90000*',
    ]) {
      const { see, alerts, findings } = await run(rule('off: true', name));
      expect(see('alice', 0)).toBe(false);
      expect(alerts).toHaveLength(0);
      expect(findings.isTold('alice')).toBe(false);
      expect(findings.counts).toMatchObject({ alerts: 0, suppressed: 1 });
    }
    const { see } = await run(rule('off: true', '9000002'));
    expect(see('alice', 0)).toBe(true);
  });

  test('sets the severity over that of the policy line', async () => {
    const { see, alerts } = await run(rule('severity: low'));
    see('alice', 0);
    expect(alerts[0]?.alert?.severity).toBe(3);
  });

  test('tells a finding once its threshold is reached within the window, with its count', async () => {
    const { see, alerts, findings } = await run(rule('threshold: {count: 3, seconds: 60}'));
    // Two in the first minute, then the window begins anew.
    for (const after of [0, 59, 60, 100]) expect(see('alice', after)).toBe(false);
    expect(findings.isTold('alice')).toBe(false);
    expect(see('alice', 119)).toBe(true);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.im?.count).toBe(3);
    expect(alerts[0]?.im?.first_seen).toBe(imEvent({}, 60).timestamp);
    expect(alerts[0]?.im?.last_seen).toBe(imEvent({}, 119).timestamp);
    expect(alerts[0]?.alert?.metadata.update).toBeUndefined();
    expect(findings.counts).toMatchObject({ alerts: 1, updates: 0, suppressed: 4 });
    expect(see('bob', 119)).toBe(false);
  });

  test('suppresses accounts by glob in any case, in subnets, until a day is over', async () => {
    const { see } = await run(
      rule('suppress: [{accounts: ["Test*"], subnets: [10.0.0.0/8], until: 2005-03-08, reason: lab}]', '"*"'),
    );
    expect(see('TESTer', 0)).toBe(false);
    expect(see('alice', 0)).toBe(true);
    expect(see('tester2', 0, { header: header({ src_ip: '192.0.2.1' }) })).toBe(true);
    // 2005-03-08T14:03:11Z is the start: the day ends 35,809 s later, and what was suppressed is news then.
    expect(see('tester', 35_808)).toBe(false);
    expect(see('tester', 35_809)).toBe(true);
  });

  test('a time ends a suppression too, and one of an account never holds where no account is known', async () => {
    const timed = await run(rule('suppress: [{until: "2005-03-08T14:04Z"}]'));
    expect(timed.see('alice', 48)).toBe(false);
    expect(timed.see('alice', 49)).toBe(true);
    const named = await run(rule('suppress: [{accounts: ["*"]}]'));
    expect(named.see('x', 0, { im: { service: 'aim' } })).toBe(true);
  });

  test('sets the pace of updates', async () => {
    const { see, alerts } = await run(rule('updates: {factor: 2, seconds: 0}'));
    for (let n = 0; n < 9; n++) see('alice', n);
    expect(alerts.map((a) => a.im?.count)).toEqual([undefined, 2, 4, 8]);
    expect(alerts.map((a) => a.alert?.metadata.update)).toEqual([undefined, ['2'], ['3'], ['4']]);
  });

  test('the first rule of a signature holds', async () => {
    const rules = `${rule('severity: 2')}    - {signatures: ["*"], severity: 3}\n`;
    const { see, alerts } = await run(rules);
    see('alice', 0);
    see('bob', 0, { signature: SIGNATURES.unauthorizedIcq });
    expect(alerts.map((a) => a.alert?.severity)).toEqual([2, 3]);
  });
});

describe('a complaint has its line and column', () => {
  test.each([
    [rule('off: maybe'), '5:12', '"off" "maybe" is not known'],
    [rule('severity: 4'), '5:17', '"severity" "4" is not known'],
    [rule('threshold: {count: 1, seconds: 5}'), '5:26', 'whole number from 2'],
    [rule('threshold: {count: 5}'), '5:7', '"threshold" is to have "seconds"'],
    [rule('suppress: [{reason: x}]'), '5:18', 'is to have "accounts", "subnets" or "until"'],
    [rule('suppress: [{until: 2005-02-30}]'), '5:26', 'is no day'],
    [rule('suppress: [{until: soon}]'), '5:26', 'is no day'],
    [rule('suppress: [{subnets: [10.0.0.0/33]}]'), '5:29', 'prefix length'],
    [rule('suppres: []'), '5:7', 'did you mean "suppress"?'],
    [rule('updates: {factor: 1}'), '5:25', 'whole number from 2'],
    [rule('off: true', '9000009'), '4:20', 'no signature "9000009"'],
    [rule('off: true', '"IMSPAN Pasword exposed in IM sign-on"'), '4:20', 'did you mean'],
    ['  rules:\n    - off: true\n', '4:7', '"signatures" is missing'],
    ['  rules:\n    - signatures: [9000001]\n', '4:7', 'changes nothing'],
    [`${rule('off: true')}    - {signatures: [9000001], off: true}\n`, '6:7', 'never holds'],
    ['  storm: 0\n', '3:10', 'whole number from 1'],
    ['  - off\n', '3:3', '"alerts" is to be a mapping'],
  ])('%j', async (section, place, words) => {
    const parsed = parsePolicy(`version: 1\nalerts:\n${section}`, 'policy.yaml');
    await expect(parsed).rejects.toThrow(`policy.yaml:${place}: `);
    await expect(parsed).rejects.toThrow(words);
  });
});

describe('a storm', () => {
  test('is cut at so many alerts a minute, and at its end told with what was held back', async () => {
    const { see, alerts, findings } = await run('  storm: 2\n');
    for (let n = 0; n < 5; n++) see(`a${n}`, 0);
    see('password', 1, { signature: SIGNATURES.passwordExposed });
    expect(alerts).toHaveLength(2);
    expect(findings.isTold('a4')).toBe(false);
    // 14:03:11 is the start: the minute ends at 14:04:00.
    findings.tick(START + 48);
    expect(alerts).toHaveLength(2);
    findings.tick(START + 49);
    const [storm] = alerts.slice(2);
    expect(storm).toMatchObject({
      timestamp: imEvent({}, 1).timestamp,
      alert: {
        signature_id: 9_000_060,
        severity: 2,
        metadata: {
          evidence: [
            '3 × 9000001 IMSPAN Unauthorized consumer IM client (AIM)',
            '1 × 9000020 IMSPAN Password exposed in IM sign-on',
          ],
        },
      },
      im: { count: 4 },
    });
    expect(storm?.src_ip).toBeUndefined();
    expect(findings.counts).toMatchObject({ alerts: 3, held: 4, updates: 0 });
  });

  test('what was held back is told when it is seen again, and the next storm is an update of the same finding', async () => {
    const { see, alerts, findings } = await run('', { alert_storm: 1 });
    for (let n = 0; n < 3; n++) see(`a${n}`, 0);
    expect(see('a1', 60)).toBe(true);
    expect(alerts.at(-1)?.im).toMatchObject({ account: 'a1', count: 2 });
    see('a2', 61);
    findings.finish();
    const storms = alerts.filter((a) => a.alert?.signature_id === 9_000_060);
    expect(storms.map((a) => a.im?.count)).toEqual([2, 3]);
    expect(new Set(storms.map((a) => a.im?.finding)).size).toBe(1);
    expect(new Set(storms.map((a) => a.im?.id)).size).toBe(2);
    expect(storms[1]?.alert?.metadata.update).toEqual(['2']);
    expect(findings.counts).toMatchObject({ held: 3, updates: 1 });
  });

  test('no minute within the cap is told, and the alert itself can be turned off', async () => {
    const calm = await run('', { alert_storm: 3 });
    for (let n = 0; n < 12; n++) calm.see(`a${n}`, n * 20);
    calm.findings.finish();
    expect(calm.alerts).toHaveLength(12);
    const off = await run(`  storm: 1\n${rule('off: true', '9000060')}`);
    off.see('a', 0);
    off.see('b', 0);
    off.findings.finish();
    expect(off.alerts).toHaveLength(1);
  });

  test('of more signatures than an alert holds facts the rest is counted', async () => {
    const { see, alerts, findings } = await run('  storm: 1\n', { alert_evidence: 2 });
    see('first', 0);
    const all = [SIGNATURES.unauthorizedAim, SIGNATURES.unauthorizedIcq, SIGNATURES.unauthorizedMsn];
    for (const signature of all) see(signature.name, 0, { signature });
    findings.finish();
    expect(alerts.at(-1)?.alert?.metadata.evidence).toEqual([
      '1 × 9000001 IMSPAN Unauthorized consumer IM client (AIM)',
      '2 of 2 more signatures',
    ]);
  });
});
