import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  clientTLVs,
  END,
  fromHex,
  item,
  roasted,
  Sender,
  tlv,
  u16,
  u32,
  userInfo,
} from './build.ts';
import { CLIENT_MARKS } from './capabilities.ts';
import { FUTURES } from './fingerprints.ts';
import oscar from './index.ts';
import { ROAST, SNAC } from './numbers.ts';

const AIM = clientTLVs('AOL Instant Messenger, version 5.9.6089/WIN32', 0x109, [5, 9, 0, 6089], 0xec);

function onBos(make: (c: Sender, s: Sender) => Step[], claim: Uint8Array = bytes()): object[] {
  const c = new Sender(0);
  const s = new Sender(1);
  const steps = bosStart(c, s, 'me', bytes('cookie bytes'));
  if (claim.length > 0) steps[1] = new Sender(0).signOn(tlv(6, 'cookie bytes'), claim);
  return runDissector(oscar, [...steps, ...make(c, s), ...END]).facts.slice(0, -1);
}

const direct = (ip: number[], stamps: readonly number[]): Uint8Array =>
  tlv(0x0c, ip, u32(4099), [4], u16(9), u32(1), u32(80), u32(3), ...stamps.map(u32), u16(0));

describe('software', () => {
  test('marks are told with the version behind them', () => {
    const marked = (hex: string) =>
      onBos((c) => [c.snac(SNAC.LOCATE_SET_INFO, tlv(5, fromHex(hex.padEnd(32, '0'))))]).slice(1);
    expect(marked('4d6972616e64614d00060303')).toMatchObject([
      { kind: 'client', client: { name: 'Miranda', version: '0.6.3.3' } },
    ]);
    expect(marked('563fc8090b6f41514950203230303561')).toMatchObject([
      { client: { name: 'QIP', version: '2005a' } },
    ]);
    expect(marked('97b12751243c4334ad22d6abf73f1409')).toMatchObject([{ client: { name: 'Trillian' } }]);
    // Capabilities of RTF and typing notices begin alike, and name nobody.
    expect(marked('97b12751243c4334ad22d6abf73f1492')).toEqual([]);
    expect(marked('563fc8090b6f41bd9f79422609dfa2f3')).toEqual([]);
  });

  test('no mark hides another', () => {
    CLIENT_MARKS.forEach(({ prefix }, i) => {
      expect(prefix).toMatch(/^(?:[\da-f]{2}){4,16}$/);
      expect(CLIENT_MARKS.slice(0, i).filter((earlier) => prefix.startsWith(earlier.prefix))).toEqual([]);
    });
  });

  test('stamps in DC info', () => {
    const stamped = (...stamps: number[]) =>
      onBos((c) => [
        c.snac(SNAC.OSERVICE_SET_STATUS, bytes(tlv(6, u32(0)), direct([0, 0, 0, 0], stamps))),
      ]).filter((f) => 'client' in f && !('auth' in f));
    expect(stamped(0xffffffff, 0x00060303, 0x80000000)).toMatchObject([
      { client: { name: 'Miranda', version: '0.6.3.3' } },
    ]);
    expect(stamped(0x7d800000 + 1036, 0, 0)).toMatchObject([{ client: { name: 'Licq', version: '1.3.6' } }]);
    expect(stamped(0x3b7248ed, 0, 0)).toEqual([]);
    expect(stamped(0, 0, 0)).toEqual([]);
    for (const { first, second = 0, third = 0, name } of FUTURES) {
      expect(stamped(first, second, third)).toMatchObject([{ client: { name } }]);
    }
  });

  test('who claims to be AIM and has a mark of another is in masquerade', () => {
    const facts = onBos(
      (c) => [c.snac(SNAC.LOCATE_SET_INFO, tlv(5, fromHex('4d6972616e64614d00060303'.padEnd(32, '0'))))],
      AIM,
    );
    expect(facts.filter((f) => 'client' in f && !('auth' in f))).toMatchObject([
      { client: { name: 'AIM', version: '5.9.6089' } },
      { client: { name: 'Miranda', version: '0.6.3.3', masquerade: 'AIM 5.9.6089' } },
    ]);
  });

  test('so is who asks for families in the reverse order, as libpurple does', () => {
    const families = (list: number[]) => bytes(...list.map((f) => bytes(u16(f), u16(1))));
    const ask = (host: number[], asked: number[]) =>
      onBos(
        (c, s) => [
          s.snac(SNAC.OSERVICE_HOST_ONLINE, bytes(...host.map(u16))),
          c.snac(SNAC.OSERVICE_CLIENT_VERSIONS, families(asked)),
        ],
        AIM,
      ).filter((f) => JSON.stringify(f).includes('masquerade'));
    const host = [0x18, 0x10, 0x03, 0x13, 0x04, 0x15, 0x02];
    expect(ask(host, [0x02, 0x15, 0x04, 0x13, 0x03, 0x10, 0x18])).toMatchObject([
      { client: { name: 'libpurple', masquerade: 'AIM 5.9.6089' } },
    ]);
    expect(ask(host, [1, 2, 3, 4, 0x13])).toEqual([]);
    // A list that comes out ascending is everybody's.
    expect(ask([4, 3, 2, 1], [1, 2, 3, 4])).toEqual([]);
  });

  test('the Kerberos table of roasting', () => {
    const c = new Sender(0);
    const told = runDissector(oscar, [
      c.signOn(tlv(1, 'Cedar Fox'), tlv(2, roasted('some pass-phrase', ROAST.KERBEROS))),
      ...END,
    ]);
    expect(told.facts).toMatchObject([{ kind: 'login', auth: { mechanism: 'roasted-kerberos' } }]);
  });
});

describe('addresses', () => {
  test('own and of a contact, inside and outside, each once', () => {
    const facts = onBos((c, s) => [
      c.snac(SNAC.OSERVICE_SET_STATUS, bytes(tlv(6, u32(0)), direct([10, 1, 2, 3], [0, 0, 0]))),
      c.snac(SNAC.OSERVICE_SET_STATUS, bytes(tlv(6, u32(0)), direct([10, 1, 2, 3], [0, 0, 0]))),
      s.snac(
        SNAC.BUDDY_ARRIVED,
        userInfo('12345', tlv(0x0a, [192, 0, 2, 9]), direct([10, 9, 9, 9], [0, 0, 0])),
      ),
    ]).filter((f) => 'profile' in f);
    expect(facts).toMatchObject([
      { from: 'me', sent: true, profile: { internal_ip: '10.1.2.3', internal_port: 4099 } },
      { from: '12345', profile: { internal_ip: '10.9.9.9', external_ip: '192.0.2.9' } },
    ]);
  });
});

describe('the stored list', () => {
  test('what is noted of people, whom to let through, icon and status note', () => {
    const facts = onBos((c, s) => [
      s.snac(
        SNAC.FEEDBAG_LIST,
        bytes(
          [0],
          u16(7),
          item('Work', 7, 0, 1),
          item(
            'Red Barn',
            7,
            2,
            0,
            tlv(0x131, 'Red'),
            tlv(0x137, 'red@example.test'),
            tlv(0x13a, '+15550100'),
            tlv(0x13c, 'from the choir'),
            tlv(0x66),
          ),
          item('friend', 0, 3, 2),
          item('', 0, 4, 4, tlv(0xca, [3])),
          item('ghost', 0, 5, 0x0e),
          item('1', 0, 6, 0x14, tlv(0xd5, [0, 2, 0xab, 0xcd])),
          item('', 0, 7, 0x15c, tlv(0x13c, 'gone fishing')),
          u32(0),
        ),
      ),
      c.snac(
        SNAC.FEEDBAG_DELETE,
        bytes(item('friend', 0, 3, 2), item('Red Barn', 7, 2, 0, tlv(0x137, 'x@y'))),
      ),
    ]).slice(1);
    expect(facts).toMatchObject([
      { contact: { op: 'list', id: 'redbarn', name: 'Red', groups: ['Work'] } },
      {
        from: 'redbarn',
        profile: {
          email: 'red@example.test',
          sms_number: '+15550100',
          note: 'from the choir',
          awaits_authorisation: true,
        },
      },
      { contact: { op: 'accept', id: 'friend' } },
      { from: 'me', profile: { privacy: 'permit some' } },
      { contact: { op: 'block', id: 'ghost' } },
      { profile: { icon: 'abcd' } },
      { profile: { status_note: 'gone fishing' } },
      { contact: { op: 'deny', id: 'friend' } },
      { contact: { op: 'remove', id: 'redbarn' } },
    ]);
    expect(facts).toHaveLength(9);
  });
});

test('a status note of the own', () => {
  const note = bytes(u16(4), 'lake', u16(0));
  const facts = onBos((c) => [
    c.snac(SNAC.OSERVICE_SET_STATUS, tlv(6, u32(1))),
    c.snac(SNAC.OSERVICE_SET_STATUS, tlv(0x1d, u16(2), [4, note.length], note)),
  ]).slice(1);
  expect(facts).toMatchObject([{ status: { show: 'away' } }, { status: { show: 'away', text: 'lake' } }]);
});

test('a contact that is idle', () => {
  const facts = onBos((_c, s) => [
    s.snac(SNAC.BUDDY_ARRIVED, userInfo('a', tlv(1, u16(0x10)), tlv(4, u16(12)))),
  ]);
  expect(facts.slice(1)).toMatchObject([{ from: 'a', status: { show: 'idle' } }]);
});
