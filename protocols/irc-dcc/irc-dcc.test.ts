import { describe, expect, test } from '@jest/globals';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import protocol from './index.ts';

const FILE = new Uint8Array(1_000).map((_, i) => i * 7);
const ack = (...numbers: number[]): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * 4);
  numbers.forEach((n, i) => {
    new DataView(bytes.buffer).setUint32(i * 4, n);
  });
  return bytes;
};
const ENDS: Step[] = [
  { direction: 1, end: true },
  { direction: 0, end: true },
];

describe('irc-dcc: dissector', () => {
  test('a file that is counted to its end, cut at every byte', () => {
    const steps: Step[] = [
      { direction: 1, bytes: FILE.subarray(0, 600) },
      { direction: 0, bytes: ack(600) },
      { direction: 1, bytes: FILE.subarray(600) },
      { direction: 0, bytes: ack(1_000) },
      ...ENDS,
    ];
    everySplit(protocol, steps, ({ facts, files, claimed }) => {
      expect(facts.map((fact) => fact.file?.state)).toEqual(['start', 'complete']);
      expect(facts[1]?.file?.size).toBe(1_000);
      expect(Buffer.from(files[0]?.text ?? '', 'latin1')).toEqual(Buffer.from(FILE));
      expect(files[0]?.how).toEqual({ complete: true });
      expect(claimed).toMatchObject([{ realm: 'irc-dcc', token: '198.51.100.1 5190', sender: 1 }]);
    });
  });

  test('one of which the receiver has not counted all is cut', () => {
    const { facts, files } = runDissector(protocol, [
      { direction: 1, bytes: FILE },
      { direction: 0, bytes: ack(600) },
      ...ENDS,
    ]);
    expect(facts.at(-1)?.file).toMatchObject({ state: 'failed' });
    expect(files[0]?.how).toEqual({ complete: false });
  });
});

describe('irc-dcc: detector', () => {
  const file = FILE.subarray(0, 512);
  test.each<[string, Uint8Array, Uint8Array, string]>([
    ['a number that is what was sent', ack(512), file, 'yes'],
    ['numbers that grow', ack(100, 300, 512), file, 'yes'],
    ['numbers that are not there yet', ack(100), file, 'more'],
    ['more than was sent', ack(513), file, 'no'],
    ['numbers that shrink', ack(300, 100), file, 'no'],
    ['nothing', ack(0), file, 'no'],
    ['a small file that is not over', ack(12), file.subarray(0, 12), 'more'],
    ['an answer before a question', ack(4), new Uint8Array(0), 'no'],
    ['nothing counted', new Uint8Array(0), file, 'more'],
  ])('%s', (_, client, server, answer) => {
    expect(runDetector(protocol, client, server).answer).toBe(answer);
  });

  test('of a stream that began before the capture nothing is said', () => {
    expect(runDetector(protocol, ack(512), file, { midstream: true }).answer).toBe('no');
  });

  test.each(['SSH-2.0-x', '220 mail', '+OK', '* OK', ':irc NOTICE'])('"%s" greets', (text) => {
    const bytes = new TextEncoder().encode(text);
    expect(protocol.detector.glance?.(bytes, 0, bytes.length)).toBe(false);
  });
});
