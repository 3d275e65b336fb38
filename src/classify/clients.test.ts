import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { EveEvent, ImObject } from '../event/eve.ts';
import type { ClientSoftware, Verdict } from '../event/im.ts';
import { AIM_CLIENT, START, flowEvent, header, imEvent } from './build.ts';
import { Classifier } from './classifier.ts';
import type { ClassifyLimits } from './limits.ts';
import { parsePolicy } from './policy-file.ts';
import { defaultPolicy } from './policy.ts';
import type { Policy } from './policy.ts';

const VERDICT: Verdict = {
  protocol: 'oscar',
  confidence: 'high',
  evidence: ['client: FLAP sign-on at byte 0'],
};
const SUCCESS = { mechanism: 'md5', result: 'success' } as const;
const GAIM: ClientSoftware = { name: 'Gaim', version: '0.75', raw: 'Gaim', evidence: ['TLV 0x03'] };

interface Run {
  classifier: Classifier;
  alerts: EveEvent[];
  /** Accounts (`-` where unknown) of the alerts about clients. */
  told: () => string[];
}

function run(policy: Policy = defaultPolicy(), limits: Partial<ClassifyLimits> = {}): Run {
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({ rulebook: { policy }, emit: (alert) => alerts.push(alert), limits });
  return {
    classifier,
    alerts,
    told: () => alerts.filter((a) => a.alert?.signature_id !== 9_000_020).map((a) => a.im?.account ?? '-'),
  };
}

function login(account = 'alice', more: Partial<ImObject> = {}): Partial<ImObject> {
  return { kind: 'login', account, auth: SUCCESS, client: AIM_CLIENT, ...more };
}

describe('an unauthorized client', () => {
  test('is told at once where account and software are known, with who, where, what and why', () => {
    const { classifier, alerts } = run();
    classifier.verdict(header(), VERDICT, 'aim');
    const event = imEvent(login('alice', { session: 'f'.repeat(32), carrier: 'socks5' }));
    expect(classifier.on(event)).toBe(true);
    expect(alerts).toEqual([
      {
        timestamp: '2005-03-08T14:03:11.004512+0000',
        event_type: 'alert',
        pcap_filename: 'tap.pcap',
        pcap_cnt: 10,
        direction: 'to_server',
        ...header(),
        alert: {
          action: 'allowed',
          gid: 1,
          signature_id: 9_000_001,
          rev: 1,
          signature: 'IMSPAN Unauthorized consumer IM client (AIM)',
          category: 'Potential Corporate Privacy Violation',
          severity: 1,
          references: ['docs/ALERTS.md#9000001'],
          metadata: {
            policy: ['default: consumer networks are not authorised here'],
            evidence: [
              'client: FLAP sign-on at byte 0',
              'also 9000080: carrier: socks5',
              'TLV 0x03 client string',
            ],
            confidence: ['high'],
          },
        },
        im: {
          v: 1,
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          service: 'aim',
          account: 'alice',
          session: 'f'.repeat(32),
          client: AIM_CLIENT,
          carrier: 'socks5',
          host: { id: expect.stringMatching(/^[0-9a-f]{32}$/) },
          finding: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      },
    ]);
    expect(classifier.counts).toMatchObject({ alerts: 1, notices: 0, updates: 0, repeats: 0, forgotten: 0 });
  });

  test('is told again at ten and at a hundred sightings, an hour of packet time apart at least', () => {
    const { classifier, alerts } = run();
    for (let n = 0; n < 120; n++) {
      const on = { flow_id: n + 1, src_port: 40_000 + n };
      classifier.verdict(header(on), VERDICT, 'aim');
      classifier.on(imEvent(login(), n * 200, on));
      classifier.on(flowEvent(n * 200 + 50, on));
    }
    // The tenth comes half an hour after the first: the hour is over with the nineteenth.
    expect(alerts.map((a) => a.im?.count)).toEqual([undefined, 19, 100]);
    expect(new Set(alerts.map((a) => a.im?.finding)).size).toBe(1);
    expect(new Set(alerts.map((a) => a.im?.id)).size).toBe(3);
    expect(alerts[2]?.im?.first_seen).toBe(alerts[0]?.timestamp);
    expect(alerts[2]?.im?.last_seen).toBe(alerts[2]?.timestamp);
    expect(classifier.counts).toMatchObject({ alerts: 1, updates: 2, repeats: 119 });
  });

  test('is told once, however many events and connections follow', () => {
    const { classifier, alerts } = run();
    for (let flow = 1; flow <= 5; flow++) {
      const on = { flow_id: flow, src_port: 40_000 + flow };
      classifier.verdict(header(on), VERDICT, 'aim');
      for (let i = 0; i < 5; i++) classifier.on(imEvent(login(), flow * 100 + i, on));
      expect(classifier.on(flowEvent(flow * 100 + 50, on))).toBe(true);
    }
    expect(alerts).toHaveLength(1);
    expect(classifier.counts).toMatchObject({ alerts: 1, repeats: 4 });
  });

  test.each([
    ['account', login('bob'), {}],
    ['server', login(), { dest_ip: '198.51.100.8' }],
    ['client address', login(), { src_ip: '10.1.2.4' }],
    ['network', login('alice', { service: 'icq' }), {}],
  ])('another %s is another alert', (_what, im, flow) => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(login()));
    classifier.on(imEvent(im, 1, { flow_id: 2, ...flow }));
    expect(alerts).toHaveLength(2);
    expect(new Set(alerts.map((a) => a.im?.id)).size).toBe(2);
    expect(new Set(alerts.map((a) => a.im?.finding)).size).toBe(2);
  });

  test('an IPv6 client is told like an IPv4 one', () => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(login(), 0, { src_ip: '2001:db8::3', dest_ip: '2001:db8:1::7' }));
    expect(alerts).toMatchObject([{ src_ip: '2001:db8::3', dest_ip: '2001:db8:1::7' }]);
  });

  test('ids depend on what happened, not on when or in which file', () => {
    const ids = [0, 500].map((after) => {
      const { classifier, alerts } = run();
      const event = imEvent(login(), after, { flow_id: 1 + after });
      if (event.im) event.im.id = 'e'.repeat(32);
      classifier.on({ ...event, pcap_filename: `${after}.pcap` });
      return [alerts[0]?.im?.id, alerts[0]?.im?.finding];
    });
    expect(ids[0]).toEqual(ids[1]);
  });

  test.each([
    ['aim', 9_000_001],
    ['icq', 9_000_002],
    ['msn', 9_000_003],
    ['yahoo', 9_000_004],
    ['xmpp', 9_000_005],
    ['gtalk', 9_000_006],
    ['irc', 9_000_007],
    ['whatsapp', 9_000_008],
    ['qq', 9_000_008],
    ['gadu', 9_000_019],
  ])('the network %s has signature %d', (service, id) => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(login('a', { service })));
    expect(alerts.map((a) => a.alert?.signature_id)).toEqual([id]);
  });

  test('a messenger that cannot be read is told once a client address, whatever the servers, and again once it is surer', () => {
    const { classifier, alerts } = run();
    const seen = (id: number, confidence: 'low' | 'medium' | 'high'): void => {
      const im: Partial<ImObject> = {
        service: 'whatsapp',
        kind: 'service',
        confidence,
        evidence: ['dns: x'],
      };
      const ends = { flow_id: id, dest_ip: `198.51.100.${id}`, app_proto: 'dns' };
      classifier.verdict(header(ends), { protocol: 'dns', confidence, evidence: ['dns: x'] }, 'whatsapp');
      classifier.on(imEvent(im, id, ends));
      classifier.on(flowEvent(id, ends, { service: 'whatsapp' }));
    };
    seen(1, 'low');
    seen(2, 'low');
    seen(3, 'high');
    seen(4, 'medium');
    seen(5, 'high');
    expect(alerts.map((a) => a.alert?.severity)).toEqual([3, 1]);
  });

  test('never shows what people wrote, and hostile names are cut', () => {
    const { classifier, alerts } = run();
    const long = `${'n'.repeat(255)}😀`;
    classifier.on(
      imEvent({
        kind: 'message',
        account: long,
        text: 'the secret text',
        client: { ...AIM_CLIENT, raw: 'r'.repeat(10_000), evidence: Array(50).fill('x'.repeat(1_000)) },
      }),
    );
    const [alert] = alerts;
    expect(JSON.stringify(alert)).not.toContain('secret');
    expect(alert?.im?.account).toBe('n'.repeat(255));
    expect(JSON.stringify(alert).length).toBeLessThan(6_000);
  });
});

describe('a service that was only sighted', () => {
  const severity = (
    confidence: Verdict['confidence'],
    policy?: Policy,
    more?: Partial<ImObject>,
  ): unknown => {
    const { classifier, alerts } = run(policy);
    classifier.verdict(header(), { ...VERDICT, confidence }, 'aim');
    classifier.on(imEvent({ kind: 'service', confidence, ...more }));
    classifier.finish();
    return alerts.map((a) => a.alert?.severity);
  };

  test.each([
    ['high', 1],
    ['medium', 2],
    ['low', 3],
  ] as const)('at %s confidence has severity %d', (confidence, expected) => {
    expect(severity(confidence)).toEqual([expected]);
  });

  test('what was read has the severity of the policy, however it was recognised', () => {
    expect(severity('low', defaultPolicy(), { kind: 'message' })).toEqual([1]);
  });

  test('what the operator wrote stands', async () => {
    const policy = parsePolicy('version: 1\ndefault:\n  verdict: alert\n  severity: 1\n', 'p.yaml');
    expect(severity('low', await policy)).toEqual([1]);
  });
});

describe('waiting for the software', () => {
  const unknown = login();
  delete unknown.client;

  test('the alert comes with the software that is named soon after', () => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(unknown));
    expect(alerts).toHaveLength(0);
    classifier.on(imEvent({ kind: 'client', account: 'alice', client: GAIM }, 2));
    expect(alerts).toMatchObject([{ pcap_cnt: 12, im: { account: 'alice', client: GAIM } }]);
  });

  test('it comes without when the patience is over, by the events of any flow or by the tick', () => {
    for (const pass of [
      (c: Classifier) => c.on(imEvent({ kind: 'typing' }, 5, { flow_id: 9, src_ip: '10.9.9.9' })),
      (c: Classifier) => c.tick(START + 5),
      (c: Classifier) => c.on(flowEvent(1)),
      (c: Classifier) => c.finish(),
    ]) {
      const { classifier, alerts } = run();
      classifier.on(imEvent(unknown));
      classifier.tick(START + 4);
      expect(alerts).toHaveLength(0);
      pass(classifier);
      expect(alerts).toHaveLength(1);
      expect(alerts[0]?.im).not.toHaveProperty('client');
    }
  });

  test('it does not wait where the software is known from another connection of the session', () => {
    const { classifier, alerts } = run();
    classifier.on(imEvent(login('alice', { session: 'a'.repeat(32) })));
    classifier.on(imEvent({ ...unknown, session: 'a'.repeat(32) }, 1, { flow_id: 2, dest_ip: '192.0.2.1' }));
    expect(alerts.map((a) => a.im?.client)).toEqual([AIM_CLIENT, AIM_CLIENT]);
  });

  test('a limit of 0 is no waiting beyond the second', () => {
    const { classifier, alerts } = run(defaultPolicy(), { client_patience: 0 });
    classifier.on(imEvent(unknown));
    classifier.tick(START + 1);
    expect(alerts).toHaveLength(1);
  });
});

describe('a client whose account does not show', () => {
  test('is told after a minute of its events', () => {
    const { classifier, told } = run();
    classifier.verdict(header(), VERDICT, 'aim');
    for (let after = 0; after < 60; after += 10) classifier.on(imEvent({ kind: 'presence' }, after));
    expect(told()).toEqual([]);
    classifier.on(imEvent({ kind: 'presence' }, 60));
    expect(told()).toEqual(['-']);
  });

  test('is told at the end of its flow, from the verdict alone', () => {
    const { classifier, alerts } = run();
    classifier.verdict(header(), VERDICT, 'aim');
    expect(classifier.on(flowEvent(7))).toBe(true);
    expect(alerts).toMatchObject([
      { pcap_cnt: 17, im: { service: 'aim' }, alert: { metadata: { confidence: ['high'] } } },
    ]);
    expect(alerts[0]?.im).not.toHaveProperty('account');
  });

  test('is told from the flow event alone where the flow was forgotten', () => {
    const { classifier, alerts } = run();
    classifier.on(
      flowEvent(7, { app_proto: 'ymsg' }, { service: 'yahoo', verdict: { ...VERDICT, protocol: 'ymsg' } }),
    );
    expect(alerts).toMatchObject([{ app_proto: 'ymsg', alert: { signature_id: 9_000_004 } }]);
  });

  test('the account that shows after that alert is not told again, another one is', () => {
    const { classifier, told } = run();
    classifier.on(imEvent({ kind: 'presence' }));
    classifier.tick(START + 60);
    classifier.on(imEvent(login('alice'), 61));
    classifier.on(imEvent(login('alice'), 62));
    expect(told()).toEqual(['-']);
    classifier.on(imEvent(login('bob'), 63));
    expect(told()).toEqual(['-', 'bob']);
  });

  test('adds nothing where an account of that client was told', () => {
    const { classifier, told } = run();
    classifier.on(imEvent(login('alice')));
    classifier.on(imEvent({ kind: 'presence' }, 1, { flow_id: 2 }));
    classifier.tick(START + 70);
    expect(told()).toEqual(['alice']);
    classifier.on(imEvent(login('bob'), 80, { flow_id: 2 }));
    expect(told()).toEqual(['alice', 'bob']);
  });

  test('a sign-on without a readable name does not wait a minute', () => {
    const { classifier, told } = run();
    classifier.on(imEvent({ kind: 'login', auth: SUCCESS }));
    classifier.tick(START + 5);
    expect(told()).toEqual(['-']);
  });

  test('a sign-on names its account by its sender too', () => {
    const { classifier, told } = run();
    classifier.on(imEvent({ kind: 'login', from: 'carol', client: AIM_CLIENT }));
    classifier.on(imEvent({ kind: 'message', from: 'dave' }, 1));
    expect(told()).toEqual(['carol']);
  });
});

describe('the network of a client', () => {
  test('is that of the event which names the account', () => {
    const { classifier, alerts } = run();
    classifier.verdict(header(), VERDICT, 'aim');
    classifier.on(imEvent(login('12345678', { service: 'icq' })));
    classifier.on(imEvent({ kind: 'message', account: '12345678', service: 'aim', text: 'x' }, 1));
    expect(alerts.map((a) => a.im?.service)).toEqual(['icq']);
  });
});

describe('what is no client of its own', () => {
  test.each(['oft', 'msnftp', 'msnp2p'])(
    'a %s transfer belongs to the sign-on of either end',
    (app_proto) => {
      const service = app_proto === 'oft' ? 'icq' : 'msn';
      const base = app_proto === 'oft' ? 'aim' : 'msn';
      for (const ends of [
        { src_ip: '10.1.2.3', dest_ip: '203.0.113.5' },
        { src_ip: '203.0.113.5', dest_ip: '10.1.2.3' },
      ]) {
        const { classifier, alerts } = run();
        classifier.on(imEvent(login('alice', { service: base })));
        classifier.on(flowEvent(1, { flow_id: 2, app_proto, ...ends }, { service, verdict: VERDICT }));
        expect(alerts).toHaveLength(1);
      }
      const { classifier, alerts } = run();
      classifier.on(flowEvent(1, { flow_id: 2, app_proto }, { service, verdict: VERDICT }));
      expect(alerts).toHaveLength(1);
    },
  );

  test('flows that are no IM, and events that belong to no flow, raise nothing', () => {
    const { classifier, alerts } = run();
    const { im: _im, ...plain } = flowEvent(1, { app_proto: 'http' });
    expect(classifier.on(plain)).toBe(false);
    const { flow_id: _flow, ...loose } = imEvent(login());
    expect(classifier.on(loose)).toBe(false);
    const { community_id: _id, ...odd } = imEvent(login());
    expect(classifier.on(odd)).toBe(false);
    classifier.on({ timestamp: loose.timestamp, event_type: 'stats', stats: {} });
    classifier.on(imEvent({ kind: 'conversation', members: ['a'] }, 1, { flow_id: 5 }));
    classifier.on({ ...imEvent({ kind: 'login' }), event_type: 'anomaly' });
    classifier.finish();
    expect(alerts).toHaveLength(0);
  });
});

describe('an exposed password', () => {
  const exposed = { mechanism: 'PLAIN', result: 'success', exposed: 'password' } as const;

  test('is told once for each account and server, also where the policy allows the client', async () => {
    const policy = await parsePolicy('version: 1\nrules:\n  - verdict: allow\n', 'p.yaml');
    const { classifier, alerts } = run(policy);
    const event = imEvent(login('alice', { auth: exposed }));
    expect(classifier.on(event)).toBe(true);
    classifier.on(
      imEvent(login('alice', { auth: { mechanism: 'md5', result: 'success', exposed: 'hash' } }), 8),
    );
    classifier.on(imEvent(login('alice', { auth: exposed }), 9, { flow_id: 2, src_ip: '10.1.2.9' }));
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({
      alert: {
        signature_id: 9_000_020,
        severity: 2,
        metadata: {
          evidence: ['sign-on by PLAIN: the password can be read from what was sent'],
          confidence: ['high'],
          mitre_technique_id: ['T1040'],
        },
      },
      im: { account: 'alice', client: AIM_CLIENT },
    });
    expect(alerts[0]?.alert?.metadata).not.toHaveProperty('policy');
    classifier.on(imEvent(login('alice', { auth: exposed }), 20, { flow_id: 3, dest_ip: '192.0.2.77' }));
    classifier.on(imEvent(login('bob', { auth: exposed }), 20, { flow_id: 4 }));
    expect(alerts).toHaveLength(3);
  });

  test('new facts still change the judgement of the client', async () => {
    const policy = await parsePolicy(
      'version: 1\nrules:\n  - {clients: [Gaim], verdict: alert}\n  - verdict: allow\n',
      'p.yaml',
    );
    const { classifier, told } = run(policy);
    classifier.on(imEvent(login('alice', { auth: exposed })));
    expect(told()).toEqual([]);
    classifier.on(imEvent({ kind: 'client', client: GAIM }, 1));
    expect(told()).toEqual(['alice']);
  });
});

describe('under a policy of the operator', () => {
  const text = `version: 1
rules:
  - name: bad client
    clients: [Gaim]
    verdict: alert
    severity: 2
    reason: replaced in 2004
  - name: partners
    domains: [example.com]
    networks: [xmpp]
    verdict: allow
  - name: known servers
    servers: [jabber.example.net]
    verdict: allow
  - name: lab
    subnets: [10.9.0.0/16]
    verdict: notice
`;

  test('the line that decided is told, with its severity', async () => {
    const { classifier, alerts } = run(await parsePolicy(text, 'etc/policy.yaml'));
    classifier.on(imEvent(login('alice@example.com', { service: 'xmpp', client: GAIM })));
    expect(alerts).toMatchObject([
      {
        alert: {
          severity: 2,
          metadata: { policy: ['policy.yaml:3 rule "bad client": replaced in 2004'] },
        },
      },
    ]);
  });

  test('what is allowed is not told, until new facts say otherwise', async () => {
    const { classifier, alerts } = run(await parsePolicy(text, 'policy.yaml'));
    const psi: ClientSoftware = { name: 'Psi', raw: 'Psi', evidence: [] };
    classifier.on(imEvent(login('alice@example.com', { service: 'xmpp', client: psi })));
    expect(alerts).toHaveLength(0);
    classifier.on(imEvent({ kind: 'client', service: 'xmpp', client: GAIM }, 1));
    expect(alerts).toHaveLength(1);
    expect(classifier.on(flowEvent(2))).toBe(true);
  });

  test('the software of a contact, which his presence or his answer shows, is not that of the client', async () => {
    const { classifier, alerts } = run(await parsePolicy(text, 'policy.yaml'));
    const psi: ClientSoftware = { name: 'Psi', raw: 'Psi', evidence: [] };
    classifier.on(imEvent(login('alice@example.com', { service: 'xmpp', client: psi })));
    const his: Partial<ImObject> = {
      service: 'xmpp',
      account: 'alice@example.com',
      from: 'bob@example.com',
      client: GAIM,
    };
    classifier.on(imEvent({ kind: 'client', ...his }, 1));
    classifier.on(imEvent({ kind: 'presence', sent: false, ...his }, 2));
    expect(alerts).toHaveLength(0);
    classifier.on(imEvent({ kind: 'client', ...his, from: 'alice@example.com' }, 3));
    expect(alerts).toHaveLength(1);
  });

  test('a name of the server, and the domain that a client asks for, count', async () => {
    const policy = await parsePolicy(text, 'policy.yaml');
    const { classifier, alerts } = run(policy);
    classifier.verdict(header(), VERDICT, 'xmpp');
    classifier.serverName(1, 'jabber.example.net');
    classifier.serverName(77, 'jabber.example.net');
    classifier.on(flowEvent(1));
    const asked = imEvent(
      { kind: 'service', service: 'xmpp', to: ['example.com'], evidence: ['stream to'] },
      2,
      { flow_id: 2 },
    );
    classifier.on(asked);
    classifier.on(flowEvent(3, { flow_id: 2 }));
    const named = imEvent({ kind: 'service', service: 'xmpp', evidence: ['tls: SNI'] }, 3, { flow_id: 4 });
    named.tls = { sni: 'jabber.example.net' };
    classifier.on(named);
    classifier.on(flowEvent(3, { flow_id: 4 }));
    expect(alerts).toHaveLength(0);
    const person = imEvent(
      { kind: 'service', service: 'xmpp', to: ['eve@example.com'], confidence: 'low', evidence: ['x'] },
      4,
      { flow_id: 3 },
    );
    classifier.on(person);
    classifier.on(flowEvent(5, { flow_id: 3 }));
    expect(alerts).toMatchObject([{ alert: { metadata: { evidence: ['x'], confidence: ['low'] } } }]);
  });

  test('a notice is told as one, once, and is no alert', async () => {
    const { classifier, alerts } = run(await parsePolicy(text, 'policy.yaml'));
    const lab = { src_ip: '10.9.1.1' };
    expect(classifier.on(imEvent(login(), 0, lab))).toBe(false);
    classifier.on(imEvent(login(), 1, { ...lab, flow_id: 2 }));
    expect(alerts).toMatchObject([
      { alert: { signature_id: 9_000_040, severity: 3, category: 'Misc activity' } },
    ]);
    expect(classifier.counts).toMatchObject({ alerts: 0, notices: 1 });
    expect(classifier.on(imEvent({ kind: 'client', client: GAIM }, 2, { ...lab, flow_id: 2 }))).toBe(true);
    expect(classifier.counts).toMatchObject({ alerts: 1, notices: 1 });
  });
});

describe('limits', () => {
  test('a flood of flows and findings is forgotten oldest first, and counted', () => {
    const { classifier, alerts } = run(defaultPolicy(), {
      watched_flows: 8,
      told_findings: 8,
      session_clients: 4,
    });
    for (let i = 1; i <= 100; i++) {
      const on = { flow_id: i, src_ip: `10.0.0.${i}` };
      classifier.on(imEvent({ kind: 'presence' }, 0, on));
      classifier.on(imEvent(login(`user${i}`, { session: String(i) }), 0, on));
    }
    expect(alerts).toHaveLength(100);
    expect(classifier.counts.forgotten).toBe(192);
    // Forgotten, so told again when it is seen again.
    classifier.on(imEvent(login('user1'), 1, { flow_id: 1, src_ip: '10.0.0.1' }));
    expect(alerts).toHaveLength(101);
  });

  test('evidence and names of servers are bounded', () => {
    const { classifier, alerts } = run();
    classifier.verdict(header(), { ...VERDICT, evidence: Array(40).fill('y'.repeat(500)) }, 'aim');
    for (let i = 0; i < 1_000; i++) classifier.serverName(1, `host${i}.example`);
    classifier.on(flowEvent(1));
    expect(alerts[0]?.alert?.metadata.evidence).toEqual(Array(8).fill('y'.repeat(256)));
  });
});

const SCHEMA = '../shared/schema/eve.schema.json';
const withSchema = existsSync(SCHEMA) ? test : test.skip;

withSchema(
  `alerts are valid by Suricata's own schema (needs ${SCHEMA})`,
  async () => {
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object;
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
    const exposed = { mechanism: 'roasted', result: 'failure', exposed: 'password' } as const;
    const policy = await parsePolicy(
      'version: 1\nrules:\n  - {networks: [msn], verdict: notice}\n',
      'p.yaml',
    );
    const { classifier, alerts } = run(policy);
    classifier.on(imEvent(login('alice', { auth: exposed }), 0, { vlan: [7] }));
    classifier.on(imEvent(login('bob', { service: 'msn' }), 1, { flow_id: 2 }));
    const { pcap_filename: _file, pcap_cnt: _frame, ...live } = imEvent(login('eve'), 2, { flow_id: 3 });
    classifier.on({ ...live, in_iface: 'eth1', host: 'sensor-1' });
    expect(alerts).toHaveLength(4);
    for (const { im, ...eve } of alerts) {
      expect(im).toBeDefined();
      expect(validate(eve) ? [] : validate.errors).toEqual([]);
    }
  },
  60_000,
);
