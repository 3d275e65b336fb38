import { expect, test } from '@jest/globals';
import xmpp from '../../protocols/xmpp/index.ts';
import { endless, KINDS } from './endless.ts';

/** More than any limit of the reader; `npm run endless` sends hundreds. */
const MEGABYTES = 1.1;

test.each(Object.keys(KINDS))('an element whose %s never ends is held within its limit', (kind) => {
  const { mostHeld, events, failures } = endless(kind, MEGABYTES);
  expect(failures).toBe(0);
  expect(mostHeld).toBeLessThanOrEqual(xmpp.maxMessage);
  // A few words about it, none of its bytes.
  expect(events.some((e) => e.event_type === 'anomaly')).toBe(true);
  expect(JSON.stringify(events).length).toBeLessThan(16_384);
});
