import { formatIPv4, formatIPv6 } from '../core/address.ts';
import type { PacketView } from '../decode/view.ts';

/** The outermost IP tunnel of a flow's first packet that was looked at. */
export interface TunnelEnds {
  /** Addresses as text: of the end where the flow's originator is, and of the other. */
  readonly originator: string;
  readonly responder: string;
  readonly proto: string;
  /** Tunnels in one another, MPLS and PPPoE among them. */
  readonly depth: number;
}

/** Names of the protocols that carry tunnels, by IP protocol number. */
const NAMES: Readonly<Record<number, string>> = {
  4: 'IPIP',
  17: 'UDP',
  41: 'IPV6',
  47: 'GRE',
  97: 'ETHERIP',
  137: 'MPLS',
};

/** The tunnel of a packet that goes in `direction`; undefined outside of IP tunnels. */
export function tunnelEnds(view: PacketView, direction: 0 | 1): TunnelEnds | undefined {
  if (view.outerVersion === 0) return undefined;
  const format = view.outerVersion === 6 ? formatIPv6 : formatIPv4;
  const source = format(view.outerAddresses, 0);
  const destination = format(view.outerAddresses, 16);
  return {
    originator: direction === 0 ? source : destination,
    responder: direction === 0 ? destination : source,
    proto: NAMES[view.outerProtocol] ?? 'IP',
    depth: view.tunnels,
  };
}
