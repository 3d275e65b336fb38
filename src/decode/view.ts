/**
 * What the decoder found in one frame: offsets into the frame's own bytes, reused for every
 * frame. All fields are integers and are set before `decodeFrame` returns a TCP or UDP result.
 */
export class PacketView {
  bytes: Uint8Array = new Uint8Array(0);
  /** 4 or 6. */
  ipVersion = 4;
  /** Offsets of the source and destination address in `bytes` (4 or 16 bytes each). */
  sourceAt = 0;
  destinationAt = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Offset of the TCP or UDP header. */
  transportAt = 0;
  /** The captured payload is `bytes[payloadStart..payloadEnd)`. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Payload length by the headers, at least what was captured of it. */
  payloadLength = 0;
  /** TCP: signed 32-bit, as the arithmetic of sequence numbers wants them. */
  seq = 0;
  ack = 0;
  tcpFlags = 0;
  /** VLAN ids, outer first: `vlanCount` of them (at most 3) as 12 bits each, outer in the low bits. */
  vlans = 0;
  vlanCount = 0;
  hopLimit = 0;
  /** Tunnels that were opened: what the fields above tell is the innermost packet. */
  tunnels = 0;
  /** Hash of the tunnels' kinds and numbers; the same for both directions. 0 outside of tunnels. */
  tunnelId = 0;
  /** The outermost IP tunnel: 4 or 6, or 0 where there is none; its protocol, source and (at 16) destination address. */
  outerVersion = 0;
  outerProtocol = 0;
  readonly outerAddresses = new Uint8Array(32);
  /**
   * Offsets in `bytes` of the link addresses (six bytes each) of who sent the frame and whom it is for; −1 where there
   * are none, or where they are those of a tunnel's ends.
   */
  sourceMacAt = -1;
  destinationMacAt = -1;
  /**
   * For the decoder itself, set by a result that is a `STEP` or `DECODE.FRAGMENT`: what is inside is
   * captured in `bytes[innerAt..innerEnd)` and ended on the wire at `innerWireEnd`.
   */
  innerAt = 0;
  innerEnd = 0;
  innerWireEnd = 0;
  /** Ethertype or IP protocol number of what is inside. */
  innerType = 0;
  /** A fragment's identification, its offset in bytes, and whether others follow it (1 or 0). */
  fragmentId = 0;
  fragmentOffset = 0;
  fragmentMore = 0;
}

/** Copies what `decodeFrame` sets, so that a view can be put back. */
export function copyView(from: PacketView, to: PacketView): void {
  to.bytes = from.bytes;
  to.ipVersion = from.ipVersion;
  to.sourceAt = from.sourceAt;
  to.destinationAt = from.destinationAt;
  to.sourcePort = from.sourcePort;
  to.destinationPort = from.destinationPort;
  to.transportAt = from.transportAt;
  to.payloadStart = from.payloadStart;
  to.payloadEnd = from.payloadEnd;
  to.payloadLength = from.payloadLength;
  to.seq = from.seq;
  to.ack = from.ack;
  to.tcpFlags = from.tcpFlags;
  to.vlans = from.vlans;
  to.vlanCount = from.vlanCount;
  to.hopLimit = from.hopLimit;
  to.tunnels = from.tunnels;
  to.tunnelId = from.tunnelId;
  to.outerVersion = from.outerVersion;
  to.sourceMacAt = from.sourceMacAt;
  to.destinationMacAt = from.destinationMacAt;
}

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
