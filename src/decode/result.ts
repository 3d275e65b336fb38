import type { AnomalyTable } from '../core/anomaly.ts';

/**
 * What became of a frame. TCP and UDP are below `FIRST_OTHER`; the values from there on index the
 * counters and have their names in `DECODE_NAMES`.
 */
export const DECODE = {
  TCP: 0,
  UDP: 1,
  NOT_IP: 2,
  OTHER_TRANSPORT: 3,
  FRAGMENT: 4,
  NO_PORTS: 5,
  UNKNOWN_LINK: 6,
  EMPTY_FRAME: 7,
  LINK_CUT: 8,
  IPV4_CUT: 9,
  IPV4_VERSION: 10,
  IPV4_HEADER_LENGTH: 11,
  IPV4_TOTAL_LENGTH: 12,
  IPV6_CUT: 13,
  IPV6_VERSION: 14,
  IPV6_EXTENSIONS: 15,
  TCP_CUT: 16,
  TCP_HEADER_LENGTH: 17,
  UDP_CUT: 18,
  UDP_LENGTH: 19,
  VLAN_DEPTH: 20,
  TUNNEL_DEPTH: 21,
  TUNNEL_CUT: 22,
  TUNNEL_HEADER: 23,
  FRAGMENT_LENGTH: 24,
  FRAGMENT_CUT: 25,
} as const;

export const DECODE_COUNT = 26;

/**
 * Results that never leave the decoder: there is another header inside, where `PacketView.innerAt`
 * says. The values are above all of `DECODE`.
 */
export const STEP = {
  /** An Ethernet frame. */
  ETHERNET: 64,
  /** What the ethertype `innerType` says. */
  ETHERTYPE: 65,
  /** The payload of an IP packet that is a tunnel, of protocol `innerType`. */
  PROTOCOL: 66,
  /** IPv4 or IPv6, as the first half byte says. */
  IP: 67,
  /** PPP, from its protocol field. */
  PPP: 68,
} as const;

/** Results from here on are a `STEP`. */
export const FIRST_STEP = 64;

/** Names by value: the keys of `stats` and, for those in `DECODE_ANOMALIES`, the anomaly codes. */
export const DECODE_NAMES: readonly string[] = [
  'tcp',
  'udp',
  'not_ip',
  'other_transport',
  'ip_fragment',
  'transport_not_captured',
  'unknown_link_type',
  'empty_frame',
  'link_header_cut',
  'ipv4_header_cut',
  'ipv4_wrong_version',
  'ipv4_header_length',
  'ipv4_total_length',
  'ipv6_header_cut',
  'ipv6_wrong_version',
  'ipv6_extension_headers',
  'tcp_header_cut',
  'tcp_header_length',
  'udp_header_cut',
  'udp_length',
  'vlan_depth',
  'tunnel_depth',
  'tunnel_header_cut',
  'tunnel_header',
  'ip_fragment_length',
  'ip_fragment_cut',
];

export const DECODE_ANOMALIES: AnomalyTable = {
  unknown_link_type: {
    meaning: 'The capture has a link type that imspan does not read.',
    note: 'Its frames are counted and skipped; the summary names the link type.',
  },
  empty_frame: {
    meaning: 'A frame has no bytes.',
    note: 'Written by broken capture tools; harmless.',
  },
  link_header_cut: {
    meaning: 'A frame ends inside its link header.',
    note: 'A damaged capture, or a snap length of a few bytes.',
  },
  ipv4_header_cut: {
    meaning: 'A frame ends inside its IPv4 header.',
    note: 'A damaged capture, or a snap length of a few bytes.',
  },
  ipv4_wrong_version: {
    meaning: 'A frame that its link header calls IPv4 has another version number.',
    note: 'Damage, or a link type that does not fit the capture.',
  },
  ipv4_header_length: {
    meaning: 'An IPv4 header length is below 20 bytes or beyond the packet.',
    note: 'Crafted or damaged packets.',
  },
  ipv4_total_length: {
    meaning: 'An IPv4 total length is shorter than its header.',
    note: 'Crafted or damaged packets. A total length of zero is normal (segmentation offload) and not counted.',
  },
  ipv6_header_cut: {
    meaning: 'A frame ends inside its IPv6 header.',
    note: 'A damaged capture, or a snap length of a few bytes.',
  },
  ipv6_wrong_version: {
    meaning: 'A frame that its link header calls IPv6 has another version number.',
    note: 'Damage, or a link type that does not fit the capture.',
  },
  ipv6_extension_headers: {
    meaning: 'A chain of IPv6 extension headers is too long or ends outside the packet.',
    note: 'Crafted packets: long chains are used to hide the transport header.',
  },
  tcp_header_cut: {
    meaning: 'A packet ends inside its TCP header.',
    note: 'Crafted or damaged packets, or a short snap length.',
  },
  tcp_header_length: {
    meaning: 'A TCP header length is below 20 bytes or beyond the packet.',
    note: 'Crafted or damaged packets.',
  },
  udp_header_cut: {
    meaning: 'A packet ends inside its UDP header.',
    note: 'Crafted or damaged packets, or a short snap length.',
  },
  udp_length: {
    meaning: 'A UDP length is below 8 bytes.',
    note: 'Crafted or damaged packets.',
  },
  vlan_depth: {
    meaning: 'A frame has more VLAN tags than are looked through.',
    note: 'Crafted packets; real networks use two.',
  },
  tunnel_depth: {
    meaning: 'A packet has more tunnels inside one another than are looked through.',
    note: 'Crafted packets, or a routing loop through a tunnel; real networks use two or three.',
  },
  tunnel_header_cut: {
    meaning: 'A packet ends inside the header of a tunnel.',
    note: 'Crafted or damaged packets.',
  },
  tunnel_header: {
    meaning: 'The header of a tunnel has a version, a flag or a length that no specification allows.',
    note: 'Crafted or damaged packets, or another protocol under the same number.',
  },
  ip_fragment_length: {
    meaning:
      'An IP fragment is empty, reaches beyond the largest packet, or is no multiple of 8 bytes though others follow.',
    note: 'Crafted packets: the "ping of death" and its relatives.',
  },
  ip_fragment_cut: {
    meaning: 'The snap length cut an IP fragment: its packet cannot be put together.',
    note: 'Capture whole packets.',
  },
};

/** Counted of fragments that were put together; the limit's own code is in `limits.ts`. */
export const FRAGMENT_ANOMALIES: AnomalyTable = {
  ip_fragment_overlap: {
    meaning: 'IP fragments of one packet overlap, or disagree about its length; what came first was kept.',
    note: 'Real senders do not do this: a sign of evasion, since receivers differ in which bytes they keep.',
  },
  ip_fragment_tiny: {
    meaning: 'The first fragment of a packet is too small for its transport header.',
    note: 'Made to pass packet filters that look at first fragments only (RFC 1858). The packet was put together all the same.',
  },
  ip_fragment_timeout: {
    meaning: 'Fragments of a packet did not all come in time.',
    note: 'Capture loss, a one-sided tap, or a flood of fragments.',
  },
};
