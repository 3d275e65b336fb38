import { expect, test } from '@jest/globals';
import { Tally } from '../app/tally.ts';
import { imEvent } from '../classify/build.ts';
import { networkName, sightedLines } from './networks.ts';

test('networks and messengers have the names that people know; what is neither is made harmless', () => {
  expect(['aim', 'irc', 'whatsapp', 'x\u001b[2J'].map(networkName)).toEqual([
    'AIM',
    'IRC',
    'WhatsApp',
    'x\\x1b[2J',
  ]);
});

test('what was recognised without being read is told by service, the most used first', () => {
  const tally = new Tally();
  const see = (service: string, src_ip: string): void => {
    tally.event(imEvent({ kind: 'service', service }, 0, { src_ip }));
  };
  see('discord', '10.0.0.1');
  for (let i = 1; i <= 4; i++) see('whatsapp', `10.0.0.${i}`);
  see('whatsapp', '10.0.0.4');
  tally.event(imEvent({ kind: 'message', service: 'aim' }));
  expect(sightedLines(tally)).toEqual([
    '  WhatsApp: recognised, not read, at 4 client addresses: 10.0.0.1, 10.0.0.2, 10.0.0.3 and 1 more',
    '  Discord: recognised, not read, at 1 client address: 10.0.0.1',
  ]);
});
