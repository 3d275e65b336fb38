/** Capture files made from packets: for excerpts, generators and tests. */
import { joinBytes } from '../core/bytes.ts';
import { BLOCK, DEFAULT_TSRESOL, IF_OPTION, LIMITS, PCAP, PCAPNG } from './wire.ts';

export interface Packet {
  readonly seconds: number;
  /** Default 0; finer digits than the file's unit are cut. */
  readonly nanos?: number;
  readonly bytes: Uint8Array;
  /** Where more was on the wire than was captured. */
  readonly wireLength?: number;
  /** pcapng: index of the interface in its section. Default 0. */
  readonly interfaceId?: number;
}

/** Integers of either byte order. */
export interface ByteOrder {
  readonly bigEndian?: boolean;
}

export interface PcapOptions extends ByteOrder {
  /** Nanosecond fractions, else microseconds. */
  readonly nanos?: boolean;
  /** Default 1, Ethernet. */
  readonly linkType?: number;
  readonly snapLength?: number;
}

const ETHERNET = 1;

/** A pcap file. */
export function writePcap(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array {
  return joinBytes(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

/** What a pcap file begins with. */
export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const { nanos = false, linkType = ETHERNET, snapLength = LIMITS.CAPTURED } = options;
  const field = fields(options);
  return joinBytes(
    field.u32(nanos ? 0xa1b23c4d : 0xa1b2c3d4),
    field.u16(PCAP.MAJOR),
    field.u16(4),
    field.u32(0, 0, snapLength, linkType),
  );
}

/** One record, for a file whose header was written with the same options. */
export function pcapRecord(packet: Packet, options: PcapOptions = {}): Uint8Array {
  const { seconds, nanos = 0, bytes, wireLength = bytes.length } = packet;
  const fraction = options.nanos === true ? nanos : Math.floor(nanos / 1000);
  return joinBytes(fields(options).u32(seconds, fraction, bytes.length, wireLength), bytes);
}

export interface InterfaceOptions {
  readonly linkType?: number;
  readonly snapLength?: number;
  /** `if_tsresol`; its default, microseconds, is left out of the file. */
  readonly resolution?: number;
  /** `if_tsoffset`, seconds. */
  readonly offset?: number;
}

export interface PcapngOptions extends ByteOrder {
  readonly interfaces?: readonly InterfaceOptions[];
}

/** A pcapng file of one section, with enhanced packets. Several joined are one of several sections. */
export function writePcapng(packets: readonly Packet[], options: PcapngOptions = {}): Uint8Array {
  const { interfaces = [{}] } = options;
  return joinBytes(
    sectionHeader(options),
    ...interfaces.map((face) => interfaceDescription(face, options)),
    ...packets.map((packet) => enhancedPacket(packet, interfaces[packet.interfaceId ?? 0] ?? {}, options)),
  );
}

export function sectionHeader(order: ByteOrder = {}): Uint8Array {
  const field = fields(order);
  const unknownLength = field.u32(0xffffffff, 0xffffffff);
  return block(BLOCK.SHB, joinBytes(field.u32(PCAPNG.BYTE_ORDER), field.u16(1, 0), unknownLength), order);
}

export function interfaceDescription(face: InterfaceOptions, order: ByteOrder = {}): Uint8Array {
  const { linkType = ETHERNET, snapLength = 0, resolution, offset } = face;
  const field = fields(order);
  const options: Uint8Array[] = [];
  if (resolution !== undefined) {
    options.push(field.u16(IF_OPTION.TSRESOL, 1), Uint8Array.of(resolution, 0, 0, 0));
  }
  if (offset !== undefined) options.push(field.u16(IF_OPTION.TSOFFSET, 8), field.u64(BigInt(offset)));
  if (options.length > 0) options.push(field.u16(IF_OPTION.END, 0));
  return block(BLOCK.IDB, joinBytes(field.u16(linkType, 0), field.u32(snapLength), ...options), order);
}

/** A packet of the interface described with the same options. */
export function enhancedPacket(packet: Packet, face: InterfaceOptions, order: ByteOrder = {}): Uint8Array {
  const { bytes, wireLength = bytes.length, interfaceId = 0 } = packet;
  const field = fields(order);
  const stamp = stampOf(packet, face);
  const head = field.u32(
    interfaceId,
    Number(stamp >> 32n),
    Number(stamp & 0xffffffffn),
    bytes.length,
    wireLength,
  );
  return block(BLOCK.EPB, joinBytes(head, padded(bytes)), order);
}

/** Any block around a body, which is padded to 32 bits. */
export function block(type: number, body: Uint8Array, order: ByteOrder = {}): Uint8Array {
  const field = fields(order);
  const whole = padded(body);
  const length = whole.length + PCAPNG.BLOCK_OVERHEAD;
  return joinBytes(field.u32(type, length), whole, field.u32(length));
}

/** The packet's time in the interface's unit, 64 bits. */
function stampOf(
  { seconds, nanos = 0 }: Packet,
  { resolution = DEFAULT_TSRESOL, offset = 0 }: InterfaceOptions,
): bigint {
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  const units = (BigInt(nanos) * perSecond) / 1_000_000_000n;
  return BigInt.asUintN(64, BigInt(seconds - offset) * perSecond + units);
}

function padded(bytes: Uint8Array): Uint8Array {
  return joinBytes(bytes, new Uint8Array(-bytes.length & 3));
}

/** Writers of integers in one byte order. */
export function fields({ bigEndian = false }: ByteOrder): {
  u16: (...values: number[]) => Uint8Array;
  u32: (...values: number[]) => Uint8Array;
  u64: (value: bigint) => Uint8Array;
} {
  const written = (size: number, set: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(size);
    set(new DataView(bytes.buffer));
    return bytes;
  };
  return {
    u16: (...values) =>
      written(values.length * 2, (view) => values.forEach((v, i) => view.setUint16(i * 2, v, !bigEndian))),
    u32: (...values) =>
      written(values.length * 4, (view) => values.forEach((v, i) => view.setUint32(i * 4, v, !bigEndian))),
    u64: (value) => written(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, value), !bigEndian)),
  };
}
