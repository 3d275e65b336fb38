import { describe, expect, test } from '@jest/globals';
import type { EveEvent, FlowHeader, ImObject } from '../../event/eve.ts';
import { AIM_CLIENT, flowEvent, imEvent } from '../build.ts';
import { Classifier } from '../classifier.ts';
import { parsePolicy } from '../policy-file.ts';

const LOGIN: Partial<ImObject> = {
  kind: 'login',
  account: 'alice',
  auth: { mechanism: 'md5', result: 'success' },
  client: AIM_CLIENT,
};

/** Addresses of the same hosts in both families: every test runs with each. */
const TWINS: readonly (readonly [string, Partial<FlowHeader>])[] = [
  ['IPv4', { src_ip: '10.1.2.3', dest_ip: '198.51.100.7' }],
  ['IPv6', { src_ip: 'fd00::3', dest_ip: '2001:db8::7' }],
];

async function alertsOf(
  policy: string,
  events: (readonly [Partial<ImObject>, number])[],
  at: Partial<FlowHeader>,
) {
  const alerts: EveEvent[] = [];
  const classifier = new Classifier({
    rulebook: { policy: await parsePolicy(policy, 'p.yaml') },
    emit: (alert) => alerts.push(alert),
  });
  let last = 0;
  for (const [im, after] of events) {
    last = after;
    classifier.on(imEvent(im, after, at));
  }
  classifier.on(flowEvent(last + 1, at));
  classifier.finish();
  return { alerts, ids: alerts.map((a) => a.alert?.signature_id), classifier };
}

const ALLOWED = 'version: 2\ndefault: {verdict: allow}\n';
const message = (from: string, to: string): Partial<ImObject> => ({
  ...{ kind: 'message', account: 'alice', from, to: [to], sent: from === 'alice', text: 'x' },
});

describe.each(TWINS)('over %s', (_family, at) => {
  test('a use that the policy forbids is told once, another use and one that is refused are not', async () => {
    const policy = `${ALLOWED}rules:\n  - {features: [file], subnets: [home], verdict: alert, severity: 2}\n`;
    const offer: Partial<ImObject> = { kind: 'file', account: 'alice', file: { state: 'offer' }, sent: true };
    const run = await alertsOf(
      policy,
      [
        [LOGIN, 0],
        [offer, 1],
        [offer, 2],
      ],
      at,
    );
    expect(run.ids).toEqual([9_000_041]);
    expect(run.alerts[0]).toMatchObject({
      ...at,
      alert: {
        severity: 2,
        metadata: { policy: ['p.yaml:4 rule 1'], evidence: ['feature: file', 'file (offer) at the sender'] },
      },
      im: { account: 'alice', service: 'aim', client: AIM_CLIENT },
    });
    const decline: Partial<ImObject> = { ...offer, file: { state: 'decline' } };
    expect(
      (
        await alertsOf(
          policy,
          [
            [LOGIN, 0],
            [message('alice', 'bob'), 1],
            [decline, 2],
          ],
          at,
        )
      ).ids,
    ).toEqual([]);
  });

  test('a use of which the policy wants to hear is told, and is no alert', async () => {
    const policy = `${ALLOWED}rules:\n  - {features: [webcam], verdict: notice}\n`;
    const webcam: Partial<ImObject> = { kind: 'call', call: { media: 'webcam', state: 'invite' } };
    const run = await alertsOf(
      policy,
      [
        [LOGIN, 0],
        [webcam, 1],
      ],
      at,
    );
    expect(run.ids).toEqual([9_000_042]);
    expect(run.classifier.counts).toMatchObject({ alerts: 0, notices: 1 });
    const voice: Partial<ImObject> = { kind: 'call', call: { media: 'voice', state: 'invite' } };
    expect(
      (
        await alertsOf(
          policy,
          [
            [LOGIN, 0],
            [voice, 1],
          ],
          at,
        )
      ).ids,
    ).toEqual([]);
  });

  test('a client below the minimum version is told, that version itself is not', async () => {
    const minimum = (version: string): string => `${ALLOWED}minimum_versions: {AIM: '${version}'}\n`;
    const old = await alertsOf(minimum('5.9.3703'), [[LOGIN, 0]], at);
    expect(old.ids).toEqual([9_000_043]);
    expect(old.alerts[0]?.alert?.metadata.policy).toEqual([
      'p.yaml:3 minimum_versions "AIM": older than 5.9.3703',
    ]);
    expect((await alertsOf(minimum('5.9.3702'), [[LOGIN, 0]], at)).ids).toEqual([]);
  });

  test('what was allowed until some hour is told when it goes on, and not before', async () => {
    // The connection begins on a Tuesday at 14:03:11.
    const policy =
      "version: 2\nrules:\n  - {hours: {days: tue, from: '09:00', to: '15:00'}, verdict: allow}\n";
    const used = message('alice', 'bob');
    const late = await alertsOf(
      policy,
      [
        [LOGIN, 0],
        [used, 60],
        [used, 3_600],
        [used, 3_700],
      ],
      at,
    );
    expect(late.ids).toEqual([9_000_044]);
    expect(late.alerts[0]?.alert?.metadata).toMatchObject({
      policy: ['default: consumer networks are not authorised here'],
      evidence: ['allowed at first by p.yaml:3 rule 1', 'message at the sender'],
    });
    expect(
      (
        await alertsOf(
          policy,
          [
            [LOGIN, 0],
            [used, 3_400],
          ],
          at,
        )
      ).ids,
    ).toEqual([]);
  });

  test('an exception that expires while a connection lasts is over for it, too', async () => {
    const policy =
      'version: 2\nexceptions:\n  - {networks: aim, verdict: allow, reason: r, expires: 2005-03-08}\n';
    const used = message('alice', 'bob');
    expect(
      (
        await alertsOf(
          policy,
          [
            [LOGIN, 0],
            [used, 60],
            [used, 36_000],
          ],
          at,
        )
      ).ids,
    ).toEqual([9_000_044]);
    expect((await alertsOf(policy, [[LOGIN, 40_000]], at)).ids).toEqual([9_000_001]);
  });

  const WALLS = `${ALLOWED}inside: [example.com]
groups:
  traders: [alice, 't-*']
  research: [carol]
  legal: [lena]
walls:
  - {name: barrier, between: [traders, research], except: [legal], reason: by law}
`;

  test('a wall that is crossed is told once for a pair, whoever speaks; others may talk', async () => {
    const events = [
      [LOGIN, 0],
      [message('alice', 'carol'), 1],
      [message('carol', 'alice'), 2],
      [message('alice', 'Ca rol'), 3],
    ] as const;
    const run = await alertsOf(WALLS, [...events], at);
    expect(run.ids).toEqual([9_000_045]);
    expect(run.alerts[0]).toMatchObject({
      alert: {
        severity: 1,
        metadata: {
          policy: ['p.yaml:9 wall "barrier": by law'],
          evidence: ['message from alice to carol', 'groups "traders" and "research"'],
        },
      },
      im: { from: 'alice', to: ['carol'] },
    });
    const apart = [message('alice', 't-2'), message('alice', 'bob'), message('lena', 'carol')];
    expect(
      (
        await alertsOf(
          WALLS,
          apart.map((im, i) => [im, i] as const),
          at,
        )
      ).ids,
    ).toEqual([]);
  });

  test('a wall is crossed by being in one room, and by no room that one has left', async () => {
    const room = (op: string, from: string, more: Partial<ImObject> = {}): Partial<ImObject> => ({
      ...{ kind: 'room', op, from, account: 'dave', room: { id: 'deals' }, ...more },
    });
    const both = await alertsOf(
      WALLS,
      [
        [room('join', 'alice'), 0],
        [room('join', 'carol'), 1],
      ],
      at,
    );
    expect(both.ids).toEqual([9_000_045]);
    expect(both.alerts[0]?.alert?.metadata.evidence?.[0]).toBe('carol and alice in room deals');
    const list = await alertsOf(WALLS, [[room('members', 'dave', { members: ['t-1', 'carol'] }), 0]], at);
    expect(list.ids).toEqual([9_000_045]);
    const left = [room('join', 'alice'), room('leave', 'alice'), room('join', 'carol')];
    expect(
      (
        await alertsOf(
          WALLS,
          left.map((im, i) => [im, i] as const),
          at,
        )
      ).ids,
    ).toEqual([]);
  });

  test('a group that may not talk to the outside is told when it does, not when it talks inside', async () => {
    const policy = WALLS.replace('between: [traders, research]', 'outside_of: traders');
    const out = await alertsOf(
      policy,
      [
        [message('alice', 'stranger'), 0],
        [message('alice', 'x@evil.test'), 1],
      ],
      at,
    );
    expect(out.ids).toEqual([9_000_046, 9_000_046]);
    expect(out.alerts[0]?.alert?.metadata.evidence?.[1]).toBe('group "traders" and the outside');
    const inside = [
      message('alice', 'bob@example.com'),
      message('alice', 'carol'),
      message('bob', 'stranger'),
    ];
    expect(
      (
        await alertsOf(
          policy,
          inside.map((im, i) => [im, i] as const),
          at,
        )
      ).ids,
    ).toEqual([]);
  });
});
