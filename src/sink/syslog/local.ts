import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { neutralise } from '../neutralise.ts';
import { Breakable, codeOf, LinkError } from './link.ts';
import type { Link } from './link.ts';

/** Milliseconds in which a logger that cannot do what is asked of it says so, and for it to end. */
const BEGIN = 50;
const FINISH = 2_000;
const MOST_COMPLAINT = 300;

/**
 * The system's own log socket (`/dev/log`), through the `logger` of util-linux: Node has no datagrams of Unix sockets (docs/adr/0015). It is
 * given `<PRI>text` lines and adds the header; the time in that is its own, so the text begins with the packet's.
 */
export async function connectLocal({
  path,
  style,
}: {
  path: string;
  style: { size: number };
}): Promise<Link> {
  if (!existsSync(path))
    throw new LinkError(`there is no ${path}; start the system's log daemon, or name its socket`);
  const child = spawn(
    'logger',
    [
      ...['--socket', path, '--socket-errors=on', '--prio-prefix', '--tag', 'imspan'],
      ...['--size', String(style.size)],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const link = new LocalLink(child);
  await link.broken.race(sleep(BEGIN));
  return link;
}

class LocalLink implements Link {
  readonly refused = 0;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly broken = new Breakable();
  readonly #ended: Promise<boolean>;
  #complaint = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(0, MOST_COMPLAINT);
    });
    child.stdout.resume();
    child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => {
        const missing = codeOf(error) === 'ENOENT';
        this.broken.break(missing ? 'there is no logger; install util-linux (bsdutils)' : error);
        resolve(false);
      });
      child.on('close', (status) => {
        const words = neutralise(this.#complaint.trim(), MOST_COMPLAINT);
        this.broken.break(`logger ended${words === '' ? '' : `: ${words}`}`);
        resolve(status === 0);
      });
    });
    child.unref();
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    const text = messages.map((message) => `${message.toString()}\n`).join('');
    const taken = new Promise<void>((resolve, reject) => {
      this.#child.stdin.write(text, (error) => (error ? reject(new LinkError(error)) : resolve()));
    });
    await this.broken.race(taken);
    // It complains of the first message that it cannot hand on, and ends.
    if (this.#complaint !== '') throw new LinkError(neutralise(this.#complaint.trim(), MOST_COMPLAINT));
  }

  acknowledged(): undefined {
    return undefined;
  }

  async finish(): Promise<boolean> {
    this.#child.ref();
    this.#child.stdin.end();
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), FINISH);
    });
    const ended = await Promise.race([this.#ended, waited]);
    clearTimeout(timer);
    this.destroy();
    return ended;
  }

  destroy(): void {
    this.#child.kill();
  }
}
