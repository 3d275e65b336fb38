/**
 * For each signature about clients, policies, names, machines and worms: events in which it fires, and their nearest benign twin.
 * The tests run each over IPv4 and over IPv6.
 */
import type { FlowHeader, ImObject } from '../../src/event/eve.ts';
import type { ClientSoftware } from '../../src/event/im.ts';
import { AIM_CLIENT } from '../../src/classify/build.ts';

/** Addresses of one family: hosts of the organisation, its server, and servers outside, by number. */
export interface Addresses {
  readonly host: (n: number) => string;
  readonly ours: string;
  readonly outside: (n: number) => string;
}

/** An event of a connection so many seconds from the start; `end`: the connection's last one. */
export interface Step {
  readonly im?: Partial<ImObject>;
  readonly at?: Partial<FlowHeader>;
  readonly after?: number;
  readonly end?: true;
}

export interface Twin {
  readonly id: number;
  readonly what: string;
  readonly policy?: string;
  readonly names?: string;
  readonly leases?: (a: Addresses) => string;
  /** It is told in the client's alert, as a line of evidence (`also <id>: ...`). */
  readonly asEvidence?: true;
  readonly fires: (a: Addresses) => Step[];
  readonly twin: (a: Addresses) => Step[];
}

const DAY = 86_400;

function login(account = 'alice', more: Partial<ImObject> = {}): Partial<ImObject> {
  return {
    kind: 'login',
    account,
    auth: { mechanism: 'md5', result: 'success' },
    client: AIM_CLIENT,
    ...more,
  };
}
function message(from: string, to: string, account = from): Partial<ImObject> {
  return { kind: 'message', account, from, to: [to], sent: from === account, text: 'x' };
}
function software(name: string, more: Partial<ClientSoftware> = {}): ClientSoftware {
  return { name, raw: name, evidence: ['its own string'], ...more };
}

const ALLOWED = 'version: 2\ndefault: {verdict: allow}\n';
const OURS = `version: 2
home_networks: [10.0.0.0/8, 'fd00::/8']
rules:
  - {name: own server, servers: [home], verdict: allow}
`;
const WALLS = `${ALLOWED}inside: [example.com]
groups: {traders: [alice, 't-*'], research: [carol]}
walls:
  - {name: barrier, between: [traders, research]}
  - {name: quiet, outside_of: research}
`;
const HOURS = "version: 2\nrules:\n  - {hours: {days: tue, from: '09:00', to: '15:00'}, verdict: allow}\n";
const NAMES = `network,name,person,department,state,from,to
aim,Alice Smith,Alice Smith,Sales,approved,,
aim,alicetwo,Alice Smith,Sales,approved,,
aim,alicethree,Alice Smith,Sales,pending,,
aim,badbob,Bob,,rejected,,
aim,carol,Carol,,left,2005-01-01,
aim,dave77,Dave,,left,2006-01-01,
xmpp,*@corp.example,,,approved,,
`;
const leases = (a: Addresses): string =>
  `time,ip,user\n2005-03-08T00:00:00Z,${a.host(3)},ann\n2005-03-08T00:00:00Z,${a.host(4)},ben\n`;

/** One sign-on, from host 3 to server 7 outside. */
const on = (im: Partial<ImObject>, at: Partial<FlowHeader> = {}, after = 0): Step => ({ im, at, after });
/** Two sign-ons, on connections of their own. */
const both = (...names: string[]): Step[] => names.map((name, i) => on(login(name), { flow_id: i + 1 }, i));

/** A client of a network at a server outside; its twin at the organisation's own, which the policy allows. */
function client(id: number, service: string): Twin {
  const im = login('alice', { service });
  return {
    ...{
      id,
      what: `a client of ${service} at a server outside; at the own server it is allowed`,
      policy: OURS,
    },
    fires: () => [on(im)],
    twin: (a) => [on(im, { dest_ip: a.ours })],
  };
}

const CLIENTS: readonly Twin[] = [
  ...[
    client(9_000_001, 'aim'),
    client(9_000_002, 'icq'),
    client(9_000_003, 'msn'),
    client(9_000_004, 'yahoo'),
    client(9_000_005, 'xmpp'),
    client(9_000_006, 'gtalk'),
    client(9_000_007, 'irc'),
    client(9_000_008, 'whatsapp'),
    client(9_000_019, 'gadu'),
  ],
  {
    ...{ id: 9_000_020, what: 'a sign-on that shows the password; one that shows its hash' },
    fires: () => [
      on(login('alice', { auth: { mechanism: 'PLAIN', result: 'success', exposed: 'password' } })),
    ],
    twin: () => [on(login('alice', { auth: { mechanism: 'md5', result: 'success', exposed: 'hash' } }))],
  },
];

const POLICY: readonly Twin[] = [
  {
    ...{ id: 9_000_040, what: 'a client of which the policy wants to hear; another one' },
    policy: `${ALLOWED}rules:\n  - {clients: [Gaim], verdict: notice}\n`,
    fires: () => [on(login('alice', { client: software('Gaim') }))],
    twin: () => [on(login())],
  },
  {
    ...{ id: 9_000_041, what: 'a file is offered where files are forbidden; one is declined' },
    policy: `${ALLOWED}rules:\n  - {features: [file], verdict: alert}\n`,
    fires: () => [
      on(login()),
      on({ kind: 'file', account: 'alice', file: { state: 'offer' }, sent: true }, {}, 1),
    ],
    twin: () => [
      on(login()),
      on({ kind: 'file', account: 'alice', file: { state: 'decline' }, sent: true }, {}, 1),
    ],
  },
  {
    ...{ id: 9_000_042, what: 'a webcam, of which the policy wants to hear; a call by voice' },
    policy: `${ALLOWED}rules:\n  - {features: [webcam], verdict: notice}\n`,
    fires: () => [on(login()), on({ kind: 'call', call: { media: 'webcam', state: 'invite' } }, {}, 1)],
    twin: () => [on(login()), on({ kind: 'call', call: { media: 'voice', state: 'invite' } }, {}, 1)],
  },
  {
    ...{ id: 9_000_043, what: 'a client below the minimum version; that version itself' },
    policy: `${ALLOWED}minimum_versions: {AIM: '5.9.3702'}\n`,
    fires: () => [on(login('alice', { client: { ...AIM_CLIENT, version: '5.9.3701' } }))],
    twin: () => [on(login())],
  },
  {
    // The start is a Tuesday at 14:03:11.
    ...{ id: 9_000_044, what: 'use goes on behind the hours; it ends before', policy: HOURS },
    fires: () => [on(login()), on(message('alice', 'bob'), {}, 60), on(message('alice', 'bob'), {}, 3_600)],
    twin: () => [on(login()), on(message('alice', 'bob'), {}, 60), on(message('alice', 'bob'), {}, 3_400)],
  },
  {
    ...{ id: 9_000_045, what: 'two whom a wall parts; two of one side', policy: WALLS },
    fires: () => [on(login()), on(message('alice', 'carol'), {}, 1)],
    twin: () => [on(login()), on(message('alice', 't-2'), {}, 1)],
  },
  {
    ...{
      id: 9_000_046,
      what: 'a group that may not talk to the outside does; it talks inside',
      policy: WALLS,
    },
    fires: () => [on(message('carol', 'x@elsewhere.example'))],
    twin: () => [on(message('carol', 'x@example.com'))],
  },
  {
    ...{
      id: 9_000_060,
      what: 'three alerts in a minute that may have two; two',
      policy: 'version: 2\nalerts: {storm: 2}\n',
    },
    fires: () => [
      ...both('a', 'b', 'c').map((s) => ({ ...s, after: 0 })),
      on(login('d'), { flow_id: 9 }, 120),
    ],
    twin: () => [...both('a', 'b').map((s) => ({ ...s, after: 0 })), on(login('d'), { flow_id: 9 }, 120)],
  },
];

const OWNERS: readonly Twin[] = [
  {
    ...{ id: 9_000_070, what: 'a name that is not registered; one that is', names: NAMES },
    fires: () => [on(login('zzyzx'))],
    twin: () => [on(login('alicesmith'))],
  },
  {
    ...{ id: 9_000_071, what: 'a rejected name; an approved one', names: NAMES },
    fires: () => [on(login('badbob'))],
    twin: () => [on(login('alicesmith'))],
  },
  {
    ...{ id: 9_000_072, what: 'somebody who has left; somebody who will', names: NAMES },
    fires: () => [on(login('carol'))],
    twin: () => [on(login('dave77'))],
  },
  {
    ...{ id: 9_000_073, what: 'two machines in turn under one name; one after the other' },
    fires: (a) => [
      on(login(), { src_ip: a.host(3), flow_id: 1 }),
      on(login(), { src_ip: a.host(4), flow_id: 2 }, 1),
      on(message('alice', 'bob'), { src_ip: a.host(3), flow_id: 1 }, 2),
    ],
    twin: (a) => [
      on(login(), { src_ip: a.host(3), flow_id: 1 }),
      on(login(), { src_ip: a.host(4), flow_id: 2 }, 1),
      on(message('alice', 'bob'), { src_ip: a.host(4), flow_id: 2 }, 2),
    ],
  },
  {
    ...{ id: 9_000_074, what: 'one name of two people, by the leases; of one', leases },
    fires: (a) => [
      on(login('shared'), { src_ip: a.host(3), flow_id: 1 }),
      on(login('shared'), { src_ip: a.host(4), flow_id: 2 }, 1),
    ],
    twin: (a) => [
      on(login('shared'), { src_ip: a.host(3), flow_id: 1 }),
      on(login('shared'), { src_ip: a.host(3), flow_id: 2 }, 1),
    ],
  },
  {
    ...{
      id: 9_000_075,
      what: 'two names of one person, one of them not approved; both approved',
      names: NAMES,
    },
    fires: () => both('alicesmith', 'alicethree'),
    twin: () => both('alicesmith', 'alicetwo'),
  },
  {
    ...{ id: 9_000_076, what: 'a name with digits for letters; one that is two steps away', names: NAMES },
    fires: () => [on(login('a1icesm1th'))],
    twin: () => [on(login('alixxsmith'))],
  },
  {
    ...{ id: 9_000_077, what: 'an address of ours on another network; where it belongs', names: NAMES },
    fires: () => [on(login('eve@corp.example', { service: 'msn' }))],
    twin: () => [on(login('eve@corp.example', { service: 'xmpp' }))],
  },
];

const MACHINES: readonly Twin[] = [
  {
    ...{ id: 9_000_078, what: 'a client that is new after a day; one that was there before' },
    fires: () => [on(login()), on(login('b', { client: software('Gaim') }), { flow_id: 2 }, DAY + 1)],
    twin: () => [on(login()), on(login('b'), { flow_id: 2 }, DAY + 1)],
  },
  {
    ...{
      id: 9_000_079,
      what: 'a client that claims to be another; the same one under its own name',
      policy: ALLOWED,
    },
    fires: () => [on(login('alice', { client: software('Gaim', { masquerade: 'AIM' }) }))],
    twin: () => [on(login('alice', { client: software('Gaim') }))],
  },
  {
    ...{ id: 9_000_080, what: 'a second connection to the port of HTTPS; to the usual port' },
    fires: () => [on(login()), on(login(), { flow_id: 2, dest_port: 443 }, 1)],
    twin: () => [on(login()), on(login(), { flow_id: 2 }, 1)],
  },
  {
    ...{
      id: 9_000_081,
      what: 'TLS alone; TLS of a machine of which a connection was read before',
      asEvidence: true,
    },
    fires: () => [on({ kind: 'service', evidence: ['tls: SNI x'] }, { app_proto: 'tls', dest_port: 443 })],
    twin: (a) => [
      on(login()),
      on(
        { kind: 'service', evidence: ['tls: SNI x'] },
        { app_proto: 'tls', dest_port: 443, flow_id: 2, dest_ip: a.outside(8) },
        1,
      ),
    ],
  },
  {
    ...{ id: 9_000_082, what: 'three accounts at one address at once; in turn' },
    fires: () => both('a1', 'b2', 'c3'),
    twin: () => both('a1', 'b2', 'c3').flatMap((step): Step[] => [step, { ...step, end: true }]),
  },
];

/** The same to so many contacts, a second apart, on one connection of the sender. */
function spread(from: string, contacts: number, flow: number, set: Partial<ImObject>, start = 0): Step[] {
  return Array.from({ length: contacts }, (_, n) =>
    on({ account: from, from, to: [`c${flow}${n}`], sent: true, ...set }, { flow_id: flow }, start + n),
  );
}
const LINK: Partial<ImObject> = { kind: 'message', text: 'look at this http://pics1.example/p.php' };
const FILE: Partial<ImObject> = { kind: 'file', file: { name: 'photos.scr', state: 'offer' } };
/** Alice sends it to five, Bob among them where he is to have caught it, and he to three. */
const passed = (bob: boolean): Step[] => [
  on(login('alice'), { flow_id: 1 }),
  ...spread('alice', 5, 1, LINK, 10),
  ...(bob
    ? [on({ account: 'alice', from: 'alice', to: ['bob'], sent: true, ...LINK }, { flow_id: 1 }, 15)]
    : []),
  on(login('bob'), { flow_id: 2 }, 16),
  ...(bob
    ? [on({ account: 'bob', from: 'alice', to: ['bob'], sent: false, ...LINK }, { flow_id: 2 }, 17)]
    : []),
  ...spread('bob', 3, 2, LINK, 20),
];

const WORMS: readonly Twin[] = [
  {
    ...{ id: 9_000_140, what: 'one link to five contacts within seconds; to four' },
    fires: () => [on(login()), ...spread('alice', 5, 1, LINK, 10)],
    twin: () => [on(login()), ...spread('alice', 4, 1, LINK, 10)],
  },
  {
    ...{ id: 9_000_141, what: 'one file to five contacts within seconds; to four' },
    fires: () => [on(login()), ...spread('alice', 5, 1, FILE, 10)],
    twin: () => [on(login()), ...spread('alice', 4, 1, FILE, 10)],
  },
  {
    ...{ id: 9_000_142, what: 'who was sent it sends it on to three; one who was not' },
    fires: () => passed(true),
    twin: () => passed(false),
  },
];

export const TWINS: readonly Twin[] = [...CLIENTS, ...POLICY, ...OWNERS, ...MACHINES, ...WORMS];
