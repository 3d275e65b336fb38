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
  oscar_snac_unknown: {
    meaning: 'A SNAC of a family or subtype that no known dialect has.',
    note: 'A newer dialect, damaged data, or something that hides in the stream. It is passed over.',
  },
  oscar_tlv_unknown: {
    meaning: 'A TLV of a type that no description of its block names.',
    note: 'A dialect not seen before, or something that hides in a message. The rest of the message is told.',
  },
  oscar_tlv_overrun: {
    meaning: 'A TLV says that it is longer than the block that it stands in.',
    note: 'Broken or hostile software: lengths like this overran buffers of several clients. The message is not told, or not that part of it.',
  },
  oscar_count_impossible: {
    meaning: 'A count says that there are more TLVs, items or entries than fit into the frame.',
    note: 'Broken or hostile software. The message is not told.',
  },
  oscar_goaway_overlong: {
    meaning: 'A link `aim:goaway?message=` with more than 500 characters of text.',
    note: 'Overflows a buffer of AIM 5.5 and earlier (CVE-2004-0636).',
  },
  oscar_game_link: {
    meaning: 'A link `aim:AddGame?` or `aim:AddExternalApp?`.',
    note: 'Overflows a buffer of AIM up to 4.8 (CVE-2002-0005, CVE-2002-0362); there is no other use of it between people.',
  },
  oscar_format_string: {
    meaning: 'A run of format directives (`%n%n`, `%s%x%n`) in text or a name.',
    note: 'Probes for format string holes of clients.',
  },
  oscar_xstatus_unclosed: {
    meaning: 'The title or the text of an extended status (Xtraz) is begun and not ended.',
    note: 'Pidgin up to 2.7.1 ends when it reads one (CVE-2010-2528).',
  },
  oscar_filler_run: {
    meaning: 'Text with more than 256 times the same character in a row.',
    note: 'Fillers of overflows and NOP sleds look like this; so does a person who leans on a key.',
  },
  oscar_name_overlong: {
    meaning: 'A screen name of more than 97 bytes.',
    note: 'No service gives one: names have 16 characters at most, e-mail addresses as names 97.',
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
