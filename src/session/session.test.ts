import { describe, expect, test } from '@jest/globals';
import { makeLimits } from '../core/limits.ts';
import type { EveEvent } from '../event/eve.ts';
import type { ImFacts } from '../event/im.ts';
import type { ToldFlow } from '../dissect/told.ts';
import { SessionStage } from './session.ts';

/** What the session stage reads of a flow. */
function flow(id: string, clientIp = '192.0.2.1', serverIp = '198.51.100.1'): ToldFlow {
  return {
    id,
    protocol: { name: 'oscar', services: ['aim'] },
    verdict: { protocol: 'oscar', confidence: 'high', evidence: [] },
    header: {
      flow_id: 1,
      community_id: '1:x',
      src_ip: clientIp,
      src_port: 1,
      dest_ip: serverIp,
      dest_port: 2,
      proto: 'TCP',
    },
  } as unknown as ToldFlow;
}

function stage(limits = {}): { s: SessionStage; events: EveEvent[]; at: (seconds: number) => void } {
  const events: EveEvent[] = [];
  let now = 1_000;
  const s = new SessionStage({
    limits: makeLimits(limits),
    place: () => ({ seconds: now, nanos: 0, frame: 1 }),
    emit: (e) => events.push(e),
  });
  return { s, events, at: (seconds) => (now = seconds) };
}

const login = (account: string, result: 'success' | 'failure' = 'success'): ImFacts => ({
  kind: 'login',
  service: 'aim',
  account,
  auth: { mechanism: 'md5', result },
});
const message = (more: Partial<ImFacts>): ImFacts => ({
  kind: 'message',
  service: 'aim',
  text: 'hi',
  ...more,
});

describe('sessions', () => {
  test('a token of two sessions is left open, told once a flow, and counted', () => {
    const { s, events } = stage();
    for (const [id, account] of [
      ['a', 'alice'],
      ['b', 'bob'],
    ] as const) {
      const f = flow(id.repeat(32), `192.0.2.${account.length}`);
      s.verdict(f);
      s.im(f, 0, 0, 0, login(account));
      s.issue(f, 'token', account);
    }
    const third = flow('c'.repeat(32));
    s.verdict(third);
    s.present(third, 'token');
    s.present(third, 'token');
    expect(events.filter((e) => e.event_type === 'anomaly')).toHaveLength(1);
    expect(s.leftOpen).toEqual({ session_join_ambiguous: 1 });
  });

  test('names of any length are told apart, and kept short', () => {
    const { s, events } = stage();
    const long = 'x'.repeat(5_000);
    for (const [id, account] of [
      ['a', `${long}1`],
      ['b', `${long}2`],
      ['c', `${long}1`],
    ] as const) {
      const f = flow(id.repeat(32));
      s.verdict(f);
      s.im(f, 0, 0, 0, message({ account, to: ['bob'] }));
    }
    const [first, second, third] = events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.session);
    expect(first).toBeDefined();
    expect(second).not.toBe(first);
    expect(third).toBe(first);
  });

  test('a cookie handed out in one flow and shown in another makes one session', () => {
    const { s, events } = stage();
    const auth = flow('a'.repeat(32));
    const bos = flow('b'.repeat(32));
    s.verdict(auth);
    s.im(auth, 0, 0, 0, login('alice'));
    s.issue(auth, 'token', 'alice');
    s.verdict(bos);
    s.present(bos, 'token');
    s.im(bos, 0, 0, 0, message({ to: ['bob'] }));
    const [first, second] = events;
    expect(second?.im?.session).toBe(first?.im?.session);
    expect(second?.im).toMatchObject({ account: 'alice', from: 'alice', sent: true });
  });

  test('where the dissector cannot know who is signed on, the network is the session’s', () => {
    const { s, events } = stage();
    const auth = flow('a'.repeat(32));
    const services = ['aim', 'icq'];
    const bos = { ...flow('b'.repeat(32)), protocol: { name: 'oscar', services } } as unknown as ToldFlow;
    const other = flow('c'.repeat(32));
    s.im(auth, 0, 0, 0, { ...login('123456'), service: 'icq' });
    s.issue(auth, 'token', '123456');
    s.present(bos, 'token');
    s.present(other, 'token');
    s.im(bos, 1, 0, 0, { kind: 'notice', service: 'aim', text: 'Welcome' });
    s.im(bos, 1, 9, 0, { kind: 'presence', service: 'aim', account: 'alice' });
    s.im(other, 1, 0, 0, { kind: 'notice', service: 'aim', text: 'Welcome' });
    expect(events.map((e) => e.im?.service)).toEqual(['icq', 'icq', 'aim', 'aim']);
  });

  test('the cookie shown to the second server is no second sign-on; shown alone it is one', () => {
    const { s, events } = stage();
    const auth = flow('a'.repeat(32));
    const bos = flow('b'.repeat(32));
    const cookie: ImFacts = {
      kind: 'login',
      service: 'aim',
      account: 'alice',
      auth: { mechanism: 'cookie', result: 'success' },
    };
    s.im(auth, 0, 0, 0, login('alice'));
    s.issue(auth, 'token', 'alice');
    s.present(bos, 'token');
    s.im(bos, 0, 0, 0, { ...cookie });
    s.im(flow('c'.repeat(32), '192.0.2.9'), 0, 0, 0, { ...cookie });
    expect(events.map((e) => e.im?.auth?.mechanism)).toEqual(['md5', 'cookie']);
  });

  test("what a handshake showed is the event's own, no part of `im`", () => {
    const { s, events } = stage();
    const tls = { sni: 'slogin.oscar.aol.com' };
    s.im(flow('d'.repeat(32)), 0, 0, 0, { kind: 'service', service: 'aim', evidence: ['x'], tls });
    expect(events[0]?.tls).toEqual(tls);
    expect(events[0]?.im).not.toHaveProperty('tls');
  });

  test('a token that was never handed out joins nothing', () => {
    const { s, events } = stage();
    const f = flow('c'.repeat(32));
    s.present(f, 'forged');
    s.im(f, 0, 0, 0, message({ to: ['bob'] }));
    expect(events[0]?.im?.session).toBeUndefined();
    expect(events[0]?.im?.from).toBeUndefined();
  });

  test('two accounts behind one address are two sessions; one account on two addresses too', () => {
    const { s, events } = stage();
    s.im(flow('1'.repeat(32)), 0, 0, 0, login('alice'));
    s.im(flow('2'.repeat(32)), 0, 0, 0, login('bob'));
    s.im(flow('3'.repeat(32), '192.0.2.2'), 0, 0, 0, login('alice'));
    expect(new Set(events.map((e) => e.im?.session)).size).toBe(3);
  });

  test('a failed sign-on has no session', () => {
    const { s, events } = stage();
    s.im(flow('4'.repeat(32)), 0, 0, 0, login('alice', 'failure'));
    expect(events[0]?.im?.session).toBeUndefined();
  });

  test('after signing off, the next sign-on is another session', () => {
    const { s, events } = stage();
    const f = flow('5'.repeat(32));
    s.im(f, 0, 0, 0, login('alice'));
    s.im(f, 0, 10, 0, { kind: 'logout', service: 'aim' });
    s.im(flow('6'.repeat(32)), 0, 0, 0, {
      kind: 'presence',
      service: 'aim',
      account: 'alice',
      status: { show: 'online' },
    });
    expect(events[1]?.im?.session).toBe(events[0]?.im?.session);
    expect(events[2]?.im?.session).not.toBe(events[0]?.im?.session);
  });
});

describe('the two legs of a message', () => {
  const sender = flow('7'.repeat(32));
  const recipient = flow('8'.repeat(32), '192.0.2.2');

  test('each says what the other lacks', () => {
    const { s, events } = stage();
    s.im(sender, 0, 0, 0, message({ to: ['bob'], message_id: 'm1' }));
    s.im(recipient, 1, 0, 0, message({ from: 'alice', message_id: 'm1' }));
    s.im(sender, 0, 50, 0, message({ to: ['bob'], text: 'more' }));
    expect(events[1]?.im).toMatchObject({ from: 'alice', to: ['bob'], account: 'bob' });
    expect(events[2]?.im).toMatchObject({ from: 'alice', account: 'alice' });
  });

  test.each([
    ['another text', { from: 'alice', text: 'else' }, 1_000],
    ['another message id', { from: 'alice', message_id: 'm2' }, 1_000],
    ['too late', { from: 'alice', message_id: 'm1' }, 1_006],
    ['another network', { from: 'alice', message_id: 'm1', service: 'icq' }, 1_000],
  ])('%s: left open', (_name, more, when) => {
    const { s, events, at } = stage();
    s.im(sender, 0, 0, 0, message({ to: ['bob'], message_id: 'm1' }));
    at(when);
    s.im(recipient, 1, 0, 0, message(more));
    expect(events[1]?.im?.to).toBeUndefined();
  });

  test('two first legs that fit: left open', () => {
    const { s, events } = stage();
    s.im(sender, 0, 0, 0, message({ to: ['bob'] }));
    s.im(flow('9'.repeat(32), '192.0.2.3'), 0, 0, 0, message({ to: ['carol'] }));
    s.im(recipient, 1, 0, 0, message({ from: 'alice' }));
    expect(events[2]?.im?.to).toBeUndefined();
    expect(events[2]?.im?.account).toBeUndefined();
  });

  test('the two sides of a proxy are one first leg: both senders are named', () => {
    const { s, events } = stage();
    const [proxy, server] = ['192.0.2.50', '192.0.2.60'];
    const inside = flow('e'.repeat(32), '192.0.2.3', proxy);
    const outside = flow('f'.repeat(32), proxy, server);
    s.im(inside, 0, 0, 0, message({ to: ['bob'] }));
    s.im(outside, 0, 0, 0, message({ to: ['bob'] }));
    s.im(recipient, 1, 0, 0, message({ from: 'alice' }));
    s.im(inside, 0, 9, 0, message({ to: ['bob'], text: 'more' }));
    s.im(outside, 0, 9, 0, message({ to: ['bob'], text: 'more' }));
    expect(events.slice(2).map((e) => e.im?.from)).toEqual(['alice', 'alice', 'alice']);
    expect(events[2]?.im?.to).toEqual(['bob']);
  });
});

describe('conversations', () => {
  test('both legs, both directions: one conversation, told when it falls silent', () => {
    const { s, events, at } = stage({ conversation_quiet: 60 });
    const a = flow('a'.repeat(32));
    const b = flow('b'.repeat(32), '192.0.2.2');
    s.im(a, 0, 0, 0, message({ account: 'alice', from: 'alice', to: ['bob'] }));
    s.im(b, 1, 0, 0, message({ account: 'bob', from: 'alice', to: ['bob'] }));
    s.im(b, 0, 0, 0, message({ account: 'bob', from: 'bob', to: ['alice'], text: 'yes' }));
    const ids = new Set(events.map((e) => e.im?.conversation));
    expect(ids.size).toBe(1);
    at(1_061);
    s.im(flow('c'.repeat(32)), 0, 0, 0, login('carol'));
    const end = events.find((e) => e.im?.kind === 'conversation');
    expect(end?.im).toMatchObject({ members: ['alice', 'bob'], messages: { alice: 1, bob: 1 } });
    expect(end?.im?.conversation).toBe([...ids][0]);
  });

  test('at most so many are open: the one that was silent longest is told as ended', () => {
    const { s, events } = stage({ conversations: 2 });
    for (const peer of ['b', 'c', 'd'])
      s.im(flow('d'.repeat(32)), 0, 0, 0, message({ account: 'a', to: [peer] }));
    expect(events.filter((e) => e.im?.kind === 'conversation').map((e) => e.im?.members)).toEqual([
      ['a', 'b'],
    ]);
    s.finish();
    expect(events.filter((e) => e.im?.kind === 'conversation')).toHaveLength(3);
  });

  test('a room is its own conversation', () => {
    const { s, events } = stage();
    const room = { id: 'lounge' };
    s.im(flow('e'.repeat(32)), 0, 0, 0, message({ account: 'a', room }));
    s.im(flow('f'.repeat(32)), 1, 0, 0, message({ from: 'a', room }));
    s.finish();
    expect(events[0]?.im?.conversation).toBe(events[1]?.im?.conversation);
    expect(events[2]?.im).toMatchObject({ kind: 'conversation', room, members: ['a'] });
  });
});

describe('what is told once an hour', () => {
  const poll = (service = 'msn'): ImFacts => ({ kind: 'service', service, once: 'webmessenger.msn.com' });

  test('a client’s next connections add nothing; another client’s, another network’s and the next hour’s do', () => {
    const { s, events, at } = stage();
    const tell = (id: string, ip: string, facts: ImFacts): void => {
      s.verdict(flow(id, ip));
      s.im(flow(id, ip), 0, 0, 0, facts, { im: facts, json: JSON.stringify(facts), fields: 3 });
    };
    tell('a', '192.0.2.1', poll());
    tell('b', '192.0.2.1', poll());
    tell('c', '192.0.2.2', poll());
    tell('d', '192.0.2.1', poll('yahoo'));
    at(1_000 + 3_599);
    tell('e', '192.0.2.1', poll());
    at(1_000 + 3_600);
    tell('f', '192.0.2.1', poll());
    expect(events.map((e) => [e.src_ip, e.im?.service])).toEqual([
      ['192.0.2.1', 'msn'],
      ['192.0.2.2', 'msn'],
      ['192.0.2.1', 'yahoo'],
      ['192.0.2.1', 'msn'],
    ]);
    expect(JSON.stringify(events)).not.toContain('once');
  });
});
