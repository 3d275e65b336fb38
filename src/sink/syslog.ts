import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { formatAlert } from './syslog-message.ts';
import type { SyslogTarget } from './syslog-target.ts';

/** Resolves a host name to one address. */
export type Lookup = (host: string) => Promise<{ address: string; family: number }>;

export interface SyslogOptions {
  /** Sensor name, where events carry none. */
  hostname?: string;
  /** Told once, as soon as it is known that messages are lost; the same error `close` rejects with. */
  onProblem?: (problem: OperatorError) => void;
  /** Messages that may wait to be sent. */
  queue?: number;
  /** Milliseconds that `close` waits for what is unsent. */
  patience?: number;
  lookup?: Lookup;
}

const QUEUE = 10_000;
const PATIENCE = 5_000;
/** Datagrams handed to the system at once. */
const IN_FLIGHT = 64;

/**
 * Alerts as RFC 5424 messages over UDP (RFC 5426), to the one host that the operator named. Packets never wait for
 * it: messages queue up to a bound while the host's name is resolved, and what cannot be sent is
 * counted in `lost`. UDP tells nothing of what got lost on its way, but a host that refuses is noticed.
 */
export class SyslogSink implements EventSink {
  sent = 0;
  lost = 0;
  readonly #target: SyslogTarget;
  readonly #options: SyslogOptions;
  readonly #limit: number;
  #queue: Buffer[] = [];
  #inFlight = 0;
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #problem: OperatorError | undefined;
  #idle: (() => void) | undefined;

  constructor(target: SyslogTarget, options: SyslogOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.#limit = options.queue ?? QUEUE;
    void this.#open(options.lookup ?? lookupName);
  }

  /** Why messages are lost, if any are. */
  get failure(): OperatorError | undefined {
    return this.#problem;
  }

  write(event: EveEvent): void {
    if (event.event_type !== 'alert') return;
    if (this.#closed || (this.#problem !== undefined && !this.#ready)) {
      this.lost++;
      return;
    }
    if (this.#queue.length >= this.#limit) {
      this.#lose(1, `more than ${this.#limit} messages wait to be sent`);
      return;
    }
    const { facility, size } = this.#target;
    const { hostname } = this.#options;
    this.#queue.push(
      formatAlert(event, hostname === undefined ? { facility, size } : { facility, size, hostname }),
    );
    this.#pump();
  }

  /** Packets never wait for syslog. */
  drained(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queue.length + this.#inFlight > 0) await this.#untilIdle();
    if (this.#queue.length > 0) {
      this.#lose(this.#queue.length, 'they could not be sent in time');
      this.#queue = [];
    }
    await this.#shut();
    if (this.#problem !== undefined) throw this.#problem;
  }

  async #open(lookup: Lookup): Promise<void> {
    const { host, port } = this.#target;
    try {
      const family = isIP(host);
      const found = family === 0 ? await lookup(host) : { address: host, family };
      if (this.#closed && this.#queue.length === 0) return;
      const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
      this.#socket = socket;
      await connect(socket, port, found.address);
      // A host that refuses answers a datagram with an error; the system tells it here or at the next send.
      socket.on('error', (error) => this.#lose(1, reasonOf(error)));
      socket.unref();
      this.#ready = true;
      this.#pump();
    } catch (error) {
      const waiting = this.#queue.length;
      this.#queue = [];
      this.#lose(waiting, `${host}: ${reasonOf(error)}`);
      this.#idle?.();
    }
  }

  #pump(): void {
    const socket = this.#socket;
    if (!this.#ready || socket === undefined) return;
    while (this.#inFlight < IN_FLIGHT) {
      const message = this.#queue.shift();
      if (message === undefined) break;
      this.#inFlight++;
      this.#send(socket, message, true);
    }
    if (this.#inFlight === 0) this.#idle?.();
  }

  #send(socket: Socket, message: Buffer, retry: boolean): void {
    socket.send(message, (error) => {
      if (error !== null && codeOf(error) === 'ECONNREFUSED' && retry) {
        // The refusal is of an earlier datagram; this one was held back for it and goes now.
        this.#lose(1, reasonOf(error));
        this.#send(socket, message, false);
        return;
      }
      this.#inFlight--;
      if (error === null) this.sent++;
      else this.#lose(1, reasonOf(error));
      this.#pump();
    });
  }

  #lose(messages: number, why: string): void {
    this.lost += messages;
    if (this.#problem !== undefined) return;
    this.#problem = new OperatorError(`syslog ${this.#target.url}: alerts cannot be sent: ${why}`, EXIT.IO);
    this.#options.onProblem?.(this.#problem);
  }

  #untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.patience ?? PATIENCE);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #shut(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    return new Promise((resolve) => {
      if (socket === undefined) resolve();
      else socket.close(() => resolve());
    });
  }
}

function connect(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    // On failure Node hands the error to the callback, or emits it where binding is what failed.
    socket.connect(port, address, (error?: Error) => {
      socket.off('error', reject);
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host; check the name or give its address',
  EAI_AGAIN: 'its name cannot be resolved now; check the name service or give its address',
  ECONNREFUSED: 'nobody listens on that port; start the collector or check the port',
  ENETUNREACH: 'there is no route to it; check the network',
  EHOSTUNREACH: 'it cannot be reached; check the network',
  EMSGSIZE: 'the message is too large for the network; give a smaller ?size=',
  EACCES: 'no permission to send there',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code] ?? code;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}
