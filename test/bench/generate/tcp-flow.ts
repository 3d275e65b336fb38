import { foldChecksum, type Block } from './block.ts';
import { CLIENT, SERVER, type Path, type Side } from './path.ts';
import type { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { other, type Script } from './step.ts';
import type { Actor } from './timeline.ts';

const SMALLEST_FRAME = 60;
const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** How a connection behaves below its application. */
export interface TcpManner {
  /** The capture began after the connection did: no handshake, and this many messages are missing. */
  readonly missed: number;
  readonly close: 'fin' | 'reset' | 'never';
  /** What answers the SYN: nothing or a reset where nobody listens. */
  readonly answer: 'accept' | 'refuse' | 'none';
  readonly roundTrip: number;
  /** Between two segments of a burst. */
  readonly gap: number;
  readonly segment: number;
  /** Carries timestamps (RFC 7323). */
  readonly stamped: boolean;
}

/** What happens to a segment that carries data. */
const FATE = {
  ARRIVES: 0,
  /** Missing in the capture only: acknowledged, never seen. */
  UNSEEN: 1,
  /** Lost before the tap, and sent again. */
  LOST: 2,
  /** Overtaken by one to three others. */
  OVERTAKEN: 3,
  /** Seen twice. */
  TWICE: 4,
} as const;

function drawFate(random: Random): number {
  const luck = random.unit();
  if (luck >= 0.0043) return FATE.ARRIVES;
  if (luck < 0.0005) return FATE.UNSEEN;
  if (luck < 0.001) return FATE.LOST;
  return luck < 0.004 ? FATE.OVERTAKEN : FATE.TWICE;
}

const PHASE = { SYN: 0, SYN_ACK: 1, ESTABLISH: 2, TALK: 3, CLOSE: 4 } as const;

export function drawManner(random: Random, isV6: boolean): TcpManner {
  const stamped = random.chance(0.6);
  const room = (random.chance(0.1) ? 1380 : 1460) - (isV6 ? 20 : 0);
  return {
    missed: random.chance(0.005) ? random.between(1, 3) : 0,
    close: random.chance(0.02) ? 'never' : random.chance(0.08) ? 'reset' : 'fin',
    answer: 'accept',
    roundTrip: random.logNormal(22_000, 0.7, 300_000),
    gap: random.between(60, 1200),
    segment: stamped ? room - 12 : room,
    stamped,
  };
}

/** Writes a conversation as a TCP connection: handshake, segments, acknowledgements, faults, close. */
export class TcpFlow implements Actor {
  readonly kind: number;
  readonly path: Path;
  packets = 0;
  bytes = 0;
  private readonly scene: Scene;
  private readonly script: Script;
  private readonly manner: TcpManner;
  private phase: number;
  /** What is being sent. */
  private from: Side = CLIENT;
  private block: Block | null = null;
  private at = 0;
  private end = 0;
  /** Next sequence number by side. */
  private readonly next: [number, number];
  /** Segments that the receiver has not acknowledged. */
  private unacknowledged = 0;
  private acknowledgesLast = false;
  /** A segment of `block` that is late: its sequence number, place and length, and after how many others it comes. */
  private lateSequence = 0;
  private lateAt = 0;
  private lateLength = 0;
  private lateIn = 0;
  private closing = 0;
  private readonly closer: Side;

  constructor(scene: Scene, kind: number, path: Path, script: Script, manner: Partial<TcpManner>) {
    this.scene = scene;
    this.kind = kind;
    this.path = path;
    this.script = script;
    this.manner = { ...drawManner(scene.random, path.isV6), ...manner };
    this.next = [scene.random.bits() >>> 0, scene.random.bits() >>> 0];
    this.closer = scene.random.chance(0.6) ? CLIENT : SERVER;
    this.phase = PHASE.SYN;
    if (this.manner.missed > 0) this.miss(this.manner.missed);
  }

  step(now: number): number {
    if (this.phase === PHASE.TALK) return this.talk(now);
    return this.phase === PHASE.CLOSE ? this.close(now) : this.open(now);
  }

  private miss(messages: number): void {
    this.phase = PHASE.TALK;
    for (let i = 0; i < messages; i++) this.script.next();
  }

  private open(now: number): number {
    const { manner } = this;
    if (this.phase === PHASE.SYN) {
      this.emit(now, CLIENT, FLAG.SYN, null, 0, 0);
      this.advance(CLIENT, 1);
      this.phase = PHASE.SYN_ACK;
      return manner.answer === 'none' ? this.over() : manner.roundTrip;
    }
    if (this.phase === PHASE.SYN_ACK) {
      const refuses = manner.answer === 'refuse';
      if (refuses) this.next[SERVER] = 0;
      this.emit(now, SERVER, FLAG.ACK | (refuses ? FLAG.RST : FLAG.SYN), null, 0, 0);
      this.advance(SERVER, 1);
      this.phase = PHASE.ESTABLISH;
      return refuses ? this.over() : 80;
    }
    this.emit(now, CLIENT, FLAG.ACK, null, 0, 0);
    this.phase = PHASE.TALK;
    return 20;
  }

  private talk(now: number): number {
    if (this.lateLength > 0 && (this.lateIn <= 0 || this.at >= this.end)) return this.sendLate(now);
    if (
      this.unacknowledged >= 2 ||
      (this.acknowledgesLast && this.unacknowledged > 0 && this.at >= this.end)
    ) {
      return this.acknowledge(now);
    }
    return this.at < this.end ? this.segment(now) : this.turn();
  }

  /** Takes the next step of the conversation. */
  private turn(): number {
    const next = this.script.next();
    if (next.done === true) {
      this.phase = PHASE.CLOSE;
      if (this.manner.close !== 'never') return this.manner.roundTrip;
      if (this.packets > 0) this.scene.statistics.unclosedFlows++;
      return this.over();
    }
    const step = next.value;
    if (step.block === null) return step.wait;
    const turned = step.from !== this.from;
    this.from = step.from;
    this.block = step.block;
    this.at = step.start;
    this.end = step.end;
    // An answer acknowledges what it answers.
    if (turned) this.unacknowledged = 0;
    this.acknowledgesLast = this.scene.random.chance(0.5);
    return step.wait + (turned && step.from === SERVER ? this.manner.roundTrip : 100);
  }

  private segment(now: number): number {
    const { from, at, block } = this;
    const { random, statistics } = this.scene;
    const length = Math.min(this.manner.segment, this.end - at);
    const fate = drawFate(random);
    const delayed = fate === FATE.LOST || fate === FATE.OVERTAKEN;
    statistics.dataSegments++;
    this.at += length;
    this.lateIn--;
    this.unacknowledged++;
    if (fate === FATE.UNSEEN) {
      statistics.lost++;
    } else if (delayed && this.lateLength === 0) {
      this.hold(at, length, fate === FATE.LOST);
    } else {
      this.emit(now, from, this.dataFlags(), block, at, at + length);
      if (fate === FATE.TWICE) this.emit(now, from, this.dataFlags(), block, at, at + length);
      // What comes out of order is acknowledged at once (RFC 5681, section 4.2).
      if (this.lateLength > 0) this.unacknowledged = 2;
    }
    this.advance(from, length);
    return this.manner.gap;
  }

  private hold(at: number, length: number, lost: boolean): void {
    const { random, statistics } = this.scene;
    if (lost) statistics.lost++;
    else statistics.reordered++;
    this.lateSequence = this.next[this.from];
    this.lateAt = at;
    this.lateLength = length;
    this.lateIn = lost ? random.between(4, 12) : random.between(1, 3);
    this.unacknowledged = 0;
  }

  private sendLate(now: number): number {
    const { from, lateAt, lateLength } = this;
    const newest = this.next[from];
    this.next[from] = this.lateSequence;
    this.emit(now, from, this.dataFlags(), this.block, lateAt, lateAt + lateLength);
    this.next[from] = newest;
    this.lateLength = 0;
    this.unacknowledged = 2;
    return this.manner.gap;
  }

  private acknowledge(now: number): number {
    this.emit(now, other(this.from), FLAG.ACK, null, 0, 0);
    this.unacknowledged = 0;
    return this.manner.gap >> 1;
  }

  private close(now: number): number {
    const { closer, manner } = this;
    if (manner.close === 'reset') {
      this.emit(now, closer, FLAG.RST | FLAG.ACK, null, 0, 0);
      return this.over();
    }
    this.closing++;
    if (this.closing > 2) {
      this.emit(now, closer, FLAG.ACK, null, 0, 0);
      return this.over();
    }
    const side = this.closing === 1 ? closer : other(closer);
    this.emit(now, side, FLAG.FIN | FLAG.ACK, null, 0, 0);
    this.advance(side, 1);
    return manner.roundTrip >> 1;
  }

  private over(): number {
    this.scene.ended(this);
    return -1;
  }

  private advance(side: Side, length: number): void {
    this.next[side] = (this.next[side] + length) >>> 0;
  }

  private dataFlags(): number {
    return this.at >= this.end ? FLAG.PSH | FLAG.ACK : FLAG.ACK;
  }

  private emit(
    now: number,
    from: Side,
    flags: number,
    block: Block | null,
    start: number,
    end: number,
  ): void {
    const { path, scene } = this;
    const { writer, statistics } = scene;
    if (this.packets === 0) {
      scene.began(this);
      if (this.manner.missed > 0) statistics.midstreamFlows++;
    }
    const header = this.headerLength(flags);
    const length = header + end - start;
    const frame = path.headerLength + length;
    const padded = Math.max(SMALLEST_FRAME, frame);
    const at = writer.begin(now, padded);
    const out = writer.bytes;
    const tcp = path.write(out, at, from, length);
    const sum = this.writeHeader(out, tcp, now, from, flags, header);
    const checksum = foldChecksum(
      sum + path.pseudoSum + length + (block === null ? 0 : block.sum(start, end)),
    );
    out[tcp + 16] = checksum >>> 8;
    out[tcp + 17] = checksum;
    if (block !== null) out.set(block.bytes.subarray(start, end), tcp + header);
    if (padded > frame) out.fill(0, at + frame, at + padded);
    this.packets++;
    this.bytes += frame;
    statistics.addPacket(this.kind, frame);
  }

  private headerLength(flags: number): number {
    const options = (flags & FLAG.SYN) !== 0 ? 12 : 0;
    if ((flags & FLAG.RST) !== 0) return 20;
    return 20 + options + (this.manner.stamped ? 12 : 0);
  }

  /** Writes the header but its checksum; returns the sum of its words. */
  private writeHeader(
    out: Uint8Array,
    tcp: number,
    now: number,
    from: Side,
    flags: number,
    header: number,
  ): number {
    const { path } = this;
    const source = from === CLIENT ? path.client.port : path.server.port;
    const destination = from === CLIENT ? path.server.port : path.client.port;
    const acknowledges = (flags & FLAG.ACK) !== 0;
    let sum = put32(out, tcp, source * 0x10000 + destination);
    sum += put32(out, tcp + 4, this.next[from]);
    sum += put32(out, tcp + 8, acknowledges ? this.received(other(from)) : 0);
    sum += put32(out, tcp + 12, ((header >> 2) << 28) + (flags << 16) + (from === CLIENT ? 0xfa0 : 0x7d0));
    sum += put32(out, tcp + 16, 0);
    let at = tcp + 20;
    if ((flags & FLAG.SYN) !== 0) {
      sum += put32(out, at, 0x02040000 + this.manner.segment); // maximum segment size
      sum += put32(out, at + 4, 0x01030307); // window scale
      sum += put32(out, at + 8, 0x01010402); // selective acknowledgements permitted
      at += 12;
    }
    if (at < tcp + header) {
      const clock = Math.floor(now / 1000) >>> 0;
      sum += put32(out, at, 0x0101080a); // timestamps
      sum += put32(out, at + 4, (clock + source) >>> 0);
      sum += put32(out, at + 8, acknowledges ? (clock + destination) >>> 0 : 0);
    }
    return sum;
  }

  /** What the other side has of `sender`'s bytes without a hole. */
  private received(sender: Side): number {
    return this.lateLength > 0 && sender === this.from ? this.lateSequence : this.next[sender];
  }
}

/** Writes 32 bits; returns the sum of both halves. */
function put32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return (value >>> 16) + (value & 0xffff);
}
