import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { APPS } from '../../src/core/apps.ts';
import { ALIKE, MAKERS, ndpi } from '../support/ndpi.ts';
import { eventsOf, imspan, ROOT, Scratch } from './program.ts';
import { hasShared, SHARED, UNLESS_SHARED } from './truth.ts';

const MODERN = `${SHARED}/public/modern`;
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

(hasShared ? test : test.skip)(
  `each messenger that the labels of a capture name is found, and no other ${UNLESS_SHARED}`,
  () => {
    const eve = scratch.file('modern.jsonl');
    imspan(['replay', '--quiet', '--eve', eve, MODERN]);
    const found = new Map<string, Set<string>>();
    for (const { im, pcap_filename: file = '' } of eventsOf(readFileSync(eve, 'utf8'))) {
      if (im?.kind !== 'service' || im.service === undefined || !APPS.has(im.service)) continue;
      found.set(file, (found.get(file) ?? new Set()).add(im.service));
    }
    const wrong: string[] = [];
    let named = 0;
    for (const entry of readdirSync(join(ROOT, MODERN), { recursive: true })) {
      const path = join(MODERN, String(entry));
      if (!/\.pcap(?:ng)?$/.test(path)) continue;
      const labels = ndpi(readFileSync(join(ROOT, `${path}.ndpi.txt`), 'utf8'));
      const ours = found.get(path) ?? new Set<string>();
      const alike = (app: string, all: ReadonlySet<string>): boolean =>
        all.has(app) || all.has(ALIKE.get(app) ?? app);
      named += labels.apps.size;
      for (const app of labels.apps) if (!alike(app, ours)) wrong.push(`${path}: ${app} is missed`);
      for (const app of ours)
        if (!alike(app, labels.apps) && !MAKERS.get(app)?.test(labels.words))
          wrong.push(`${path}: ${app} is invented`);
    }
    expect(wrong).toEqual([]);
    expect(named).toBeGreaterThan(20);
  },
);
