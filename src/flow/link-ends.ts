import { formatMac, macNumber } from '../core/mac.ts';
import type { PacketView } from '../decode/view.ts';

/** The link addresses of a flow's ends, as numbers (see `macNumber`; 0 unknown). */
export interface LinkEnds {
  readonly originator: number;
  readonly responder: number;
  /** Hop limits of packets that they sent; 0 unknown. */
  readonly originatorHops: number;
  readonly responderHops: number;
}

/** What is known of the client's link. */
export interface ClientLink {
  /** As text; only that of a client on the link itself, not of the router through which it comes. */
  readonly mac?: string;
  /** The name under which it was looked up. */
  readonly name?: string;
}

/** Hop limits with which systems send (Windows 95 and some printers; Unix; Windows; Cisco and Solaris). */
const FRESH: ReadonlySet<number> = new Set([32, 64, 128, 255]);

/** Those of a packet that goes in `direction`; `synHops` is the hop limit of the originator's SYN, 0 where none was seen. */
export function linkEnds(view: PacketView, direction: 0 | 1, synHops: number): LinkEnds | undefined {
  if (view.sourceMacAt < 0) return undefined;
  const source = macNumber(view.bytes, view.sourceMacAt);
  const destination = view.destinationMacAt < 0 ? 0 : macNumber(view.bytes, view.destinationMacAt);
  return direction === 0
    ? {
        ...{ originator: source, responder: destination },
        ...{ originatorHops: view.hopLimit, responderHops: 0 },
      }
    : {
        ...{ originator: destination, responder: source },
        ...{ originatorHops: synHops, responderHops: view.hopLimit },
      };
}

/**
 * The client's link address where its packets have passed no router yet: a hop limit that no system sends with
 * has been counted down.
 */
export function clientLink(
  link: LinkEnds | undefined,
  flipped: boolean,
  name: string | undefined,
): ClientLink | undefined {
  const mac = link === undefined ? 0 : flipped ? link.responder : link.originator;
  const hops = link === undefined ? 0 : flipped ? link.responderHops : link.originatorHops;
  const near = mac !== 0 && FRESH.has(hops);
  if (!near && name === undefined) return undefined;
  return { ...(near ? { mac: formatMac(mac) } : {}), ...(name === undefined ? {} : { name }) };
}
