import type { AnomalyTable } from '../../src/sdk/index.ts';

/** Oddities of direct connections between MSN clients. */
export const ANOMALIES: AnomalyTable = {
  msnp2p_frame_too_long: {
    meaning: 'A frame is longer than 65,584 bytes.',
    note: 'Clients send some 1,400 bytes at a time; the connection is not read further.',
  },
  msnp2p_bad_header: {
    meaning: 'The numbers in a frame contradict each other or its length.',
    note: 'Such headers were used against clients (CVE-2009-2694, CVE-2009-1376).',
  },
  msnp2p_short: {
    meaning: 'A frame of version 2 has no room for the header that it begins or announces.',
    note: 'Pidgin 2.7.6 to 2.7.8 reads past its end (CVE-2010-4528).',
  },
  msnp2p_overstated_length: {
    meaning: 'The header of the last part of data names more bytes than the frame holds.',
    note: 'A habit of libpurple 2.7 to 2.10 (Pidgin), whatever the client says it is; the part is read.',
  },
  msnp2p_slp_too_long: {
    meaning: 'A text is longer than 65,536 bytes.',
    note: 'An invitation with a preview picture has about 30 KiB; more exhausts memory in clients.',
  },
  msnp2p_slp_parts_differ: {
    meaning: 'The parts of a text overlap, or name another total than its first one.',
    note: 'Offsets and totals that lie have made clients write outside their buffers (CVE-2009-2694, CVE-2008-2927); the text is not read.',
  },
  msnp2p_short_context: {
    meaning: 'The description of an offered file is shorter than its fixed part or names nothing.',
    note: 'Clients read past its end (CVE-2010-0277).',
  },
  msnp2p_path_in_name: {
    meaning: 'The name of an offered file contains a path.',
    note: 'Somebody may try to have it stored elsewhere (compare CVE-2010-0013).',
  },
};
