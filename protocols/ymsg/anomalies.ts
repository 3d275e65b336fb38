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
  ymsg_long_value: {
    meaning: 'A value is longer than any client writes for its key.',
    note: 'Over-long ids, file names and IMVironments are how readers of this protocol were overflowed.',
  },
  ymsg_long_key: {
    meaning: 'Where the key of a pair should stand are more than 63 bytes.',
    note: 'Overflows a buffer of Gaim up to 0.75 (CVE-2004-0006); nothing is told of the packet.',
  },
  ymsg_mail_escape: {
    meaning: 'A notice of mail ends within an octal (`\\1`) or quoted-printable (`=4`) character.',
    note: 'Readers that took what follows for its rest wrote past their buffers (Gaim up to 0.75, CVE-2004-0005).',
  },
  ymsg_webcam_long_server: {
    meaning: 'The name of a webcam server has more than 255 bytes.',
    note: 'No name of DNS has: the controls of Yahoo! Messenger 8 copied it into a buffer (CVE-2007-3147, CVE-2007-3148).',
  },
  ymsg_wrong_direction: {
    meaning: 'A service, or a key of the sign-on, comes from the side that never writes it.',
    note: 'A client that plays the server, or a reader that is to be confused; the packet is read all the same.',
  },
  ymsg_wrong_count: {
    meaning: 'An offer of files names another number of them than it says, or a size that is none.',
    note: 'Damaged, or made to confuse a reader.',
  },
  ymsg_webcam_bad_header: {
    meaning: 'A message of a webcam connection whose header cannot be right.',
    note: 'Its length is below the smallest one, or it claims more bytes than any picture has.',
  },
  ymsg_webcam_bad_picture: {
    meaning: 'A webcam picture whose JPEG 2000 header contradicts itself.',
    note: 'Its sizes or components are out of bounds: the form of the attacks on decoders of such pictures (CVE-2007-4391).',
  },
  ymsg_list_overflow: {
    meaning: 'A contact list in several packets is longer than is kept.',
    note: 'Contacts after the limit are not told.',
  },
};
