import { BlockList, isIPv4 } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatTime } from '../core/time.ts';
import { NetworkSet, parseNetwork } from './cidr.ts';
import type { Network } from './cidr.ts';
import { packetSeconds } from './clock.ts';
import { Deadlines } from './deadlines.ts';
import { matchGlob } from './glob.ts';
import { makeClassifyLimits } from './limits.ts';
import { nearest } from './suggest.ts';
import { parseVersionTest } from './version.ts';

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('networks', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255', '11.0.0.0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
    ['192.0.2.128/25', '192.0.2.128', '192.0.2.127'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['2001:db8::1', '2001:DB8:0::1', '2001:db8::2'],
    ['::ffff:10.1.0.0/112', '10.1.200.3', '10.2.0.1'],
    ['10.1.0.0/16', '::ffff:10.1.9.9', '::10.1.9.9'],
    ['fe80::/10', 'fe80::1', 'fec0::1'],
  ])('%s holds %s, not %s', (text, inside, outside) => {
    const set = new NetworkSet([network(text)]);
    expect(set.has(inside)).toBe(true);
    expect(set.has(outside)).toBe(false);
  });

  test('/0 holds every address of its family only', () => {
    expect(new NetworkSet([network('0.0.0.0/0')]).has('203.0.113.9')).toBe(true);
    expect(new NetworkSet([network('0.0.0.0/0')]).has('2001:db8::1')).toBe(false);
    expect(new NetworkSet([network('::/0')]).has('2001:db8::1')).toBe(true);
  });

  test('what is no address is in no network', () => {
    const all = new NetworkSet([network('0.0.0.0/0'), network('::/0')]);
    for (const text of ['', 'example.com', '1.2.3', '1.2.3.4.5', '01.2.3.4', 'fe80::1%eth0', ':::']) {
      expect(all.has(text)).toBe(false);
    }
  });

  test.each([
    ['10.1.2.3/8', 'write 10.0.0.0/8'],
    ['2001:db8::1/32', 'write 2001:db8::/32'],
    ['10.0.0.0/33', 'from 0 to 32'],
    ['2001:db8::/129', 'from 0 to 128'],
    ['::ffff:10.0.0.0/95', 'from 96 to 128'],
    ['10.0.0.0/', 'from 0 to 32'],
    ['10.0.0.0/08', 'from 0 to 32'],
    ['10.0.0.0/-1', 'from 0 to 32'],
    ['example.com', 'no IP address'],
    ['300.1.1.1', 'no IP address'],
  ])('%s is complained about: %s', (text, complaint) => {
    expect(parseNetwork(text)).toContain(complaint);
  });

  test("agrees with Node's own BlockList", () => {
    const octets = fc.tuple(fc.constantFrom(10, 172), fc.nat(3), fc.nat(255), fc.nat(255));
    const v4 = octets.map((o) => o.join('.'));
    const v6 = fc
      .array(fc.constantFrom('0', '1', 'ffff', 'db8', '8000'), { minLength: 8, maxLength: 8 })
      .map((groups) => ['2001', ...groups.slice(1)].join(':'));
    const address = fc.oneof(v4, v6);
    fc.assert(
      fc.property(fc.array(fc.tuple(address, fc.nat(128)), { maxLength: 6 }), address, (nets, probe) => {
        const block = new BlockList();
        const networks = nets.map(([ip, bits]) => {
          // BlockList takes IPv4 for IPv6 (::ffff:0:0/96), so that a shorter prefix of 2001:: would hold it too.
          const prefix = isIPv4(ip) ? bits % 33 : Math.max(3, bits);
          block.addSubnet(ip, prefix, isIPv4(ip) ? 'ipv4' : 'ipv6');
          return { words: network(ip).words, prefix };
        });
        expect(new NetworkSet(networks).has(probe)).toBe(block.check(probe, isIPv4(probe) ? 'ipv4' : 'ipv6'));
      }),
    );
  });
});

describe('patterns', () => {
  test.each([
    ['pidgin', 'pidgin', true],
    ['pidgin', 'pidgin 2', false],
    ['pid*', 'pidgin', true],
    ['*gin', 'pidgin', true],
    ['p*d*n', 'pidgin', true],
    ['p*x*n', 'pidgin', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a**b', 'ab', true],
    ['*ab', 'aab', true],
    ['.', 'a', false],
  ])('%s on %s: %s', (pattern, text, matches) => {
    expect(matchGlob(pattern, text)).toBe(matches);
  });

  test("agrees with a regular expression, and a stranger's long text costs little", () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(word, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), (pattern, text) => {
        const expression = new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`);
        expect(matchGlob(pattern, text)).toBe(expression.test(text));
      }),
    );
    const before = performance.now();
    expect(matchGlob('*a*a*a*a*a*a*b', 'a'.repeat(20_000))).toBe(false);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('versions', () => {
  test.each([
    ['2.10', '2.10', true],
    ['2.10', '2.10.1', false],
    ['2.10.*', '2.10.11', true],
    ['>= 2.10', '2.9.3', false],
    ['>=2.10', '2.10', true],
    ['>= 2.10', '2.10.11 (libpurple 2.10.11)', true],
    ['< 6', 'Release 5.9', true],
    ['< 6', '6.0', false],
    ['<= 6', '6.0.0', true],
    ['> 6', '6.0.1', true],
    ['> 6', 'unknown', false],
  ])('%s on %s: %s', (text, version, holds) => {
    const test = parseVersionTest(text);
    expect(typeof test === 'string' ? test : test(version)).toBe(holds);
  });

  test.each(['>=', '> beta', '>= 2.x', '= 2.1', '<>3'])('%s is complained about', (text) => {
    expect(parseVersionTest(text)).toEqual(expect.stringContaining(`"${text}"`));
  });
});

test('a near name is suggested, a far one not', () => {
  const known = ['networks', 'servers', 'subnets', 'ports'];
  expect(nearest('subnet', known)).toBe(' (did you mean "subnets"?)');
  expect(nearest('Server', known)).toBe(' (did you mean "servers"?)');
  expect(nearest('ntworks', known)).toBe(' (did you mean "networks"?)');
  expect(nearest('prots', known)).toBe(' (did you mean "ports"?)');
  expect(nearest('colour', known)).toBe('');
  expect(nearest('x'.repeat(100_000), known)).toBe('');
});

test('packet seconds are those of the stamp', () => {
  for (const seconds of [0, 951_782_399, 1_110_290_591, 4_102_444_800]) {
    expect(packetSeconds(formatTime(seconds, 999_999_999))).toBe(seconds);
  }
});

test('deadlines come due in order, once, and the oldest at once where too many wait', () => {
  const deadlines = new Deadlines(5, 2);
  deadlines.add(1, 100);
  deadlines.add(1, 104);
  deadlines.add(2, 101);
  expect(deadlines.next(104)).toBeUndefined();
  deadlines.add(3, 102);
  expect(deadlines.next(104)).toBe(1);
  expect(deadlines.next(104)).toBeUndefined();
  deadlines.delete(2);
  expect(deadlines.next(107)).toBe(3);
  expect(deadlines.next(Infinity)).toBeUndefined();
});

test('limits can be set one by one', () => {
  expect(makeClassifyLimits({ client_patience: 0 })).toMatchObject({
    client_patience: 0,
    account_patience: 60,
  });
});
