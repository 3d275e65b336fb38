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
}

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
