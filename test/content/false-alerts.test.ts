import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { imEvent } from '../../src/classify/build.ts';
import { Classifier } from '../../src/classify/classifier.ts';
import { DomainList, HashList } from '../../src/classify/content/lists.ts';
import { defaultRulebook } from '../../src/classify/rulebook.ts';
import { benignChat } from './benign-corpus.ts';

const LINES = 20_000;

test('under 1 false alert in 1,000 messages of ordinary chat', () => {
  const kinds = new Map<string, number>();
  let alerts = 0;
  const classifier = new Classifier({
    rulebook: defaultRulebook(),
    emit: ({ alert }) => {
      if (alert === undefined || alert.signature_id < 9_000_100) return;
      alerts++;
      kinds.set(alert.signature, (kinds.get(alert.signature) ?? 0) + 1);
    },
  });
  let n = 0;
  for (const { text, sent } of benignChat(LINES)) {
    // A sender each, so that none is left out as a repetition of what was told.
    const from = `user${n++}`;
    classifier.on(imEvent({ kind: 'message', from, to: ['peer@example.com'], sent, text }, n));
  }
  const rate = (alerts * 1_000) / LINES;
  process.stderr.write(`false alerts: ${alerts} in ${LINES} messages, ${rate.toFixed(3)} in 1,000\n`);
  for (const [name, count] of kinds) process.stderr.write(`  ${count} x ${name}\n`);
  expect(rate).toBeLessThan(1);
});

test('the corpus is the same each time, and of many different lines', () => {
  const lines = Array.from(benignChat(10_000), ({ text }) => text);
  expect(lines).toEqual(Array.from(benignChat(10_000), ({ text }) => text));
  expect(new Set(lines).size).toBeGreaterThan(4_000);
});

test('a million checksums and a million domains load and are found; bad rows are counted', () => {
  const million = 1_000_000;
  const sums: string[] = ['not a sum', 'abc', 'z'.repeat(64)];
  const domains: string[] = ['-', 'no domain', '\u0000\u0001'];
  for (let i = 0; i < million; i++) {
    sums.push(createHash('sha256').update(String(i)).digest('hex'));
    domains.push(`host${i}.bad${i % 977}.example`);
  }
  const hashBytes = Buffer.from(sums.join('\n'));
  const domainBytes = Buffer.from(domains.join('\r\n'));
  const t0 = performance.now();
  const hashes = new HashList(hashBytes);
  const t1 = performance.now();
  const names = new DomainList(domainBytes);
  const t2 = performance.now();
  process.stderr.write(
    `lists: ${Math.round(t1 - t0)} ms for hashes, ${Math.round(t2 - t1)} ms for domains\n`,
  );
  expect([hashes.rows, hashes.skipped, hashes.firstSkipped]).toEqual([million, 3, 1]);
  expect([names.rows, names.skipped, names.firstSkipped]).toEqual([million, 3, 1]);
  expect(hashes.verdictOf(sums[777_777] ?? '')).toBe('block');
  expect(hashes.verdictOf('0'.repeat(63) + 'f')).toBeUndefined();
  expect(names.verdictOf('www.host5.bad5.example')).toBe('block');
  expect(names.verdictOf('bad5.example')).toBeUndefined();
});
