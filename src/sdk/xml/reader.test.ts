import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinBytes } from '../../core/bytes.ts';
import { Cursor } from '../../core/cursor.ts';
import { XML_LIMITS } from './limits.ts';
import { XML, XmlStreamReader } from './reader.ts';

const STARTS = new Set(['message', 'iq', '?xml', 'stream:stream']);

function makeReader(troubles: string[], limits = XML_LIMITS): XmlStreamReader {
  return new XmlStreamReader({
    root: 'stream',
    starts: STARTS,
    prefixes: { stream: 'urn:streams' },
    limits,
    trouble: (code, offset) => troubles.push(`${code}@${offset}`),
  });
}

interface Options {
  chunk?: number;
  lost?: boolean;
  limits?: typeof XML_LIMITS;
}

/** Reads a stream in pieces of at most `chunk` bytes; each answer and trouble as a line. */
function read(
  stream: string | Uint8Array,
  { chunk = 1e9, lost = false, limits = XML_LIMITS }: Options = {},
): string[] {
  const bytes = typeof stream === 'string' ? joinBytes(stream) : stream;
  const lines: string[] = [];
  const reader = makeReader(lines, limits);
  if (lost) reader.lose();
  let tail = new Uint8Array(0);
  let base = 0;
  for (let at = 0; at < bytes.length; at += chunk) {
    const held = joinBytes(tail, bytes.subarray(at, at + chunk));
    const cursor = new Cursor(held, 0, held.length, base);
    for (let answer = reader.next(cursor); answer !== XML.MORE; answer = reader.next(cursor)) {
      const { element } = reader;
      const name = element ? `{${element.ns}}${element.name}` : '';
      lines.push(`${['', 'open', 'element', 'close'][answer]} ${name}@${reader.offset}`);
    }
    base += cursor.pos;
    tail = held.slice(cursor.pos);
  }
  return lines;
}

/** The first element of a stream, read whole. */
function first(stream: string, troubles: string[] = []) {
  const reader = makeReader(troubles);
  const cursor = new Cursor(joinBytes(stream));
  expect(reader.next(cursor)).toBe(XML.ELEMENT);
  const { element } = reader;
  if (!element) throw new Error('no element');
  return element;
}

const HEADER = `<?xml version='1.0'?><stream:stream xmlns:stream="urn:s" xmlns='urn:c' a='x>y'>`;

describe('pieces', () => {
  const STREAM = `${HEADER} <message><b c="1"/>ä</message>\n<iq/><x:y xmlns:x='urn:x'/></stream:stream>`;
  const LINES = [
    'open {urn:s}stream@21',
    'element {urn:c}message@80',
    'element {urn:c}iq@112',
    'element {urn:x}y@117',
    'close @139',
  ];

  test('the root and what is directly below it, with offsets', () => {
    expect(read(STREAM)).toEqual(LINES);
  });

  test('the same however it is cut', () => {
    for (let chunk = 1; chunk < 40; chunk++) expect(read(STREAM, { chunk })).toEqual(LINES);
  });

  test('a restart replaces the namespaces', () => {
    const again = `<stream:stream xmlns:stream='urn:s' xmlns='urn:d'>`;
    expect(read(`${HEADER}<iq/>${again}<iq/>`).filter((l) => l.startsWith('element'))).toEqual([
      'element {urn:c}iq@79',
      'element {urn:d}iq@134',
    ]);
  });

  test('what the header would declare is taken as declared, other prefixes not', () => {
    expect(first('<stream:features/>').ns).toBe('urn:streams');
    expect(first('<other:features/>').ns).not.toBe('');
    expect(first('<features/>').ns).toBe('');
  });
});

describe('elements', () => {
  test('namespaces are inherited, overridden and undone', () => {
    const element = first(
      `<a xmlns='urn:1' xmlns:p='urn:2'><b/><p:c xmlns=''><d/></p:c><e xmlns:p='urn:3'><p:f/></e></a>`,
    );
    const [b, c, e] = element.children;
    expect([element, b, c, c?.children[0], e, e?.children[0]].map((x) => `${x?.ns} ${x?.name}`)).toEqual([
      'urn:1 a',
      'urn:1 b',
      'urn:2 c',
      ' d',
      'urn:1 e',
      'urn:3 f',
    ]);
  });

  test('attributes: either quote, white space around, references, white space inside', () => {
    const element = first(`<a  one = "1'1"\n two='2"2' three='&lt;&#65;\t\nb' xml:lang="de" empty=''/>`);
    expect(['one', 'two', 'three', 'xml:lang', 'empty', 'on', 'onee'].map((n) => element.attr(n))).toEqual([
      "1'1",
      '2"2',
      '<A  b',
      'de',
      '',
      undefined,
      undefined,
    ]);
  });

  test('text: direct, joined, without that of children', () => {
    expect(first('<a>x<b>y</b>z<![CDATA[<&amp;>]]><!-- - --><?p?>!</a>').text()).toBe('xz<&amp;>!');
  });

  test('look-ups', () => {
    const element = first(`<a xmlns='u'><b>1</b><c xmlns='v'>2</c><b>3</b><e/></a>`);
    expect(element.child('b')?.text()).toBe('1');
    expect(element.child('c')).toBeUndefined();
    expect(element.child('c', 'v')?.text()).toBe('2');
    expect(element.inNamespace('v')?.name).toBe('c');
    expect(element.childText('e')).toBeUndefined();
    expect(element.inner()).toBe(`<b>1</b><c xmlns='v'>2</c><b>3</b><e/>`);
  });

  test.each([
    ['&lt;&gt;&amp;&quot;&apos;', `<>&"'`, []],
    ['&#x1F600;&#228;&#xE4;', '😀ää', []],
    ['a\r\nb\rc&#13;', 'a\nb\nc\r', []],
    ['&nbsp;&;&x', '&nbsp;&;&x', ['entity']],
    ['&#0;&#xD800;&#x110000;&#99999999999;', '\ufffd\ufffd\ufffd\ufffd', ['character']],
    ['&#x;&#-1;&#1e3;', '&#x;&#-1;&#1e3;', ['entity']],
    ['\u0000\u0007\ufffe', '\ufffd\ufffd\ufffd', ['character']],
  ])('the text %j', (written, text, codes) => {
    const troubles: string[] = [];
    expect(first(`<a>${written}</a>`, troubles).text()).toBe(text);
    expect([...new Set(troubles.map((t) => t.split('@')[0]))]).toEqual(codes);
  });

  test('bytes that are not UTF-8', () => {
    const troubles: string[] = [];
    const reader = makeReader(troubles);
    reader.next(new Cursor(joinBytes('<a>', Uint8Array.of(0xff, 0xed, 0xa0, 0x80), '</a>')));
    expect(reader.element?.text()).toMatch(/^\ufffd+$/);
    expect(troubles).toEqual(['encoding@0']);
  });
});

describe('what is forbidden or broken', () => {
  test.each([
    ['<!DOCTYPE a [<!ENTITY b "]>">]>', ['dtd@0']],
    ['<!DOCTYPE a>', ['dtd@0']],
    ['<!-- a -- b -->', ['comment_or_pi@0']],
    ['<?xml-stylesheet x?>', ['comment_or_pi@0']],
    ["<?xml version='1.0'?>", []],
    ['</a>', ['not_well_formed@0']],
    ['<a><b></a></b>', ['not_well_formed@0']],
    ['<a b=c/>', ['not_well_formed@0']],
    ['<a b/>', ['not_well_formed@0']],
    ['<a b="<"/>', ['not_well_formed@0']],
    ['<a <b/>', ['not_well_formed@0']],
    ['< a/>', ['not_well_formed@0']],
    ['<a/ >', ['not_well_formed@0']],
    ['<a></a b>', ['not_well_formed@0']],
    ['<a><![CDAT[x]]></a>', ['not_well_formed@0']],
    [`<${'n'.repeat(300)}/>`, ['not_well_formed@0']],
    ['text', ['not_well_formed@0']],
    ['\ufeff\ufeff', []],
  ])('%s', (stream, troubles) => {
    for (const chunk of [1e9, 1, 5]) {
      const lines = read(`${stream}</x><message>m</message><message/>`, { chunk });
      const told = lines.filter((line) => !line.startsWith('element'));
      expect(told.slice(0, Math.max(1, troubles.length))).toEqual(
        troubles.length > 0 ? troubles : [expect.any(String)],
      );
      expect(lines[lines.length - 1]).toMatch(/^element \{\}message@/);
    }
  });

  test('a byte that cannot begin UTF-8 text', () => {
    expect(read(Uint8Array.of(0xff, 0xfe, 0x3c, 0))).toEqual(['encoding@0']);
  });

  const limits = { ...XML_LIMITS, large: 40, element: 100, depth: 3, elements: 10 };
  test('limits', () => {
    expect(read(`<a>${'x'.repeat(60)}</a><iq/>`, { limits })).toEqual([
      'large@0',
      'element {}a@0',
      'element {}iq@67',
    ]);
    expect(read(`<a>${'x'.repeat(99)}</a><iq/>`, { limits })).toEqual([
      'large@0',
      'oversize@0',
      'element {}iq@106',
    ]);
    expect(read(`<a>${'<b>'.repeat(5)}${'</b>'.repeat(5)}</a><iq/>`, { limits }).sort()).toEqual(
      ['depth@0', 'large@0', 'element {}a@0', 'element {}iq@42'].sort(),
    );
    expect(read(`<a>${'<b/>'.repeat(12)}</a><iq/>`, { limits })).toContain('elements@0');
  });

  test('an oversize element in small pieces is let go, not held', () => {
    const troubles: string[] = [];
    const reader = makeReader(troubles, limits);
    let held = joinBytes('<a>');
    for (let i = 0; i < 50; i++) {
      const cursor = new Cursor(held);
      expect(reader.next(cursor)).toBe(XML.MORE);
      held = joinBytes(held.subarray(cursor.pos), 'xxxxxxxxxx');
      expect(held.length).toBeLessThan(130);
    }
    expect(troubles).toEqual(['large@0', 'oversize@0']);
  });
});

describe('an end tag of the root that is none', () => {
  test.each(['</stream:stream a>', '</stream:stream/>', '</stream:stream &>', '</</stream>'])(
    '%s is passed, not found for ever',
    (tag) => {
      for (const lost of [false, true]) {
        for (const chunk of [1, 7, 1e9]) {
          const open = lost ? '' : "<stream:stream xmlns:stream='urn:streams'>";
          expect(read(`${open}${tag}<iq/>`, { lost, chunk }).at(-1)).toMatch(/^element \{\}iq@/);
        }
      }
    },
  );
});

describe('beginning in the middle', () => {
  test.each([
    ['inside a text', 'ext</body></message><message>x</message>', ['element {}message@20']],
    ['inside a tag', `ge to='a'><body>b</body></message><iq/>`, ['element {}iq@34']],
    ['inside a quoted value', `a="x'/></message><iq/>`, ['element {}iq@17']],
    ['between elements', '<iq/><iq/>', ['element {}iq@0', 'element {}iq@5']],
    ['inside one that holds another', '<message>old</message></fwd></message><iq/>', ['element {}iq@38']],
    [
      'before one that holds another',
      '</fwd><message>old</message></fwd></message><iq/>',
      ['element {}iq@44'],
    ],
    ['at the end of the root', 'x</stream:stream>', ['close @1']],
    ['before a restart', `x${HEADER}<iq/>`, ['open {urn:s}stream@22', 'element {urn:c}iq@80']],
    ['where nothing begins', 'abc <b> def', []],
  ])('%s', (_, stream, lines) => {
    expect(read(stream, { lost: true })).toEqual(lines);
  });

  test('bytes passed over are counted until something is found', () => {
    const reader = makeReader([]);
    reader.lose();
    reader.next(new Cursor(joinBytes('x'.repeat(500))));
    expect(reader.passed).toBe(500);
    const cursor = new Cursor(joinBytes('</b></message><iq/>'));
    expect(reader.next(cursor)).toBe(XML.ELEMENT);
    expect(reader.passed).toBe(0);
  });
});

describe('cost', () => {
  /** How often bytes are looked at by index when an element comes in `segments` segments. */
  function looks(segments: number): number {
    const reader = makeReader([]);
    const part = `<b c='${'v'.repeat(50)}'>text</b>`;
    const all = joinBytes(`<message>${part.repeat(segments)}`);
    let count = 0;
    const watched = new Proxy(all, {
      get(target, key) {
        if (typeof key === 'string' && /^\d/.test(key)) count++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    for (let i = 1; i <= segments; i++)
      reader.next(new Cursor(watched, 0, '<message>'.length + i * part.length));
    return count;
  }

  test('is linear in the bytes, however many segments they come in', () => {
    expect(looks(200) / looks(20)).toBeLessThan(10.5);
  });
});

test('random bytes never throw and always move on', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      (bytes, lost, chunk) => {
        read(bytes, { lost, chunk });
      },
    ),
    { seed: 6120, numRuns: 500 },
  );
});
