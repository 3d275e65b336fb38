/** A packet of a capture, as the tests read it back: independent of the generator and of imspan. */
export interface Packet {
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly vlans: number;
  readonly v6: boolean;
  readonly protocol: number;
  readonly source: string;
  readonly target: string;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Buffer;
  /** Both the IPv4 header's and the transport's checksums are right. */
  readonly sound: boolean;
}

/** Reads a little-endian pcap file of Ethernet frames with TCP and UDP; throws where it is not one. */
export function readCapture(file: Buffer): Packet[] {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) throw new Error('not such a file');
  const packets: Packet[] = [];
  for (let at = 24; at < file.length;) {
    const time = file.readUInt32LE(at) * 1_000_000 + file.readUInt32LE(at + 4);
    const length = file.readUInt32LE(at + 8);
    if (file.readUInt32LE(at + 12) !== length) throw new Error('a cut packet');
    packets.push(readFrame(time, file.subarray(at + 16, at + 16 + length)));
    at += 16 + length;
  }
  return packets;
}

function readFrame(time: number, frame: Buffer): Packet {
  let at = 12;
  let vlans = 0;
  while (frame.readUInt16BE(at) === 0x8100 || frame.readUInt16BE(at) === 0x88a8) {
    at += 4;
    vlans++;
  }
  const v6 = frame.readUInt16BE(at) === 0x86dd;
  const ip = frame.subarray(at + 2);
  const header = v6 ? 40 : 20;
  const total = v6 ? 40 + ip.readUInt16BE(4) : ip.readUInt16BE(2);
  const addresses = v6 ? ip.subarray(8, 40) : ip.subarray(12, 20);
  const protocol = ip.readUInt8(v6 ? 6 : 9);
  const transport = ip.subarray(header, total);
  const pseudo = Buffer.concat([
    addresses,
    Buffer.from([0, protocol, transport.length >> 8, transport.length]),
  ]);
  const half = addresses.length / 2;
  const name = (from: number, port: number) =>
    `${addresses.subarray(from, from + half).toString('hex')}:${port}`;
  const tcp = protocol === 6;
  return {
    time,
    vlans,
    v6,
    protocol,
    source: name(0, transport.readUInt16BE(0)),
    target: name(half, transport.readUInt16BE(2)),
    flags: tcp ? transport.readUInt8(13) : 0,
    sequence: tcp ? transport.readUInt32BE(4) : 0,
    payload: transport.subarray(tcp ? (transport.readUInt8(12) >> 4) * 4 : 8),
    sound: (v6 || isZeroSum(ip.subarray(0, header))) && isZeroSum(Buffer.concat([pseudo, transport])),
  };
}

function isZeroSum(bytes: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += (bytes[i] ?? 0) << (i % 2 === 0 ? 8 : 0);
  return sum % 0xffff === 0 && sum > 0;
}

/** A TCP connection read back: what each side sent, in order, up to the first hole. */
export interface Stream {
  readonly server: string;
  /** The SYN was seen. */
  readonly whole: boolean;
  readonly sent: readonly [Buffer, Buffer];
  /** Nothing is missing between the first byte and the last on either side. */
  readonly complete: boolean;
}

/** Puts the TCP connections together; the side with the lower port is the server. */
export function readStreams(packets: readonly Packet[]): Stream[] {
  const connections = new Map<string, Packet[]>();
  for (const packet of packets) {
    if (packet.protocol !== 6) continue;
    const key = [packet.source, packet.target].sort().join(' ');
    const known = connections.get(key);
    if (known === undefined) connections.set(key, [packet]);
    else known.push(packet);
  }
  return [...connections.values()].map(readStream);
}

function readStream(packets: readonly Packet[]): Stream {
  const portOf = (name: string) => Number(name.split(':')[1]);
  const ends = packets.flatMap(({ source, target }) => [source, target]);
  const server = ends.reduce((low, end) => (portOf(end) < portOf(low) ? end : low));
  const up = join(packets.filter(({ source }) => source !== server));
  const down = join(packets.filter(({ source }) => source === server));
  return {
    server,
    whole: packets.some(({ flags }) => (flags & 2) !== 0),
    sent: [up.bytes, down.bytes],
    complete: up.complete && down.complete,
  };
}

function join(packets: readonly Packet[]): { bytes: Buffer; complete: boolean } {
  const data = packets.filter(({ payload }) => payload.length > 0);
  const base = packets.reduce(
    (low, p) => (before(p.sequence, low) ? p.sequence : low),
    packets[0]?.sequence ?? 0,
  );
  const place = ({ sequence }: Packet) => (sequence - base) >>> 0;
  const parts: Buffer[] = [];
  let next = -1;
  for (const packet of [...data].sort((a, b) => place(a) - place(b))) {
    if (next >= 0 && place(packet) > next) return { bytes: Buffer.concat(parts), complete: false };
    if (place(packet) < next) continue;
    parts.push(packet.payload);
    next = place(packet) + packet.payload.length;
  }
  return { bytes: Buffer.concat(parts), complete: true };
}

/** Whether a sequence number comes before another, modulo 2^32. */
function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
