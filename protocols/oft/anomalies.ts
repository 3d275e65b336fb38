import type { AnomalyTable } from '../../src/sdk/index.ts';

export const anomalies: AnomalyTable = {
  oft_desync: {
    meaning: 'Bytes that begin no header stood where one must begin; the next plausible header was taken up.',
    note: 'A file longer or shorter than its header says, damage on the way, or another protocol.',
  },
  oft_checksum_mismatch: {
    meaning: 'All bytes of a file passed and their OFT checksum is not the one in the header.',
    note: 'The sender computed it over other data, or the file was changed while it was sent.',
  },
  oft_payload_overlong: {
    meaning: 'A direct IM header announced a payload that no message has; it was not believed.',
    note: 'A length that lies: damage, or an attempt to make a client reserve memory.',
  },
  oft_proxy_malformed: {
    meaning: 'A frame of the rendezvous proxy protocol is shorter than its fields.',
    note: 'A broken client or proxy, or a probe.',
  },
};
