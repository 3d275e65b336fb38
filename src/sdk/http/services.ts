/**
 * Which network a host that a proxy was asked for belongs to. Only for attempts that were refused: a
 * name is a hint, never a verdict on what a connection carries.
 */
const HOSTS: readonly (readonly [suffix: string, service: string])[] = [
  ['oscar.aol.com', 'aim'],
  ['login.messaging.aol.com', 'aim'],
  ['toc.oscar.aol.com', 'aim'],
  ['login.icq.com', 'icq'],
  ['ars.icq.com', 'icq'],
  ['http.proxy.icq.com', 'icq'],
  ['messenger.hotmail.com', 'msn'],
  ['messenger.msn.com', 'msn'],
  ['messenger.live.com', 'msn'],
  ['msg.yahoo.com', 'yahoo'],
  ['talk.google.com', 'gtalk'],
  ['chat.facebook.com', 'facebook'],
  ['jabber.org', 'xmpp'],
];

/** Ports that only IM uses; enough to call a refused attempt, with low confidence. */
const PORTS: ReadonlyMap<number, string> = new Map([
  [5190, 'aim'],
  [1863, 'msn'],
  [5050, 'yahoo'],
  [5222, 'xmpp'],
  [5223, 'xmpp'],
]);

export interface KnownService {
  readonly service: string;
  readonly confidence: 'low' | 'medium';
}

/** The network of `host` and `port`, where one is known to live there. */
export function serviceOf(host: string, port: number): KnownService | undefined {
  const name = host.toLowerCase().replace(/\.$/, '');
  for (const [suffix, service] of HOSTS) {
    if (name === suffix || name.endsWith(`.${suffix}`)) return { service, confidence: 'medium' };
  }
  const service = PORTS.get(port);
  return service === undefined ? undefined : { service, confidence: 'low' };
}
