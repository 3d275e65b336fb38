import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ImFacts } from '../../src/sdk/index.ts';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import {
  arsCreate,
  arsCreated,
  arsError,
  arsFrame,
  arsJoin,
  arsReady,
  checksumOf,
  concat,
  odcFrame,
  oftHeader,
  utf16be,
  withImage,
} from './build.ts';
import type { OftFields } from './build.ts';
import oft from './index.ts';
import { ODC_FLAG, OFT_TYPE, OftChecksum } from './wire.ts';

const COOKIE = '61561621';
const COOKIE_HEX = '3631353631363231';
const up = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 0, bytes }));
const down = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 1, bytes }));
const over: Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A file whose bytes hold what looks like headers. */
function fileOf(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + (i >> 8)) & 0xff);
  bytes.set(oftHeader({ type: OFT_TYPE.PROMPT, name: 'trap', size: 5 }).slice(0, Math.max(0, size - 4)), 4);
  return bytes;
}

function headers(file: Uint8Array, name: string): Record<'prompt' | 'ack' | 'done', Uint8Array> {
  const common = { name, size: file.length, checksum: checksumOf(file) };
  return {
    prompt: oftHeader({ ...common, type: OFT_TYPE.PROMPT }),
    ack: oftHeader({ ...common, type: OFT_TYPE.ACK, cookie: COOKIE }),
    done: oftHeader({
      ...common,
      type: OFT_TYPE.DONE,
      cookie: COOKIE,
      received: file.length,
      receivedChecksum: common.checksum,
    }),
  };
}

/** The listener (server side) sends a file, as seen most. */
function transfer(file: Uint8Array, name: string): Step[] {
  const { prompt, ack, done } = headers(file, name);
  return [...down(prompt), ...up(ack), ...down(file), ...up(done)];
}

function run(steps: Step[], options: RunOptions = {}): Told {
  return runDissector(oft, [...steps, ...over], options);
}

const states = (told: Told): (string | undefined)[] => told.facts.map((f) => f.file?.state);

describe('file transfer', () => {
  const file = fileOf(1501);

  test('prompt, answer, bytes, done', () => {
    const told = run(transfer(file, 'plan b.pdf'));
    const common = { id: `oft|${COOKIE_HEX}|plan b.pdf|1501`, name: 'plan b.pdf', size: 1501, method: 'oft' };
    expect(told.events).toEqual([
      {
        direction: 0,
        offset: 0,
        facts: { kind: 'file', service: 'aim', file: { ...common, state: 'start' } },
      },
      {
        direction: 0,
        offset: 256,
        facts: { kind: 'file', service: 'aim', file: { ...common, state: 'complete', verified: true } },
      },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('several files in one connection, either side sending', () => {
    const second = headers(fileOf(20), 'two');
    const told = run([
      ...transfer(file, 'one'),
      ...up(second.prompt),
      ...down(second.ack),
      ...up(fileOf(20)),
      ...down(second.done),
      ...transfer(new Uint8Array(0), 'empty'),
    ]);
    expect(told.facts.map((f) => [f.file?.name, f.file?.state, f.file?.verified])).toEqual([
      ['one', 'start', undefined],
      ['one', 'complete', true],
      ['two', 'start', undefined],
      ['two', 'complete', true],
      ['empty', 'start', undefined],
      ['empty', 'complete', undefined],
    ]);
  });

  test.each<[string, Step[], string[]]>([
    ['prompt only', down(headers(file, 'x').prompt), ['failed']],
    [
      'not answered, then offered again',
      down(headers(file, 'x').prompt, headers(file, 'x').prompt),
      ['failed', 'failed'],
    ],
    ['cut off', [...transfer(file, 'x').slice(0, 2), ...down(file.slice(0, 700))], ['start', 'failed']],
    ['all bytes but no done', transfer(file, 'x').slice(0, 3), ['start', 'complete']],
    ['only the sender in view', [...down(headers(file, 'x').prompt), ...down(file)], ['start', 'complete']],
    ['only the receiver in view', up(headers(file, 'x').ack, headers(file, 'x').done), ['start', 'complete']],
    ['only the end in view', up(headers(file, 'x').done, headers(file, 'x').done), ['complete']],
    [
      'the receiver got less',
      [
        ...transfer(file, 'x').slice(0, 2),
        ...down(file.slice(0, 700)),
        ...up(oftHeader({ type: OFT_TYPE.DONE, name: 'x', size: 1501, cookie: COOKIE, received: 700 })),
      ],
      ['start', 'failed'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(states(run(steps))).toEqual(expected);
    expect(run(steps).anomalies).toEqual([]);
  });

  test('a tiny file of a sender alone is not taken for a header', () => {
    for (const text of ['hi', 'OFF', 'O', 'ODD eight']) {
      const tiny = latin1(text);
      const told = run([...down(headers(tiny, 'x').prompt), ...down(tiny)]);
      expect([text, states(told).at(-1)]).toEqual([text, text === 'O' ? 'failed' : 'complete']);
    }
  });

  test('bytes that differ from the checksum', () => {
    const changed = file.slice();
    changed[9] = (changed[9] ?? 0) ^ 1;
    const { prompt, ack, done } = headers(file, 'x');
    const told = run([...down(prompt), ...up(ack), ...down(changed), ...up(done)]);
    expect(told.facts.at(-1)?.file).toMatchObject({ state: 'complete', verified: false });
    expect(told.anomalies).toEqual(['oft_checksum_mismatch']);
  });

  test('a checksum that was not computed is not judged', () => {
    const prompt = oftHeader({ type: OFT_TYPE.PROMPT, name: 'x', size: file.length, checksum: 0 });
    const told = run([
      ...down(prompt),
      ...up(headers(file, 'x').ack),
      ...down(file),
      ...up(headers(file, 'x').done),
    ]);
    expect(told.facts.at(-1)?.file).not.toHaveProperty('verified');
    expect(told.anomalies).toEqual([]);
  });

  test('a gap in the bytes leaves the rest in step and the file unverified', () => {
    const { prompt, ack, done } = headers(file, 'x');
    const told = run([
      ...down(prompt),
      ...up(ack),
      ...down(file.slice(0, 500)),
      { direction: 1, gap: 300 },
      ...down(file.slice(800)),
      ...up(done),
      ...transfer(fileOf(40), 'next'),
    ]);
    expect(told.facts.map((f) => [f.file?.state, f.file?.verified])).toEqual([
      ['start', undefined],
      ['complete', undefined],
      ['start', undefined],
      ['complete', true],
    ]);
  });

  test('a gap over the end of a file resynchronises on the next header', () => {
    const { prompt, ack, done } = headers(file, 'x');
    const next = headers(fileOf(40), 'next');
    const told = run([
      ...down(prompt),
      ...up(ack),
      ...down(file.slice(0, 500)),
      { direction: 1, gap: 1100 },
      ...down(concat(latin1('tail of something OFT2 \0\0'), next.prompt)),
      ...up(done, next.ack),
      ...down(fileOf(40)),
      ...up(next.done),
    ]);
    expect(told.facts.at(-1)?.file).toMatchObject({ name: 'next', state: 'complete', verified: true });
    expect(told.anomalies).toEqual([]);
  });

  describe('resume', () => {
    const fields = { name: 'x', size: 1501, checksum: checksumOf(file) };
    const resumed = (at: number, accepted = at): Step[] => [
      ...down(oftHeader({ ...fields, type: OFT_TYPE.PROMPT })),
      ...up(
        oftHeader({
          ...fields,
          type: OFT_TYPE.RESUME,
          cookie: COOKIE,
          received: at,
          receivedChecksum: checksumOf(file.slice(0, at)),
        }),
      ),
      ...down(oftHeader({ ...fields, type: OFT_TYPE.RESUME_ACCEPT, cookie: COOKIE, received: accepted })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.RESUME_ACK, cookie: COOKIE, received: accepted })),
      ...down(file.slice(accepted)),
      ...up(headers(file, 'x').done),
    ];

    test.each([
      ['from an even place', resumed(700), true],
      ['from an odd place', resumed(701), true],
      ['nothing left', resumed(1501), true],
      ['the sender starts anew', resumed(700, 0), true],
      ['the sender goes on elsewhere', resumed(700, 600), undefined],
    ])('%s', (_, steps, verified) => {
      const told = run(steps);
      expect(states(told)).toEqual(['start', 'complete']);
      expect(told.facts.at(-1)?.file?.verified).toBe(verified);
      expect(told.anomalies).toEqual([]);
    });
  });

  test.each<[string, Pick<OftFields, 'name' | 'encoding'>, string]>([
    ['UTF-8 without a label', { name: 'Übergabe.txt' }, 'Übergabe.txt'],
    ['UTF-16', { name: utf16be('Отчёт.doc'), encoding: 2 }, 'Отчёт.doc'],
    ['Latin-1', { name: latin1('caf\xe9.txt'), encoding: 3 }, 'café.txt'],
    ['a directory', { name: 'tree\x01leaf.txt' }, 'tree/leaf.txt'],
    ['a long name', { name: `${'n'.repeat(150)}.exe` }, `${'n'.repeat(150)}.exe`],
    ['no name', { name: '' }, 'unnamed'],
  ])('names: %s', (_, fields, name) => {
    const told = run(down(oftHeader({ type: OFT_TYPE.PROMPT, size: 3, ...fields })));
    expect(told.facts[0]?.file?.name).toBe(name);
  });

  test('a listing of "get file" passes like a file', () => {
    const listing = latin1('0000/00/00 listing');
    const fields = {
      name: 'listing.txt',
      size: listing.length,
      checksum: checksumOf(listing),
      cookie: COOKIE,
    };
    const told = run([
      ...down(oftHeader({ ...fields, type: OFT_TYPE.LISTING_PROMPT })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.LISTING_ACK })),
      ...down(listing),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.LISTING_DONE, received: listing.length })),
      ...up(oftHeader({ ...fields, type: OFT_TYPE.FILE_REQUEST })),
    ]);
    expect(states(told)).toEqual(['start', 'complete']);
  });
});

describe('checksum', () => {
  /** Word by word as the specification says it, to compare with. */
  function byWords(bytes: Uint8Array): number {
    let sum = 0xffff;
    for (let i = 0; i < bytes.length; i += 2) {
      sum -= ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
      if (sum < 0) sum += 0xffff;
    }
    return sum;
  }

  test('equals the subtraction word by word, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(40), { maxLength: 10 }),
        (bytes, cuts) => {
          const checksum = new OftChecksum();
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            const end = Math.min(bytes.length, at + cut);
            checksum.add(bytes, at, end);
            at = end;
          }
          expect(checksum.value).toBe(byWords(bytes));
        },
      ),
      { seed: 7, numRuns: 1000 },
    );
    expect(checksumOf(new Uint8Array(9))).toBe(0xffff);
    expect(checksumOf(Uint8Array.of(0xff, 0xff))).toBe(0);
  });
});

describe('direct IM', () => {
  const hello = (name: string): Uint8Array => odcFrame({ name, flags: 0x60 });
  const say = (name: string, html: string, more: object = {}): Uint8Array =>
    odcFrame({ name, payload: new TextEncoder().encode(html), ...more });
  const opening: Step[] = [...up(hello('oxbow11')), ...down(hello('Lemon Tree'))];
  const fromTree = { account: 'oxbow11', from: 'lemontree', from_name: 'Lemon Tree', to: ['oxbow11'] };

  test('text both ways, automatic text, typing', () => {
    const told = run([
      ...opening,
      ...down(say('Lemon Tree', '<HTML><BODY>a <b>line</b> &amp; more</BODY></HTML>')),
      ...up(say('oxbow11', 'plain', { flags: ODC_FLAG.AUTO })),
      ...down(
        odcFrame({ name: 'Lemon Tree', flags: 0x0a }),
        odcFrame({ name: 'Lemon Tree', flags: 0x06 }),
        odcFrame({ name: 'Lemon Tree', flags: 0x02 }),
      ),
    ]);
    expect(told.facts).toEqual([
      {
        kind: 'message',
        service: 'aim',
        ...fromTree,
        text: 'a line & more',
        format: 'html',
        html: '<HTML><BODY>a <b>line</b> &amp; more</BODY></HTML>',
      },
      {
        kind: 'message',
        service: 'aim',
        account: 'oxbow11',
        from: 'oxbow11',
        to: ['lemontree'],
        text: 'plain',
        format: 'plain',
        auto: true,
      },
      ...['typing', 'paused', 'stopped'].map((state) => ({
        kind: 'typing',
        service: 'aim',
        ...fromTree,
        state,
      })),
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test.each([
    ['labelled', { payload: utf16be('<b>да</b>'), encoding: 2 }],
    ['labelled where libpurple 2.4 does', { payload: utf16be('<b>да</b>'), earlierEncoding: 2 }],
    ['not labelled', { payload: utf16be('<b>да</b>') }],
    ['UTF-8', { payload: new TextEncoder().encode('<b>да</b>') }],
  ])('text in UTF-16 or UTF-8: %s', (_, fields) => {
    expect(run(down(odcFrame({ name: 'x', ...fields }))).facts[0]).toMatchObject({ from: 'x', text: 'да' });
  });

  test('ICQ numbers and OTR', () => {
    expect(run(down(say('640640', '?OTR:AAMD'))).facts).toEqual([
      { kind: 'message', service: 'icq', from: '640640', encrypted: 'otr' },
    ]);
  });

  test('a picture is skipped and told by its name', () => {
    const image = fileOf(3000);
    const html = '<HTML>look <IMG SRC="cat.png" ID="1" DATASIZE="3000"> at it</HTML>';
    const told = run([
      ...opening,
      ...down(odcFrame({ name: 'Lemon Tree', payload: withImage(html, image) })),
    ]);
    expect(told.facts).toMatchObject([
      { kind: 'message', ...fromTree, text: 'look  at it' },
      { kind: 'file', ...fromTree, file: { name: 'cat.png', size: 3000, method: 'odc', state: 'complete' } },
    ]);
  });

  test('a picture that the payload has no room for is not told', () => {
    const html = '<img src="cat.png" id="1" datasize="99999"><IMG SRC="" DATASIZE="1">x';
    const told = run(down(odcFrame({ name: 'a', payload: withImage(html, fileOf(60)) })));
    expect(told.facts.map((f) => f.kind)).toEqual(['message']);
  });

  describe('a payload longer than is held', () => {
    const image = fileOf(150_000);
    const html = '<HTML>big <IMG SRC="big.png" ID="1" DATASIZE="150000"></HTML>';
    const frame = odcFrame({ name: 'Lemon Tree', payload: withImage(html, image) });

    test('is told when all of it passed', () => {
      const told = run([...down(frame.slice(0, 160_000 - 12_000)), ...down(frame.slice(148_000))]);
      expect(told.facts.map((f) => f.kind)).toEqual(['message', 'file']);
      expect(run(down(frame.slice(0, 148_000))).facts).toEqual([]);
    });

    test('a hole in the picture leaves the text', () => {
      const told = run([
        ...down(frame.slice(0, 100_000)),
        { direction: 1, gap: 20_000 },
        ...down(frame.slice(120_000)),
        ...down(say('Lemon Tree', 'after')),
      ]);
      expect(told.facts.map((f) => f.text)).toEqual(['big ', 'after']);
    });

    test('text alone is cut and marked', () => {
      const told = run(down(odcFrame({ name: 'a', payload: latin1('x'.repeat(70_000)) })));
      expect(told.facts[0]).toMatchObject({ truncated: true });
      expect(told.facts[0]?.text).toHaveLength(65_536);
    });

    test('a length beyond belief costs one anomaly', () => {
      const lie = say('a', 'lost');
      lie.set([0x7f, 0xff, 0xff, 0xff], 28);
      const told = run(down(concat(lie, say('a', 'found'))));
      expect(told.facts.map((f) => f.text)).toEqual(['found']);
      expect(told.anomalies).toEqual(['oft_payload_overlong']);
    });
  });
});

describe('rendezvous proxy', () => {
  const file = fileOf(64);

  test('the creator sends: the account is the sender', () => {
    const { prompt, ack, done } = headers(file, 'x.zip');
    const told = run([
      ...up(arsCreate('Tea Caddy')),
      ...down(arsCreated(), arsReady()),
      ...up(prompt),
      ...down(ack),
      ...up(file),
      ...down(done),
    ]);
    const who = { account: 'teacaddy', from: 'teacaddy', from_name: 'Tea Caddy', sent: true };
    expect(told.facts).toMatchObject([
      { kind: 'file', ...who, file: { state: 'start' } },
      { kind: 'file', ...who, file: { state: 'complete', verified: true } },
    ]);
  });

  test('who joins receives', () => {
    const told = run([...up(arsJoin('640640')), ...down(arsReady()), ...transfer(file, 'x.zip')]);
    expect(told.facts[0]).toMatchObject({ service: 'icq', account: '640640', to: ['640640'], sent: false });
    expect(told.facts[0]).not.toHaveProperty('from');
  });

  test('an error is a notice', () => {
    const told = run([...up(arsJoin('teacaddy')), ...down(arsError(0x1a), arsError(0x99))]);
    expect(told.facts).toMatchObject([
      { kind: 'notice', code: 0x1a, text: 'rendezvous proxy: accept period timed out' },
      { kind: 'notice', code: 0x99, text: 'rendezvous proxy: error' },
    ]);
  });

  test('a name longer than its frame is an anomaly', () => {
    const bad = arsFrame(2, Uint8Array.of(200, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(run(up(bad)).anomalies).toEqual(['oft_proxy_malformed']);
  });
});

const conversation: Step[] = [
  ...up(arsJoin('Stone Bridge')),
  ...down(arsReady()),
  ...transfer(fileOf(301), 'first.txt'),
  ...down(
    odcFrame({ name: 'TeaCaddy', payload: withImage('<b>x</b> <IMG SRC="i" DATASIZE="9">', fileOf(9)) }),
  ),
  ...up(odcFrame({ name: 'Stone Bridge', flags: 0x0a })),
  ...over,
];

describe('framing and hostile bytes', () => {
  test('every split tells the same facts at the same offsets', () => {
    const whole = runDissector(oft, conversation);
    expect(whole.facts.map((f) => f.kind)).toEqual(['file', 'file', 'message', 'file', 'typing']);
    everySplit(oft, conversation, (told) => {
      expect(told.events).toEqual(whole.events);
      expect(told.anomalies).toEqual([]);
    });
  });

  test('what is no header costs one anomaly; the next header is read', () => {
    const told = run([
      ...down(concat(latin1('what is this OFT2 O\0\0\x04\x4a'), headers(fileOf(9), 'x').prompt)),
      ...up(headers(fileOf(9), 'x').ack),
    ]);
    expect(told.anomalies).toEqual(['oft_desync']);
    expect(states(told)).toEqual(['start', 'failed']);
  });

  test('picked up inside of a file', () => {
    const told = run([...down(concat(fileOf(50).slice(30), headers(fileOf(9), 'x').prompt))], {
      midstream: true,
    });
    expect(states(told)).toEqual(['failed']);
    expect(told.anomalies).toEqual([]);
  });

  test('a prefix of a message tells nothing of it', () => {
    const message = odcFrame({ name: 'a', payload: latin1('<b>text</b>') });
    for (let n = 0; n < message.length; n++) expect(run(down(message.slice(0, n))).facts).toEqual([]);
  });

  test('a changed byte never throws and never leaves an empty value', () => {
    const frames = conversation.flatMap((step) => ('bytes' in step ? [step] : []));
    frames.forEach(({ direction, bytes }, index) => {
      for (let i = 0; i < bytes.length; i++) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const changed = bytes.slice();
          changed[i] = value;
          const steps = [
            ...frames.slice(0, index),
            { direction, bytes: changed },
            ...frames.slice(index + 1),
          ];
          checkValues(run(steps).facts);
        }
      }
    });
  });

  test('random frames and bytes never throw', () => {
    const type = fc.constantFrom(...Object.values(OFT_TYPE));
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .record({ type, name: fc.string({ maxLength: 70 }), size: fc.nat(100), received: fc.nat(100) })
        .map((fields) => oftHeader(fields)),
      fc
        .record({
          name: fc.string({ maxLength: 20 }),
          payload: fc.uint8Array({ maxLength: 60 }),
          flags: fc.nat(0xff),
        })
        .map(odcFrame),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.uint8Array({ maxLength: 60 }))
        .map(([t, p]) => arsFrame(t, p)),
    );
    const step = fc.tuple(fc.constantFrom<0 | 1>(0, 1), frame, fc.option(fc.nat(50)));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (parts, midstream) => {
        const steps = parts.map(([direction, bytes, gap]): Step =>
          gap === null ? { direction, bytes } : { direction, gap },
        );
        checkValues(run(steps, { midstream }).facts);
      }),
      { seed: 11, numRuns: 1500 },
    );
  });

  function checkValues(facts: ImFacts[]): void {
    expect(JSON.stringify(facts)).not.toMatch(/:(?:""|null)/);
    for (const fact of facts) if (fact.kind === 'message') expect(fact.text ?? fact.encrypted).toBeTruthy();
  }
});

describe('detection', () => {
  const none = new Uint8Array(0);
  const { prompt, ack } = headers(fileOf(9), 'x');
  const odc = odcFrame({ name: 'a', flags: 0x60 });

  test.each([
    ['OFT, both sides', prompt, ack, {}, 'high', false],
    ['OFT3', oftHeader({ type: 0x0101, name: 'x', size: 1, version: 3 }), ack, {}, 'high', false],
    ['OFT, one side and data', concat(prompt, fileOf(20)), none, {}, 'medium', false],
    ['OFT, one side', none, ack, { final: true }, 'medium', false],
    ['ODC, both sides', odc, odc, {}, 'high', false],
    ['proxy', arsCreate('teacaddy'), arsCreated(), {}, 'high', false],
    ['proxy, sides exchanged', arsReady(), arsJoin('teacaddy'), {}, 'high', true],
    ['proxy, one side exchanged', arsReady(), none, { final: true }, 'medium', true],
  ] as const)('%s', (_, client, server, options, confidence, flip) => {
    expect(runDetector(oft, client, server, options)).toMatchObject({ answer: 'yes', confidence, flip });
  });

  test.each([
    ['OFT', prompt],
    ['ODC', odc],
    ['proxy', arsCreate('teacaddy')],
  ])('every prefix of %s asks for more', (_, bytes) => {
    for (let n = 1; n < bytes.length; n++) expect(runDetector(oft, bytes.slice(0, n)).answer).toBe('more');
  });

  test.each([
    ['a text that begins like a magic', latin1('OFT2 is a protocol\r\n'), none],
    ['an unknown type', concat(latin1('OFT2\x01\x00\x09\x09'), none), none],
    ['a length beyond belief', concat(latin1('OFT2\xff\x00\x01\x01'), none), none],
    ['ODC with another type', concat(latin1('ODC2\x00\x4c\x00\x02'), none), none],
    ['two kinds', prompt, odc],
    ['two requests to a proxy', arsCreate('a'), arsCreate('a')],
    ['a prefix at the end', latin1('OFT'), none],
    ['HTTP OPTIONS', latin1('OPTIONS / HTTP/1.1\r\n'), none],
    ['zeros', new Uint8Array(64), none],
    ['SMB', latin1('\0\0\0\x54\xffSMBr\0\0\0\0'), none],
    ['a proxy frame without room for its type', arsFrame(2, Uint8Array.of(1, 2)), none],
  ])('not %s', (_, client, server) => {
    expect(runDetector(oft, client, server, { final: true }).answer).toBe('no');
  });

  test('random bytes are not OFT', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0x4f, 0), (bytes, first) => {
        expect(runDetector(oft, Uint8Array.of(first, ...bytes), none, { final: true }).answer).toBe('no');
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
