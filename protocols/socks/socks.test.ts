import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import socks from './index.ts';

type Part = number | string;

/** Bytes of numbers and texts. */
function raw(...parts: Part[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((p) => (typeof p === 'number' ? [p] : [...Buffer.from(p, 'latin1')])));
}
const client = (...parts: Part[]): Step => ({ direction: 0, bytes: raw(...parts) });
const server = (...parts: Part[]): Step => ({ direction: 1, bytes: raw(...parts) });

const GREETING = client(5, 1, 0);
const METHOD = server(5, 0);
const NAMED = [5, 1, 0, 3, 5, 'im.ex', 0x14, 0x46] as const;
const OK = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0] as const;

describe('detection', () => {
  test.each<[string, Uint8Array, Uint8Array, string]>([
    ['5 and a method', raw(5, 2, 0, 2), raw(5, 2), 'yes'],
    ['5, refused', raw(5, 1, 0), raw(5, 255), 'yes'],
    ['5 alone', raw(5, 1, 0), raw(), 'more'],
    ['5 and its request', raw(5, 1, 0, ...NAMED), raw(), 'yes'],
    ['a method that was not offered', raw(5, 1, 0), raw(5, 2), 'no'],
    ['no methods', raw(5, 0), raw(), 'no'],
    ['methods that do not exist', raw(5, 3, 40, 50, 60), raw(), 'no'],
    ['another server', raw(5, 1, 0), raw('+OK'), 'no'],
    ['4', raw(4, 1, 0, 80, 1, 2, 3, 4, 'me', 0), raw(), 'yes'],
    ['4A', raw(4, 1, 0, 80, 0, 0, 0, 1, 0, 'host', 0), raw(0, 90), 'yes'],
    ['4, not whole', raw(4, 1, 0, 80, 1, 2, 3, 4, 'me'), raw(), 'more'],
    ['4, no command', raw(4, 9, 0, 80, 1, 2, 3, 4, 0), raw(), 'no'],
    ['4, port 0', raw(4, 1, 0, 0, 1, 2, 3, 4, 0), raw(), 'no'],
    ['binary behind 4', raw(4, 1, 0, 80, 1, 2, 3, 4, 7, 7, 0), raw(), 'no'],
  ])('%s', (_, first, answer, expected) => {
    expect(runDetector(socks, first, answer).answer).toBe(expected);
  });

  test('a server that speaks first is none', () => {
    expect(runDetector(socks, raw(), raw(5, 0)).answer).toBe('no');
  });
});

describe('handshakes', () => {
  const v4 = [client(4, 1, 0x14, 0x46, 10, 0, 0, 1, 'me', 0), server(0, 90, 0, 0, 0, 0, 0, 0)];
  const v4a = [client(4, 1, 0x14, 0x46, 0, 0, 0, 9, 0, 'im.ex', 0), server(0, 90, 0, 0, 0, 0, 0, 0)];
  test.each<[string, Step[], string, string]>([
    ['4', v4, 'socks4', 'socks4: CONNECT 10.0.0.1:5190'],
    ['4A', v4a, 'socks4', 'socks4: CONNECT im.ex:5190'],
    [
      '5, a name',
      [GREETING, METHOD, client(...NAMED), server(...OK)],
      'socks5',
      'socks5: CONNECT im.ex:5190',
    ],
    [
      '5, IPv4; the answer has a name',
      [GREETING, METHOD, client(5, 1, 0, 1, 10, 0, 0, 1, 0x14, 0x46), server(5, 0, 0, 3, 2, 'ab', 0, 0)],
      'socks5',
      'socks5: CONNECT 10.0.0.1:5190',
    ],
    [
      '5, IPv6 both ways',
      [
        GREETING,
        METHOD,
        client(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x14, 0x46),
        server(5, 0, 0, 4, ...new Array<number>(16).fill(0), 0, 0),
      ],
      'socks5',
      'socks5: CONNECT 2001:db8::1:5190',
    ],
  ])('%s', (_, handshake, carrier, evidence) => {
    const steps = [...handshake, server('*hello'), client('*mine')];
    everySplit(socks, steps, (told, where) => {
      expect([where, told.inner]).toMatchObject([
        where,
        [{ target: { carrier, evidence, port: 5190 }, texts: ['*mine', '*hello'] }],
      ]);
    });
  });

  test('a password is told as exposed, not shown', () => {
    const steps = [
      client(5, 2, 0, 2),
      server(5, 2),
      client(1, 2, 'me', 6, 'secret'),
      server(1, 0),
      client(...NAMED),
      server(...OK),
      server('*'),
    ];
    everySplit(socks, steps, (told) => {
      expect([told.user, told.anomalies]).toEqual(['me', ['proxy_password_exposed']]);
      expect(told.inner[0]?.texts).toEqual(['', '*']);
      expect(JSON.stringify(told)).not.toContain('secret');
    });
  });

  test.each<[string, Step[], [string, string]]>([
    ['the client alone', [GREETING, client(...NAMED), client('*mine')], ['*mine', '']],
    ['the server alone', [METHOD, server(...OK, '*his')], ['', '*his']],
    [
      'a gap in the handshake',
      [GREETING, client(...NAMED), { direction: 1, gap: 12 }, server('*his')],
      ['', '*his'],
    ],
  ])('%s', (_, steps, texts) => {
    expect(runDissector(socks, steps).inner.map((i) => i.texts)).toEqual([texts]);
  });

  test.each<[string, Step[], string | undefined, string[]]>([
    ['refused', [GREETING, METHOD, client(...NAMED), server(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)], 'aim', []],
    ['refused, without an address', [GREETING, METHOD, client(...NAMED), server(5, 5, 0, 0)], 'aim', []],
    ['refused by 4', [client(4, 1, 0x14, 0x46, 10, 0, 0, 1, 0), server(0, 91, 0, 0, 0, 0, 0, 0)], 'aim', []],
    [
      'refused, no IM',
      [GREETING, METHOD, client(5, 1, 0, 1, 1, 1, 1, 1, 0, 25), server(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)],
      undefined,
      [],
    ],
    [
      'an address type that does not exist',
      [GREETING, METHOD, client(5, 1, 0, 9, 1, 1)],
      undefined,
      ['socks_address_type'],
    ],
    [
      'a command that does not exist',
      [GREETING, METHOD, client(5, 4, 0, 1, 1, 1, 1, 1, 0, 25)],
      undefined,
      [],
    ],
    [
      'UDP ASSOCIATE, no IM',
      [GREETING, METHOD, client(5, 3, 0, 1, 0, 0, 0, 0, 0, 0), server(5, 0, 0, 1, 10, 0, 0, 1, 4, 56)],
      undefined,
      [],
    ],
    ['GSSAPI', [client(5, 1, 1), server(5, 1)], undefined, []],
  ])('%s', (_, steps, service, anomalies) => {
    const told = runDissector(socks, steps);
    // A refused attempt was told of: the rest has nothing to say.
    expect(told.ended).toBe(service === undefined ? 'bad' : undefined);
    expect([told.facts[0]?.service, told.anomalies, told.inner]).toEqual([service, anomalies, []]);
  });
});

describe('BIND and UDP ASSOCIATE', () => {
  const bind = client(5, 2, 0, 3, 13, 'login.icq.com', 0x14, 0x46);

  test('who comes in after BIND is read, wherever segments end', () => {
    const steps = [
      GREETING,
      METHOD,
      bind,
      server(5, 0, 0, 1, 10, 0, 0, 9, 0x20, 0),
      server(5, 0, 0, 1, 10, 0, 0, 7, 0x30, 0),
      server('OFT2'),
      client('and back'),
    ];
    everySplit(socks, steps, (told, where) => {
      expect([where, told.inner]).toMatchObject([
        where,
        [
          {
            target: { carrier: 'socks5', evidence: 'socks5: BIND login.icq.com:5190' },
            texts: ['and back', 'OFT2'],
          },
        ],
      ]);
      expect(told.facts).toEqual([
        {
          kind: 'service',
          service: 'icq',
          evidence: ['socks5: BIND login.icq.com:5190', 'proxy: listens'],
          confidence: 'medium',
        },
      ]);
    });
  });

  test('BIND of version 4, and a refused one', () => {
    const request = client(4, 2, 0x14, 0x46, 10, 0, 0, 1, 'me', 0);
    const told = runDissector(socks, [
      request,
      server(0, 90, 0x20, 0, 10, 0, 0, 9),
      server(0, 90, 0x30, 0, 10, 0, 0, 7, '*'),
    ]);
    expect(told.inner[0]?.texts).toEqual(['', '*']);
    const refused = runDissector(socks, [request, server(0, 91, 0, 0, 0, 0, 0, 0)]);
    expect(refused.facts[0]?.evidence).toEqual(['socks4: BIND 10.0.0.1:5190', 'proxy: refused (91)']);
  });

  test('UDP ASSOCIATE for a host of IM is told', () => {
    const told = runDissector(socks, [
      GREETING,
      METHOD,
      client(5, 3, 0, 3, 13, 'login.icq.com', 0x0f, 0xa0),
      server(5, 0, 0, 1, 10, 0, 0, 9, 0x20, 0),
      client('x'),
    ]);
    expect(told.ended).toBeUndefined();
    expect(told.inner).toEqual([]);
    expect(told.facts[0]).toMatchObject({
      service: 'icq',
      evidence: ['socks5: UDP ASSOCIATE login.icq.com:4000', 'proxy: relays datagrams'],
    });
  });
});

test('no bytes make it throw', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), chunk), { maxLength: 8 }), (parts) => {
      runDissector(socks, [
        GREETING,
        METHOD,
        ...parts.map(([d, bytes]): Step => ({ direction: d ? 1 : 0, bytes })),
      ]);
    }),
    { seed: 11, numRuns: 300 },
  );
});
