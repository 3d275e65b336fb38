import { describe, expect, test } from '@jest/globals';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  arsCreate,
  arsCreated,
  arsError,
  arsFrame,
  arsJoin,
  arsReady,
  concat,
  down,
  fileOf,
  headers,
  latin1,
  odcFrame,
  over,
  transfer,
  up,
  utf16be,
  withImage,
} from './build.ts';
import oft from './index.ts';
import { ODC_FLAG } from './wire.ts';

function run(steps: Step[]): Told {
  return runDissector(oft, [...steps, ...over]);
}

const latin1Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

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

  test('a picture is carved and told by its name', () => {
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
    const target = { name: 'cat.png', size: 3000, from: 'lemontree', to: ['oxbow11'], service: 'aim' };
    expect(told.files).toMatchObject([{ target, text: latin1Of(image), how: { complete: true } }]);
    expect(told.files[0]?.target.id).toBe(told.facts[1]?.file?.id);
  });

  test('two pictures go by their numbers, however the payload is cut', () => {
    const encoder = new TextEncoder();
    const [cat, dog] = [fileOf(40), fileOf(25)];
    const payload = concat(
      encoder.encode('<img src="dog.png" id="2" datasize="25"><IMG SRC="cat.png" ID="1" DATASIZE="40">'),
      encoder.encode('<BINARY><DATA ID="1" SIZE="40">'),
      cat,
      encoder.encode('</DATA><DATA ID="7" SIZE="3">xyz</DATA><data id="2" size="25">'),
      dog,
      encoder.encode('</DATA></BINARY>'),
    );
    everySplit(oft, [...down(odcFrame({ name: 'a', payload })), ...over], (told) => {
      expect(told.files.map((file) => [file.target.name, file.text, file.how?.complete])).toEqual([
        ['cat.png', latin1Of(cat), true],
        ['dog.png', latin1Of(dog), true],
      ]);
    });
  });

  test.each(['9'.repeat(20), '-1', '0', 'x', '41'])('a size of %s carves nothing of others', (size) => {
    const html = '<IMG SRC="cat.png" ID="1" DATASIZE="40">';
    const payload = latin1(`${html}<BINARY><DATA ID="1" SIZE="${size}">${'x'.repeat(40)}</DATA></BINARY>`);
    expect(run(down(odcFrame({ name: 'a', payload }))).files).toEqual([]);
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
      expect(told.facts.map((f) => f.text ?? f.file?.state)).toEqual(['big ', 'failed', 'after']);
      const bytes = latin1Of(image);
      const shift = frame.length - '</DATA></BINARY>'.length - image.length;
      const hole = '\u2400'.repeat(20_000);
      expect(told.files.map((file) => file.text)).toEqual([
        bytes.slice(0, 100_000 - shift) + hole + bytes.slice(120_000 - shift),
      ]);
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
