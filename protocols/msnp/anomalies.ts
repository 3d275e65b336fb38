import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Oddities of MSNP. */
export const ANOMALIES: AnomalyTable = {
  msnp_line_too_long: {
    meaning: 'A command line is longer than 8,192 bytes.',
    note: 'No client sends one; the stream is damaged, or somebody tries to fill buffers.',
  },
  msnp_bad_line: {
    meaning: 'What should be a command line is none.',
    note: 'A payload length lied, or bytes were lost; reading goes on at the next plausible command.',
  },
  msnp_bad_arguments: {
    meaning: 'A known command has arguments that it cannot have.',
    note: 'A broken or hostile client or server; the command is passed over.',
  },
  msnp_unknown_command: {
    meaning: 'A command of three letters is not one of the protocol in this direction.',
    note: 'An extension of a private server or client, or the two directions are mixed up.',
  },
  msnp_payload_too_long: {
    meaning: 'A command announces a payload of more than 65,536 bytes.',
    note: 'No client sends one; the payload is not waited for, reading goes on at the next plausible command.',
  },
  msnp_stray_chunk: {
    meaning: 'A part of a long message belongs to none that was begun, or was there before.',
    note: 'The first part was not seen, or the message has more or larger parts than a client would make.',
  },
  msnp_typing_for_another: {
    meaning: 'A typing notice names another user than its sender.',
    note: 'The header is chosen by the client: a sign of a forged or broken client.',
  },
  msnp_p2p_bad_header: {
    meaning: 'The numbers in a peer-to-peer header contradict each other or the message length.',
    note: 'Such headers were used against clients (CVE-2009-2694, CVE-2009-1376).',
  },
  msnp_p2p_short: {
    meaning: 'A peer-to-peer message of version 2 has no room for the header that it begins or announces.',
    note: 'Pidgin 2.7.6 to 2.7.8 reads past its end (CVE-2010-4528).',
  },
  msnp_p2p_overstated_length: {
    meaning: 'The header of the last part of peer-to-peer data names more bytes than there are.',
    note: 'A habit of libpurple 2.7 to 2.10 (Pidgin), whatever the client says it is; the part is read.',
  },
  msnp_p2p_late_header: {
    meaning: 'Headers of peer-to-peer data are each that of the part before.',
    note: 'A habit of libpurple 2.7 to 2.10 (Pidgin) from MSNP16 on, whatever the client says it is; the parts are read.',
  },
  msnp_p2p_size_differs: {
    meaning: 'The parts of peer-to-peer data name another total than the invitation.',
    note: 'A length that lies: receivers that trust one of the two have been overrun.',
  },
  msnp_slp_too_long: {
    meaning: 'A peer-to-peer invitation is longer than 65,536 bytes.',
    note: 'An invitation with a preview picture has about 30 KiB; more exhausts memory in clients.',
  },
  msnp_slp_parts_differ: {
    meaning: 'The parts of a peer-to-peer invitation overlap, or name another total than its first one.',
    note: 'Offsets and totals that lie have made clients write outside their buffers (CVE-2009-2694, CVE-2008-2927); the invitation is not read.',
  },
  msnp_short_context: {
    meaning: 'The description of an offered file is shorter than its fixed part or names nothing.',
    note: 'Clients read past its end (CVE-2010-0277).',
  },
  msnp_path_in_name: {
    meaning: 'The name of an offered file contains a path.',
    note: 'Somebody may try to have it stored elsewhere (compare CVE-2010-0013).',
  },
  msnp_not_of_dialect: {
    meaning: 'A command is not one of the dialect that client and server agreed on.',
    note: 'A client that speaks more than one dialect at once is none that was ever published; servers close such connections. It is read nevertheless.',
  },
  msnp_user_too_long: {
    meaning:
      'A user is named with more characters (384) than an e-mail address, its network and its endpoint can have.',
    note: 'No server gives out such an account; somebody tries to overflow a buffer. It is not read.',
  },
  msnp_name_too_long: {
    meaning: 'A display name is longer than 387 characters.',
    note: 'Servers took 387 bytes; longer ones were used against clients. It is told.',
  },
  msnp_path_in_location: {
    meaning:
      'The location of an MSN object (a display picture, an emoticon, a wink) leads to a directory above.',
    note: 'Clients that took it for a file name sent any file of their owner (CVE-2010-0013).',
  },
  msnp_object_too_long: {
    meaning: 'An MSN object is longer than 16,384 characters, or its location or creator longer than 512.',
    note: 'No client makes one; somebody tries to overflow a buffer.',
  },
};
