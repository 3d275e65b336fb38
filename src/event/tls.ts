/**
 * EVE's `tls` object, as far as imspan writes it: what a handshake shows without decryption. It rides
 * on `service` and `flow` events. Names and forms are Suricata's.
 */
export interface EveTls {
  sni?: string;
  /** `TLSv1`, `TLS 1.1`, `TLS 1.2`, `TLS 1.3`, `SSLv3`, `SSLv2`: what the server chose. */
  version?: string;
  /** Of the server's own certificate (TLS 1.2 and before): `C=US, O=Example, CN=im.example.net`. */
  subject?: string;
  issuerdn?: string;
  subjectaltname?: string[];
  /** SHA-1 of it, as `aa:bb:...`. */
  fingerprint?: string;
  client_alpns?: string[];
  server_alpns?: string[];
  ja3?: { hash: string; string: string };
  ja3s?: { hash: string; string: string };
  ja4?: string;
}
