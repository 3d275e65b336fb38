import { foldChecksum } from './block.ts';
import { CLIENT, type Path } from './path.ts';
import type { Scene } from './scene.ts';
import type { Script, Step } from './step.ts';
import type { Actor } from './timeline.ts';

const UDP_HEADER = 8;
const SMALLEST_FRAME = 60;

/** Writes each message of a conversation as a datagram. */
export class UdpFlow implements Actor {
  readonly kind: number;
  readonly path: Path;
  packets = 0;
  bytes = 0;
  private readonly scene: Scene;
  private readonly script: Script;
  private due: Step | null = null;

  constructor(scene: Scene, kind: number, path: Path, script: Script) {
    this.scene = scene;
    this.kind = kind;
    this.path = path;
    this.script = script;
  }

  step(now: number): number {
    if (this.due !== null) this.emit(now, this.due);
    const next = this.script.next();
    if (next.done === true) {
      this.scene.ended(this);
      return -1;
    }
    this.due = next.value;
    return next.value.wait;
  }

  private emit(now: number, step: Step): void {
    if (step.block === null) return;
    const { path } = this;
    const { writer, statistics } = this.scene;
    if (this.packets === 0) this.scene.began(this);
    const length = UDP_HEADER + step.end - step.start;
    const frame = path.headerLength + length;
    const at = writer.begin(now, Math.max(SMALLEST_FRAME, frame));
    const out = writer.bytes;
    const udp = path.write(out, at, step.from, length);
    const { port: clientPort } = path.client;
    const { port: serverPort } = path.server;
    const source = step.from === CLIENT ? clientPort : serverPort;
    const destination = step.from === CLIENT ? serverPort : clientPort;
    const sum = path.pseudoSum + length * 2 + source + destination + step.block.sum(step.start, step.end);
    // A sum of nothing is sent as all ones: zero means "no checksum" (RFC 768).
    const checksum = foldChecksum(sum) || 0xffff;
    put16(out, udp, source);
    put16(out, udp + 2, destination);
    put16(out, udp + 4, length);
    put16(out, udp + 6, checksum);
    out.set(step.block.bytes.subarray(step.start, step.end), udp + UDP_HEADER);
    out.fill(0, at + frame, at + Math.max(SMALLEST_FRAME, frame));
    this.packets++;
    this.bytes += frame;
    statistics.addPacket(this.kind, frame);
  }
}

function put16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value;
}
