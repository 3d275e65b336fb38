import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Step } from '../../src/sdk/testing.ts';
import { Cursor } from '../../src/sdk/index.ts';
import type { FlowContext } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import { END, answer, body, bytesOf, client, header, iq, message, query, server, signOn } from './build.ts';
import xmpp from './index.ts';

/** What is told of one step of a client's that has signed on. */
function told(xml: string) {
  const all = runDissector(xmpp, [...signOn(), client(xml)]);
  return { ...all, facts: all.facts.slice(1) };
}

const AFTER = message("to='bob@corp.test'", body('after'));
const LAUGHS = `<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol1 '&lol;&lol;&lol;'>]>`;

describe('attacks on parsers', () => {
  test.each([
    ['entities declared', LAUGHS, ['xmpp_dtd']],
    ['entities used', message("to='bob@corp.test'", body('&lol1;')), ['xmpp_undefined_entity']],
    ['a comment and an instruction', '<!-- x --><?php echo 1 ?>', ['xmpp_comment_or_pi']],
    ['raw and written control characters', message("to='b@x'", body('\u0001&#0;')), ['xmpp_bad_character']],
    ['depth', '<a>'.repeat(1000) + '</a>'.repeat(1000), ['xmpp_depth_limit']],
    [
      'attributes',
      `<message ${Array.from({ length: 1000 }, (_, i) => `a${i}='${i}'`).join(' ')}/>`,
      ['xmpp_attribute_limit'],
    ],
    ['elements', `<iq type='result' id='1'>${'<q/>'.repeat(20_000)}</iq>`, ['xmpp_element_limit']],
    ['tags that do not match', "<iq type='get' id='1'><query></iq>", ['xmpp_not_well_formed']],
    ['an attribute without quotes', '<iq type=get id=1/>', ['xmpp_not_well_formed']],
    ['a quote that is not closed', "<iq type='get id=1><q/></iq>", ['xmpp_not_well_formed']],
    ['text between stanzas', 'GET / HTTP/1.1\r\n\r\n', ['xmpp_not_well_formed']],
    ['a large stanza', `<iq type='get' id='1'>${'x'.repeat(300_000)}</iq>`, ['xmpp_stanza_large']],
    [
      'an oversize stanza',
      `<iq type='get' id='1'>${'x'.repeat(600_000)}</iq>`,
      ['xmpp_stanza_large', 'xmpp_stanza_oversize'],
    ],
  ])('%s: told once, and reading goes on', (_, xml, anomalies) => {
    const all = told(xml + AFTER);
    expect(all.anomalies).toEqual(anomalies);
    expect(all.facts.map((f) => f.text).pop()).toBe('after');
  });

  test('entities are not expanded', () => {
    expect(told(LAUGHS + message("to='bob@corp.test'", body('&lol1;'))).facts).toMatchObject([
      { text: '&lol1;' },
    ]);
  });

  test('bytes that are not UTF-8 do not leave', () => {
    const bad = bytesOf(message("to='bob@corp.test'", body('abXXcd')));
    bad.set([0xc3, 0x28], bad.indexOf(0x58));
    const all = runDissector(xmpp, [...signOn(), { direction: 0, bytes: bad }]);
    expect(all.anomalies).toEqual(['xmpp_bad_utf8']);
    expect(all.facts[1]?.text).toBe('ab\ufffd(cd');
  });

  test('an oversize stanza in many segments costs no memory: its bytes are let go', () => {
    const dissector = xmpp.createDissector(quietFlow());
    const piece = bytesOf('x'.repeat(8192));
    let held = bytesOf(`${header()}<message><body>`);
    let most = 0;
    for (let i = 0; i < 400; i++) {
      const cursor = new Cursor(held);
      expect(dissector.data(0, cursor)).toBe(0);
      held = bytesOf(held.subarray(cursor.pos), i < 399 ? piece : '');
      most = Math.max(most, held.length);
    }
    expect(most).toBeLessThan(xmpp.maxMessage);
    expect(held.length).toBe(0);
  });
});

describe('addresses', () => {
  test.each(['', '@', '/x', '@corp.test', 'a b@c d', '<x>@y', 'x'.repeat(4000), 'bob@'])(
    '%j is nobody',
    (jid) => {
      const escaped = jid.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      const facts = told(message(`to='${escaped}'`, body('hi'))).facts;
      expect(facts.map((f) => f.text)).toEqual(['hi']);
      expect(facts[0]?.to ?? ['alice@corp.test']).toEqual(['alice@corp.test']);
    },
  );
});

const PIECES: Step[] = [
  ...signOn(),
  client("<presence to='r@c.x/n'><x xmlns='http://jabber.org/protocol/muc'/></presence>"),
  server(
    "<presence from='r@c.x/n'><x xmlns='http://jabber.org/protocol/muc#user'><item jid='a@b/c'/><status code='110'/></x></presence>",
  ),
  client(
    iq(
      'set',
      's',
      "<si xmlns='http://jabber.org/protocol/si' id='d'><file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='n' size='1'/></si>",
      " to='b@x/y'",
    ),
  ),
  server(
    iq('result', 'r', query('jabber:iq:roster', "<item jid='b@x' name='&#x1F600;'><group>g</group></item>")),
  ),
  client(message("to='b@x'", body('hello'))),
];

const CODES = new Set(Object.keys(xmpp.anomalies));

/** What is wrong with what is told of these steps: an unknown anomaly, an empty or ill-formed value. */
function faults(steps: readonly Step[]): string[] {
  const all = runDissector(xmpp, [...steps, ...END]);
  return [...all.anomalies.filter((code) => !CODES.has(code)), ...all.facts.flatMap(unclean)];
}

/** Empty strings, nulls and undefined values, and lone surrogates, anywhere in a value. */
function unclean(value: unknown): string[] {
  if (typeof value === 'string')
    return value === '' || /\p{Surrogate}/u.test(value) ? [JSON.stringify(value)] : [];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(unclean);
  return typeof value === 'number' || typeof value === 'boolean' ? [] : [String(value)];
}

describe('damage', () => {
  test('any byte of any piece changed', () => {
    let runs = 0;
    PIECES.forEach((step, n) => {
      if (!('bytes' in step)) return;
      for (let at = 0; at < step.bytes.length; at++) {
        const bytes = step.bytes.slice();
        bytes[at] = [0x00, 0x3c, 0x3e, 0x27, 0x26, 0xff][runs++ % 6] ?? 0;
        expect(faults([...PIECES.slice(0, n), { direction: step.direction, bytes }])).toEqual([]);
      }
    });
    expect(runs).toBeGreaterThan(1500);
  });

  test('any piece cut off, and the stream going on behind it', () => {
    PIECES.forEach((step, n) => {
      if (!('bytes' in step)) return;
      for (let length = 0; length < step.bytes.length; length += 5) {
        const cut: Step = { direction: step.direction, bytes: step.bytes.slice(0, length) };
        expect(faults([...PIECES.slice(0, n), cut, ...PIECES.slice(n + 1)])).toEqual([]);
      }
    });
  });

  test('random bytes, and random bytes within a stream', () => {
    const chunks = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), chunks, (bytes, midstream, chunk) => {
        runDissector(xmpp, [{ direction: 0, bytes }, { direction: 1, bytes }, ...END], { midstream, chunk });
        const within = [client(header()), server(answer()), { direction: 0, bytes } as const, client(AFTER)];
        expect(faults(within)).toEqual([]);
      }),
      { seed: 5222, numRuns: 200 },
    );
  });

  test('markup in any order', () => {
    const markup =
      `<message> </message> <body> </body> <iq|type='result'|id='1'> </iq> < > /> &amp; & ' " <!-- --> <![CDATA[ ]]> ` +
      `<? ?> <!DOCTYPE [ ] x |xmlns='jabber:client' </stream:stream> <stream:stream>`;
    const token = fc.constantFrom(...markup.split(' ').map((t) => t.replaceAll('|', ' ')));
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        expect(faults([...signOn(), client(tokens.join(''))])).toEqual([]);
      }),
      { seed: 5269, numRuns: 200 },
    );
  });
});

/** A flow that listens to nothing. */
function quietFlow(): FlowContext {
  const nothing = (): void => undefined;
  return {
    clientIp: '192.0.2.1',
    clientPort: 40_000,
    serverIp: '198.51.100.1',
    serverPort: 5222,
    transport: 'tcp',
    midstream: false,
    id: '0'.repeat(32),
    seconds: () => 0,
    nanos: () => 0,
    emit: nothing,
    anomaly: nothing,
    issue: nothing,
    present: nothing,
    hash: (...parts) => parts.join('|'),
    reserve: () => true,
  };
}
