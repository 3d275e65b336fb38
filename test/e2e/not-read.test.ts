import { expect, jest, test } from '@jest/globals';
import { eventsOf, imspan, PATIENCE } from './program.ts';

jest.setTimeout(2 * PATIENCE);

test('connections that go on in TLS are counted in stats and told in the summary', () => {
  const run = imspan(['replay', '--json', 'captures/xmpp/starttls.pcap']);
  const stats = eventsOf(run.stdout).at(-1);
  const count = (stats?.im?.stats?.not_read as Record<string, number> | undefined)?.['xmpp encrypted'];
  expect(stats?.event_type).toBe('stats');
  expect(count).toBe(2);
  expect(run.stderr.split('\n')).toContain(
    '  xmpp: 2 connections went on encrypted (TLS): counted, not read',
  );
});

test('nothing is told where all was read', () => {
  const run = imspan(['replay', '--json', 'captures/yahoo/basic-ymsg16.pcap']);
  expect(eventsOf(run.stdout).at(-1)?.im?.stats).not.toHaveProperty('not_read');
  expect(run.stderr).not.toContain('encrypted (TLS)');
});
