import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT, OperatorError } from '../core/errors.ts';
import { loadPolicy, parsePolicy } from './policy-file.ts';
import { defaultPolicy } from './policy.ts';
import type { Subject } from './policy.ts';

const SUBJECT: Subject = {
  service: 'xmpp',
  clientIp: '10.1.2.3',
  serverIp: '192.0.2.10',
  serverPort: 5222,
  account: 'alice@example.com',
  client: { name: 'Pidgin', version: '2.10.11' },
};

const CORPORATE = `# Who may chat
version: 1
default:
  verdict: alert
  severity: high
rules:
  - name: corporate jabber
    networks: [xmpp]
    servers: [192.0.2.0/24, 2001:db8::5]
    domains: [example.com, "*.example.com"]
    verdict: allow
    reason: agreed in 2004
  - name: test lab
    networks: aim
    subnets: 10.9.0.0/16
    ports: [5190, 9898-9900]
    verdict: notice
  - clients:
      - name: Pidgin
        version: ">= 2.10"
      - Gaim*
    verdict: alert
    severity: 3
`;

async function complaints(text: string): Promise<string[]> {
  try {
    await parsePolicy(text, 'policy.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).exitCode).toBe(EXIT.USAGE);
    return (error as OperatorError).message.split('\n');
  }
  return [];
}

/** A policy with one rule of this body, indented as its lines are. */
function rule(...lines: string[]): string {
  return ['version: 1', 'rules:', '  - verdict: allow', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

describe('the default policy', () => {
  test('authorises no consumer network', () => {
    for (const service of ['aim', 'icq', 'msn', 'yahoo', 'xmpp', 'other']) {
      expect(defaultPolicy().decide({ ...SUBJECT, service })).toEqual({
        verdict: 'alert',
        severity: 1,
        line: 'default: consumer networks are not authorised here',
      });
    }
  });
});

describe('a policy file', () => {
  test('decides by the first rule that matches, and says which', async () => {
    const policy = await parsePolicy(CORPORATE, 'etc/policy.yaml');
    expect(policy.rules).toHaveLength(3);
    const verdictOf = (set: Partial<Subject>) => policy.decide({ ...SUBJECT, ...set });
    expect(verdictOf({})).toMatchObject({
      verdict: 'allow',
      line: 'policy.yaml:7 rule "corporate jabber": agreed in 2004',
    });
    expect(verdictOf({ serverIp: '2001:db8::5', account: 'bob@jabber.example.com/home' }).verdict).toBe(
      'allow',
    );
    expect(verdictOf({ serverIp: '198.51.100.1' })).toMatchObject({
      verdict: 'alert',
      severity: 3,
      line: 'policy.yaml:18 rule 3',
    });
    const aim: Partial<Subject> = { service: 'aim', clientIp: '10.9.4.4', serverPort: 9899 };
    expect(verdictOf(aim)).toMatchObject({
      verdict: 'notice',
      severity: 3,
      line: 'policy.yaml:13 rule "test lab"',
    });
    expect(verdictOf({ ...aim, serverPort: 443, client: { name: 'AIM' } })).toEqual({
      verdict: 'alert',
      severity: 1,
      stated: true,
      line: 'policy.yaml:3 default: consumer networks are not authorised here',
    });
  });

  test('what is not known fulfils no condition', async () => {
    const policy = await parsePolicy(CORPORATE, 'policy.yaml');
    const { account: _account, client: _client, ...unknown } = SUBJECT;
    expect(policy.decide(unknown)).toBe(policy.fallback);
    expect(policy.decide({ ...unknown, client: { name: 'Pidgin' } })).toBe(policy.fallback);
    expect(policy.decide({ ...unknown, client: { name: 'gaim' } }).line).toBe('policy.yaml:18 rule 3');
  });

  test('a domain matches itself, a pattern what is below it; case and a final dot do not count', async () => {
    const policy = await parsePolicy(rule('domains: [Example.com, "*.corp.example.org"]'), 'p.yaml');
    const allows = (account: string) => policy.decide({ ...SUBJECT, account }).verdict === 'allow';
    expect(['a@EXAMPLE.com', 'a@example.com./r', 'a@b.c.corp.example.org'].every(allows)).toBe(true);
    expect(
      [
        'a@sub.example.com',
        'a@corp.example.org',
        'example.com',
        'a@example.com@evil.net',
        'a@evilexample.com',
      ].some(allows),
    ).toBe(false);
    const { account: _account, ...unnamed } = SUBJECT;
    expect(policy.decide({ ...unnamed, domains: ['example.com'] }).verdict).toBe('allow');
  });

  test('a server matches by address or by a name it was seen under', async () => {
    const policy = await parsePolicy(rule('servers: [10.0.0.1, "*.chat.example.com"]'), 'p.yaml');
    expect(policy.decide({ ...SUBJECT, serverNames: ['a.chat.example.com'] }).verdict).toBe('allow');
    expect(policy.decide({ ...SUBJECT, serverNames: ['chat.example.net'] }).verdict).toBe('alert');
    expect(policy.decide({ ...SUBJECT, serverIp: '10.0.0.1' }).verdict).toBe('allow');
  });

  test('anchors and aliases share lists', async () => {
    const text = `version: 1
rules:
  - servers: &own [10.0.0.0/8]
    networks: [aim]
    verdict: allow
  - servers: *own
    networks: [msn]
    verdict: notice
`;
    const policy = await parsePolicy(text, 'p.yaml');
    expect(policy.decide({ ...SUBJECT, service: 'msn', serverIp: '10.0.0.1' }).line).toBe('p.yaml:6 rule 2');
  });

  test('a reason of the file stands in its default', async () => {
    const policy = await parsePolicy('version: 1\ndefault: {verdict: allow, reason: a lab}\n', 'p.yaml');
    expect(policy.decide(SUBJECT)).toEqual({
      verdict: 'allow',
      severity: 1,
      line: 'p.yaml:2 default: a lab',
    });
  });

  test('networks of other plug-ins can be named where they are given', async () => {
    const text = rule('networks: [gadu]');
    expect(await complaints(text)).toHaveLength(1);
    const policy = await parsePolicy(text, 'p.yaml', { networks: ['gadu'] });
    expect(policy.decide({ ...SUBJECT, service: 'gadu' }).verdict).toBe('allow');
  });

  test('many rules about other networks cost a judgement nothing', async () => {
    const lines = ['version: 1', 'rules:'];
    for (let i = 0; i < 2_000; i++) {
      lines.push(`  - {networks: [aim], subnets: [10.${i >> 8}.${i & 255}.0/24], verdict: allow}`);
    }
    const policy = await parsePolicy(lines.join('\n'), 'p.yaml');
    expect(policy.decide({ ...SUBJECT, service: 'aim', clientIp: '10.7.207.9' }).line).toBe(
      'p.yaml:2002 rule 2000',
    );
    expect(policy.decide({ ...SUBJECT, clientIp: '10.7.207.9' }).verdict).toBe('alert');
  });
});

describe('complaints have a line and a column', () => {
  test.each([
    ['', 'policy.yaml:1:1: the policy is empty; it begins with "version: 1"'],
    ['# nothing\n', 'policy.yaml:1:1: the policy is empty; it begins with "version: 1"'],
    ['- a\n', 'policy.yaml:1:1: the policy is to be a mapping (key: value)'],
    ['rules: []\n', 'policy.yaml:1:1: "version: 1" is missing'],
    ['version: 2\n', 'policy.yaml:1:10: version 2 is not known here; this program reads version 1'],
    ['version: 1\nrule:\n', 'policy.yaml:2:1: unknown key "rule" in the policy (did you mean "rules"?)'],
    ['version: 1\ndefault: deny\n', 'policy.yaml:2:10: "default" is to be a mapping'],
    [
      'version: 1\ndefault: {verdict: deny}\n',
      'policy.yaml:2:20: "verdict" "deny" is not known; known: allow, notice, alert',
    ],
    ['version: 1\nrules:\n  - name: x\n', 'policy.yaml:3:5: "verdict" is missing'],
    ['version: 1\nrules:\n  - verdict:\n', 'policy.yaml:3:13: "verdict" is to be a text'],
    ['version: 1\nrules:\n  - {verdict}\n', 'policy.yaml:3:6: "verdict" is to be a text'],
    ['version: 1\nrules:\n  - allow\n', 'policy.yaml:3:5: a rule is to be a mapping'],
    ['version: 1\nrules: []\n', 'policy.yaml:2:1: "rules" is empty and would never match'],
    [rule('severity: 1'), 'policy.yaml:4:5: "severity" belongs to the verdict alert, not to allow'],
    [rule('subnet: 10.0.0.0/8'), 'policy.yaml:4:5: unknown key "subnet" in a rule (did you mean "subnets"?)'],
    [
      rule('subnets: [10.1.0.0/8]'),
      'policy.yaml:4:15: "10.1.0.0/8" has bits set beyond its prefix; write 10.0.0.0/8',
    ],
    [
      rule('subnets:', '  - 10.0.0.0/8', '  - office'),
      'policy.yaml:6:9: "office" is no IP address or network',
    ],
    [rule('servers: [300.0.0.1]'), 'policy.yaml:4:15: "300.0.0.1" is no IP address'],
    [rule('servers: ["exa mple"]'), 'policy.yaml:4:15: "exa mple" is no name such as example.com'],
    [
      rule('servers: [*.example.com]'),
      'policy.yaml:4:15: *.example.com refers to nothing; a text that begins with * is to be in quotes',
    ],
    [rule('domains: [alice@example.com]'), 'policy.yaml:4:15: "alice@example.com" is no name'],
    [rule('networks: [ami]'), 'policy.yaml:4:16: network "ami" is not known (did you mean "aim"?)'],
    [rule('networks: []'), 'policy.yaml:4:5: "networks" is empty and would never match'],
    [rule('ports: [0]'), 'policy.yaml:4:13: "0" is no port (1 to 65535) or range such as 5190-5193'],
    [rule('ports: [9-5]'), 'policy.yaml:4:13: "9-5" is no port'],
    [rule('ports: [65536]'), 'policy.yaml:4:13: "65536" is no port'],
    [rule('clients: [{version: 1}]'), 'policy.yaml:4:15: a client is to have a "name"'],
    [
      rule('clients: [{name: x, verion: 1}]'),
      'policy.yaml:4:25: unknown key "verion" in a client (did you mean "version"?)',
    ],
    [
      rule('clients: [{name: x, version: ">= new"}]'),
      'policy.yaml:4:34: ">= new": >= is to be followed by a version number',
    ],
    [rule('clients: [[x]]'), 'policy.yaml:4:15: a client is to be a text'],
    [rule('name: a', 'name: b'), 'policy.yaml:5:5: this key is here twice'],
    [rule('name: !odd x'), 'policy.yaml:4:11: Unresolved tag: !odd'],
    [rule('\tname: a'), 'policy.yaml:4:5: '],
    ['version: 1\nrules: [\n', 'policy.yaml:3:1: '],
    ['version: 1\n---\nversion: 1\n', 'policy.yaml:2:1: a second document begins here'],
    [
      'version: 1\nrules:\n  - verdict: allow\n  - verdict: alert\n',
      'policy.yaml:4:5: no client ever gets to this rule: the one on line 3',
    ],
  ])('%j', async (text, complaint) => {
    const told = await complaints(text);
    expect(told[0]).toContain(complaint);
  });

  test('all are told at once, in the order of the file, and the many are counted', async () => {
    const told = await complaints('version: 3\nrules:\n  - verdict: allow\n    port: 1\n  - verdict: yes\n');
    expect(told.map((line) => line.slice(0, 'policy.yaml:0:0'.length))).toEqual([
      'policy.yaml:1:1',
      'policy.yaml:4:5',
      'policy.yaml:5:1',
    ]);
    const many = await complaints(
      ['version: 1', ...Array.from({ length: 30 }, (_, i) => `k${i}: 1`)].join('\n'),
    );
    expect(many).toHaveLength(21);
    expect(many[20]).toBe('policy.yaml: and 10 more');
  });
});

describe('reading from disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('a file, with Windows line ends and a byte order mark too', async () => {
    const path = join(folder, 'policy.yaml');
    await writeFile(path, `\ufeff${CORPORATE.replaceAll('\n', '\r\n')}`);
    const policy = await loadPolicy(path);
    expect(policy.decide(SUBJECT).line).toBe('policy.yaml:7 rule "corporate jabber": agreed in 2004');
  });

  test('a file that is missing or no text', async () => {
    await expect(loadPolicy(join(folder, 'none.yaml'))).rejects.toMatchObject({
      exitCode: EXIT.IO,
      message: expect.stringContaining('none.yaml: ENOENT'),
    });
    const path = join(folder, 'binary.yaml');
    await writeFile(path, Uint8Array.of(0xff, 0xfe, 0x00));
    await expect(loadPolicy(path)).rejects.toMatchObject({
      exitCode: EXIT.USAGE,
      message: expect.stringContaining('binary.yaml:1:1: is not UTF-8 text'),
    });
  });
});
