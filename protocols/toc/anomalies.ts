import type { AnomalyTable } from '../../src/sdk/index.ts';

export const anomalies: AnomalyTable = {
  toc_desync: {
    meaning:
      'Bytes that are no FLAP frame stood where one must begin; the next plausible frame was taken up.',
    note: 'A frame length that lies, damage on the way, or another protocol in the same connection.',
  },
  toc_signon_malformed: {
    meaning: 'A sign-on command lacked a name or a roasted password.',
    note: 'A broken or hand-written client, or a probe.',
  },
  toc_unknown_command: {
    meaning: 'A line began with a command that is not of TOC 1.0 or TOC 2.0.',
    note: 'A later dialect, a private extension, or a fuzzed client.',
  },
  toc_fields_missing: {
    meaning: 'A command had fewer arguments or fields than it needs and was not used.',
    note: 'A truncated line or a broken client.',
  },
  toc_utf16_text: {
    meaning: 'The text of a room message was raw UTF-16 inside a line of text.',
    note: 'Open OSCAR Server passes the text of OSCAR members unchanged to TOC members.',
  },
  toc_c1_entities: {
    meaning: 'Bytes 0x80 to 0x9F of UTF-8 text were written as numeric entities.',
    note: 'naim 0.11 does so for every message beyond ASCII.',
  },
  toc_limit: {
    meaning: 'More names, rooms or transfers came in one session or one frame than are kept or told.',
    note: 'The oldest are forgotten, those beyond the limit are not told; a scripted client or a flood.',
  },
};
