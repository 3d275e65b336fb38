import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Breakable, codeOf, LinkError } from './link.ts';
import type { Link } from './link.ts';

/** Resolves a host name to one address. */
export type Lookup = (host: string) => Promise<{ address: string; family: number }>;

/** Datagrams handed to the system at once. */
const IN_FLIGHT = 64;
/** Milliseconds in which a host that refuses a datagram is taken to say so. */
const REFUSAL = 100;

/**
 * Syslog over UDP (RFC 5426). UDP tells nothing of what got lost on its way, but a host that refuses is noticed: by
 * `broken`, or by the next send.
 */
export async function connectUdp(
  { host, port }: { host: string; port: number },
  careful: boolean,
  lookup: Lookup = lookupName,
): Promise<Link> {
  try {
    const family = isIP(host);
    const found = family === 0 ? await lookup(host) : { address: host, family };
    const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4');
    socket.unref();
    try {
      await connect(socket, port, found.address);
    } catch (error) {
      socket.on('error', () => undefined);
      socket.close();
      throw error;
    }
    return new UdpLink(socket, careful);
  } catch (error) {
    throw new LinkError(error);
  }
}

class UdpLink implements Link {
  readonly #socket: Socket;
  readonly broken = new Breakable();
  #careful: boolean;
  #open = true;
  refused = 0;

  constructor(socket: Socket, careful: boolean) {
    this.#socket = socket;
    this.#careful = careful;
    socket.on('error', (error) => this.broken.break(error));
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    for (let at = 0; at < messages.length;) {
      const some = messages.slice(at, at + (this.#careful ? 1 : IN_FLIGHT));
      await Promise.all(some.map((message) => this.#send(message)));
      at += some.length;
      if (this.#careful) await this.broken.race(sleep(REFUSAL));
      this.#careful = false;
      if (this.broken.error !== undefined) throw this.broken.error;
    }
  }

  #send(message: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#open) return resolve();
      this.#socket.send(message, (error) => {
        if (error !== null && codeOf(error) === 'EMSGSIZE') this.refused++;
        else if (error !== null) this.broken.break(error);
        resolve();
      });
    });
  }

  acknowledged(): undefined {
    return undefined;
  }

  async finish(): Promise<boolean> {
    await this.broken.race(sleep(REFUSAL));
    this.destroy();
    return true;
  }

  destroy(): void {
    if (this.#open) this.#socket.close();
    this.#open = false;
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
