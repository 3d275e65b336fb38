import { describe, expect, test } from '@jest/globals';
import type { EveEvent, FlowHeader, ImObject } from '../../event/eve.ts';
import { flowEvent, imEvent } from '../build.ts';
import { Classifier } from '../classifier.ts';
import { parseLeases } from '../hosts/leases.ts';
import type { LeaseLog } from '../hosts/leases.ts';
import { defaultRulebook } from '../rulebook.ts';
import { NameRegistry } from './registry.ts';
import { namesCsv, namesJson, parseNames } from './registry-file.ts';

const REGISTRY = `network,name,person,department,state,from,to
aim,Alice Smith,Alice Smith,Sales,approved,,
aim,alicetwo,Alice Smith,Sales,approved,,
aim,alicethree,Alice Smith,Sales,pending,,
aim,badbob,Bob,,rejected,,
aim,carol,Carol,,left,2005-01-01,
aim,dave77,Dave,,left,2006-01-01,
aim,oldone,Old,,approved,2004-01-01,2004-12-31
xmpp,*@corp.example,,,approved,,
`;
const LEASES = `time,ip,mac,name,user
2005-03-08T00:00:00Z,10.1.2.3,,pc3,alice
2005-03-08T00:00:00Z,10.1.2.4,,pc4,bob
2005-03-08T00:00:00Z,2001:db8::3,,pc3,alice
2005-03-08T00:00:00Z,2001:db8::4,,pc4,bob
`;

type Step = [im: Partial<ImObject>, flow?: Partial<FlowHeader>];

/** Both families: the addresses of the clients 3 and 4. */
const FAMILIES = [
  ['IPv4', (n: number) => `10.1.2.${n}`],
  ['IPv6', (n: number) => `2001:db8::${n}`],
] as const;

function ids(
  steps: readonly Step[],
  names?: string,
  leases?: LeaseLog,
): { ids: number[]; alerts: EveEvent[] } {
  const alerts: EveEvent[] = [];
  const registry = names === undefined ? undefined : new NameRegistry(parseNames(names, 'names.csv').entries);
  const classifier = new Classifier({
    rulebook: { ...defaultRulebook(), names: registry, leases },
    emit: (alert) => alerts.push(alert),
  });
  for (const [i, [im, flow]] of steps.entries()) classifier.on(imEvent(im, i, flow));
  classifier.finish();
  const found = alerts.map((a) => a.alert?.signature_id ?? 0).filter((id) => id >= 9_000_070);
  return { ids: found, alerts };
}

const login = (account: string, more: Partial<ImObject> = {}): Partial<ImObject> => ({
  ...{ kind: 'login', account, auth: { mechanism: 'md5', result: 'success' } },
  ...more,
});

describe.each(FAMILIES)('over %s', (_family, ip) => {
  const at = (n: number, flow = n): Partial<FlowHeader> => ({ src_ip: ip(n), flow_id: flow });

  test.each<[string, Step[], number[]]>([
    ['a registered name is none', [[login('alicesmith'), at(3)]], []],
    ['an unknown name', [[login('zzyzx'), at(3)]], [9_000_070]],
    ['a row that does not hold any more', [[login('oldone'), at(3)]], [9_000_070]],
    ['a rejected name', [[login('badbob'), at(3)]], [9_000_071]],
    ['somebody who has left', [[login('carol'), at(3)]], [9_000_072]],
    ['somebody who will leave is none', [[login('dave77'), at(3)]], []],
    [
      'several approved names of one person are none',
      [
        [login('alicesmith'), at(3)],
        [login('alicetwo'), at(3, 9)],
      ],
      [],
    ],
    [
      'several names of one person',
      [
        [login('alicesmith'), at(3)],
        [login('alicethree'), at(3, 9)],
      ],
      [9_000_075],
    ],
    ['a name with digits for letters', [[login('a1icesm1th'), at(3)]], [9_000_076, 9_000_070]],
    ['a name with Cyrillic letters', [[login('аlicesmith'), at(3)]], [9_000_076, 9_000_070]],
    ['a name with one letter more', [[login('alicesmithe'), at(3)]], [9_000_076, 9_000_070]],
    ['a name that is two steps away is like none', [[login('alixxsmith'), at(3)]], [9_000_070]],
    [
      'an address of ours elsewhere',
      [[login('eve@corp.example', { service: 'msn' }), at(3)]],
      [9_000_077, 9_000_070],
    ],
    ['an address of ours where it belongs', [[login('eve@corp.example', { service: 'xmpp' }), at(3)]], []],
    [
      'a stranger who writes under a look-alike',
      [
        [login('alicesmith'), at(3)],
        [{ kind: 'message', account: 'alicesmith', from: 'al1ce.smith', sent: false, text: 'hi' }, at(3)],
      ],
      [9_000_076],
    ],
    [
      'a stranger with a name of his own',
      [
        [login('alicesmith'), at(3)],
        [{ kind: 'message', account: 'alicesmith', from: 'walter', sent: false, text: 'hi' }, at(3)],
      ],
      [],
    ],
  ])('%s', (_what, steps, expected) => {
    expect(ids(steps, REGISTRY).ids).toEqual(expected);
  });

  test('two machines in turn under one name; one after the other is none', () => {
    const turns: Step[] = [
      [login('alice'), at(3)],
      [login('alice'), at(4)],
    ];
    expect(ids(turns).ids).toEqual([]);
    const again: Step = [{ kind: 'presence', account: 'alice' }, at(3)];
    expect(ids([...turns, again]).ids).toEqual([9_000_073]);
    const refused = login('alice', { auth: { mechanism: 'md5', result: 'failure' } });
    expect(ids([turns[0]!, [refused, at(4)], again]).ids).toEqual([]);
    // The second is a proxy that hands on what the first sends it.
    const handed = (flow: Partial<FlowHeader>): Partial<FlowHeader> => ({ ...flow, dest_ip: ip(4) });
    const proxied: Step[] = [[login('alice'), handed(at(3))], turns[1]!, [again[0], handed(at(3))]];
    expect(ids(proxied).ids).toEqual([]);
  });

  test('one name of several people, by the leases; of one at one machine it is none', () => {
    const leases = parseLeases(LEASES, 'leases.csv');
    expect(
      ids(
        [
          [login('shared'), at(3)],
          [login('shared'), at(3, 9)],
        ],
        undefined,
        leases,
      ).ids,
    ).toEqual([]);
    const { ids: found, alerts } = ids(
      [
        [login('shared'), at(3)],
        [login('shared'), at(4)],
      ],
      undefined,
      leases,
    );
    expect(found).toEqual([9_000_074]);
    expect(alerts.at(-1)?.im?.host?.names).toEqual(['pc4']);
  });

  test('three accounts at once at one address; three in turn are none', () => {
    const three: Step[] = ['a1', 'b2', 'c3'].map((name, i) => [login(name), at(3, i + 1)]);
    expect(ids(three).ids).toEqual([9_000_082]);
    const alerts: EveEvent[] = [];
    const classifier = new Classifier({ rulebook: defaultRulebook(), emit: (alert) => alerts.push(alert) });
    for (const [i, [im, flow]] of three.entries()) {
      classifier.on(imEvent(im, i, flow));
      classifier.on(flowEvent(i, flow));
    }
    expect(alerts.filter((a) => a.alert?.signature_id === 9_000_082)).toEqual([]);
  });

  test('the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none', () => {
    const client = { name: 'Gaim', raw: 'x', evidence: ['y'] };
    const claims = { ...client, masquerade: 'AIM' };
    const tls: Partial<ImObject> = { kind: 'service', evidence: ['tls: SNI x'], confidence: 'high' };
    const onTls = { ...at(3), app_proto: 'tls', dest_port: 443 };
    const cases: [Partial<ImObject>, Partial<FlowHeader>, string[]][] = [
      [login('a', { client }), { ...at(3), dest_port: 443 }, ['also 9000080: port 443 is that of https']],
      [login('a', { client, carrier: 'socks5' }), at(3), ['also 9000080: carrier: socks5']],
      [login('a', { client, carrier: 'websocket' }), at(3), []],
      [login('a', { client }), at(3), []],
      [tls, onTls, ['also 9000081: tls alone was seen']],
      [login('a', { client: claims }), at(3), ['also 9000079: Gaim, which claims to be AIM']],
    ];
    for (const [im, flow, expected] of cases) {
      const { ids: own, alerts } = ids([[im, flow]]);
      const evidence = alerts.flatMap((alert) => alert.alert?.metadata.evidence ?? []);
      expect(evidence.filter((fact) => fact.startsWith('also '))).toEqual(expected);
      // The client's own alert tells it.
      expect(own).toEqual([]);
    }
  });

  test('what a connection shows is told by itself where its client was told of another one, once', () => {
    const client = { name: 'Gaim', raw: 'x', evidence: ['y'] };
    const open: Step = [login('a', { client }), at(3, 1)];
    const hidden: Step[] = [2, 3].map((n) => [login('a', { client }), { ...at(3, n), dest_port: 443 }]);
    expect(ids([open, ...hidden]).ids).toEqual([9_000_080]);
    expect(ids([hidden[0]!, hidden[1]!, open]).ids).toEqual([]);
    const claims: Step = [login('a', { client: { ...client, masquerade: 'AIM' } }), at(3, 4)];
    expect(ids([open, claims, claims]).ids).toEqual([9_000_079]);
    // On the connection that was judged already, too; and TLS is not alone where another connection could be read.
    const [im] = claims;
    expect(ids([open, [im, at(3, 1)]]).ids).toEqual([9_000_079]);
    const tls: Step = [
      { kind: 'service', evidence: ['tls: SNI x'] },
      { ...at(3, 5), app_proto: 'tls' },
    ];
    expect(JSON.stringify(ids([open, tls]).alerts)).not.toContain('9000081');
  });
});

test('a client is new only after the time of learning', () => {
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({
    rulebook: defaultRulebook(),
    emit: (alert) => alerts.push(alert),
  });
  const client = (name: string): Partial<ImObject> =>
    login('a', { client: { name, raw: name, evidence: [] } });
  classifier.on(imEvent(client('AIM'), 0, { flow_id: 1 }));
  classifier.on(imEvent(client('Gaim'), 100, { flow_id: 2 }));
  classifier.on(imEvent(client('AIM'), 90_000, { flow_id: 3, dest_ip: '198.51.100.9' }));
  expect(alerts.filter((a) => a.alert?.signature_id === 9_000_078)).toEqual([]);
  classifier.on(imEvent(client('Miranda'), 90_001, { flow_id: 4 }));
  expect(alerts.filter((a) => a.alert?.signature_id === 9_000_078)).toHaveLength(1);
});

test('machines: IPv4 and IPv6 of one link address are one, a router is none', () => {
  const classifier = new Classifier({ rulebook: defaultRulebook(), emit: () => undefined });
  const mac = '02:00:00:00:00:05';
  classifier.client('10.1.2.3', { mac });
  classifier.learnHost({ source: 'nd', ip: '2001:db8::abcd', mac });
  classifier.learnHost({ source: 'dhcp', ip: '10.1.2.3', mac, name: 'pc3', lease: 600 });
  expect(classifier.hostOf('10.1.2.3')).toEqual(classifier.hostOf('2001:db8::abcd'));
  expect(classifier.hostOf('10.1.2.3')).toMatchObject({ mac, names: ['pc3'] });
  const router = '02:00:00:00:00:01';
  for (let n = 1; n <= 9; n++) classifier.client(`10.9.0.${n}`, { mac: router });
  expect(classifier.hostOf('10.9.0.1')).toEqual({ id: expect.any(String) });
  expect(classifier.hostOf('10.9.0.1')?.id).not.toBe(classifier.hostOf('10.9.0.2')?.id);
});

test('the registry is read and written the same, as CSV and as JSON; bad rows are told with their line', () => {
  const { entries } = parseNames(REGISTRY, 'f');
  const plain = (text: string): unknown =>
    parseNames(text, 'f').entries.map((entry) => ({ ...entry, line: 0 }));
  expect(plain(namesCsv(entries))).toEqual(plain(REGISTRY));
  expect(plain(namesJson(entries))).toEqual(plain(REGISTRY));
  const bad = parseNames(
    'network,name,state,from\nmns,x,,\naim,,,\naim,y,nope,\naim,z,,2005-02-31\naim,ok,,\n',
    'f',
  );
  expect(bad.bad.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
  expect(bad.bad[0]?.problem).toContain('did you mean "msn"?');
  expect(bad.entries).toHaveLength(1);
});

test.each([
  [
    'dhcpd.leases',
    'lease 10.0.0.5 {\n starts 2 2005/03/08 14:00:00;\n ends 2 2005/03/08 15:00:00;\n hardware ethernet 02:00:00:00:00:05;\n client-hostname "PC5";\n}\n',
  ],
  ['dnsmasq.leases', '1110294000 02:00:00:00:00:05 10.0.0.5 pc5 *\n'],
  [
    'RADIUS',
    'Tue Mar  8 14:00:00 2005\n\tAcct-Status-Type = Start\n\tUser-Name = "pc5"\n\tFramed-IP-Address = 10.0.0.5\n\tCalling-Station-Id = "02-00-00-00-00-05"\n\tTimestamp = 1110290400\n',
  ],
])('leases of %s', (_what, text) => {
  const lease = parseLeases(text, 'f').at('10.0.0.5', 1_110_290_591);
  expect(lease?.mac).toBe('02:00:00:00:00:05');
  expect(lease?.name ?? lease?.user).toBe('pc5');
});
