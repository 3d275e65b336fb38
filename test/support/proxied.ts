/** Takes the TCP connections of a capture and sends them again through proxies and HTTP tunnels, for tests and captures. */
import { joinBytes } from '../../src/core/bytes.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { Conversation } from './packets.ts';
import type { Endpoint, Packet } from './packets.ts';

/** What one side said at a time, in nanoseconds; nothing where the side ended. */
export interface Turn {
  readonly at: bigint;
  readonly stream: TcpStream;
  readonly direction: 0 | 1;
  readonly bytes: Uint8Array;
}

/** One TCP connection of a capture. */
export interface TcpStream {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly turns: Turn[];
}

const HEAD = 24;
const RECORD = 16;

/** The connections of a pcap (microseconds, little-endian, Ethernet, IPv4) that lost nothing and began in it. */
export function streamsOf(pcap: Uint8Array): TcpStream[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.length);
  const streams = new Map<string, TcpStream & { next: [number, number] }>();
  for (let at = HEAD; at + RECORD <= pcap.length; at += RECORD + view.getUint32(at + 8, true)) {
    const time =
      BigInt(view.getUint32(at, true)) * 1_000_000_000n + BigInt(view.getUint32(at + 4, true)) * 1000n;
    const ip = at + RECORD + 14;
    if (view.getUint16(ip - 2) !== 0x0800 || pcap[ip + 9] !== 6) continue;
    const tcp = ip + ((pcap[ip] ?? 0) & 15) * 4;
    const from = { ip: pcap.subarray(ip + 12, ip + 16).join('.'), port: view.getUint16(tcp) };
    const to = { ip: pcap.subarray(ip + 16, ip + 20).join('.'), port: view.getUint16(tcp + 2) };
    const flags = pcap[tcp + 13] ?? 0;
    const seq = view.getUint32(tcp + 4);
    if ((flags & 0x12) === 0x02) {
      streams.set(keyOf(from, to), { client: from, server: to, turns: [], next: [seq + 1, 0] });
    }
    const direction = streams.has(keyOf(from, to)) ? 0 : 1;
    const stream = streams.get(direction === 0 ? keyOf(from, to) : keyOf(to, from));
    if (!stream) continue;
    if ((flags & 0x12) === 0x12) stream.next[1] = seq + 1;
    const body = tcp + ((pcap[tcp + 12] ?? 0) >> 4) * 4;
    const bytes = pcap.slice(body, ip + view.getUint16(ip + 2));
    const ends = (flags & 0x05) !== 0;
    if ((bytes.length === 0 && !ends) || (bytes.length > 0 && seq !== stream.next[direction] >>> 0)) continue;
    stream.next[direction] += bytes.length;
    if (bytes.length > 0) stream.turns.push({ at: time, stream, direction, bytes });
    if (ends) stream.turns.push({ at: time, stream, direction, bytes: new Uint8Array(0) });
  }
  return [...streams.values()];
}

function keyOf(a: Endpoint, b: Endpoint): string {
  return `${a.ip}:${a.port}>${b.ip}:${b.port}`;
}

/** Packets of many connections, one after the other in time. */
export class Wire {
  #now = 0n;
  readonly packets: Packet[] = [];
  #port = 20_000;

  /** Not before this time. */
  at(time: bigint): this {
    this.#now = time > this.#now ? time : this.#now;
    return this;
  }

  /** Does something on a connection now. */
  on(connection: Conversation, act: (connection: Conversation) => void): void {
    const before = connection.packets.length;
    connection.setTime(Number(this.#now / 1_000_000_000n), Number(this.#now % 1_000_000_000n));
    act(connection);
    const made = connection.packets.slice(before);
    this.#now += BigInt(made.length) * 1000n;
    this.packets.push(...made);
  }

  connect(client: string, server: Endpoint): Conversation {
    const connection = new Conversation({
      client: { ip: client, port: this.#port++ },
      server,
      stepNanos: 1000,
    });
    this.on(connection, (c) => c.open());
    return connection;
  }
}

/** What a proxy and its client say before the tunnel is open. */
export type Prelude = (server: Endpoint) => readonly (readonly [0 | 1, Uint8Array | string])[];

export const httpConnect: Prelude = ({ ip, port }) => [
  [0, `CONNECT ${ip}:${port} HTTP/1.1\r\nHost: ${ip}:${port}\r\n\r\n`],
  [1, 'HTTP/1.1 200 Connection established\r\n\r\n'],
];

export const socks5: Prelude = ({ ip, port }) => [
  [0, Uint8Array.of(5, 1, 0)],
  [1, Uint8Array.of(5, 0)],
  [0, Uint8Array.of(5, 1, 0, 1, ...ip.split('.').map(Number), port >> 8, port & 255)],
  [1, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)],
];

/** Every connection through a proxy at `proxy`; the preludes from the outermost on. All clients have the address `client`, where given. */
export function throughProxy(
  streams: readonly TcpStream[],
  preludes: readonly Prelude[],
  options: { proxy?: Endpoint; client?: string; mss?: number } = {},
): Packet[] {
  const { proxy = { ip: '10.79.0.9', port: 3128 }, mss } = options;
  const wire = new Wire();
  const open = new Map<TcpStream, Conversation>();
  for (const turn of turnsOf(streams)) {
    const { at, stream, direction, bytes } = turn;
    let connection = open.get(stream);
    wire.at(at);
    if (!connection) {
      connection = wire.connect(options.client ?? stream.client.ip, proxy);
      open.set(stream, connection);
      for (const prelude of preludes)
        for (const [d, said] of prelude(stream.server))
          wire.on(connection, (c) => c.send(d, typeof said === 'string' ? Buffer.from(said) : said, mss));
    }
    if (bytes.length > 0) wire.on(connection, (c) => c.send(direction, bytes, mss));
    // The other side may have something to say still.
    if (turn === stream.turns.at(-1)) wire.on(connection, (c) => c.close());
  }
  return wire.packets;
}

/** What was said on all connections, in time. */
export function turnsOf(streams: readonly TcpStream[]): Turn[] {
  return streams.flatMap((s) => s.turns).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function request(line: string, host: string, body?: Uint8Array, fields = ''): Uint8Array {
  const length = body ? `Content-Length: ${body.length}\r\n` : '';
  const head = `${line} HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n${length}\r\n`;
  return joinBytes(Buffer.from(head), body ?? new Uint8Array(0));
}

function response(body: Uint8Array, type = 'AIM/HTTP'): Uint8Array {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return joinBytes(Buffer.from(head), body);
}

function exchange(
  wire: Wire,
  client: string,
  proxy: Endpoint,
  asked: Uint8Array,
  answered: Uint8Array,
): void {
  const connection = wire.connect(client, proxy);
  wire.on(connection, (c) => c.send(0, asked).send(1, answered).close());
}

function tunnelPacket(type: number, connection: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const head = Buffer.alloc(14);
  head.writeUInt16BE(12 + data.length, 0);
  head.writeUInt16BE(0x0443, 2);
  head.writeUInt16BE(type, 4);
  head.writeUInt32BE(connection, 10);
  return joinBytes(head, data);
}

/** One client's session with the OSCAR tunnel. */
interface TunnelSession {
  readonly sid: string;
  readonly numbers: Map<TcpStream, number>;
  seq: number;
}

const TUNNEL_HOST = '10.79.0.20';

/** FLAP connections through the OSCAR tunnel: a session a client, a TCP connection a request. */
export function throughOscarHttp(
  streams: readonly TcpStream[],
  options: { proxy?: Endpoint; client?: string } = {},
): Packet[] {
  const { proxy = { ip: TUNNEL_HOST, port: 80 } } = options;
  const wire = new Wire();
  const sessions = new Map<string, TunnelSession>();
  for (const turn of turnsOf(streams)) {
    const { at, stream, direction, bytes } = turn;
    wire.at(at);
    const ip = options.client ?? stream.client.ip;
    let session = sessions.get(stream.client.ip);
    if (!session) {
      session = { sid: `${sessions.size + 1}`.padStart(32, 'a'), numbers: new Map(), seq: 0 };
      sessions.set(stream.client.ip, session);
      hello(wire, ip, proxy, session.sid);
    }
    let number = session.numbers.get(stream);
    const post = (body: Uint8Array): void => {
      const line = `POST http://${TUNNEL_HOST}/data?sid=${session.sid}&seq=${++session.seq}`;
      exchange(wire, ip, proxy, request(line, TUNNEL_HOST, body), response(new Uint8Array(0)));
    };
    if (number === undefined) {
      number = session.numbers.size + 1;
      session.numbers.set(stream, number);
      const { ip: host, port } = stream.server;
      post(
        tunnelPacket(
          3,
          number,
          joinBytes(Uint8Array.of(0, host.length), Buffer.from(host), Uint8Array.of(port >> 8, port & 255)),
        ),
      );
    }
    if (direction === 0 && bytes.length > 0) post(tunnelPacket(5, number, bytes));
    else if (bytes.length > 0) {
      const line = `GET http://${TUNNEL_HOST}/monitor?sid=${session.sid}`;
      exchange(wire, ip, proxy, request(line, TUNNEL_HOST), response(tunnelPacket(5, number, bytes)));
    }
    if (turn === stream.turns.at(-1)) post(tunnelPacket(6, number));
  }
  return wire.packets;
}

function hello(wire: Wire, client: string, proxy: Endpoint, sid: string): void {
  const body = joinBytes(
    Buffer.from(sid, 'hex'),
    Uint8Array.of(0, TUNNEL_HOST.length),
    Buffer.from(TUNNEL_HOST),
    Uint8Array.of(0, 80),
  );
  const asked = request('GET http://http.proxy.icq.com/hello', 'http.proxy.icq.com');
  // The hello reply's header has no connection number; its place holds the first bytes of the session id in some clients' notes.
  const head = tunnelPacket(2, 0, body);
  exchange(wire, client, proxy, asked, response(head));
}

/** The stream with a turn for each message, by what tells a message's length (0 where that is not there yet). */
export function wholeMessages(stream: TcpStream, sizeOf: (bytes: Uint8Array) => number): TcpStream {
  const whole: TcpStream = { ...stream, turns: [] };
  const tails: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  for (const turn of stream.turns) {
    const { direction } = turn;
    let all = joinBytes(tails[direction], turn.bytes);
    if (turn.bytes.length === 0) whole.turns.push({ ...turn, stream: whole });
    for (let size = sizeOf(all); size > 0 && all.length >= size; size = sizeOf(all)) {
      whole.turns.push({ ...turn, stream: whole, bytes: all.slice(0, size) });
      all = all.slice(size);
    }
    tails[direction] = all;
  }
  return whole;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
/** Of a FLAP frame, and of a YMSG packet. */
export const flapSize = (bytes: Uint8Array): number => (bytes.length < 6 ? 0 : 6 + u16(bytes, 4));
const ymsgSize = (bytes: Uint8Array): number => (bytes.length < 20 ? 0 : 20 + u16(bytes, 8));

/** YMSG connections over HTTP: a packet a request, on a TCP connection of its own; the response has what the server said since. */
export function throughYmsgHttp(
  streams: readonly TcpStream[],
  options: { proxy?: Endpoint; client?: string } = {},
): Packet[] {
  const { proxy = { ip: '10.79.0.21', port: 80 } } = options;
  const wire = new Wire();
  const open = new Map<TcpStream, { connection: Conversation; answer: Uint8Array[] }>();
  const answer = (stream: TcpStream): void => {
    const waiting = open.get(stream);
    open.delete(stream);
    if (!waiting) return;
    const body = joinBytes(Uint8Array.of(waiting.answer.length, 0, 0, 0), ...waiting.answer);
    wire.on(waiting.connection, (c) => c.send(1, response(body, 'text/plain')).close());
  };
  const ids = new Map<TcpStream, number>();
  for (const turn of turnsOf(streams.map((s) => wholeMessages(s, ymsgSize)))) {
    const { at, stream, direction, bytes } = turn;
    if (bytes.length === 0) continue;
    wire.at(at);
    // The server names the session in its first packet.
    const id = ids.get(stream) ?? (direction === 1 ? 0x1a2b3c + ids.size : 0);
    if (id > 0) ids.set(stream, id);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, id);
    if (direction === 1) {
      open.get(stream)?.answer.push(bytes);
      continue;
    }
    answer(stream);
    const connection = wire.connect(options.client ?? stream.client.ip, proxy);
    const host = 'http.pager.yahoo.com';
    wire.on(connection, (c) => c.send(0, request(`POST http://${host}/notify`, host, bytes)));
    open.set(stream, { connection, answer: [] });
  }
  for (const stream of [...open.keys()]) answer(stream);
  return wire.packets;
}

/** What is told of people and messages: the facts, with sessions numbered in the order of their first event. */
export function toldOf(events: readonly EveEvent[]): unknown[] {
  const sessions = new Map<string, number>();
  return events
    .filter((e) => e.event_type === 'im' && e.im?.kind !== 'conversation')
    .map(({ im }) => {
      const { id, session, conversation, carrier, ...facts } = im ?? {};
      void [id, conversation, carrier];
      if (session !== undefined && !sessions.has(session)) sessions.set(session, sessions.size);
      return { ...facts, ...(session === undefined ? {} : { session: sessions.get(session) }) };
    });
}
