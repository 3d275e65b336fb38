/** What the wire tells of machines, as far as it concerns who they are. */

/** Where a binding or name was read. */
export type HostSource = 'arp' | 'nd' | 'dhcp' | 'ptr';

/** One thing told of a machine: which address is whose, under which name. */
export interface HostFact {
  readonly source: HostSource;
  /** As events write it. */
  readonly ip?: string;
  /** `00:11:22:aa:bb:cc`. */
  readonly mac?: string;
  readonly name?: string;
  /** Seconds from now for which the address is the machine's. */
  readonly lease?: number;
  /** The machine gave the address back. */
  readonly released?: true;
}
