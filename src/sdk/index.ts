/** The only door for plug-ins. */
export { asciiBytes, couldBegin } from './bytes.ts';
export { decodeBase64, decodeBase64Strict } from './base64.ts';
export { Cursor } from '../core/cursor.ts';
export {
  decodeGuess,
  decodeLatin1,
  decodeUtf16be,
  decodeUtf16le,
  decodeUtf8,
  decodeUtf8Strict,
  decodeWindows1252,
  ownText,
} from '../core/text.ts';
export { formatIPv4, formatIPv6 } from '../core/address.ts';
export { askedEvidence } from '../core/asked-name.ts';
export { LONGEST_DNS_NAME, pastDnsName } from '../core/dns-name.ts';
export type { AskedName } from '../core/asked-name.ts';
export { formatTime } from '../core/time.ts';
export {
  EUF,
  parseFileContext,
  parseObjectContext,
  parseSlp,
  SessionData,
  SLP_CONTENT_TYPE,
} from './msnslp.ts';
export type { FileContext, SlpMessage } from './msnslp.ts';
export { costOfText, Keep, KeptMap } from './keep.ts';
export { MAX_SLP, SLP, SlpJoiner } from './slp-joiner.ts';
export { sha1Hex } from './digest.ts';
export { hasMarkup, htmlToText, messageText } from './html.ts';
export type { XmlElement } from './xml/element.ts';
export type { XmlTrouble } from './xml/limits.ts';
export { XML, XmlStreamReader } from './xml/reader.ts';
export { HelloSight, SIGHT } from './tls/sight.ts';
export { ServerSight } from './tls/server-sight.ts';
export { TlsWatch } from './tls/watch.ts';
export type { EveTls } from '../event/tls.ts';
export type { AnomalyTable } from '../core/anomaly.ts';
export type { FileAnnouncement, FileDigest, FileTarget } from '../event/file.ts';
export { TO_CLIENT, TO_SERVER } from '../event/im.ts';
export type {
  AppProto,
  Auth,
  CarrierName,
  ClientSoftware,
  Confidence,
  Direction,
  FileTransfer,
  ImFacts,
  ImKind,
  TextStyle,
} from '../event/im.ts';
export { ANSWER, PROBE, Probe } from './plugin.ts';
export type {
  Carry,
  Detector,
  Dissector,
  FileOutcome,
  FileWriter,
  FlowContext,
  InnerStream,
  InnerTarget,
  ProbeAnswer,
  Protocol,
} from './plugin.ts';
export { endOfTarget, field, hasToken, headEnd } from './http/head.ts';
export type { HttpHead } from './http/head.ts';
export { HttpExchange } from './http/exchange.ts';
export { HTTP, HttpReader, startsMessage } from './http/reader.ts';
export type { HttpTrouble } from './http/reader.ts';
export { readProxyCredentials } from './http/credentials.ts';
export { serviceOf } from './http/services.ts';
export {
  evidenceOf,
  isListed,
  isListedNetwork,
  isOuterName,
  isUnlisted,
  rowOf,
  rowOfRequest,
  rowOfRequestText,
  rowOfText,
} from './services/match.ts';
export { SERVICE_ROWS } from './services/rows.ts';
export type { ServiceRow } from './services/rows.ts';
export { HttpDialog } from './http/dialog.ts';
export type { HttpHandler } from './http/dialog.ts';
export { looksPacked, peekPacked } from './http/peek.ts';
export { MAX_DEFLATED, MessageInflater, WINDOW } from './http/inflate.ts';
export { ZlibStream } from './zlib-stream.ts';
export { mayBeInitial } from './quic/initials.ts';
export { QUIC_HELLO, QuicWatch } from './quic/watch.ts';
export { APPS } from '../core/apps.ts';
