import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkPolicy, parsePolicy, readPolicy } from '../policy-file.ts';
import type { Subject } from '../policy.ts';
import { explainDecision } from './explain.ts';
import { endOfDay } from './hours.ts';
import { POLICY_TEMPLATE } from './template.ts';

const SUBJECT: Subject = {
  service: 'xmpp',
  clientIp: '10.1.2.3',
  serverIp: '192.0.2.10',
  serverPort: 5222,
  account: 'alice@example.com',
  client: { name: 'Pidgin', version: '2.10.11' },
  protocol: 'xmpp',
  seconds: Date.parse('2026-03-27T12:00:00Z') / 1000,
};

const rule = (body: string, before = ''): string =>
  `version: 2\n${before}rules:\n  - {verdict: allow, ${body}}\n`;

async function allows(text: string, set: Partial<Subject> = {}): Promise<boolean> {
  return (await parsePolicy(text, 'p.yaml')).decide({ ...SUBJECT, ...set }).verdict === 'allow';
}

describe('conditions of version 2', () => {
  test.each<[string, Partial<Subject>, Partial<Subject>]>([
    ['accounts: [Alice@example.com]', {}, { account: 'bob@example.com' }],
    ['accounts: ["*@example.com"]', { account: 'x@EXAMPLE.com/r' }, { account: 'x@example.org' }],
    ['accounts: ["a*e"]', { account: 'a l i e' }, { account: 'alien' }],
    ['accounts: [{network: xmpp, account: "alice@*"}]', {}, { service: 'aim' }],
    ['groups: [g]', {}, { account: 'bob' }],
    ['subnets: [home]', {}, { clientIp: '8.8.8.8' }],
    ['subnets: [outside]', { clientIp: '2001:db8::1' }, { clientIp: 'fd00::1' }],
    ['servers: [home, x.example]', { serverIp: 'fd00::5' }, {}],
    ['protocols: [xmpp]', {}, { protocol: 'tls' }],
    ['carriers: [none]', {}, { carrier: 'socks5' }],
    ['carriers: [socks5]', { carrier: 'http-connect+socks5' }, {}],
    ['encryption: [tls]', { encryption: ['tls'] }, {}],
    ['encryption: [none]', {}, { encryption: ['otr'] }],
    ['features: [file, room]', { features: ['file'] }, {}],
    ['hours: {days: mon-fri, from: "08:00", to: "18:00"}', {}, { seconds: SUBJECT.seconds! + 6 * 3600 }],
    ['hours: {days: fri, from: "22:00", to: "06:00"}', { seconds: SUBJECT.seconds! + 16 * 3600 }, {}],
    ['expires: 2026-03-27', {}, { seconds: SUBJECT.seconds! + 12 * 3600 }],
  ])('%s', async (body, match, miss) => {
    const text = rule(body, 'groups:\n  g: [alice@example.com]\n');
    expect(await allows(text, match)).toBe(true);
    expect(await allows(text, miss)).toBe(false);
  });

  test('hours and last days are those of the time zone, summer time too', async () => {
    const text = rule('hours: {from: "13:00", to: "14:00"}', 'time_zone: Europe/Berlin\n');
    // 12:00 UTC is 13:00 there until the clocks change two days later.
    expect(await allows(text)).toBe(true);
    expect(await allows(text, { seconds: SUBJECT.seconds! + 3 * 86_400 })).toBe(false);
    expect(await allows(text, { seconds: SUBJECT.seconds! + 3 * 86_400 - 3_600 })).toBe(true);
    expect(endOfDay('2026-07-01', 'Europe/Berlin')).toBe(Date.parse('2026-07-01T22:00:00Z') / 1000);
    expect(endOfDay('2026-01-01', 'America/New_York')).toBe(Date.parse('2026-01-02T05:00:00Z') / 1000);
    expect(endOfDay('2026-02-30', 'UTC')).toBeUndefined();
  });

  test('a department of the registry can be a group', async () => {
    const directory = {
      departmentOf: (_: string, account: string) => (account === 'alice@example.com' ? 'Legal' : undefined),
    };
    const text = rule('groups: [law]', 'groups:\n  law: [{department: legal}]\n');
    const policy = await parsePolicy(text, 'p.yaml', { directory });
    expect(policy.decide(SUBJECT).verdict).toBe('allow');
    expect(policy.decide({ ...SUBJECT, account: 'bob' }).verdict).toBe('alert');
  });

  test('lists come from CSV beside the policy; bad rows are told and left out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-'));
    try {
      writeFileSync(
        join(folder, 'l.csv'),
        'name;account;network\r\nA;"alice@example.com";\r\nB;;\nC;x;gadu\nD;bob;aim\n',
      );
      writeFileSync(join(folder, 'p.yaml'), rule('groups: [g]', 'groups:\n  g: [{csv: l.csv}]\n'));
      const { policy, warnings } = await checkPolicy(join(folder, 'p.yaml'));
      expect(policy.decide(SUBJECT).verdict).toBe('allow');
      expect(policy.decide({ ...SUBJECT, service: 'aim', account: 'bob' }).verdict).toBe('allow');
      expect(policy.decide({ ...SUBJECT, account: 'bob' }).verdict).toBe('alert');
      expect(warnings).toEqual([
        expect.stringContaining('p.yaml:3:13: l.csv:3: row left out: no account'),
        expect.stringContaining('l.csv:4: row left out: network "gadu" is not known'),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is wrong in version 2', () => {
  test.each([
    ['version: 1\nwalls: []\n', 'p.yaml:2:1: unknown key "walls" in the policy'],
    ['version: 1\nrules:\n  - {verdict: allow, hours: {}}\n', 'p.yaml:3:22: unknown key "hours" in a rule'],
    [
      rule('groups: [tradesr]', 'groups:\n  traders: [a]\n'),
      'p.yaml:5:31: group "tradesr" is not known (did you mean "traders"?)',
    ],
    [rule('hours: {from: "8"}'), 'p.yaml:3:36: "8" is no time of day such as 08:30'],
    [rule('hours: {days: monday}'), 'p.yaml:3:36: "monday" is no day'],
    [rule('features: [files]'), 'p.yaml:3:33: feature "files" is not known (did you mean "file"?)'],
    [rule('expires: soon'), 'p.yaml:3:31: "soon" is no day such as 2026-12-31'],
    [
      rule('subnets: [ofice]', 'home_networks: {office: 10.0.0.0/8}\n'),
      'p.yaml:4:32: "ofice" is no IP address or network, nor one of home_networks: office',
    ],
    ['version: 2\ntime_zone: Mars\n', 'p.yaml:2:12: time zone "Mars" is not known'],
    [
      'version: 2\nexceptions:\n  - {verdict: allow, networks: aim}\n',
      'p.yaml:3:5: an exception is to have "reason"',
    ],
    ['version: 2\nminimum_versions: {Pidgin: new}\n', 'p.yaml:2:28: "new" is no version number'],
    ['version: 2\nwalls:\n  - {name: x}\n', 'p.yaml:3:5: a wall is to have "between"'],
    [
      'version: 2\ngroups: {a: [x]}\nwalls:\n  - {between: [a]}\n',
      'p.yaml:4:6: "between" is to list two groups or more',
    ],
    ['version: 2\ngroups: {a: [{csv: none.csv}]}\n', 'p.yaml:2:20: cannot read the list none.csv: ENOENT'],
  ])('%j', async (text, complaint) => {
    await expect(parsePolicy(text, 'p.yaml')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(complaint),
    });
  });

  test('expired, unreachable and unused parts are warned of when a policy is checked', async () => {
    const text = `version: 2
home_networks: {lab: 10.9.0.0/16}
groups: {g: [a]}
exceptions:
  - {networks: aim, verdict: allow, reason: r, expires: 2020-01-01}
rules:
  - {networks: [aim, msn], verdict: allow}
  - {networks: msn, ports: 1863, verdict: alert}
`;
    const { warnings } = await readPolicy(text, 'p.yaml', { today: Date.parse('2026-01-01') / 1000 });
    expect(warnings).toEqual([
      'p.yaml:1:1: home network "lab" is named by no rule and no wall',
      'p.yaml:1:1: group "g" is named by no rule and no wall',
      expect.stringContaining('p.yaml:5:5: has expired'),
      'p.yaml:8:5: is never reached: all that it matches is decided before, by p.yaml:7 rule 1',
    ]);
  });
});

test('of many thousand rules, too, those that are never reached are told', async () => {
  const far = Array.from(
    { length: 6_000 },
    (_, n) => `  - {subnets: [10.${n >> 8}.${n & 255}.0/24], verdict: allow}`,
  );
  far.push('  - {subnets: [10.20.7.0/24, 10.0.1.0/24], verdict: allow}');
  far.push('  - {subnets: [10.20.7.0/24], ports: 5190, verdict: allow}');
  const checked = async (rules: readonly string[]): Promise<readonly string[]> =>
    (await readPolicy(['version: 2', 'rules:', ...rules].join('\n'), 'p.yaml', { today: 1 })).warnings;
  // Two subnets together are in no single rule before.
  expect(await checked(far)).toEqual([
    'p.yaml:6004:5: is never reached: all that it matches is decided before, by p.yaml:5130 rule 5128',
  ]);
  const alike = Array.from(
    { length: 6_000 },
    (_, n) => `  - {ports: ${1 + (n % 60)}, subnets: [10.0.${(n / 60) | 0}.0/24], verdict: allow}`,
  );
  expect(await checked(alike)).toEqual([]);
});

test('the file that init writes is a good policy: own servers are allowed, what is outside is not', async () => {
  const { policy, warnings } = await readPolicy(POLICY_TEMPLATE, 'p.yaml', { today: 1_800_000_000 });
  expect(warnings).toEqual([]);
  expect(policy.decide({ ...SUBJECT, client: { name: 'Gajim' } }).verdict).toBe('alert');
  expect(policy.decide({ ...SUBJECT, client: { name: 'Gajim' }, serverIp: '10.0.0.5' }).verdict).toBe(
    'allow',
  );
  expect(policy.decide({ ...SUBJECT, serverIp: '10.0.0.5' })).toMatchObject({ outdated: true });
});

test('the first match by the index is that of trying one by one', async () => {
  const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.1.0.1', '2001:db8::1', '2001:db8:0:1::1');
  const network = fc.constantFrom(
    '10.0.0.1',
    '10.0.0.0/24',
    '10.0.0.0/8',
    "'2001:db8::/32'",
    "'2001:db8::1'",
    "'::/0'",
  );
  const names = fc.constantFrom('a.example', 'b.example', "'*.example'");
  const condition = fc.oneof(
    fc.array(network, { minLength: 1, maxLength: 2 }).map((n) => `subnets: [${n.join()}]`),
    fc.tuple(network, names).map((n) => `servers: [${n.join()}]`),
    names.map((n) => `domains: [${n}]`),
    fc.constantFrom('alice@a.example', "'*@b.example'", "'al*'").map((n) => `accounts: [${n}]`),
    fc.constantFrom('xmpp', 'aim', 'aim, msn').map((n) => `networks: [${n}]`),
  );
  const rules = fc.array(
    fc.uniqueArray(condition, { selector: (c) => c.split(':')[0], minLength: 1, maxLength: 3 }),
    {
      minLength: 16,
      maxLength: 40,
    },
  );
  const subject = fc.record({
    service: fc.constantFrom('xmpp', 'aim', 'yahoo'),
    clientIp: address,
    serverIp: address,
    account: fc.constantFrom('alice@a.example', 'bob@b.example', 'al'),
    serverNames: fc.constantFrom([], ['a.example'], ['x.example', 'B.example.']),
  });
  await fc.assert(
    fc.asyncProperty(rules, fc.array(subject, { minLength: 5, maxLength: 10 }), async (all, subjects) => {
      const text = ['version: 2', 'rules:', ...all.map((c) => `  - {verdict: notice, ${c.join(', ')}}`)];
      const policy = await parsePolicy(text.join('\n'), 'p.yaml');
      for (const each of subjects) {
        const whole: Subject = { serverPort: 1, seconds: 0, ...each };
        expect(policy.decide(whole)).toBe(explainDecision(policy, whole, 0).decision);
      }
    }),
    { numRuns: 150 },
  );
});
