import type { Cursor } from '../../core/cursor.ts';
import { TO_SERVER } from '../../event/im.ts';
import type { Direction } from '../../event/im.ts';
import type { EveTls } from '../../event/tls.ts';
import { readCertificate } from './certificate.ts';
import type { CertificateFacts } from './certificate.ts';
import { ja3, ja3s, ja4 } from './fingerprint.ts';
import { readClientHello, readServerHello, readV2Hello } from './hello.ts';
import type { ClientHello, ServerHello } from './hello.ts';
import { TLS_LIMITS } from './limits.ts';
import { HandshakeReader, TLS } from './records.ts';
import { HANDSHAKE, TLS13, versionName } from './wire.ts';

/** The client sends data behind its hello, before the server has said anything (RFC 8446, 4.2.10). */
const EARLY_DATA = 42;

/** Longest hello of SSL 2.0 that is read. */
const V2_LONGEST = 1_024;

/** Watches one connection's handshake until all that is not encrypted was seen. */
export class TlsWatch {
  hello: ClientHello | undefined;
  server: ServerHello | undefined;
  certificate: CertificateFacts | undefined;
  /** Bytes that are no handshake stood where one had to be. */
  bad = false;
  /** The client's hello is still to come even where the server is done. */
  awaitsHello: boolean;
  readonly #readers = [new HandshakeReader(), new HandshakeReader()] as const;
  readonly #messages: [number, number] = [0, 0];
  /** The direction has left the handshake: its bytes are passed over. */
  readonly #closed: [boolean, boolean] = [false, false];
  /** The hello's end is missing: fingerprints of it would be wrong. */
  #part = false;
  #over = false;
  #serverDone = false;

  constructor(awaitsHello = false) {
    this.awaitsHello = awaitsHello;
  }

  /** Reads what the cursor has. True when there is nothing more to learn: what follows is encrypted. */
  data(direction: Direction, cursor: Cursor): boolean {
    if (this.#closed[direction]) {
      cursor.pos = cursor.end;
      return this.#isOver();
    }
    if (this.#v2(direction, cursor)) return this.#isOver();
    const reader = this.#readers[direction];
    for (;;) {
      const answer = reader.next(cursor);
      if (answer === TLS.MORE) return this.#isOver();
      if (answer === TLS.MESSAGE && ++this.#messages[direction] <= TLS_LIMITS.messages) {
        if (direction === TO_SERVER) this.#fromClient(reader);
        else this.#fromServer(reader);
      } else this.#ended(direction, answer);
      if (this.#isOver()) return true;
      if (answer !== TLS.MESSAGE) {
        cursor.pos = cursor.end;
        return false;
      }
    }
  }

  /** Bytes of this direction are missing: nothing more is expected of it. True as from `data`. */
  gap(direction: Direction): boolean {
    this.#closed[direction] = true;
    if (direction === TO_SERVER) this.awaitsHello = false;
    else this.#serverDone = true;
    return this.#isOver();
  }

  #isOver(): boolean {
    return this.#over || (this.#serverDone && !(this.awaitsHello && this.hello === undefined));
  }

  /** A hello of SSL 2.0 stands alone before all records; true where the bytes are one, or its beginning. */
  #v2(direction: Direction, cursor: Cursor): boolean {
    if (direction !== TO_SERVER || this.#messages[0] > 0 || !this.#readers[0].isFresh) return false;
    const first = cursor.peek();
    if (first < 0x80) return false;
    const length = ((first & 0x7f) << 8) | Math.max(0, cursor.peek(1));
    if (length > V2_LONGEST) return false;
    if (!cursor.has(2 + length)) return true;
    this.hello = readV2Hello(cursor.bytes, cursor.pos, cursor.pos + 2 + length);
    if (this.hello === undefined) return false;
    cursor.skip(2 + length);
    this.#messages[0]++;
    return cursor.left === 0;
  }

  #fromClient(reader: HandshakeReader): void {
    if (reader.type === HANDSHAKE.CLIENT_HELLO) {
      // A second one answers a HelloRetryRequest; the first is what fingerprints are made of.
      this.hello ??= readClientHello(reader.body, reader.start, reader.end);
      this.#part = reader.cut;
      if (this.hello === undefined) this.bad = this.#over = true;
    } else this.#clientGoesOn();
  }

  /** The client has had the server's answer, seen or not. Where only a certificate can name the server, it is still awaited. */
  #clientGoesOn(): void {
    const { hello } = this;
    const early = hello?.extensions.includes(EARLY_DATA) ?? false;
    if (hello && !early && (hello.named || hello.alpns.length > 0)) this.#over = true;
  }

  #fromServer(reader: HandshakeReader): void {
    if (reader.type === HANDSHAKE.SERVER_HELLO) {
      this.server ??= readServerHello(reader.body, reader.start, reader.end);
      if (this.server === undefined || this.server.version >= TLS13) this.#serverDone = true;
    } else if (reader.type === HANDSHAKE.CERTIFICATE) {
      this.certificate = readCertificate(reader.body, reader.start, reader.end);
      this.#serverDone = true;
    } else if (reader.type !== 0) {
      this.#serverDone = true;
    }
  }

  /** A direction has left the handshake. */
  #ended(direction: Direction, answer: number): void {
    this.#closed[direction] = true;
    if (answer === TLS.BAD && this.#messages[direction] === 0) this.bad = true;
    if (direction !== TO_SERVER) this.#serverDone = true;
    else this.#clientGoesOn();
  }

  /** A hello that will not become whole still tells what is there of it. */
  #salvage(): void {
    const [reader] = this.#readers;
    if (this.hello !== undefined || this.#messages[0] > 0 || reader.body[0] !== HANDSHAKE.CLIENT_HELLO)
      return;
    this.hello = readClientHello(reader.body, reader.start, reader.partEnd);
    this.#part = this.hello !== undefined;
  }

  /** What was seen, in EVE's form. */
  facts(): EveTls {
    this.#salvage();
    const tls: EveTls = {};
    if (this.hello?.sni !== undefined) tls.sni = this.hello.sni;
    const version = this.server && versionName(this.server.version);
    if (version !== undefined) tls.version = version;
    if (this.certificate) addCertificate(tls, this.certificate);
    if (this.hello) addHello(tls, this.hello, this.#part);
    if (this.server) {
      if (this.server.alpns.length > 0) tls.server_alpns = this.server.alpns;
      const answer = ja3s(this.server);
      if (answer) tls.ja3s = answer;
    }
    return tls;
  }
}

function addCertificate(tls: EveTls, { subject, issuer, names, fingerprint }: CertificateFacts): void {
  if (subject !== undefined) tls.subject = subject;
  if (issuer !== undefined) tls.issuerdn = issuer;
  if (names.length > 0) tls.subjectaltname = names;
  if (fingerprint !== undefined) tls.fingerprint = fingerprint;
}

function addHello(tls: EveTls, hello: ClientHello, part: boolean): void {
  if (hello.alpns.length > 0) tls.client_alpns = hello.alpns;
  if (part) return;
  const three = ja3(hello);
  const four = ja4(hello);
  if (three) tls.ja3 = three;
  if (four !== undefined) tls.ja4 = four;
}
