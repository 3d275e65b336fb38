import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as yaml from 'yaml';
import { readPlainYaml } from './plain-yaml.ts';
import type { YamlNode } from './plain-yaml.ts';

/** The library's document in the form of ours: offsets of nodes and texts as written. */
function theirs(text: string): unknown {
  const document = yaml.parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0 || document.warnings.length > 0) return 'wrong';
  const plain = (node: unknown): unknown => {
    const at = (node as yaml.Node).range?.[0];
    if (yaml.isMap(node)) {
      return { kind: 'map', at, pairs: node.items.map(({ key, value }) => [plain(key), plain(value)]) };
    }
    if (yaml.isSeq(node)) return { kind: 'seq', at, items: node.items.map(plain) };
    if (!yaml.isScalar(node)) return 'no scalar';
    const { value, source } = node;
    const written = typeof value === 'string' ? value : (source ?? String(value));
    // Where nothing is written, each has its own idea of where that is.
    if (value === null || value === '') return 'nothing';
    return { kind: 'scalar', at, text: written };
  };
  return plain(document.contents);
}

function ours(node: YamlNode): unknown {
  if (node.kind === 'map') {
    return { ...node, pairs: node.pairs.map(({ key, value }) => [ours(key), ours(value)]) };
  }
  if (node.kind === 'scalar' && node.text === undefined) return 'nothing';
  return node.kind === 'seq' ? { ...node, items: node.items.map(ours) } : node;
}

/** Documents by lines, of the parts that policies are made of and of some that are wrong or odd. */
const word = fc.constantFrom(
  ...['a', 'b1', '10.0.0.0/8', '2001:db8::/32', '"q r"', "'x*'", '2.10', 'null', '~', 'true', 'AIM 5'],
  ...['[a, b]', '[]', '{n: 1, m: [x]}', '{}', '[a, {b: c}]', '', '# note', '*x', '&y z', '"a\\n"', "'it''s'"],
  ...['- z', 'k: v', '>', '|', '[a,', '{a: b', 'a #b', 'a # b', '-x', '<7', '"<7"', '@x', '!t u', 'a: b: c'],
  ...['a:', ':', '?', ', c', 'x]', "'open", '{a, b}', '[a: b]', '{a: }', '[1,]', '{a: b,}', '"k": v'],
);
const line = fc
  .tuple(
    fc.constantFrom(0, 0, 2, 2, 4, 4, 6, 1),
    fc.constantFrom('', '', '- ', '- - '),
    fc.constantFrom('', 'k: ', 'j: ', 'k:', '"k": '),
    word,
  )
  .map(([indent, dash, key, value]) => `${' '.repeat(indent)}${dash}${key}${value}`);

describe('the plain reader', () => {
  test('reads as the library does, or leaves it to the library', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const text = lines.join(end);
        const node = readPlainYaml(text);
        if (node === undefined) return;
        read++;
        expect(ours(node)).toEqual(theirs(text));
      }),
      { numRuns: 6_000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  test('takes what policies are written in', () => {
    const text = `# Who\nversion: 1\ndefault: {verdict: alert, severity: high} # all\nrules:\n- name: our own\n  servers: [192.0.2.0/24, 2001:db8::5, "*.example.org"]\n\n  clients:\n    - {name: 'MSN*', version: '<7'}\n    - Gaim*\n  verdict: allow\n`;
    const node = readPlainYaml(text);
    expect(node && ours(node)).toEqual(theirs(text));
  });

  test.each([
    'a: &x 1',
    'a: *x',
    'a: !t 1',
    'a: |\n  x',
    'a: b\n c',
    '\ta: 1',
    '---\na: 1',
    'a: 1\na: 2',
    '['.repeat(100),
  ])('leaves %j to the library', (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});
