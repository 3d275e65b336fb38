/** Files from the wire to clamd itself (Debian's `clamav-daemon`), with a signature of our own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { transfer } from '../../protocols/oft/build.ts';
import { Conversation, pcapOf } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';

jest.setTimeout(PATIENCE);

const CLAMD = ['/usr/sbin/clamd', '/usr/local/sbin/clamd'].find((path) => existsSync(path));
const where = CLAMD === undefined ? describe.skip : describe;
const MARK = 'own-mark-of-this-test';

/** A file over a direct connection of AIM, as packets. */
function fileSent(port: number, name: string, content: string): Packet[] {
  const talk = new Conversation({
    client: { ip: '192.0.2.10', port },
    server: { ip: '198.51.100.20', port: 4443 },
  }).open();
  for (const step of transfer(new TextEncoder().encode(content), name))
    if ('bytes' in step) talk.send(step.direction, step.bytes);
  return talk.close().packets;
}

const title = CLAMD === undefined ? 'clamd (skipped: clamav-daemon is not installed)' : 'clamd';

where(title, () => {
  const scratch = new Scratch();
  const socket = scratch.file('clamd.sock');
  let clamd: ChildProcess | undefined;

  beforeAll(async () => {
    const database = scratch.file('db');
    mkdirSync(database);
    writeFileSync(join(database, 'own.ndb'), `Own.Mark:0:*:${Buffer.from(MARK).toString('hex')}\n`);
    const config = scratch.file('clamd.conf');
    const lines = [
      `LocalSocket ${socket}`,
      `DatabaseDirectory ${database}`,
      `TemporaryDirectory ${scratch.path}`,
      `User ${userInfo().username}`,
      'Foreground yes',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    clamd = spawn(CLAMD ?? '', ['--config-file', config], { stdio: 'ignore' });
    // Its socket is there before it listens.
    while (!(await answers(socket)) && clamd.exitCode === null) await sleep(20);
  });

  afterAll(async () => {
    if (clamd?.exitCode === null) {
      const ended = new Promise((resolve) => clamd?.once('exit', resolve));
      clamd.kill();
      await ended;
    }
    scratch.remove();
  });

  test('what it finds in a file that passed is an alert, and what it does not is none', () => {
    const capture = scratch.file('files.pcap');
    const packets = [
      ...fileSent(49_152, 'bad.txt', `some text and ${MARK}`),
      ...fileSent(49_153, 'good.txt', 'some text and nothing'),
    ];
    writeFileSync(capture, pcapOf(packets));
    const args = ['replay', capture, '--json', '--extract', scratch.file('kept'), '--scan-clamd', socket];
    const run = imspan([...args, '--fail-on-alert']);
    expect(run.stderr).not.toContain('not scanned');
    expect(run.status).toBe(1);
    const events = eventsOf(run.stdout);
    const files = events.filter((event) => event.event_type === 'fileinfo');
    expect(files.map(({ fileinfo }) => [fileinfo?.['filename'], fileinfo?.['stored']])).toEqual([
      ['bad.txt', true],
      ['good.txt', true],
    ]);
    const found = events.filter((event) => event.alert?.signature_id === 9_000_155);
    expect(found.map(({ alert }) => alert?.metadata['evidence']?.[0])).toEqual([
      'scanner: Own.Mark.UNOFFICIAL',
    ]);
    expect(found[0]?.flow_id).toBe(files[0]?.flow_id);
  });
});

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
