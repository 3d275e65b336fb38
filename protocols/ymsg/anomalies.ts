import type { AnomalyTable } from '../../src/sdk/index.ts';

/** What can be odd about YMSG traffic. */
export const anomalies: AnomalyTable = {
  ymsg_bad_magic: {
    meaning: 'Bytes where a packet should begin are not YMSG.',
    note: 'The packet before it told a wrong length, or something else is on the connection; reading goes on at the next packet that is whole.',
  },
  ymsg_malformed_body: {
    meaning: 'A body is not a row of key and value pairs, or ends inside one.',
    note: 'A length that lies, a damaged packet or an attempt to confuse a reader; nothing is told of the packet.',
  },
  ymsg_odd_version: {
    meaning: 'The version field holds no version of the protocol in either byte order.',
    note: 'No known client writes it; the packet is read all the same.',
  },
  ymsg_unknown_service: {
    meaning: 'A packet of a service that is not in the table.',
    note: 'A newer client, or traffic made by a tool.',
  },
  ymsg_unknown_key: {
    meaning: 'A packet with a key that is not in the table.',
    note: 'Clients from version 15 on use keys that nobody has described.',
  },
  ymsg_too_many_values: {
    meaning: 'A key is repeated more often in one packet than is kept.',
    note: 'Recipients or members beyond the limit are not told; no client sends so many.',
  },
  ymsg_list_overflow: {
    meaning: 'A contact list in several packets is longer than is kept.',
    note: 'Contacts after the limit are not told.',
  },
};
