import { formatIPv4, formatIPv6 } from '../core/address.ts';
import type { FlowHeader } from '../event/eve.ts';
import { communityId, flowNumber, hash128 } from '../event/ids.ts';
import type { Flow } from '../flow/flow.ts';
import { META_IPV6, META_TCP, recordKey, W } from '../flow/table.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';

/**
 * The id of a record's flow: hash of addresses, ports, protocol and initial sequence number (where
 * unseen, the first one seen), and of its flow key where there is one; never of time, frame, file or interface.
 */
export function flowIdOf(r: Int32Array, at: number): string {
  const key = recordKey(r, at);
  return hash128(
    addressBytes(r, at, W.SOURCE),
    addressBytes(r, at, W.DESTINATION),
    word(r, at + W.PORTS) >>> 0,
    isTcp(r, at) ? 6 : 17,
    word(r, at + W.FIRST_SEQ) >>> 0,
    ...(key === 0 ? [] : [key >>> 0]),
  );
}

/**
 * The id of what is read of a flow. A stream inside another counts its bytes anew, so its events must not
 * share ids with the outer one's.
 */
export function runIdOf({ records, at, carriage }: Flow): string {
  const wireId = flowIdOf(records, at);
  return carriage ? hash128(wireId, 'inner', carriage.depth, carriage.index) : wireId;
}

/** What every event of a record's flow carries; `flipped` exchanges its ends and those of its `tunnel`. */
export function flowHeaderOf(
  r: Int32Array,
  at: number,
  flipped: boolean,
  flowId: string,
  tunnel?: TunnelEnds,
): FlowHeader {
  const client = addressBytes(r, at, flipped ? W.DESTINATION : W.SOURCE);
  const server = addressBytes(r, at, flipped ? W.SOURCE : W.DESTINATION);
  const ports = word(r, at + W.PORTS);
  const clientPort = flipped ? ports & 0xffff : ports >>> 16;
  const serverPort = flipped ? ports >>> 16 : ports & 0xffff;
  const protocol = isTcp(r, at) ? 6 : 17;
  const format = client.length === 16 ? formatIPv6 : formatIPv4;
  const header: FlowHeader = {
    flow_id: flowNumber(flowId),
    community_id: communityId(client, server, clientPort, serverPort, protocol),
    src_ip: format(client, 0),
    src_port: clientPort,
    dest_ip: format(server, 0),
    dest_port: serverPort,
    proto: protocol === 6 ? 'TCP' : 'UDP',
  };
  const vlans = word(r, at + W.VLANS);
  const count = vlans >>> 24;
  if (count > 0) header.vlan = count === 1 ? [vlans & 0xfff] : [vlans & 0xfff, (vlans >> 12) & 0xfff];
  if (tunnel) {
    const { originator, responder, proto, depth } = tunnel;
    const [src_ip, dest_ip] = flipped ? [responder, originator] : [originator, responder];
    header.tunnel = { src_ip, dest_ip, proto, depth };
  }
  return header;
}

function isTcp(r: Int32Array, at: number): boolean {
  return (word(r, at + W.META) & META_TCP) !== 0;
}

/** The address at an end (`W.SOURCE` or `W.DESTINATION`): 4 or 16 bytes. */
function addressBytes(r: Int32Array, at: number, end: number): Uint8Array {
  const six = (word(r, at + W.META) & META_IPV6) !== 0;
  const bytes = new Uint8Array(six ? 16 : 4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, word(r, at + end));
  if (!six) return bytes;
  const rest = end === W.SOURCE ? W.SOURCE_REST : W.DESTINATION_REST;
  for (let i = 0; i < 3; i++) view.setInt32(4 + i * 4, word(r, at + rest + i));
  return bytes;
}

function word(r: Int32Array, at: number): number {
  return r[at] ?? 0;
}
