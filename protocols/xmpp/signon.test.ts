import { describe, expect, test } from '@jest/globals';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import {
  END,
  answer,
  auth,
  base64,
  bind,
  body,
  client,
  features,
  header,
  iq,
  message,
  query,
  sasl,
  server,
  signOn,
} from './build.ts';
import xmpp from './index.ts';

const logins = (told: Told) => told.facts.filter((f) => f.kind === 'login');
const run = (...steps: Step[]) => runDissector(xmpp, [...steps, ...END]);

const FAILURE = sasl('failure', '<not-authorized/>');

/** A SASL exchange up to its outcome: the client's messages after the first, each behind a challenge. */
function exchange(mechanism: string, messages: string[], outcome: string): Step[] {
  const [initial = '', ...rest] = messages;
  const steps = [
    client(header()),
    server(answer() + features(mechanism)),
    client(auth(mechanism, initial)),
    ...rest.flatMap((m) => [server(sasl('challenge', base64('c'))), client(sasl('response', base64(m)))]),
    server(outcome),
  ];
  return steps;
}

describe('SASL', () => {
  test('PLAIN: one login with the bound JID, the password exposed and not shown', () => {
    const told = run(...signOn());
    expect(logins(told)).toEqual([
      {
        kind: 'login',
        service: 'xmpp',
        account: 'alice@corp.test',
        from_resource: 'laptop',
        auth: { mechanism: 'PLAIN', result: 'success', exposed: 'password' },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('s3cret');
    expect(JSON.stringify(told)).not.toContain(base64('\0alice\0s3cret'));
  });

  test.each([
    ['PLAIN', ['\0ghost\0pw-secret'], 'ghost@corp.test', 'password'],
    ['PLAIN', ['\0ghost@other.test\0pw-secret'], 'ghost@other.test', 'password'],
    [
      'DIGEST-MD5',
      ['', 'username="gh\\\\ost",realm="r",nonce="n",response=abc'],
      'gh\\ost@corp.test',
      'hash',
    ],
    ['CRAM-MD5', ['', 'ghost 0123456789abcdef'], 'ghost@corp.test', 'hash'],
    ['SCRAM-SHA-1', ['n,,n=gh=2Cost,r=n0', 'c=biws,r=n0s,p=cHJvb2Y='], 'gh,ost@corp.test', 'hash'],
    ['SCRAM-SHA-256', ['n,,n=ghost,r=n0'], 'ghost@corp.test', undefined],
    ['X-OAUTH2', ['\0ghost\0token-secret'], 'ghost@corp.test', 'token'],
    [
      'OAUTHBEARER',
      ['n,a=ghost@corp.test,\u0001auth=Bearer token-secret\u0001\u0001'],
      'ghost@corp.test',
      'token',
    ],
    ['X-FACEBOOK-PLATFORM', ['', 'api_key=1&access_token=token-secret'], undefined, 'token'],
    ['HT-SHA-256-NONE', ['ghost\0hmac'], 'ghost@corp.test', 'token'],
    ['EXTERNAL', ['ghost@corp.test'], 'ghost@corp.test', undefined],
    ['ANONYMOUS', ['trace'], undefined, undefined],
  ])('%s that fails: %j', (mechanism, messages, account, exposed) => {
    const told = run(...exchange(mechanism, messages, FAILURE));
    const [login, ...more] = logins(told);
    expect(more).toEqual([]);
    expect(login?.auth?.mechanism).toBe(mechanism);
    expect(login?.auth).toMatchObject({ result: 'failure', reason: 'not-authorized' });
    expect(login?.account).toBe(account);
    expect(login?.auth?.exposed).toBe(exposed);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  test('LOGIN: the name, then the password, both asked for', () => {
    const told = run(
      client(header()),
      server(answer() + features('LOGIN')),
      client(auth('LOGIN')),
      server(sasl('challenge', base64('Username:'))),
      client(sasl('response', base64('ghost'))),
      server(sasl('challenge', base64('Password:'))),
      client(sasl('response', base64('pw-secret'))),
      server(FAILURE),
    );
    expect(logins(told)).toMatchObject([{ account: 'ghost@corp.test', auth: { exposed: 'password' } }]);
  });

  test('several attempts in one stream: one event each', () => {
    const told = run(
      client(header()),
      server(answer() + features('PLAIN')),
      client(auth('PLAIN', '\0alice\0one')),
      server(FAILURE),
      client(auth('PLAIN', '\0alice\0two')),
      server(FAILURE),
      ...signOn().slice(2),
    );
    expect(logins(told).map((f) => f.auth?.result)).toEqual(['failure', 'failure', 'success']);
  });

  test('no outcome in view: unknown, told at the end', () => {
    const told = run(client(header()), server(answer()), client(auth('PLAIN', '\0alice\0pw')));
    expect(logins(told)).toMatchObject([{ account: 'alice@corp.test', auth: { result: 'unknown' } }]);
  });

  test('only the server in view: the JID comes from the binding', () => {
    const told = run(...signOn().filter((step) => step.direction === 1));
    expect(logins(told)).toEqual([
      {
        kind: 'login',
        service: 'xmpp',
        account: 'alice@corp.test',
        from_resource: 'laptop',
        auth: { mechanism: 'SASL', result: 'success' },
      },
    ]);
  });

  test('a success whose binding is lost is told with the next stanza', () => {
    const told = run(...signOn().slice(0, 4), client('<presence><show>away</show></presence>'));
    expect(told.facts.map((f) => f.kind).slice(0, 2)).toEqual(['login', 'presence']);
  });

  test('what is not base64 is an anomaly', () => {
    const told = run(client(header()), client(sasl('auth', '***', " mechanism='PLAIN'")), server(FAILURE));
    expect(told.anomalies).toEqual(['xmpp_sasl_malformed']);
    expect(logins(told)).toHaveLength(1);
  });
});

describe('SASL2, jabber:iq:auth and components', () => {
  test('SASL2 binds in the same step and names the client', () => {
    const told = run(
      client(
        header() +
          `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>${base64('\0alice\0pw-x')}</initial-response>` +
          `<user-agent id='u'><software>Conversations 2.19.0</software></user-agent></authenticate>`,
      ),
      server(
        answer() +
          `<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>alice@corp.test/Conversations.x</authorization-identifier></success>`,
      ),
    );
    expect(logins(told)).toMatchObject([
      { account: 'alice@corp.test', from_resource: 'Conversations.x', auth: { result: 'success' } },
    ]);
    expect(told.facts.filter((f) => f.kind === 'client').map((f) => f.client)).toEqual([
      { name: 'Conversations', raw: 'Conversations.x', evidence: ['bind: resource'] },
      {
        name: 'Conversations',
        version: '2.19.0',
        raw: 'Conversations 2.19.0',
        evidence: ['SASL2: user-agent'],
      },
    ]);
  });

  const oldAuth = (secret: string) =>
    iq('set', 'a2', query('jabber:iq:auth', `<username>Alice</username>${secret}<resource>old</resource>`));

  test.each([
    ['<password>pw-secret</password>', 'jabber:iq:auth', 'password'],
    ['<digest>48fc78be9ec8f86d8ce1c39c320c97c21d62334d</digest>', 'jabber:iq:auth digest', 'hash'],
  ])('jabber:iq:auth with %s', (secret, mechanism, exposed) => {
    const told = run(client(header()), server(answer()), client(oldAuth(secret)), server(iq('result', 'a2')));
    expect(logins(told)).toEqual([
      {
        kind: 'login',
        service: 'xmpp',
        account: 'alice@corp.test',
        from_resource: 'old',
        auth: { mechanism, result: 'success', exposed },
      },
    ]);
  });

  test('jabber:iq:auth that fails, the query repeated in the error', () => {
    const error = `<error code='401' type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
    const told = run(
      client(header()),
      server(answer()),
      client(oldAuth('<password>pw-secret</password>')),
      server(iq('error', 'a2', query('jabber:iq:auth', '<password>pw-secret</password>') + error)),
    );
    expect(logins(told)).toMatchObject([{ auth: { result: 'failure', reason: 'not-authorized' } }]);
    expect(JSON.stringify(told)).not.toContain('pw-secret');
  });

  test.each([
    ['<handshake/>', 'success', undefined],
    [
      `<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
      'failure',
      'not-authorized',
    ],
  ])('a component: %s', (outcome, result, reason) => {
    const ns = 'jabber:component:accept';
    const told = run(
      client(header('bot.corp.test', ns)),
      server(answer('bot.corp.test', ns)),
      client('<handshake>a25406db4206ec6966c82c50e80d67e752d630d4</handshake>'),
      server(outcome),
    );
    const [login] = logins(told);
    expect(login?.account).toBe('bot.corp.test');
    expect(login?.auth).toEqual({
      mechanism: 'XEP-0114 handshake',
      result,
      exposed: 'hash',
      ...(reason === undefined ? {} : { reason }),
    });
  });
});

describe('networks', () => {
  test.each([
    ['gmail.com', 'gtalk'],
    ['chat.facebook.com', 'facebook'],
    ['corp.test', 'xmpp'],
  ])('a stream to %s is %s', (domain, service) => {
    const told = run(
      client(header(domain)),
      server(answer(domain)),
      client(auth('PLAIN', '\0alice\0pw')),
      server(sasl('success')),
      server(bind(`alice@${domain}/r`)),
    );
    expect(logins(told)).toMatchObject([{ service, account: `alice@${domain}` }]);
  });
});

describe('the server not in view', () => {
  const ATTEMPT = client(header() + auth('PLAIN', '\0alice\0s3cret'));
  const BIND = client(header() + iq('set', 'b1', query('urn:ietf:params:xml:ns:xmpp-bind', '', 'bind')));
  const UNKNOWN = { mechanism: 'PLAIN', result: 'unknown', exposed: 'password' };
  const says = client(message(`to='bob@corp.test'`, body('hello')));
  const kinds = (told: Told) => told.facts.map((f) => f.kind);

  test.each([
    ['a message', [says]],
    ['a presence', [client('<presence/>'), says]],
    ['a roster', [client(iq('get', 'r1', query('jabber:iq:roster'))), says]],
  ])('%s tells the sign-on as unknown, once, and what follows has the account', (_, steps) => {
    const told = run(ATTEMPT, BIND, ...steps, says);
    expect(told.facts[0]).toEqual({
      kind: 'login',
      service: 'xmpp',
      account: 'alice@corp.test',
      auth: UNKNOWN,
    });
    expect(logins(told)).toHaveLength(1);
    const messages = told.facts.filter((f) => f.kind === 'message');
    expect(messages).toHaveLength(2);
    for (const sent of messages) {
      expect(sent).toMatchObject({
        account: 'alice@corp.test',
        from: 'alice@corp.test',
        to: ['bob@corp.test'],
      });
    }
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });

  test('the steps of signing on alone tell nothing before the end', () => {
    const told = runDissector(xmpp, [ATTEMPT, BIND]);
    expect(logins(told)).toEqual([]);
    expect(logins(run(ATTEMPT, BIND)).map((f) => f.auth)).toEqual([UNKNOWN]);
  });

  test('jabber:iq:auth names the resource as well', () => {
    const inner = '<username>alice</username><password>s3cret</password><resource>home</resource>';
    const told = run(client(header() + iq('set', 'a1', query('jabber:iq:auth', inner))), says);
    expect(kinds(told)).toEqual(['login', 'message']);
    expect(told.facts[1]).toMatchObject({ account: 'alice@corp.test', from_resource: 'home' });
  });

  test('an answer that comes late tells no second login', () => {
    const late = [server(answer() + sasl('success') + answer() + bind('alice@corp.test/laptop'))];
    const told = run(ATTEMPT, BIND, says, ...late, says);
    expect(kinds(told).filter((kind) => kind !== 'message')).toEqual(['login', 'logout']);
    expect(told.facts.at(-2)).toMatchObject({ account: 'alice@corp.test', from_resource: 'laptop' });
  });

  test('a refusal that comes late takes the account back', () => {
    const told = run(ATTEMPT, says, server(answer() + FAILURE), says);
    expect(kinds(told)).toEqual(['login', 'message', 'message']);
    expect(told.facts[2]).not.toHaveProperty('account');
  });

  test('a second attempt is a login of its own, and the account is that of the last', () => {
    const again = client(auth('PLAIN', '\0carol\0s3cret'));
    const told = run(ATTEMPT, says, again, says);
    expect(kinds(told)).toEqual(['login', 'message', 'login', 'message']);
    expect(told.facts.map((f) => f.account?.split('@')[0])).toEqual(['alice', 'alice', 'carol', 'carol']);
  });

  test('a gap in place of the answer is the same', () => {
    const steps: Step[] = [client(header()), server(answer()), client(auth('PLAIN', '\0alice\0s3cret'))];
    const after = run(...steps, { direction: 1, gap: 60 }, says);
    expect(kinds(after)).toEqual(['login', 'message']);
    expect(after.facts[1]?.account).toBe('alice@corp.test');
  });

  test('while the server is in view its answer is waited for', () => {
    const told = run(client(header()), server(answer()), ATTEMPT, says, server(FAILURE));
    expect(logins(told).map((f) => f.auth?.result)).toEqual(['failure']);
    expect(told.facts.find((f) => f.kind === 'message')).not.toHaveProperty('account');
  });
});

describe('sign-off', () => {
  test.each([
    ['the stream is closed', [client('</stream:stream>')], 'stream closed'],
    [
      'the server ends it',
      [
        server(
          `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
        ),
      ],
      'conflict',
    ],
    ['the connection ends', [], 'connection ended'],
  ])('%s', (_, steps, reason) => {
    const told = run(...signOn(), ...steps);
    expect(told.facts.filter((f) => f.kind === 'logout')).toEqual([
      { kind: 'logout', service: 'xmpp', account: 'alice@corp.test', from_resource: 'laptop', reason },
    ]);
  });

  test('who never signed on does not sign off', () => {
    const told = run(client(header()), server(answer()), client('</stream:stream>'));
    expect(told.facts).toEqual([]);
  });
});
