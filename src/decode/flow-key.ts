import type { PacketView } from './view.ts';

/** What of a packet's surroundings is part of its flow's identity, as bits. */
export const FLOW_KEY = { NONE: 0, VLAN: 1, TUNNEL: 2 } as const;

/** 32 bits of the packet's surroundings; 0 where none count or there are none. The same in every run. */
export function flowKeyOf(view: PacketView, mode: number): number {
  const vlans = (mode & FLOW_KEY.VLAN) !== 0 ? view.vlans | (Math.min(view.vlanCount, 2) << 24) : 0;
  if ((mode & FLOW_KEY.TUNNEL) === 0 || view.tunnelId === 0) return vlans;
  return Math.imul(vlans ^ view.tunnelId, 0x9e3779b1);
}
