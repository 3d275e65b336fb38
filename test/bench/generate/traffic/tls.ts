import { Block } from '../block.ts';
import { ByteWriter } from '../byte-writer.ts';
import { CLIENT, SERVER } from '../path.ts';
import { Random } from '../random.ts';
import { sendBlock, sendBytes, type Step } from '../step.ts';
import { certificate } from './certificate.ts';
import type { Pools } from './pools.ts';
import { label } from './words.ts';

/** How many clients and servers there are: each its own names, cipher suites and extension order. */
export const TLS_PEERS = 1500;

/** Where the random number of a hello begins: after the record's and the message's header and the version. */
const RANDOM_AT = 5 + 4 + 2;
const RANDOM_LENGTH = 32;

const CIPHERS = [
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
  0x002f, 0x0035, 0xc009, 0xc00a, 0x009e, 0x009f, 0x000a,
];
const CONTENT = { CHANGE: 20, HANDSHAKE: 22, DATA: 23 } as const;
const HANDSHAKE = {
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  CERTIFICATE: 11,
  KEY_EXCHANGE: 12,
  DONE: 14,
  CLIENT_KEY: 16,
};
const EXTENSION = {
  SNI: 0,
  GROUPS: 10,
  POINTS: 11,
  SIGNATURES: 13,
  ALPN: 16,
  VERSIONS: 43,
  KEY_SHARE: 51,
} as const;
/** Extensions with the same bytes in every hello that has them. */
const PLAIN = [
  [5, [1, 0, 0, 0, 0]], // status request
  [18, []], // certificate timestamps
  [23, []], // extended master secret
  [27, [2, 0, 2]], // certificate compression: brotli
  [35, []], // session ticket
  [45, [1, 1]], // key exchange modes
  [0xff01, [0]], // renegotiation
] as const;

interface Peer {
  readonly hello: Uint8Array;
  /** The whole first flight of the server: TLS 1.3's encrypted, TLS 1.2's with its certificate in clear. */
  readonly flight: Block;
  readonly resumed: Block;
  readonly modern: boolean;
}

export interface TlsTalk {
  /** Requests on the connection. */
  readonly requests: number;
  /** Draws the size of an answer. */
  readonly answer: () => number;
  readonly think: () => number;
}

/** TLS conversations with real hellos and opaque data. */
export class TlsPeers {
  private readonly random: Random;
  private readonly pools: Pools;
  private readonly seed: number;
  private readonly issuer: Uint8Array;
  private readonly peers: (Peer | undefined)[] = [];

  constructor(random: Random, pools: Pools) {
    this.random = random;
    this.pools = pools;
    this.seed = random.bits();
    this.issuer = certificate(random, 'Example Root CA', ['ca.example.net']);
  }

  /** The hello of a peer, with zeros where its random number goes. */
  hello(index: number): Uint8Array {
    return this.peer(index).hello;
  }

  /** Which peer a number stands for. */
  indexOf(number: number): number {
    return number % TLS_PEERS;
  }

  /** A conversation with one of the peers: handshake, then requests and answers. */
  *talk(index: number, plan: TlsTalk): Generator<Step, void> {
    const { random, pools } = this;
    const peer = this.peer(index);
    const hello = peer.hello.slice();
    hello.set(random.bytes(RANDOM_LENGTH), RANDOM_AT);
    yield sendBytes(CLIENT, hello);
    yield sendBlock(SERVER, random.chance(0.4) ? peer.resumed : peer.flight, 300);
    yield sendBytes(CLIENT, peer.modern ? finished13(random) : finished12(random), 700);
    if (!peer.modern) yield sendBytes(SERVER, finish(random));
    for (let i = 0; i < plan.requests; i++) {
      yield* pools.recordsOf(CLIENT, random.logNormal(200, 0.6, 1200), i === 0 ? 100 : plan.think());
      yield* pools.recordsOf(SERVER, plan.answer(), random.logNormal(9000, 1, 800_000));
    }
    // The connection is kept for a while, then closed with an alert.
    if (random.chance(0.7))
      yield sendBytes(CLIENT, record(CONTENT.DATA, random.bytes(19)), random.exponential(15_000_000));
  }

  /** Made when it is first wanted, from chance of its own: the same in every workload. */
  private peer(number: number): Peer {
    const index = this.indexOf(number);
    return (this.peers[index] ??= makePeer(new Random(this.seed + index), index, this.issuer));
  }
}

function makePeer(random: Random, index: number, issuer: Uint8Array): Peer {
  const host = `${label(random)}-${index}.${random.pick(['example.com', 'example.net', 'example.org'])}`;
  const modern = random.chance(0.75);
  const serverHello = record(CONTENT.HANDSHAKE, serverHelloBody(random, modern));
  const change = record(CONTENT.CHANGE, Uint8Array.of(1));
  const hidden = (length: number) => record(CONTENT.DATA, random.bytes(length));
  const flight = modern
    ? [serverHello, change, hidden(45), hidden(random.between(1900, 4200)), hidden(280), hidden(69)]
    : [serverHello, ...clearCertificates(random, host, issuer)];
  const resumed = modern ? [serverHello, change, hidden(45), hidden(69)] : [serverHello, finish(random)];
  return { hello: clientHello(random, host, modern), flight: join(flight), resumed: join(resumed), modern };
}

/** A ClientHello (RFC 8446, section 4.1.2) with its extensions in an order of its own. */
function clientHello(random: Random, host: string, modern: boolean): Uint8Array {
  const suites = random.shuffle(CIPHERS.slice()).slice(0, random.between(9, CIPHERS.length));
  const out = new ByteWriter().u16(0x0303).raw(new Uint8Array(RANDOM_LENGTH)).u8(32).raw(random.bytes(32));
  out.u16(suites.length * 2);
  for (const suite of suites) out.u16(suite);
  out.u8(1).u8(0);
  const extensions = [
    extension(EXTENSION.SNI, (w) =>
      w
        .u16(host.length + 3)
        .u8(0)
        .u16(host.length)
        .text(host),
    ),
    extension(EXTENSION.GROUPS, (w) => w.u16(6).u16(0x001d).u16(0x0017).u16(0x0018)),
    extension(EXTENSION.POINTS, (w) => w.u8(1).u8(0)),
    extension(EXTENSION.SIGNATURES, (w) => w.u16(8).u16(0x0403).u16(0x0804).u16(0x0401).u16(0x0503)),
    ...PLAIN.filter(() => random.chance(0.7)).map(([type, body]) =>
      extension(type, (w) => w.raw(Uint8Array.from(body))),
    ),
  ];
  if (random.chance(0.85)) extensions.push(extension(EXTENSION.ALPN, writeAlpn));
  if (modern) {
    extensions.push(extension(EXTENSION.VERSIONS, (w) => w.u8(4).u16(0x0304).u16(0x0303)));
    const share = random.bytes(32);
    extensions.push(extension(EXTENSION.KEY_SHARE, (w) => w.u16(36).u16(0x001d).u16(32).raw(share)));
  }
  const place = out.open(2);
  for (const bytes of random.shuffle(extensions)) out.raw(bytes);
  out.close(place, 2);
  return record(CONTENT.HANDSHAKE, handshake(HANDSHAKE.CLIENT_HELLO, out.take()));
}

function writeAlpn(out: ByteWriter): void {
  out.u16(12).u8(2).text('h2').u8(8).text('http/1.1');
}

function extension(type: number, write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter().u16(type);
  const place = out.open(2);
  write(out);
  return out.close(place, 2).take();
}

function serverHelloBody(random: Random, modern: boolean): Uint8Array {
  const out = new ByteWriter().u16(0x0303).raw(random.bytes(RANDOM_LENGTH)).u8(32).raw(random.bytes(32));
  out.u16(modern ? 0x1301 : 0xc02f).u8(0);
  const place = out.open(2);
  if (modern) {
    out.raw(extension(EXTENSION.VERSIONS, (w) => w.u16(0x0304)));
    out.raw(extension(EXTENSION.KEY_SHARE, (w) => w.u16(0x001d).u16(32).raw(random.bytes(32))));
  } else {
    out.raw(extension(0xff01, (w) => w.u8(0)));
  }
  return handshake(HANDSHAKE.SERVER_HELLO, out.close(place, 2).take());
}

function clearCertificates(random: Random, host: string, issuer: Uint8Array): Uint8Array[] {
  const leaf = certificate(random, 'Example Issuing CA', [host, `www.${host}`]);
  const list = new ByteWriter();
  const all = list.open(3);
  for (const one of [leaf, issuer]) {
    const place = list.open(3);
    list.raw(one).close(place, 3);
  }
  const certificates = handshake(HANDSHAKE.CERTIFICATE, list.close(all, 3).take());
  return [
    record(CONTENT.HANDSHAKE, certificates),
    record(CONTENT.HANDSHAKE, handshake(HANDSHAKE.KEY_EXCHANGE, keyExchange(random))),
    record(CONTENT.HANDSHAKE, handshake(HANDSHAKE.DONE, new Uint8Array(0))),
  ];
}

/** The server's share of x25519 with its signature (RFC 8422, section 5.4). */
function keyExchange(random: Random): Uint8Array {
  const out = new ByteWriter().u8(3).u16(0x001d).u8(32).raw(random.bytes(32));
  return out.u16(0x0804).u16(256).raw(random.bytes(256)).take();
}

function finished13(random: Random): Uint8Array {
  return joinBytes([record(CONTENT.CHANGE, Uint8Array.of(1)), record(CONTENT.DATA, random.bytes(53))]);
}

function finished12(random: Random): Uint8Array {
  const key = handshake(HANDSHAKE.CLIENT_KEY, new ByteWriter().u8(32).raw(random.bytes(32)).take());
  return joinBytes([record(CONTENT.HANDSHAKE, key), finish(random)]);
}

function finish(random: Random): Uint8Array {
  return joinBytes([record(CONTENT.CHANGE, Uint8Array.of(1)), record(CONTENT.HANDSHAKE, random.bytes(40))]);
}

function handshake(type: number, body: Uint8Array): Uint8Array {
  const out = new ByteWriter().u8(type);
  const place = out.open(3);
  return out.raw(body).close(place, 3).take();
}

function record(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter().u8(type).u16(0x0303).u16(body.length).raw(body).take();
}

function join(parts: readonly Uint8Array[]): Block {
  return new Block(joinBytes(parts));
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter();
  for (const part of parts) out.raw(part);
  return out.take();
}
