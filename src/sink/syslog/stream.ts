import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { OperatorError } from '../../core/errors.ts';
import { Breakable, codeOf, LinkError } from './link.ts';
import type { Link } from './link.ts';
import type { SyslogTarget, TlsFiles } from './target.ts';
import { sendQueueOf } from './send-queue.ts';

/** Milliseconds for a connection to be made, for a write to be taken, and for the collector to close its end after ours. */
const CONNECT = 10_000;
const STALL = 60_000;
const FINISH = 2_000;

/** Reads the files of a TLS connection once, before anything is sent. Throws an OperatorError where they cannot be used. */
export function readTls(url: string, { ca, cert, key }: TlsFiles): SecureContext {
  const read = (path: string | undefined): Buffer | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw new OperatorError(`--syslog ${url}: cannot read ${path}: ${codeOf(error)}`);
    }
  };
  const files = { ca: read(ca), cert: read(cert), key: read(key) };
  try {
    return createSecureContext({ ...files, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new OperatorError(
      `--syslog ${url}: ${[ca, cert, key].filter(Boolean).join(', ')}: no usable PEM certificate or key (${codeOf(error)})`,
    );
  }
}

/** Opens a TCP or TLS connection to a collector (RFC 6587, RFC 5425). */
export function connectStream(target: SyslogTarget, context: SecureContext | undefined): Promise<Link> {
  const { host, port, tls, framing } = target;
  return new Promise((resolve, reject) => {
    const name = tls.name ?? host;
    const socket =
      context === undefined
        ? connectTcp({ host, port })
        : connectTls({
            ...{ host, port, secureContext: context, minVersion: 'TLSv1.2' },
            // The name that is asked for is the one that is checked; an address is none.
            ...(isIP(name) === 0 ? { servername: name } : {}),
          });
    // Whoever waits for the end of the run has a clock of his own.
    socket.unref();
    const timer = setTimeout(() => fail({ code: 'ETIMEDOUT' }), CONNECT).unref();
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(new LinkError(error));
    };
    socket.once('error', fail);
    socket.once(context === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(new StreamLink(socket, framing));
    });
  });
}

class StreamLink implements Link {
  readonly refused = 0;
  readonly #socket: Socket;
  readonly #framing: SyslogTarget['framing'];
  readonly broken = new Breakable();
  /** The collector closed its end after ours: it has read all. */
  readonly #closed: Promise<void>;
  #ending = false;

  constructor(socket: Socket, framing: SyslogTarget['framing']) {
    this.#socket = socket;
    this.#framing = framing;
    socket.setKeepAlive(true, 30_000);
    socket.setNoDelay(true);
    this.#closed = new Promise((resolve) => {
      // A TLS 1.3 server refuses our certificate only here, after the connection is made.
      socket.on('error', (error) => this.broken.break(error));
      socket.on('end', () => {
        if (!this.#ending) this.broken.break({ code: 'EPIPE' });
        resolve();
      });
      socket.on('close', () => this.broken.break({ code: 'EPIPE' }));
    });
    // Collectors say nothing; what one says is not read.
    socket.resume();
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    const bytes = frame(messages, this.#framing);
    let timer: NodeJS.Timeout | undefined;
    const taken = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new LinkError('the collector takes nothing any more')), STALL).unref();
      this.#socket.write(bytes, (error) => {
        if (error) reject(new LinkError(error));
        else resolve();
      });
    });
    try {
      await this.broken.race(taken);
    } finally {
      clearTimeout(timer);
    }
  }

  acknowledged(): boolean | undefined {
    if (this.#socket.writableLength > 0) return false;
    const waiting = sendQueueOf(this.#socket);
    return waiting === undefined ? undefined : waiting === 0;
  }

  async finish(): Promise<boolean> {
    this.#ending = true;
    this.#socket.ref();
    this.#socket.end();
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), FINISH);
    });
    try {
      const closed = await this.broken.race(Promise.race([this.#closed.then(() => true as const), waited]));
      // One that keeps its end open may still have all.
      return closed || this.acknowledged() !== false;
    } finally {
      clearTimeout(timer);
      this.destroy();
    }
  }

  destroy(): void {
    this.#ending = true;
    this.#socket.destroy();
  }
}

const LINE_END = Buffer.from('\n');

/** The messages as RFC 6587 has them on a stream. No message has a line end in it. */
function frame(messages: readonly Buffer[], framing: SyslogTarget['framing']): Buffer {
  const parts: Buffer[] = [];
  for (const message of messages) {
    if (framing === 'octet') parts.push(Buffer.from(`${message.length} `), message);
    else parts.push(message, LINE_END);
  }
  return Buffer.concat(parts);
}
