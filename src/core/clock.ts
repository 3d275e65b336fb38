/**
 * Packet time: the only clock of the pipeline. It never runs backwards, and a jump forward is not
 * believed until several packets in a row agree, so one packet with a wrong stamp cannot time out every flow.
 */
export class PacketClock {
  /** Whole seconds and nanoseconds of the time believed now; −1 before the first packet. */
  seconds = -1;
  nanos = 0;
  /** Packets stamped more than a second before the time believed. */
  backwards = 0;
  /** Jumps forward of more than `JUMP` seconds that were seen, and those that were believed. */
  jumps = 0;
  jumpsBelieved = 0;
  #pending = 0;
  #agreeing = 0;
  /** Packets near the believed time, up to `AGREE`. */
  #confirmed = 0;

  /** Takes a packet's stamp. True when the believed time moved to another second. */
  observe(seconds: number, nanos: number): boolean {
    const now = this.seconds;
    if (seconds === now) {
      if (nanos > this.nanos) this.nanos = nanos;
      this.#confirm();
      return false;
    }
    const ahead = seconds - now;
    if (ahead < 0) {
      if (ahead < -1) this.backwards++;
      if (ahead >= -JUMP) this.#confirm();
      // Until several packets agree on it, the first stamp is no better than another.
      if (ahead >= -JUMP || this.#confirmed >= AGREE || !this.#believe(seconds)) return false;
    } else if (ahead > JUMP && now >= 0 && !this.#believe(seconds)) {
      return false;
    }
    this.seconds = seconds;
    this.nanos = nanos;
    this.#confirm();
    return true;
  }

  /**
   * Time went on to this second without a packet (live). Never back, and no packet's stamp is confirmed
   * by it. True when the believed time moved; it does not before the first packet.
   */
  advance(seconds: number): boolean {
    if (this.seconds < 0 || seconds <= this.seconds) return false;
    this.seconds = seconds;
    this.nanos = 0;
    return true;
  }

  #confirm(): void {
    this.#agreeing = 0;
    if (this.#confirmed < AGREE) this.#confirmed++;
  }

  #believe(seconds: number): boolean {
    if (this.#agreeing > 0 && Math.abs(seconds - this.#pending) <= JUMP) {
      this.#agreeing++;
    } else {
      this.#agreeing = 1;
      this.jumps++;
    }
    this.#pending = seconds;
    if (this.#agreeing < AGREE) return false;
    this.jumpsBelieved++;
    return true;
  }
}

/** Seconds; a quiet span port can be silent for hours, not for longer than a day. */
const JUMP = 86_400;
/** Packets in a row that must agree on a jump. */
const AGREE = 4;
