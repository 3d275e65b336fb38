import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { parseSyslog } from '../../../test/e2e/rfc5424.ts';
import { alertEvent, imEvent } from '../../classify/build.ts';
import { EXIT } from '../../core/errors.ts';
import { SyslogSink } from './sink.ts';
import { parseSyslogUrl } from './target.ts';
import type { Lookup } from './udp.ts';

describe('over UDP', () => {
  async function collector(
    type: 'udp4' | 'udp6' = 'udp4',
  ): Promise<{ socket: Socket; port: number; got: Buffer[] }> {
    const socket = createSocket(type);
    const got: Buffer[] = [];
    socket.on('message', (bytes) => got.push(bytes));
    socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
    await once(socket, 'listening');
    return { socket, port: socket.address().port, got };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !condition(); i++) await sleep(5);
  }

  test('alerts arrive in order, and nothing but alerts', async () => {
    const { socket, port, got } = await collector();
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`), { hostname: 'tap-1' });
    for (let i = 0; i < 100; i++) sink.write(alertEvent({ account: `user${i}` }));
    sink.write(imEvent({ kind: 'message', text: 'not for syslog' }));
    expect(sink.drained()).toBeUndefined();
    await sink.close();
    await until(() => got.length >= 100);
    socket.close();
    const messages = got.map(parseSyslog);
    expect(messages.map((m) => m.data.get('imspan@32473')?.get('account'))).toEqual(
      Array.from({ length: 100 }, (_, i) => `user${i}`),
    );
    expect(messages[0]?.hostname).toBe('tap-1');
    expect(sink).toMatchObject({ sent: 100, lost: 0, left: undefined });
  });

  test('over IPv6 too', async () => {
    let listening: Awaited<ReturnType<typeof collector>>;
    try {
      listening = await collector('udp6');
    } catch {
      // A machine without IPv6 cannot show it; it says so here.
      process.stderr.write('skipped: this machine has no IPv6 loopback\n');
      return;
    }
    const { socket, port, got } = listening;
    const sink = new SyslogSink(parseSyslogUrl(`udp://[::1]:${port}`));
    sink.write(alertEvent());
    await sink.close();
    await until(() => got.length > 0);
    socket.close();
    expect(got).toHaveLength(1);
  });

  test('a name is resolved while alerts wait, and they follow', async () => {
    const { socket, port, got } = await collector();
    let resolved = (_answer: { address: string; family: number }): void => undefined;
    const lookup: Lookup = (host) => {
      expect(host).toBe('collector.test');
      return new Promise((resolve) => {
        resolved = resolve;
      });
    };
    const sink = new SyslogSink(parseSyslogUrl(`udp://collector.test:${port}`), { lookup });
    for (let i = 0; i < 3; i++) sink.write(alertEvent());
    const closed = sink.close();
    resolved({ address: '127.0.0.1', family: 4 });
    await closed;
    await until(() => got.length >= 3);
    socket.close();
    expect(got).toHaveLength(3);
  });

  test('a name that cannot be resolved is told once, and what was for it is counted', async () => {
    const told: string[] = [];
    const sink = new SyslogSink(parseSyslogUrl('udp://nowhere.test'), {
      lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
      notice: (line) => told.push(line),
      retry: 1,
    });
    for (let i = 0; i < 3; i++) {
      sink.write(alertEvent());
      await sleep(5);
    }
    await expect(sink.close()).rejects.toMatchObject({
      exitCode: EXIT.IO,
      message:
        'syslog udp://nowhere.test: 3 messages are lost: there is no such host; check the name or give its address',
    });
    expect(told).toEqual([
      'syslog udp://nowhere.test: there is no such host; check the name or give its address; messages wait until it can be reached',
    ]);
    expect(sink).toMatchObject({ sent: 0, lost: 3 });
  });

  test('what does not fit the queue is lost and counted; packets do not wait', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://slow.test'), {
      lookup: () => new Promise(() => undefined),
      queue: 8_192,
      patience: 5,
    });
    for (let i = 0; i < 25; i++) sink.write(alertEvent());
    const { lost, waiting } = sink;
    expect(lost).toBeGreaterThan(5);
    expect(lost + waiting).toBe(25);
    expect(sink.drained()).toBeUndefined();
    await expect(sink.close()).rejects.toThrow('25 messages are lost: they could not be sent in time');
    expect(sink.lost).toBe(25);
    sink.write(alertEvent());
    expect(sink.lost).toBe(26);
  });

  test('a name that resolves too late is not waited for without end', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://slow.test'), {
      lookup: () => sleep(30, { address: '127.0.0.1', family: 4 }),
      patience: 5,
    });
    sink.write(alertEvent());
    await expect(sink.close()).rejects.toThrow('they could not be sent in time');
    await sleep(60);
    expect(sink).toMatchObject({ sent: 0, lost: 1 });
  });

  test('a host where nobody listens is noticed, and nothing is taken for sent', async () => {
    const { socket, port } = await collector();
    socket.close();
    await once(socket, 'close');
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`), { retry: 1 });
    for (let i = 0; i < 20; i++) sink.write(alertEvent());
    await expect(sink.close()).rejects.toThrow('20 messages are lost: nobody listens on that port');
    expect(sink).toMatchObject({ sent: 0, lost: 20 });
  });

  test('what a host refused while it was away comes when it is back', async () => {
    const { socket, port } = await collector();
    socket.close();
    await once(socket, 'close');
    const sink = new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`), { retry: 5 });
    for (let i = 0; i < 20; i++) sink.write(alertEvent({ account: `user${i}` }));
    await sleep(50);
    const again = createSocket('udp4');
    const got: Buffer[] = [];
    again.on('message', (bytes) => got.push(bytes));
    again.bind(port, '127.0.0.1');
    await once(again, 'listening');
    await sink.close();
    await until(() => got.length >= 20);
    again.close();
    const accounts = got.map((bytes) => parseSyslog(bytes).data.get('imspan@32473')?.get('account'));
    expect([...new Set(accounts)]).toEqual(Array.from({ length: 20 }, (_, i) => `user${i}`));
    expect(sink).toMatchObject({ sent: 20, lost: 0 });
  });

  test('an address that cannot be sent to is told', async () => {
    const sink = new SyslogSink(parseSyslogUrl('udp://wrong.test'), {
      lookup: () => Promise.resolve({ address: '::1', family: 4 }),
      retry: 1,
    });
    sink.write(alertEvent());
    await expect(sink.close()).rejects.toMatchObject({ exitCode: EXIT.IO });
    expect(sink.lost).toBe(1);
  });

  test('a sink that was never used closes at once', async () => {
    const { socket, port } = await collector();
    await new SyslogSink(parseSyslogUrl(`udp://127.0.0.1:${port}`)).close();
    socket.close();
  });
});
