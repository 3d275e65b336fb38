/** Collectors and senders that are killed: `npm run test:long`. `IMSPAN_AWAY` is for how many seconds the collector is away (60). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { alertEvent } from '../../src/classify/build.ts';
import { listSpool } from '../../src/sink/syslog/spool-list.ts';
import { SyslogSink } from '../../src/sink/syslog/sink.ts';
import { parseSyslogUrl } from '../../src/sink/syslog/target.ts';
import { eventsOf, finished, imspan, startImspan } from '../e2e/program.ts';
import { freePort, Rsyslog, whyNoRsyslog } from '../support/rsyslog.ts';

const AWAY = Number(process.env['IMSPAN_AWAY'] ?? 60) * 1_000;
/** Alerts a second, and for how long before and after the collector is away. */
const RATE = 500;
const AROUND = 5_000;

jest.setTimeout(AWAY + 120_000);

const why = whyNoRsyslog();
if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
const describeIf = why === undefined ? describe : describe.skip;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-long-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const idOf = (line: string): string => / id="([0-9a-f]{32})"/.exec(line)?.[1] ?? line;

describeIf('every alert arrives', () => {
  test.each(['memory', 'disk'])(
    'though rsyslogd is killed under load and comes back (queue: %s)',
    async (where) => {
      const port = await freePort();
      const daemon = new Rsyslog(join(folder, where), { tcp: port });
      await daemon.start();
      const sink = new SyslogSink(parseSyslogUrl(`tcp://127.0.0.1:${port}`), {
        queue: 1 << 26,
        ...(where === 'disk' ? { spool: join(folder, 'spool') } : {}),
      });
      const ids: string[] = [];
      const start = performance.now();
      let isKilled = false;
      let isBack = false;
      for (;;) {
        const now = performance.now() - start;
        while (ids.length < (now * RATE) / 1_000) {
          const event = alertEvent({ account: `user${ids.length}` });
          ids.push(event.im?.id ?? '');
          sink.write(event);
        }
        if (!isKilled && now > AROUND) {
          isKilled = true;
          await daemon.stop('SIGKILL');
          rmSync(join(folder, where, 'rsyslog.pid'), { force: true });
        }
        if (!isBack && now > AROUND + AWAY) {
          isBack = true;
          await daemon.start();
        }
        if (now > 2 * AROUND + AWAY + 30_000 || (isBack && sink.connected && now > 2 * AROUND + AWAY)) break;
        await sleep(10);
      }
      await sink.close();
      expect(sink).toMatchObject({ lost: 0, left: undefined, sent: ids.length });
      await daemon.taken(ids.length);
      await daemon.stop();
      const taken = readFileSync(daemon.output, 'utf8').split('\n').slice(0, -1).map(idOf);
      const repeats = taken.length - new Set(taken).size;
      process.stderr.write(`${where}: ${ids.length} alerts, ${repeats} of them twice\n`);
      // In order too: each for the first time behind those that were before it.
      expect([...new Set(taken)]).toEqual(ids);
    },
  );

  test('though the sender is killed while the collector is away', async () => {
    const port = await freePort();
    const spool = join(folder, 'killed');
    const url = `tcp://127.0.0.1:${port}`;
    const capture = readFileSync('captures/xmpp/muc.pcap');
    const child = startImspan(['replay', '--json', '--syslog', url, '--spool', spool, '-']);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    // The input does not end: the run goes on until it is killed.
    child.stdin.write(capture);
    const waiting = (): number => {
      try {
        return listSpool(spool)[0]?.messages ?? 0;
      } catch {
        return 0;
      }
    };
    for (let i = 0; i < 400 && waiting() < 3; i++) await sleep(25);
    await sleep(500);
    child.kill('SIGKILL');
    await once(child, 'close');
    const told = eventsOf(out.slice(0, out.lastIndexOf('\n') + 1)).filter((e) => e.event_type === 'alert');
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(waiting()).toBe(told.length);
    expect(imspan(['spool', 'list', '--spool', spool]).stdout).toContain(`${told.length} messages`);
    const left = imspan(['spool', 'flush', '--spool', spool, '--syslog', url, '--patience', '1']);
    expect(left).toMatchObject({ status: 3, stderr: expect.stringContaining('wait in the spool') });
    const daemon = new Rsyslog(join(folder, 'after'), { tcp: port });
    await daemon.start();
    const sent = imspan(['spool', 'flush', '--spool', spool, '--syslog', url]);
    expect(sent).toMatchObject({ status: 0, stderr: '' });
    const taken = await daemon.taken(told.length);
    await daemon.stop();
    expect(taken.map(idOf)).toEqual(told.map((event) => event.im?.id));
    expect(imspan(['spool', 'list', '--spool', spool]).stdout).toContain(': 0 messages');
    // And the next run sends only its own.
    const again = await finished(
      startImspan(['replay', '--json', '--syslog', url, '--spool', spool, 'captures/xmpp/muc.pcap']),
    );
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('messages wait in the spool') });
  });
});
