import type { AnomalyTable } from '../../src/sdk/index.ts';

export const anomalies = {
  xmpp_not_well_formed: {
    meaning: 'The stream is not well-formed XML; reading went on at the next plausible stanza.',
    note: 'A broken or hand-written client, damage on the way, or an attempt to confuse a server or a monitor.',
  },
  xmpp_dtd: {
    meaning: 'The stream holds a document type declaration. Its entities were not expanded.',
    note: 'RFC 6120, 11.1 forbids it. An attempt at entity expansion ("billion laughs") or at reading files of the server.',
  },
  xmpp_comment_or_pi: {
    meaning: 'The stream holds a comment or a processing instruction.',
    note: 'RFC 6120, 11.1 forbids both; real clients do not send them.',
  },
  xmpp_undefined_entity: {
    meaning: 'A reference to an entity that XML does not predefine; it was left as it is written.',
    note: 'A client that forgets to escape an ampersand, or an entity attack whose declaration was refused.',
  },
  xmpp_ibb_not_base64: {
    meaning: 'A block of an in-band bytestream is not base64; it was left out of the file.',
    note: 'A broken client, or an attempt to make what is carved differ from what is received.',
  },
  xmpp_bad_character: {
    meaning: 'A character that XML does not allow, raw or as a reference; U+FFFD stands for it.',
    note: 'Servers close such streams; control characters aim at terminals and logs.',
  },
  xmpp_bad_utf8: {
    meaning: 'Bytes that are not UTF-8.',
    note: 'XMPP is UTF-8 only (RFC 6120, 11.6): another encoding, another protocol in the stream, or damage.',
  },
  xmpp_depth_limit: {
    meaning: 'Elements are nested deeper than the limit; the deeper ones were left out.',
    note: 'An attempt to exhaust a parser; no real stanza is nested like this.',
  },
  xmpp_element_limit: {
    meaning: 'A stanza has more elements than the limit; those after it were left out.',
    note: 'A very large roster or an attempt to exhaust a parser.',
  },
  xmpp_attribute_limit: {
    meaning: 'An element has more attributes than the limit; those after it were left out.',
    note: 'An attempt to exhaust a parser.',
  },
  xmpp_stanza_oversize: {
    meaning: 'A stanza is larger than is read; it was skipped.',
    note: 'Servers refuse stanzas of this size: an attempt at denial of service.',
  },
  xmpp_stanza_large: {
    meaning: 'A stanza is larger than the common limit of servers (256 KiB); it was read.',
    note: 'A large file or picture in-band, or an attempt at denial of service.',
  },
  xmpp_wrong_namespace: {
    meaning:
      'The header names another namespace than that of XMPP streams, or a stanza one that is not of its stream.',
    note: 'A broken client or a probe; what stands in a foreign namespace is not read as a stanza.',
  },
  xmpp_compressed_not_read: {
    meaning:
      'A direction of a compressed stream (XEP-0138) could not be read on: bytes are missing or damaged.',
    note: 'Loss in the capture, or an attempt to stop a monitor: what follows refers to what is missing.',
  },
  xmpp_compression_bomb: {
    meaning: 'A compressed stream (XEP-0138) inflates to more than 100 times its size; it was not read on.',
    note: 'An attempt to exhaust a server or a monitor with few bytes ("xmppbomb").',
  },
  xmpp_tls_unannounced: {
    meaning: 'TLS began although the answer that announces it was not seen.',
    note: 'One direction, or the segment with <proceed/>, is missing from the capture.',
  },
  xmpp_sasl_malformed: {
    meaning: 'A message of a SASL exchange is not base64.',
    note: 'A broken client or a probe of the server.',
  },
  xmpp_forward_spoofed: {
    meaning: 'A carbon or an archived message came from somebody who may not send any; it was not believed.',
    note: 'Clients that do not check take it as written by the person it names (CVE-2017-5589 and its kin).',
  },
  xmpp_roster_push_spoofed: {
    meaning: 'A change of the contact list came from somebody other than the server; it was not believed.',
    note: 'Clients that do not check let a stranger into the contact list (CVE-2015-8688).',
  },
  xmpp_answer_spoofed: {
    meaning:
      'An answer with the id of a request came from somebody else than it was sent to; it was not believed.',
    note: 'Clients that only compare the id take it as the answer (Pidgin up to 2.10.7, CVE-2013-6483).',
  },
  xmpp_bytestreams_failing: {
    meaning: 'Somebody asked for eight SOCKS5 bytestreams (XEP-0065) in a row and none of them came to be.',
    note: 'Many requests that are given up made clients use what they had freed (Pidgin up to 2.10.3, CVE-2012-2214); or a firewall is in the way.',
  },
  xmpp_bob_not_base64: {
    meaning: 'Bits of binary (XEP-0231) that are not base64.',
    note: 'Damaged, or made to break the decoder of a client. They are passed over.',
  },
  xmpp_rosterx_mass: {
    meaning: 'Roster item exchange (XEP-0144) suggests many contacts at once.',
    note: 'A gateway that imports a contact list, or a worm or spammer that wants into contact lists.',
  },
  xmpp_bad_timestamp: {
    meaning: 'A delay stamp is no date or an impossible one; it was left out.',
    note: 'Extreme stamps have crashed clients (CVE-2013-6477).',
  },
  xmpp_oob_scheme: {
    meaning: 'A link to a file has a scheme that runs code or opens a local file.',
    note: 'An attempt to make the recipient run or open something.',
  },
} as const satisfies AnomalyTable;

export type AnomalyCode = keyof typeof anomalies;
