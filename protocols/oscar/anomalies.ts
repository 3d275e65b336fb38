import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Oddities of OSCAR traffic. */
export const ANOMALIES: AnomalyTable = {
  oscar_flap_desync: {
    meaning: 'Bytes between two FLAP frames that are no frame.',
    note: 'A length that lies, a damaged capture, or another protocol smuggled into the stream. Reading goes on at the next plausible frame.',
  },
  oscar_flap_version: {
    meaning: 'A FLAP sign-on whose version is not 1.',
    note: 'No known client or server sends another version.',
  },
  oscar_snac_truncated: {
    meaning: 'A SNAC, a TLV or a block in it says that it is longer than its frame.',
    note: 'Broken or hostile software. The message is not told.',
  },
  oscar_snac_direction: {
    meaning: 'A SNAC that only the other side sends.',
    note: 'Seen with injected traffic and with test tools. The message is not told.',
  },
  oscar_charset_mislabelled: {
    meaning: 'Text whose bytes are of another charset than its label says.',
    note: 'Common: libpurple before 2.3 and TOC gateways label UTF-8 as ASCII, Twisted labels it as UTF-16. The text is decoded by what the bytes are.',
  },
  oscar_game_data_overlong: {
    meaning: 'A game invitation with more than 1 KiB of service data.',
    note: 'Overflows a buffer of AIM up to 4.8 (CVE-2002-0005).',
  },
};
