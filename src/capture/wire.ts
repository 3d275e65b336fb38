/** Numbers of the capture file formats, and what we bound. */

/**
 * pcap file header (draft-ietf-opsawg-pcap, section 4): magic u32, major u16, minor u16, two reserved
 * u32, snap length u32, FCS bits and link type u32. Record header: seconds u32, fraction u32, captured
 * length u32, length on the wire u32.
 */
export const PCAP = {
  FILE_HEADER: 24,
  RECORD_HEADER: 16,
  /** Kuznetzov's records add interface index u32, protocol u16, packet type u8, padding u8. */
  MODIFIED_RECORD_HEADER: 24,
  MAJOR: 2,
  /** Up to this minor version some writers swapped the record's two lengths. */
  SWAPPED_LENGTHS_MINOR: 3,
  /** The version DG/UX writes (lengths swapped too). */
  DGUX_MAJOR: 543,
} as const;

export interface PcapVariant {
  readonly bigEndian: boolean;
  /** Fractions of a second are nanoseconds, else microseconds. */
  readonly nanos: boolean;
  readonly recordHeader: number;
}

/** By the first four bytes of the file read as a big-endian number. */
export const PCAP_VARIANTS: ReadonlyMap<number, PcapVariant> = new Map(
  [
    { magic: 0xa1b2c3d4, nanos: false, recordHeader: PCAP.RECORD_HEADER },
    { magic: 0xa1b23c4d, nanos: true, recordHeader: PCAP.RECORD_HEADER },
    { magic: 0xa1b2cd34, nanos: false, recordHeader: PCAP.MODIFIED_RECORD_HEADER },
  ].flatMap(({ magic, nanos, recordHeader }): [number, PcapVariant][] => [
    [magic, { bigEndian: true, nanos, recordHeader }],
    [reverse32(magic), { bigEndian: false, nanos, recordHeader }],
  ]),
);

/** pcapng block types (draft-ietf-opsawg-pcapng, section 4); any other block is skipped. */
export const BLOCK = {
  SHB: 0x0a0d0d0a,
  IDB: 1,
  /** The obsolete Packet Block. */
  PB: 2,
  SPB: 3,
  EPB: 6,
} as const;

export const PCAPNG = {
  /** Block type, total length, and the total length again at the end. */
  BLOCK_OVERHEAD: 12,
  BYTE_ORDER: 0x1a2b3c4d,
  MAJOR: 1,
  SHB_LENGTH: 28,
  IDB_LENGTH: 20,
  SPB_LENGTH: 16,
  EPB_LENGTH: 32,
  /** Where the options of an IDB and the packet's bytes in an EPB or a PB, and in an SPB, begin. */
  IDB_OPTIONS: 16,
  EPB_DATA: 28,
  SPB_DATA: 12,
} as const;

/** Options of an Interface Description Block (section 4.2). */
export const IF_OPTION = { END: 0, TSRESOL: 9, TSOFFSET: 14 } as const;

/** `if_tsresol` where it is absent: microseconds. */
export const DEFAULT_TSRESOL = 6;

/** LINKTYPE_ is the lower half of pcap's last header word; the FCS length is in the upper one. */
export const LINK_TYPE_MASK = 0xffff;

/** RFC 1952: the header's fixed part and flags, the trailer (CRC32 and ISIZE). */
export const GZIP = {
  MAGIC: 0x1f8b,
  DEFLATE: 8,
  HEADER: 10,
  TRAILER: 8,
  FHCRC: 0x02,
  FEXTRA: 0x04,
  FNAME: 0x08,
  FCOMMENT: 0x10,
  RESERVED: 0xe0,
} as const;

export const LIMITS = {
  /** Captured bytes of a packet: libpcap's own maximum. A longer one is no packet but a lost place. */
  CAPTURED: 262_144,
  /** A pcapng block that must be seen whole (packet, interface, section); others have no limit. */
  BLOCK: 1_048_576,
  /** Interfaces of a pcapng section. */
  INTERFACES: 65_536,
  /** A gzip member's header with its extra field (64 KiB at most), name and comment. */
  GZIP_HEADER: 131_072,
  /** The window on an input; grows for a larger block. By measurement: fits the processor's cache. */
  WINDOW: 262_144,
  /** Files open at a time. */
  OPEN_FILES: 64,
} as const;

/** Magic bytes that others know: what it is, and what to do about it. */
export const FOREIGN: readonly (readonly [hex: string, message: string])[] = [
  ['28b52ffd', 'compressed with zstd: unpack it first (zstd -d)'],
  ['fd377a585a00', 'compressed with xz: unpack it first (xz -d)'],
  ['425a68', 'compressed with bzip2: unpack it first (bzip2 -d)'],
  ['04224d18', 'compressed with lz4: unpack it first (lz4 -d)'],
  ['504b0304', 'a zip archive: unpack it first'],
  ['736e6f6f70000000', 'a snoop capture: convert it first (editcap -F pcapng)'],
  ['52545353', 'a Network Monitor capture: convert it first (editcap -F pcapng)'],
  ['474d4255', 'a Network Monitor capture: convert it first (editcap -F pcapng)'],
  ['5452534e', 'a Sniffer capture: convert it first (editcap -F pcapng)'],
];

function reverse32(n: number): number {
  return (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
}
