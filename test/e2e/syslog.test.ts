import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ACTIVE, hostileCapture } from './hostile.ts';
import { eventsOf, finished, PATIENCE, Scratch, startImspan } from './program.ts';
import type { Run, Written } from './program.ts';
import { parseSyslog } from './rfc5424.ts';
import type { SyslogMessage } from './rfc5424.ts';

jest.setTimeout(2 * PATIENCE);

const scratch = new Scratch();
let socket: Socket;
let run: Run;
let alerts: Written[];
let messages: SyslogMessage[];

beforeAll(async () => {
  const hostile = scratch.file('hostile.pcap');
  writeFileSync(hostile, hostileCapture());
  const datagrams: Buffer[] = [];
  socket = createSocket('udp4', (datagram) => datagrams.push(datagram));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const collector = `udp://127.0.0.1:${socket.address().port}`;
  const captures = ['captures/yahoo/conference-ymsg12.pcap', 'captures/xmpp/muc.pcap', hostile];
  run = await finished(startImspan(['replay', '--json', '--syslog', collector, ...captures]));
  alerts = eventsOf(run.stdout).filter((event) => event.event_type === 'alert');
  // The last datagram may still be on its way through the loop of this process.
  for (let i = 0; i < 100 && datagrams.length < alerts.length; i++)
    await new Promise((r) => setTimeout(r, 20));
  messages = datagrams.map(parseSyslog);
});

afterAll(() => {
  socket.close();
  scratch.remove();
});

describe('--syslog udp://HOST:PORT', () => {
  test('each alert is one message of RFC 5424, in order', () => {
    expect(run.status).toBe(0);
    expect(alerts.length).toBeGreaterThanOrEqual(7);
    expect(messages).toHaveLength(alerts.length);
    const ids = messages.map((message) => message.data.get('imspan@32473')?.get('id'));
    expect(ids).toEqual(alerts.map((event) => event.im?.id));
  });

  test('header and facts are those of the alert', () => {
    messages.forEach((message, i) => {
      const event = alerts[i];
      const facts = message.data.get('imspan@32473');
      expect(message).toMatchObject({ appName: 'imspan', msgId: 'ALERT' });
      expect(message.timestamp).toBe(event?.timestamp.replace('+0000', 'Z'));
      expect(message.severity).toBe([1, 4, 5][(event?.alert?.severity ?? 0) - 1]);
      expect(facts?.get('sid')).toBe(String(event?.alert?.signature_id));
      expect(facts?.get('src_ip')).toBe(event?.src_ip);
      expect(facts?.get('dest_port')).toBe(String(event?.dest_port));
      expect(message.message.length).toBeGreaterThan(20);
    });
  });

  test('no message holds a line end, a control or a hidden character', () => {
    for (const { data, message } of messages) {
      for (const value of [message, ...(data.get('imspan@32473')?.values() ?? [])]) {
        expect(value).not.toMatch(ACTIVE);
        expect(value).not.toContain('\n');
      }
    }
    expect(messages.some((message) => message.message.includes('\\x1b'))).toBe(true);
  });
});
