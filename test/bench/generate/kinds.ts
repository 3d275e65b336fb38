/** What flows are made of; a flow's kind is its place here. */
export const KINDS = [
  'dns',
  'http',
  'tls',
  'bulk',
  'scan',
  'smtp',
  'imap',
  'ssh',
  'redis',
  'rtp',
  'oscar',
  'msnp',
  'ymsg',
  'xmpp',
] as const;
export type Kind = (typeof KINDS)[number];

export const IM_KINDS: readonly Kind[] = ['oscar', 'msnp', 'ymsg', 'xmpp'];

/** Server ports by which port-based tools know the four networks. */
export const IM_PORTS = { oscar: 5190, msnp: 1863, ymsg: 5050, xmpp: 5222 } as const;
