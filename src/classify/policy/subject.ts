/** What is known of one client on one connection, or of one use of it. What is not known is absent. */
export interface Subject {
  /** The network: `aim`, `icq`, `msn`, `yahoo`, `xmpp`, ... */
  service: string;
  clientIp: string;
  serverIp: string;
  serverPort: number;
  account?: string;
  /** Domains that the client itself says it signs on to (an XMPP stream's `to`). */
  domains?: readonly string[];
  /** Names under which the server was seen (TLS server name, HTTP host, DNS). */
  serverNames?: readonly string[];
  client?: { name: string; version?: string };
  /** Packet time. */
  seconds?: number;
  /** `app_proto`. */
  protocol?: string;
  /** `im.carrier`; a stream of its own where absent. */
  carrier?: string;
  /** `tls`, `otr`, ...; nothing is hidden where absent. */
  encryption?: readonly string[];
  /** For what it is used; absent for a client that is only signed on. */
  features?: readonly string[];
}
