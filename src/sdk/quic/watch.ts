import type { EveTls } from '../../event/tls.ts';
import { readClientHello } from '../tls/hello.ts';
import { HelloSight, SIGHT } from '../tls/sight.ts';
import { MESSAGE_HEAD } from '../tls/wire.ts';
import { QUIC, QuicInitials } from './initials.ts';

/** What is known of a client's hello in QUIC. */
export const QUIC_HELLO = { MORE: 0, WHOLE: 1, BAD: 2 } as const;

const sight = new HelloSight();

/** Watches the client's side of one QUIC connection until its hello is there. */
export class QuicWatch {
  readonly #initials = new QuicInitials();

  get version(): string {
    return this.#initials.version;
  }

  /** Reads a datagram of the client. */
  datagram(bytes: Uint8Array, start: number, end: number): number {
    const answer = this.#initials.datagram(bytes, start, end);
    if (answer === QUIC.BAD) return QUIC_HELLO.BAD;
    if (answer === QUIC.NOTHING) return QUIC_HELLO.MORE;
    const { crypto } = this.#initials;
    const seen = sight.lookAtMessage(crypto.bytes, 0, crypto.length);
    if (seen === SIGHT.NO) return QUIC_HELLO.BAD;
    // Both that decide are there: the rest adds nothing.
    const settled = sight.sniEnd > 0 && sight.alpnEnd > 0;
    return seen === SIGHT.CLIENT || settled ? QUIC_HELLO.WHOLE : QUIC_HELLO.MORE;
  }

  /** What the hello shows, as far as it is there, and whether it seems to be encrypted; undefined where none is. */
  hello(): { readonly tls: EveTls; readonly ech: boolean } | undefined {
    const { crypto } = this.#initials;
    if (crypto.length <= MESSAGE_HEAD) return undefined;
    const hello = readClientHello(crypto.bytes, MESSAGE_HEAD, crypto.length);
    if (!hello) return undefined;
    const tls: EveTls = { version: 'TLS 1.3' };
    if (hello.sni !== undefined) tls.sni = hello.sni;
    if (hello.alpns.length > 0) tls.client_alpns = hello.alpns;
    return { tls, ech: hello.extensions.includes(ECH) };
  }
}

const ECH = 0xfe0d;
