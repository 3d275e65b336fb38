/** First byte of a TLS record that carries a handshake. */
export const TLS_HANDSHAKE = 0x16;

/** First bytes of a hello in the form of SSL 2.0: its length, of which real ones fill little more than the low byte. */
export const V2_HELLO = [0x80, 0x81] as const;

/** Application protocols of XMPP (XEP-0368; IANA). */
export const XMPP_CLIENT = 'xmpp-client';
export const XMPP_SERVER = 'xmpp-server';

/** Where clients of the networks in question use TLS from the first byte on. */
export const PORTS = [443, 5223] as const;

/** Registered for nobody; XMPP in direct TLS was there first. */
export const PORT_XMPP_TLS = 5223;
