import type { AnomalyTable } from '../core/anomaly.ts';

/** What the engine itself tells of IM flows, whatever their protocol. */
export const STREAM_ANOMALIES: AnomalyTable = {
  stream_gap: {
    meaning: 'Bytes of an IM connection were not captured.',
    note: 'A span port that drops packets, or a capture that began late. What the bytes said is lost; reading goes on behind them.',
  },
  stream_cut: {
    meaning: 'The snap length cut bytes of an IM connection.',
    note: 'The capture was made with a snap length below the packet size: capture whole packets.',
  },
  stream_overlap_conflict: {
    meaning: 'Two segments give different bytes for the same place of a connection.',
    note: 'No ordinary sender does this: somebody tries to show the sensor another text than the receiver, or a device on the way changes what passes. `--overlap` says whose bytes are read.',
  },
  tcp_bad_checksum_insert: {
    meaning: 'A segment with a wrong checksum was no part of what the receiver took.',
    note: 'Sent for the eyes of a sensor that does not look at checksums, or damaged on the way. Its bytes are not read.',
  },
  udp_bad_checksum_insert: {
    meaning: 'A datagram has a wrong checksum though its sender has shown right ones.',
    note: 'Sent for the eyes of a sensor, or damaged on the way. It is not read.',
  },
  tcp_low_ttl_insert: {
    meaning:
      'A segment with a far lower hop limit than usual says other than what the receiver took, or would end the connection.',
    note: 'It was made to die between the sensor and the receiver. Its bytes are not read.',
  },
  tcp_urgent: {
    meaning: 'A segment of an IM connection is marked urgent.',
    note: 'No IM client uses urgent data. All bytes are read in line; a receiver that takes the urgent byte out reads one less.',
  },
  tcp_rst_inexact: {
    meaning: 'A reset does not bear the sequence number that was expected.',
    note: 'Receivers of today (RFC 5961) ignore it: perhaps it was forged to make a sensor look away. Reading goes on.',
  },
  tcp_data_after_rst: {
    meaning: 'A side went on sending after its own reset.',
    note: 'The reset was forged, or never arrived. Reading goes on.',
  },
  tcp_data_after_fin: {
    meaning: 'A side sent bytes beyond its own end of the connection.',
    note: 'They are not read: no receiver hands them to its program.',
  },
  session_join_ambiguous: {
    meaning: 'A connection shows a token that was handed out in two sessions.',
    note: 'A server that gives the same key twice, or a session seen in two places. The connection is joined to neither: its account is what it says itself.',
  },
  message_buffer_limit: {
    meaning: 'A message is larger than its protocol is allowed to claim; its bytes were dropped.',
    note: 'A length that lies, or a stream that is not what it seems.',
  },
  message_buffer_total_limit: {
    meaning: 'Unfinished messages of all connections together reached their limit; one was dropped.',
    note: 'Many connections that each hold back the end of a message: a sign of an attack on the sensor, or of heavy capture loss.',
  },
  dissector_failed: {
    meaning: 'The dissector of this connection failed; the connection is not read further.',
    note: 'A bug of ours: please report it with the capture. Other connections are not affected.',
  },
  carrier_depth_limit: {
    meaning: 'Proxies inside proxies, deeper than is followed; what is inside was not read.',
    note: 'Somebody hides a connection on purpose, or feeds the sensor nonsense.',
  },
  carrier_streams_limit: {
    meaning: 'One proxy connection carries more IM streams than are followed; the others were not read.',
    note: 'A gateway that shares one connection among many people, or nonsense.',
  },
  proxy_legs_ambiguous: {
    meaning:
      'One account signed on more than once through a proxy at the same time: it is open which connection of the proxy is whose.',
    note: 'The connections behind the proxy are told as sessions of their own.',
  },
  open_file_limit: {
    meaning: 'Too many files were under way at once; one was not carved.',
    note: 'Somebody opens transfers to no end. The transfer itself is told; its bytes were not hashed.',
  },
  file_join_ambiguous: {
    meaning: 'A connection carries a file that two transfers lay claim to.',
    note: 'Who sent it to whom is left open rather than guessed.',
  },
  file_icq_add: {
    meaning: 'A file that was sent begins with `[ICQ User]`.',
    note: 'Opened, it adds somebody to the contact list without asking (ICQ up to 2001, CVE-2001-1305).',
  },
  file_webcam_control: {
    meaning: 'A page that was sent loads a webcam control of Yahoo! Messenger by its class id.',
    note: 'No page has a use for them: an overlong `Server` of theirs runs code (CVE-2007-3147, CVE-2007-3148).',
  },
  file_png_transparency: {
    meaning: 'A picture that was sent has a tRNS chunk longer than any palette.',
    note: 'The shape of an attack on readers of PNG (CVE-2004-0597), tried on MSN Messenger by display pictures.',
  },
  proxy_password_exposed: {
    meaning: 'A password for a proxy was sent in clear (HTTP Basic, SOCKS) on the way to an IM server.',
    note: 'Who can listen to this connection can use the proxy under that name.',
  },
  http_lengths_conflict: {
    meaning: 'An HTTP message says in two ways how long it is.',
    note: 'A way to make two readers of one stream see different messages.',
  },
  http_bad_length: {
    meaning: 'The length of an HTTP message is no number.',
    note: 'A broken or hostile peer.',
  },
  http_bad_chunk: {
    meaning: 'The size of an HTTP chunk is no number.',
    note: 'A broken or hostile peer, or bytes that were lost.',
  },
  http_bad_coding: {
    meaning: 'An HTTP message is transferred in another coding than `chunked` alone.',
    note: 'A way to make two readers of one stream see different messages (request smuggling): some read what ends in `chunked`, others the length.',
  },
  http_folded_line: {
    meaning: 'A field of an HTTP message goes on in a second line.',
    note: 'Out of use: an old client, or a way to hide a field from one of two readers.',
  },
  http_bad_field_name: {
    meaning: 'The name of a field of an HTTP message has a space or a control character in it or behind it.',
    note: 'A way to make two readers of one stream see different messages (request smuggling).',
  },
  http_head_large: {
    meaning: 'The head of an HTTP message does not end.',
    note: 'A broken or hostile peer.',
  },
  http_pipeline_limit: {
    meaning: 'More than 256 requests of one HTTP connection wait for their response.',
    note: 'No IM client does this. Responses to the requests beyond are read without them; those to the requests after them are paired again.',
  },
  http_bad_compression: {
    meaning:
      'A compressed HTTP body is damaged, inflates to more than 1 MiB, or to more than its connection may.',
    note: 'A broken peer, or one that wants to fill the memory of whoever reads along.',
  },
  not_this_protocol: {
    meaning: 'A connection was taken for a protocol that it stopped speaking.',
    note: 'Damage beyond resynchronisation, or another protocol behind a look-alike beginning.',
  },
};
