import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AIM_CLIENT, alertEvent, flowEvent, imEvent } from '../build.ts';
import { parsePolicy } from '../policy-file.ts';
import { defaultPolicy } from '../policy.ts';
import { Blocklist, renderBlocklist } from './blocklist.ts';
import { SubjectOfEvents, explainDecision } from './explain.ts';
import { readEvent } from './read-event.ts';
import { Retrial, Told, differenceOf } from './simulate.ts';

const LOGIN = imEvent({
  kind: 'login',
  account: 'alice',
  auth: { mechanism: 'md5', result: 'success' },
  client: AIM_CLIENT,
});
const END = flowEvent(9);

describe('a line of a log', () => {
  test('keeps what has its form and loses the rest', () => {
    expect(readEvent(JSON.stringify(LOGIN))?.im).toMatchObject({ account: 'alice', client: AIM_CLIENT });
    const odd = {
      ...LOGIN,
      src_ip: 'x',
      flow_id: '1',
      im: { account: {}, to: [1, 'b'], client: 7, room: {}, __proto__: 1 },
    };
    expect(readEvent(JSON.stringify(odd))).toMatchObject({ im: { to: ['b'], id: '', v: 1 } });
    expect(readEvent(JSON.stringify(odd))).not.toHaveProperty('src_ip');
    for (const bad of [
      '',
      '{',
      '[]',
      'null',
      '{"event_type":"im"}',
      '{"event_type":"im","timestamp":"now"}',
    ]) {
      expect(readEvent(bad)).toBeUndefined();
    }
  });

  test('harms nothing, whatever it holds', () => {
    const wild = { ...alertEvent(), tls: { sni: 'a' }, flow: END.flow };
    const keys = Object.keys(wild) as (keyof typeof wild)[];
    fc.assert(
      fc.property(
        fc.constantFrom(...keys),
        fc.jsonValue(),
        fc.jsonValue(),
        fc.constantFrom('im', 'alert', 'flow'),
        (key, value, im, type) => {
          const line = JSON.stringify({
            ...wild,
            event_type: type,
            im: { ...wild.im, ...(im as object) },
            ...(key === 'timestamp' || key === 'event_type' ? {} : { [key]: value }),
          });
          const event = readEvent(line);
          if (event === undefined) return;
          const trial = new Retrial(defaultPolicy());
          trial.told.add(event);
          trial.on(event);
          trial.end();
          const list = new Blocklist(defaultPolicy());
          list.on(event);
          list.end();
          const subject = new SubjectOfEvents();
          subject.take(event);
          for (const each of subject.subjects()) explainDecision(defaultPolicy(), each, 3);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('a new policy is compared with what the log tells, and with an old one', async () => {
  const told = new Told();
  told.add(alertEvent({ account: 'alice' }));
  told.add(alertEvent({ account: 'bob' }, { src_ip: '10.9.9.9' }));
  const same = new Retrial(defaultPolicy());
  const notice = new Retrial(await parsePolicy('version: 2\ndefault: {verdict: notice}\n', 'p.yaml'));
  for (const trial of [same, notice]) {
    trial.on(LOGIN);
    trial.on(END);
    trial.end();
  }
  expect(differenceOf(told, same.told)).toMatchObject({ added: [], removed: [{ id: 9_000_001 }], same: 1 });
  expect(differenceOf(same.told, notice.told)).toMatchObject({
    ...{ added: [], removed: [], same: 0 },
    changed: [{ before: { id: 9_000_001, severity: 1 }, after: { id: 9_000_040, severity: 3 } }],
  });
  expect(differenceOf(new Told(), same.told).added[0]?.text).toContain('alice at 10.1.2.3 with AIM 5.9.3702');
});

test('each capture of a log is judged for itself, however they are mixed, unless they were merged', () => {
  const transfer = { flow_id: 7, app_proto: 'oft', dest_ip: '10.1.2.9', pcap_filename: 'b.pcap' };
  const events = [
    { ...LOGIN, pcap_filename: 'a.pcap' },
    { ...imEvent({ kind: 'file', file: { state: 'offer' } }, 1), ...transfer },
    { ...flowEvent(9), pcap_filename: 'a.pcap' },
    { ...flowEvent(9), ...transfer },
  ];
  const told = (options: { merged?: boolean }): (string | undefined)[] => {
    const trial = new Retrial(defaultPolicy(), options);
    for (const event of events) trial.on(event);
    trial.end();
    return [...trial.told.byAbout.keys()].map((key) => key.split('\0')[3]);
  };
  // A transfer is part of the use that was judged where its host signed on: in the other capture it did not.
  expect(told({ merged: true })).toEqual(['198.51.100.7']);
  expect(told({})).toEqual(['198.51.100.7', '10.1.2.9']);
});

test('more captures than are judged at once are ended in turn, and none is lost', () => {
  const trial = new Retrial(defaultPolicy());
  for (let n = 0; n < 200; n++)
    trial.on({ ...imEvent({ kind: 'login', account: `a${n}` }), pcap_filename: `${n}.pcap` });
  trial.end();
  expect(trial.told.byAbout.size).toBe(200);
});

test('an explanation says which line decided, and why none before it', async () => {
  const policy = await parsePolicy(
    'version: 2\nrules:\n  - {name: lab, subnets: [10.9.0.0/16], verdict: allow}\n  - {clients: [AIM], verdict: alert}\n',
    'p.yaml',
  );
  const subject = new SubjectOfEvents();
  subject.take(LOGIN);
  const [asked] = subject.subjects();
  expect(asked && explainDecision(policy, asked, 5)).toMatchObject({
    decision: { line: 'p.yaml:4 rule 2' },
    deciding: {
      conditions: [{ key: 'clients', asked: 'AIM', found: 'the client is AIM 5.9.3702', holds: true }],
    },
    before: [
      {
        line: 'p.yaml:3 rule "lab"',
        conditions: [
          { key: 'subnets', asked: '10.9.0.0/16', found: "the client's address is 10.1.2.3", holds: false },
        ],
      },
    ],
  });
  expect(subject.evidence).toEqual(['TLV 0x03 client string']);
});

describe('a list for a firewall', () => {
  test('has servers of clients that are not allowed, never a home address, and no name that is none', async () => {
    const list = new Blocklist(await parsePolicy('version: 2\n', 'p.yaml'));
    const hosts = ['198.51.100.7', '2001:db8::7', '10.0.0.9', '127.0.0.1', '::1'];
    hosts.forEach((dest_ip, i) => {
      const at = { flow_id: i + 1, dest_ip };
      const sni = i === 0 ? 'Login.Messenger.example.' : 'x\n@im4; evil.example';
      list.on({ ...LOGIN, ...at, tls: { sni } });
      list.on(flowEvent(i, at));
    });
    const found = list.end();
    expect(found.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'ipv4 198.51.100.7',
      'ipv6 2001:db8::7',
      'name login.messenger.example',
    ]);
    expect(list.leftOut).toBe(1);
    expect(renderBlocklist(found, 'plain').split('\n')).toEqual([
      '# Servers of messengers that the policy does not allow.',
      '# aim: client seen 2005-03-08',
      ...['198.51.100.7', '2001:db8::7', 'login.messenger.example', ''],
    ]);
    expect(renderBlocklist(found, 'nftables')).toContain(
      '      198.51.100.7, # aim: client seen 2005-03-08\n',
    );
    expect(renderBlocklist(found, 'rpz')).toContain('login.messenger.example CNAME .');
  });

  test('of known hosts leaves out what the policy allows', async () => {
    const hosts = [
      { service: 'aim', host: 'login.aim.example', role: 'sign-on' },
      { service: 'xmpp', host: 'talk.example.org', role: 'sign-on' },
    ];
    const list = new Blocklist(
      await parsePolicy('version: 2\nrules:\n  - {servers: ["*.example.org"], verdict: allow}\n', 'p.yaml'),
    );
    list.known(hosts);
    expect(list.end().map(({ value }) => value)).toEqual(['login.aim.example']);
  });
});
