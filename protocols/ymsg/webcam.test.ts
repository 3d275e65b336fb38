import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { webcamHeader } from './build.ts';
import ymsg from './index.ts';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const join = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const up = (bytes: Uint8Array): Step => ({ direction: TO_SERVER, bytes });
const down = (bytes: Uint8Array): Step => ({ direction: TO_CLIENT, bytes });
const run = (...steps: Step[]): Told => runDissector(ymsg, steps);
const ENDS: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];

const LINES =
  'a=2\r\nc=us\r\ne=21\r\nu=Alice\r\nt=S3cretKey\r\ni=192.168.1.7\r\ng=bob\r\no=w-2-5-1\r\np=1\r\n';
const WATCH = join(text('<REQIMG>'), webcamHeader({ kind: 1, size: LINES.length }), text(LINES));
const ASK = join(text('<RVWCFG>'), webcamHeader({ short: true, size: 7 }), text('g=bob\r\n'));

/** A JPEG 2000 code stream's beginning, 320 by 240 unless a place in it is changed. */
function picture(change: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xff4fff51);
  view.setUint16(4, 47);
  for (const at of [8, 24]) view.setUint32(at, 320);
  for (const at of [12, 28]) view.setUint32(at, 240);
  view.setUint16(40, 3);
  for (const [at, value] of Object.entries(change)) view.setUint32(Number(at), value);
  return bytes;
}
const image = (bytes: Uint8Array): Uint8Array =>
  join(webcamHeader({ kind: 5, size: bytes.length, type: 2 }), bytes);
const SESSION: Step[] = [
  up(WATCH),
  down(webcamHeader({ kind: 5, size: 0, type: 0 })),
  down(image(picture())),
  down(
    join(
      webcamHeader({ kind: 5, size: 29, type: 0x13 }),
      text('i=10.0.0.9\r\nj=198.51.100.4\r\n\r\n'.slice(0, 29)),
    ),
  ),
  down(image(picture())),
  down(webcamHeader({ kind: 5, size: 0, type: 7, reason: 1 })),
  ...ENDS,
];

describe('detection', () => {
  test('by word and header', () => {
    expect(runDetector(ymsg, WATCH)).toMatchObject({ answer: 'yes', confidence: 'high' });
    expect(runDetector(ymsg, ASK)).toMatchObject({ answer: 'yes' });
  });

  test('waits while the beginning is consistent', () => {
    for (let n = 1; n < 16; n++) expect(runDetector(ymsg, WATCH.slice(0, n)).answer).toBe('more');
    expect(runDetector(ymsg, WATCH.slice(0, 12), new Uint8Array(0), { final: true }).answer).toBe('no');
  });

  test.each([
    '<stream:stream xmlns="jabber:client">',
    '<?xml version="1.0"?>',
    '<html><body>',
    '<REQIMG> is how it begins',
    '<RVWCFG><RUPCFG>',
    'c99 shell',
    'content-length: 12\r\n\r\n<Ymsg>',
    `<Session a="1"/>${' '.repeat(2000)}<Ymsg Command="6"/>`,
  ])('not %p', (bytes) => {
    const answer = runDetector(ymsg, text(bytes), new Uint8Array(0), { final: true });
    expect(answer.answer).toBe('no');
  });

  test('a glance leaves what begins like one of them, and nothing else', () => {
    const glance = (bytes: Uint8Array): boolean | undefined => ymsg.detector.glance?.(bytes, 0, bytes.length);
    expect(glance(WATCH)).toBe(true);
    expect(glance(text('<Session id="1">'))).toBe(true);
    expect(glance(text('YMSG'))).toBe(true);
    expect(glance(text('<stream:stream>'))).toBe(false);
    expect(glance(text('connect'))).toBe(false);
  });
});

describe('a connection', () => {
  const account = { service: 'yahoo', account: 'alice' };
  const call = { kind: 'call', ...account, from: 'alice', to: ['bob'] };

  test('tells who watches whom, the addresses, and its end once', () => {
    const told = run(...SESSION);
    expect(told.facts).toEqual([
      { ...call, call: { media: 'webcam', state: 'start' } },
      { kind: 'profile', ...account, from: 'alice', profile: { ip: '192.168.1.7' } },
      {
        kind: 'profile',
        ...account,
        from: 'bob',
        profile: { ip: '10.0.0.9', external_ip: '198.51.100.4' },
      },
      { ...call, call: { media: 'webcam', state: 'end' } },
    ]);
    expect(told.anomalies).toEqual([]);
    expect(JSON.stringify(told.facts)).not.toContain('S3cret');
    expect(told.presented).toEqual([{ realm: 'yahoo-webcam', token: 'S3cretKey' }]);
  });

  test('is the same wherever it is cut', () => {
    const { events } = run(...SESSION);
    everySplit(ymsg, SESSION, (told, where) => {
      expect({ where, events: told.events, anomalies: told.anomalies }).toEqual({
        where,
        events,
        anomalies: [],
      });
    });
  });

  test('that asks for a server is a request', () => {
    const told = run(up(ASK), down(text('\x12\x00\x05\x00203.0.113.80\0\0')), ...ENDS);
    expect(told.facts).toEqual([
      { kind: 'call', service: 'yahoo', to: ['bob'], call: { media: 'webcam', state: 'request' } },
    ]);
  });

  test.each([
    [255, []],
    [600, ['ymsg_webcam_long_server']],
  ])('that is told of a server by a name of %d bytes', (length, anomalies) => {
    const steps = [
      up(ASK),
      down(text(`\x12\x00\x05\x00${'a'.repeat(length)}\0\0`)),
      down(text('a'.repeat(9))),
      ...ENDS,
    ];
    expect(run(...steps).anomalies).toEqual(anomalies);
  });

  test('of who shows tells who comes to watch and leaves', () => {
    const lines = 'u=alice\r\nt=S3cretKey\r\n';
    const show = join(text('<SNDIMG>'), webcamHeader({ kind: 5, size: lines.length }), text(lines));
    const watcher = (type: number): Step => down(join(webcamHeader({ kind: 5, size: 3, type }), text('Bob')));
    const told = run(up(show), watcher(0x0c), watcher(0x0d));
    expect(told.facts.map(({ from, to, call: c }) => [from, to, c?.state])).toEqual([
      ['alice', undefined, 'start'],
      ['bob', ['alice'], 'join'],
      ['bob', ['alice'], 'leave'],
    ]);
  });

  test('goes on after a gap within a picture, and is quiet after any other', () => {
    const whole = image(picture());
    const start = run(up(WATCH)).facts.length;
    const left = (...steps: Step[]): number => run(up(WATCH), ...steps).facts.length - start;
    const gap: Step = { direction: TO_CLIENT, gap: 100 };
    const close = down(webcamHeader({ kind: 5, size: 0, type: 7, reason: 1 }));
    expect(left(down(whole.slice(0, 200)), gap, down(whole.slice(300)), close)).toBe(1);
    expect(left(gap, down(whole), close)).toBe(0);
  });
});

describe('exploit shapes', () => {
  test.each([
    ['no components', { 40: 0 }],
    ['too many components', { 40: 0x40000000 }],
    ['a size that does not fit the components', { 4: 0x00260000 }],
    ['no width', { 8: 0 }],
    ['an absurd height', { 12: 0x7fffffff }],
    ['an offset beyond the picture', { 16: 400 }],
    ['tiles without width', { 24: 0 }],
    ['tiles that begin behind the picture', { 32: 500 }],
  ])('a picture with %s', (_name, change) => {
    expect(run(up(WATCH), down(image(picture(change)))).anomalies).toEqual(['ymsg_webcam_bad_picture']);
  });

  test('a picture that is no code stream is not judged', () => {
    expect(run(up(WATCH), down(image(new Uint8Array(100).fill(7)))).anomalies).toEqual([]);
  });

  test.each([
    ['a header that is too short', Uint8Array.of(3, 0, 5, 0, 0, 0, 0, 0)],
    ['a header that is too long', Uint8Array.of(200, 0, 5, 0, 0, 0, 0, 0)],
    ['a picture of 2 GB', webcamHeader({ kind: 5, size: 0x7fffffff, type: 2 })],
    ['lines of 100 kB', webcamHeader({ kind: 5, size: 100_000, type: 0x13 })],
  ])('%s', (_name, bytes) => {
    const told = run(up(WATCH), down(bytes), down(image(picture())));
    expect(told.anomalies).toEqual(['ymsg_webcam_bad_header']);
  });
});

test('no prefix and no changed byte throws or tells a secret', () => {
  const steps = SESSION.flatMap((step) => ('bytes' in step ? [step] : []));
  steps.forEach((step, i) => {
    for (let at = 0; at < Math.min(step.bytes.length, 200); at++) {
      for (const value of [0x00, 0x0d, 0xff, (step.bytes[at] ?? 0) ^ 1]) {
        const bytes = step.bytes.slice();
        bytes[at] = value;
        const changed = steps.map((other, j) => (i === j ? { ...step, bytes } : other));
        expect(JSON.stringify(run(...changed, ...ENDS).facts)).not.toContain('S3cret');
      }
      const cut = { ...step, bytes: step.bytes.slice(0, at) };
      expect(() => run(...steps.slice(0, i), cut, ...ENDS)).not.toThrow();
    }
  });
});

describe('the XML form', () => {
  const SHAPES = [
    '<Session Channels="1" Version="2"><Ymsg Command="6" Status="0">',
    'content-length: 120\r\n\r\n<Ymsg Command="54" Status="0">',
    '<Ymsg Command="6">',
  ];

  test.each(SHAPES)('%p is recognised and left unread', (shape) => {
    expect(runDetector(ymsg, text(shape))).toMatchObject({ answer: 'yes', confidence: 'medium' });
    const told = run(up(text(shape)));
    expect(told.ended).toBe('skip');
    expect(told.facts).toEqual([
      {
        kind: 'service',
        service: 'yahoo',
        evidence: ['client: <Ymsg Command=...> in XML'],
        confidence: 'medium',
      },
    ]);
  });
});
