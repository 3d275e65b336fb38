import type { PacketView } from './view.ts';

/** Kinds of tunnels, as they enter a tunnel's id. Released values stay: they are part of flow ids. */
export const TUNNEL = {
  MPLS: 1,
  PPPOE: 2,
  IP: 3,
  GRE: 4,
  ERSPAN: 5,
  VXLAN: 6,
  GENEVE: 7,
  GTP: 8,
  TEREDO: 9,
} as const;

/** Enters another tunnel's kind and number (VNI, key, session) into the view's tunnel id. */
export function tunnelNumber(view: PacketView, kind: number, number: number): void {
  let h = Math.imul(view.tunnelId ^ kind, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ number, 0x85ebca6b);
  h ^= h >>> 13;
  view.tunnelId = h === 0 ? 1 : h;
}

/** Enters a tunnel that is told by its two ends, whichever of them sent this packet: the addresses of the view. */
export function tunnelEnds(view: PacketView, kind: number): void {
  const b = view.bytes;
  const size = view.ipVersion === 6 ? 16 : 4;
  let x = 0;
  let y = 0;
  for (let i = 0; i < size; i++) {
    x = Math.imul(x ^ b[view.sourceAt + i]!, 0x0100_0193) ^ (x >>> 17);
    y = Math.imul(y ^ b[view.destinationAt + i]!, 0x0100_0193) ^ (y >>> 17);
  }
  tunnelNumber(view, kind, Math.imul((x + y) ^ (x ^ y), 0x85ebca6b));
}
