/** The only door for plug-ins. */
export { Cursor } from '../core/cursor.ts';
export {
  decodeGuess,
  decodeLatin1,
  decodeUtf16be,
  decodeUtf16le,
  decodeUtf8,
  decodeUtf8Strict,
  decodeWindows1252,
} from '../core/text.ts';
export { formatIPv4, formatIPv6 } from '../core/address.ts';
export { formatTime } from '../core/time.ts';
export { decodeBase64, EUF, parseFileContext, parseSlp, SLP_CONTENT_TYPE } from './msnslp.ts';
export type { SlpMessage } from './msnslp.ts';
export { hasMarkup, htmlToText, messageText } from './html.ts';
export type { XmlElement } from './xml/element.ts';
export type { XmlTrouble } from './xml/limits.ts';
export { XML, XmlStreamReader } from './xml/reader.ts';
export { HelloSight, SIGHT } from './tls/sight.ts';
export { ServerSight } from './tls/server-sight.ts';
export { TlsWatch } from './tls/watch.ts';
export type { EveTls } from '../event/tls.ts';
export type { AnomalyTable } from '../core/anomaly.ts';
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
} from '../event/im.ts';
export { ANSWER, PROBE, Probe } from './plugin.ts';
export type {
  Carry,
  Detector,
  Dissector,
  FlowContext,
  InnerStream,
  InnerTarget,
  ProbeAnswer,
  Protocol,
} from './plugin.ts';
export { field, hasToken, headEnd } from './http/head.ts';
export type { HttpHead } from './http/head.ts';
export { HTTP, HttpExchange, HttpReader, startsMessage } from './http/reader.ts';
export type { HttpTrouble } from './http/reader.ts';
export { readProxyCredentials } from './http/credentials.ts';
export { serviceOf } from './http/services.ts';
export { HttpDialog } from './http/dialog.ts';
export type { HttpHandler } from './http/dialog.ts';
export { MAX_DEFLATED, MessageInflater } from './http/inflate.ts';
export { ZlibStream } from './zlib-stream.ts';
