import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SegmentChain, compareLines, readSidecar, seedOf } from './chain.ts';

const SEED = seedOf('a'.repeat(32), 1);

function chainOf(lines: readonly string[], cuts: readonly number[] = []): SegmentChain {
  const chain = new SegmentChain(SEED);
  let from = 0;
  for (const to of [...cuts.map((cut) => Math.min(cut, lines.length)).sort((a, b) => a - b), lines.length]) {
    chain.add(
      Buffer.from(
        lines
          .slice(from, Math.max(from, to))
          .map((line) => `${line}\n`)
          .join(''),
      ),
    );
    from = Math.max(from, to);
  }
  return chain;
}

const text = fc.string({ unit: 'binary', maxLength: 200 }).map((line) => line.replaceAll('\n', ' '));

describe('the chain of a segment', () => {
  test('is the same however lines are handed in', () => {
    const run = fc.property(
      fc.array(text, { maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      (lines, cuts) => {
        const once = chainOf(lines);
        const many = chainOf(lines, cuts);
        expect(many.head()).toBe(once.head());
        expect(many.finish()).toEqual(once.finish());
      },
    );
    fc.assert(run, { seed: 13, numRuns: 200 });
  });

  test('blocks end with a line, and each depends on those before', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    const chain = chainOf(lines);
    const { head, sidecar } = chain.finish();
    const read = readSidecar(sidecar);
    expect(read?.blocks).toHaveLength(5);
    expect(read?.blocks.at(-1)?.toString('hex')).toBe(head);
    expect(read?.tags).toEqual(chain.tags());
    lines[0] += '!';
    const other = readSidecar(chainOf(lines).finish().sidecar);
    expect(other?.blocks.filter((block, i) => block.equals(read!.blocks[i]!))).toHaveLength(0);
  });

  test('the head of an open block is that of its end', () => {
    const chain = chainOf(['one', 'two']);
    const open = chain.head();
    expect(chain.head()).toBe(open);
    expect(chain.finish().head).toBe(open);
  });

  test('another archive, another place, another chain', () => {
    const heads = [seedOf('a'.repeat(32), 1), seedOf('a'.repeat(32), 2), seedOf('b'.repeat(32), 1)].map(
      (seed) => {
        const chain = new SegmentChain(seed);
        chain.add(Buffer.from('line\n'));
        return chain.finish().head;
      },
    );
    expect(new Set(heads).size).toBe(3);
  });

  test.each([Buffer.alloc(0), Buffer.alloc(12), chainOf(['a', 'b']).finish().sidecar.subarray(0, -1)])(
    'what is no sidecar is none',
    (bytes) => {
      expect(readSidecar(bytes)).toBeUndefined();
    },
  );
});

describe('where lines differ', () => {
  const sealed = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`);
  const edit = (change: (lines: string[]) => void): ReturnType<typeof compareLines> => {
    const lines = [...sealed];
    change(lines);
    return compareLines(chainOf(sealed).tags(), chainOf(lines).tags());
  };

  test.each<[string, (lines: string[]) => void, ReturnType<typeof compareLines>]>([
    ['nothing', () => undefined, []],
    ['one changed', (l) => (l[41] = 'other'), [{ kind: 'changed', line: 42, count: 1 }]],
    ['one missing', (l) => l.splice(41, 1), [{ kind: 'missing', line: 42, count: 1 }]],
    ['three missing', (l) => l.splice(9, 3), [{ kind: 'missing', line: 10, count: 3 }]],
    ['one added', (l) => l.splice(41, 0, 'new'), [{ kind: 'added', line: 42, count: 1 }]],
    ['cut', (l) => l.splice(90), [{ kind: 'truncated', line: 91, count: 10 }]],
    ['more at the end', (l) => l.push('new', 'newer'), [{ kind: 'added', line: 101, count: 2 }]],
    ['two exchanged', (l) => l.splice(4, 2, 'line 6', 'line 5'), [{ kind: 'reordered', line: 5, count: 1 }]],
    ['one moved', (l) => l.splice(60, 0, ...l.splice(9, 1)), [{ kind: 'reordered', line: 10, count: 1 }]],
    [
      'two kinds',
      (l) => {
        l[2] = 'other';
        l.splice(50, 2);
      },
      [
        { kind: 'changed', line: 3, count: 1 },
        { kind: 'missing', line: 51, count: 2 },
      ],
    ],
    ['everything', (l) => l.fill('x'), [{ kind: 'changed', line: 1, count: 100 }]],
  ])('%s', (_name, change, expected) => {
    expect(edit(change)).toEqual(expected);
  });

  test('any one edit is told where it was made', () => {
    const run = fc.property(fc.nat(99), fc.constantFrom('change', 'remove', 'insert'), (at, what) => {
      const [told, ...more] = edit((lines) => {
        if (what === 'change') lines[at] = 'edited';
        else if (what === 'remove') lines.splice(at, 1);
        else lines.splice(at, 0, 'edited');
      });
      expect(more).toEqual([]);
      expect(told?.line).toBe(at + 1);
    });
    fc.assert(run, { seed: 13, numRuns: 100 });
  });
});
