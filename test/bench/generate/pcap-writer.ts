import { writeSync } from 'node:fs';

const CAPACITY = 4 << 20;
/** The largest frame that `begin` may be asked for. */
const LARGEST = 1 << 16;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Writes a capture in libpcap's format (microseconds, little-endian, Ethernet) through one reused buffer. */
export class PcapWriter {
  /** Frames are written here, at the place that `begin` returns. */
  readonly bytes = new Uint8Array(CAPACITY + LARGEST + RECORD_HEADER);
  packets = 0;
  private readonly fd: number;
  private at = 0;
  private flushed = 0;

  constructor(fd: number) {
    this.fd = fd;
    const view = new DataView(this.bytes.buffer);
    view.setUint32(0, 0xa1b2c3d4, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, 262144, true);
    view.setUint32(20, 1, true);
    this.at = FILE_HEADER;
  }

  /** Size of the file so far. */
  get size(): number {
    return this.flushed + this.at;
  }

  /** Starts a frame of `length` bytes captured at `micros` since the epoch; returns where its bytes go. */
  begin(micros: number, length: number): number {
    if (this.at > CAPACITY) this.flush();
    const seconds = Math.floor(micros / 1_000_000);
    this.u32(seconds);
    this.u32(micros - seconds * 1_000_000);
    this.u32(length);
    this.u32(length);
    const place = this.at;
    this.at += length;
    this.packets++;
    return place;
  }

  /** Writes what is still buffered. */
  flush(): void {
    for (let done = 0; done < this.at;) done += writeSync(this.fd, this.bytes, done, this.at - done);
    this.flushed += this.at;
    this.at = 0;
  }

  private u32(value: number): void {
    const { bytes, at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }
}
