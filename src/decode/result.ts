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
} as const;

export const DECODE_COUNT = 21;

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
};
