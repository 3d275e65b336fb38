import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes, clientHello, extension, record, serverHello, v2Hello } from '../../../protocols/tls/build.ts';
import { HelloSight, SIGHT } from './sight.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = clientHello({ sni: 'slogin.example.net', alpns: ['h2', 'xmpp-client'], groups: [29, 23] });
const sight = new HelloSight();
const sni = (): string => new TextDecoder().decode(sight.bytes.subarray(sight.sniStart, sight.sniEnd));

describe('a hello in place', () => {
  test.each([
    ['one record', record(message)],
    ['records of 40 bytes', record(message, 0x16, 40)],
    ['records of 3 bytes', record(message, 0x16, 3)],
  ])('in %s is part until it is whole, then shows its names', (_, stream) => {
    for (let end = 1; end < stream.length; end++) expect(sight.look(stream, 0, end)).toBe(SIGHT.PART);
    expect(sight.look(stream, 0, stream.length)).toBe(SIGHT.CLIENT);
    expect(sni()).toBe('slogin.example.net');
    expect([sight.offers(ascii('xmpp-client')), sight.offers(ascii('xmpp'))]).toEqual([true, false]);
  });

  test('places count from where the bytes are, and what was seen before is forgotten', () => {
    const stream = bytes([1, 2, 3], record(message), [9]);
    expect(sight.look(stream, 3, stream.length - 1)).toBe(SIGHT.CLIENT);
    expect(sni()).toBe('slogin.example.net');
    const none = record(clientHello());
    expect(sight.look(none, 0, none.length)).toBe(SIGHT.CLIENT);
    expect([sight.sniEnd, sight.alpnEnd]).toEqual([0, 0]);
  });

  test.each<[string, Uint8Array, number]>([
    ['nothing', new Uint8Array(0), SIGHT.NOTHING],
    ['a ServerHello', record(serverHello()), SIGHT.SERVER],
    ['a hello without extensions', record(clientHello({ bare: true })), SIGHT.CLIENT],
    ['a hello of SSL 2.0', v2Hello(), SIGHT.V2],
    ['the beginning of one', v2Hello().slice(0, 20), SIGHT.PART],
    ['three bytes like one', Uint8Array.of(0x80, 0x2e, 2), SIGHT.NO],
    ['a certificate', record(Uint8Array.of(11, 0, 0, 0)), SIGHT.NO],
    ['another version', Uint8Array.of(0x16, 3, 9, 0, 50, 1), SIGHT.NO],
    ['an empty record', Uint8Array.of(0x16, 3, 1, 0, 0, 1), SIGHT.NO],
    ['a hello longer than one can be', record(bytes([1, 1, 0, 0], new Uint8Array(50))), SIGHT.NO],
    [
      'an extension beyond the hello',
      record(clientHello({ after: [Uint8Array.of(0, 99, 0xff, 0)] })),
      SIGHT.NO,
    ],
    ['text', bytes('\u0016GET'), SIGHT.NO],
    [
      'an alert between two halves',
      bytes(record(message.slice(0, 50)), record(message.slice(50), 21)),
      SIGHT.NO,
    ],
  ])('%s', (_, stream, want) => {
    expect(sight.look(stream, 0, stream.length)).toBe(want);
  });

  test.each<[string, readonly number[]]>([
    ['a name longer than its extension', [0, 9, 0, 0, 50, 0x61]],
    ['no name', [0, 0]],
  ])('an extension with %s shows none', (_, body) => {
    const stream = record(clientHello({ before: [extension(0, body)] }));
    expect(sight.look(stream, 0, stream.length)).toBe(SIGHT.CLIENT);
    expect(sight.sniEnd).toBe(0);
  });

  test('no bytes make it throw or look past the ends', () => {
    const stream = record(message, 0x16, 90);
    fc.assert(
      fc.property(fc.nat(stream.length - 1), fc.nat(255), fc.nat(stream.length), (at, value, end) => {
        const spoilt = stream.slice();
        spoilt[at] = value;
        sight.look(spoilt, 0, end);
        expect(sight.sniEnd).toBeLessThanOrEqual(sight.bytes === spoilt ? end : 16_384);
        sight.offers(ascii('h2'));
        const old = v2Hello();
        old[at % old.length] = value;
        sight.look(old, 0, old.length);
      }),
      { seed: 33, numRuns: 2_000 },
    );
  });
});
