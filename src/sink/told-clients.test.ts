import { expect, test } from '@jest/globals';
import { imEvent } from '../classify/build.ts';
import { ToldClients } from './told-clients.ts';

type Client = { name: string; version?: string; os?: string; masquerade?: string };

function seen(client: Client, from = 'alice', file = 'a.pcap') {
  const full = { raw: client.name, evidence: [], ...client };
  return { ...imEvent({ kind: 'client', service: 'xmpp', from, client: full }), pcap_filename: file };
}

test('a client is news once, and again where more is said of it', () => {
  const told = new ToldClients();
  const news = (...args: Parameters<typeof seen>): boolean => told.isNews(seen(...args));
  expect(news({ name: 'Psi' })).toBe(true);
  expect(news({ name: 'Psi' })).toBe(false);
  expect(news({ name: 'Psi', version: '1.4' })).toBe(true);
  expect(news({ name: 'Psi' })).toBe(false);
  expect(news({ name: 'Psi', version: '1.5' })).toBe(true);
  expect(news({ name: 'Psi', version: '1.4' })).toBe(false);
  expect(news({ name: 'Gajim' })).toBe(true);
  expect(news({ name: 'Gajim', masquerade: 'AIM' })).toBe(true);
  expect(news({ name: 'Psi', version: '1.4', os: 'Linux' })).toBe(true);
});

test('of another person, and in another capture, it is news', () => {
  const told = new ToldClients();
  expect(told.isNews(seen({ name: 'Psi' }))).toBe(true);
  expect(told.isNews(seen({ name: 'Psi' }, 'bob'))).toBe(true);
  expect(told.isNews(seen({ name: 'Psi' }, 'alice', 'b.pcap'))).toBe(true);
});

test('what is remembered is bounded', () => {
  const told = new ToldClients();
  for (let i = 0; i < 3_000; i++) expect(told.isNews(seen({ name: 'Psi' }, `user-${i}`))).toBe(true);
  for (let i = 0; i < 40; i++)
    expect(told.isNews(seen({ name: 'Psi', version: `1.${i}` }, 'eve'))).toBe(true);
  expect(told.isNews(seen({ name: 'Psi' }, 'user-2999'))).toBe(false);
  expect(told.isNews(seen({ name: 'Psi' }, 'user-0'))).toBe(true);
});
