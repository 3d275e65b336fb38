/** The registry: one line a protocol. Delete a folder and its line, and the protocol is gone. */
import type { Protocol } from '../src/sdk/index.ts';
import bosh from './bosh/index.ts';
import dns, { dnsOverTcp } from './dns/index.ts';
import http from './http/index.ts';
import httpConnect from './http-connect/index.ts';
import icq from './icq/index.ts';
import irc from './irc/index.ts';
import ircDcc from './irc-dcc/index.ts';
import msnGateway from './msn-gateway/index.ts';
import msnftp from './msnftp/index.ts';
import msnp from './msnp/index.ts';
import msnp2p from './msnp2p/index.ts';
import oft from './oft/index.ts';
import oscar from './oscar/index.ts';
import oscarHttp from './oscar-http/index.ts';
import quic from './quic/index.ts';
import shape, { udpShapes } from './shape/index.ts';
import socks from './socks/index.ts';
import stun from './stun/index.ts';
import tls from './tls/index.ts';
import toc from './toc/index.ts';
import tocHttp from './toc-http/index.ts';
import websocket from './websocket/index.ts';
import xmpp from './xmpp/index.ts';
import ymsg from './ymsg/index.ts';
import ymsgHttp from './ymsg-http/index.ts';

export const protocols: readonly Protocol[] = [
  bosh,
  dns,
  dnsOverTcp,
  http,
  httpConnect,
  icq,
  irc,
  ircDcc,
  msnGateway,
  msnftp,
  msnp,
  msnp2p,
  oft,
  oscar,
  oscarHttp,
  quic,
  shape,
  udpShapes,
  socks,
  stun,
  tls,
  toc,
  tocHttp,
  websocket,
  xmpp,
  ymsg,
  ymsgHttp,
];
