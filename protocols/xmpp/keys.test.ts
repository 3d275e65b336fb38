import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import { base64, body, client, message, signOn } from './build.ts';
import xmpp from './index.ts';
import { otrFacts, pgpRecipients, pgpSigner } from './keys.ts';

const raw = (...parts: (number | string)[]): string =>
  btoa(parts.map((p) => (typeof p === 'number' ? String.fromCharCode(p) : p)).join(''));

const evidence = (inner: string) =>
  runDissector(xmpp, [...signOn(), client(message("to='bob@corp.test'", inner))]).facts.at(-1)?.evidence;

describe('what is public of an encrypted message', () => {
  test.each([
    ['eu.siacs.conversations.axolotl', "<key rid='7'>QQ</key><key prekey='true' rid='8'>QQ</key>"],
    [
      'urn:xmpp:omemo:2',
      "<keys jid='bob@corp.test'><key rid='7'>QQ</key></keys><keys jid='a@x'><key rid='8'/></keys>",
    ],
  ])('OMEMO (%s): the devices', (ns, keys) => {
    const sealed = `<encrypted xmlns='${ns}'><header sid='4294967295'>${keys}</header><payload>QQ</payload></encrypted>`;
    expect(evidence(sealed)).toEqual(['omemo: from device 4294967295, for devices 7, 8']);
  });

  test('many devices are counted, what is no number is left out', () => {
    const keys = Array.from({ length: 20 }, (_, i) => `<key rid='${i}'/>`).join('') + "<key rid='x&#10;y'/>";
    const sealed = (sid: string) =>
      `<encrypted xmlns='urn:xmpp:omemo:1'><header sid='${sid}'>${keys}</header><payload>Q</payload></encrypted>`;
    expect(evidence(sealed('1'))).toEqual([
      'omemo: from device 1, for devices 0, 1, 2, 3, 4, 5, 6, 7 and 12 more',
    ]);
    expect(evidence(sealed('one'))).toBeUndefined();
  });

  test.each([
    [
      'version 2',
      raw(0, 2, 3, 0, 0, 0, 0, 5, 0, 0, 0, 6),
      'otr: version 2, key 5 of the sender, 6 of the recipient',
    ],
    [
      'version 3',
      raw(0, 3, 3, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 5, 0, 0, 0, 6),
      'otr: version 3 from instance 0x00000100 to 0x00000101, key 5 of the sender, 6 of the recipient',
    ],
  ])('OTR %s: the keys', (_, data, fact) => {
    expect(evidence(body(`?OTR:${data}${'A'.repeat(80)}.`))).toEqual([fact]);
    for (let n = 0; n < data.length; n++) expect(otrFacts(`?OTR:${data.slice(0, n)}`).length).toBeLessThan(2);
  });
});

describe('OpenPGP', () => {
  const KEY = '\x01\x23\x45\x67\x89\xab\xcd\xef';
  const pkesk = (id: string): string => `\x85\x00\x0c\x03${id}\x01AB`;

  test('the keys that a message is for, in both forms of a length', () => {
    const message = btoa(
      pkesk(KEY) + '\xc1\x0c\x03' + KEY + '\x01AB' + pkesk('\0'.repeat(8)) + '\xd2\xff\0\0',
    );
    const fact = 'openpgp: for keys 0123456789ABCDEF, 0123456789ABCDEF, hidden';
    expect(pgpRecipients(message)).toEqual([fact]);
    expect(evidence(`<x xmlns='jabber:x:encrypted'>${message}</x>`)).toEqual([fact]);
    expect(evidence(`<openpgp xmlns='urn:xmpp:openpgp:0'>${message}</openpgp>`)).toEqual([fact]);
  });

  test.each([
    ['by its id', `\x00\x00\x00\x0a\x09\x10${KEY}`],
    ['by its fingerprint, of the part that is signed', `\x00\x17\x16\x21\x04${'F'.repeat(12)}${KEY}\x00\x00`],
  ])('the key that signed, %s', (_, subpackets) => {
    const signature = `\x04\x00\x01\x0a${subpackets}\x12\x34`;
    const packet = btoa(`\x88${String.fromCharCode(signature.length)}${signature}`);
    expect(pgpSigner(packet)).toEqual(['openpgp: signed by key 0123456789ABCDEF']);
    const presence = `<presence><x xmlns='jabber:x:signed'>${packet}</x></presence>`;
    expect(runDissector(xmpp, [...signOn(), client(presence)]).facts.at(-1)).toMatchObject({
      kind: 'presence',
      evidence: ['openpgp: signed by key 0123456789ABCDEF'],
    });
  });

  test('what is none of it, and every cut, is quiet', () => {
    const whole = pkesk(KEY);
    for (let n = 0; n < whole.length; n++) expect(pgpRecipients(btoa(whole.slice(0, n)))).toEqual([]);
    for (const text of ['', '!', base64('hello'), btoa('\xff'.repeat(50))]) {
      expect([...pgpRecipients(text), ...pgpSigner(text)]).toEqual([]);
    }
  });
});
