import { ANSWER, TlsWatch, TO_CLIENT, TO_SERVER, XML, XmlStreamReader } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  XmlElement,
  XmlTrouble,
} from '../../src/sdk/index.ts';
import type { AnomalyCode } from './anomalies.ts';
import { IdWatch } from './client.ts';
import { CompressedSide, startsZlib } from './compression.ts';
import { onSuggested } from './contacts.ts';
import { isSignOnStep, onIq } from './iq.ts';
import { onMessage } from './message.ts';
import { onPresence } from './presence.ts';
import { XmppSession } from './session.ts';
import type { Place } from './session.ts';
import { SignOn } from './signon.ts';
import { onDialback, onHeader, onStreamError, tellEncrypted } from './stream.ts';
import { NS, STANZA_NAMESPACES, STREAM, TLS_HANDSHAKE, TOP_LEVEL, USUAL_PREFIXES } from './wire.ts';

/** Bytes without anything of XMPP in them after which a flow is given up. */
const HOPELESS = 512 * 1024;

const TROUBLES: Readonly<Record<XmlTrouble, AnomalyCode>> = {
  not_well_formed: 'xmpp_not_well_formed',
  dtd: 'xmpp_dtd',
  comment_or_pi: 'xmpp_comment_or_pi',
  entity: 'xmpp_undefined_entity',
  character: 'xmpp_bad_character',
  encoding: 'xmpp_bad_utf8',
  large: 'xmpp_stanza_large',
  oversize: 'xmpp_stanza_oversize',
  depth: 'xmpp_depth_limit',
  elements: 'xmpp_element_limit',
  attributes: 'xmpp_attribute_limit',
};

/** What the stream turns into when the peer agrees. */
type Turn = 'tls' | 'zlib';

/**
 * Reads one XMPP connection: client to server, server to server, or a component. Also the inner
 * stream of BOSH (`<body/>` wrappers) and of WebSocket (`<open/>`, `<close/>`), as a carrier hands it on.
 */
export class XmppDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #session: XmppSession;
  readonly #signOn: SignOn;
  readonly #ids = new IdWatch();
  readonly #readers: readonly [XmlStreamReader, XmlStreamReader];
  readonly #ended: [boolean, boolean] = [false, false];
  readonly #last: [number, number] = [0, 0];
  /** What the client asked the stream to become. */
  #asked: Turn | undefined;
  /** A reason to sign off that a stream error gave. */
  #reason: string | undefined;
  #stop = false;
  /** Its handshake, once the stream goes on in TLS, and where it was agreed to. */
  #tls: TlsWatch | undefined;
  #tlsAt: Place = { direction: TO_SERVER, offset: 0 };
  /** The server's bytes are TLS, too: its <proceed/> is behind. */
  #serverInTls = false;
  /** The peer agreed to compress: each direction does from its next bytes on. */
  #compressing = false;
  readonly #compressed: [CompressedSide | undefined, CompressedSide | undefined] = [undefined, undefined];
  /** Directions of a compressed stream that cannot be read on. */
  readonly #deaf: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#session = new XmppSession(flow);
    this.#signOn = new SignOn(this.#session);
    this.#readers = [this.#reader(TO_SERVER), this.#reader(TO_CLIENT)];
  }

  #reader(direction: Direction): XmlStreamReader {
    const reader = new XmlStreamReader({
      root: STREAM,
      starts: TOP_LEVEL,
      prefixes: USUAL_PREFIXES,
      trouble: (code, offset) => this.#flow.anomaly(direction, offset, TROUBLES[code]),
    });
    if (this.#flow.midstream) reader.lose();
    return reader;
  }

  data(direction: Direction, cursor: Cursor): number {
    this.#session.seen[direction] = true;
    if (this.#stop) return ANSWER.SKIP;
    if (this.#asked && !this.#tls && !this.#compressing) this.#turned(direction, cursor);
    if (this.#tls && this.#isTls(direction, cursor)) return this.#handshake(this.#tls, direction, cursor);
    if (this.#compressed[direction] || this.#deaf[direction] || this.#isCompressed(direction, cursor))
      return this.#inflate(direction, cursor);
    return this.#read(direction, cursor);
  }

  /** Reads the pieces at the cursor, of the stream itself or inflated. */
  #read(direction: Direction, cursor: Cursor): number {
    const reader = this.#readers[direction];
    for (;;) {
      const answer = reader.next(cursor);
      this.#last[direction] = cursor.tell();
      if (answer === XML.MORE) return reader.passed > HOPELESS ? this.#giveUp(direction) : ANSWER.DONE;
      const at: Place = { direction, offset: reader.offset };
      if (answer === XML.CLOSE) this.#closed(at, 'stream closed');
      else if (reader.element) this.#piece(at, reader.element, answer === XML.OPEN);
      if (this.#stop) return ANSWER.SKIP;
      if (this.#tls && this.#isTls(direction, cursor)) return this.#handshake(this.#tls, direction, cursor);
      if (this.#isCompressed(direction, cursor)) return this.#inflate(direction, cursor);
    }
  }

  /** True where the direction's compressed bytes begin at the cursor: its side of the stream is made then. */
  #isCompressed(direction: Direction, cursor: Cursor): boolean {
    if (!this.#compressing || this.#compressed[direction] || !startsZlib(cursor)) return false;
    this.#compressed[direction] = new CompressedSide(this.#flow, cursor.tell());
    return true;
  }

  /** Inflates a little at a time, and reads what that yields. */
  #inflate(direction: Direction, cursor: Cursor): number {
    const side = this.#compressed[direction];
    while (cursor.left > 0) {
      if (!side || this.#deaf[direction]) {
        cursor.pos = cursor.end;
        break;
      }
      side.inflate(cursor);
      const answer = this.#read(direction, side.cursor);
      if (answer !== ANSWER.DONE) return answer;
      if (side.trouble) {
        this.#session.odd({ direction, offset: cursor.tell() }, side.trouble);
        this.#deafen(direction);
      }
    }
    return this.#stop ? ANSWER.SKIP : ANSWER.DONE;
  }

  /** What follows in a compressed direction cannot be read: each byte refers to those before it. */
  #deafen(direction: Direction): void {
    this.#deaf[direction] = true;
    this.#stop = this.#deaf[TO_SERVER] && this.#deaf[TO_CLIENT];
  }

  /** The bytes at the cursor are of the handshake: all the client's, and the server's behind its <proceed/>. */
  #isTls(direction: Direction, cursor: Cursor): boolean {
    if (direction === TO_SERVER || this.#serverInTls) return true;
    this.#serverInTls = cursor.peek() === TLS_HANDSHAKE;
    return this.#serverInTls;
  }

  #handshake(tls: TlsWatch, direction: Direction, cursor: Cursor): number {
    const over = tls.data(direction, cursor);
    this.#last[direction] = cursor.tell();
    if (!over && !tls.bad) return ANSWER.DONE;
    this.#tellTls();
    return ANSWER.SKIP;
  }

  #tellTls(): void {
    if (!this.#tls) return;
    tellEncrypted(this.#session, this.#tlsAt, this.#tls.facts());
    this.#tls = undefined;
    this.#stop = true;
  }

  gap(direction: Direction): void {
    if (this.#tls?.gap(direction) === true) this.#tellTls();
    if (this.#compressing && !this.#deaf[direction]) {
      this.#session.odd({ direction, offset: this.#last[direction] }, 'xmpp_compressed_not_read');
      this.#deafen(direction);
    }
    this.#readers[direction].lose();
    if (direction === TO_CLIENT) this.#signOn.missed();
  }

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[TO_SERVER] || !this.#ended[TO_CLIENT]) return;
    this.#tellTls();
    const at: Place = { direction, offset: this.#last[direction] };
    this.#signOn.finish(at);
    this.#ids.finish(this.#session, at);
    this.#session.finish();
    this.#signOff(at, 'connection ended');
  }

  #giveUp(direction: Direction): number {
    this.#signOn.finish({ direction, offset: this.#last[direction] });
    return ANSWER.BAD;
  }

  /** The bytes may be what the client asked to turn to, though the answer that says so is not in view. */
  #turned(direction: Direction, cursor: Cursor): void {
    if (this.#asked === 'zlib') {
      this.#compressing = startsZlib(cursor);
      return;
    }
    if (cursor.peek() !== TLS_HANDSHAKE) return;
    const at: Place = { direction, offset: cursor.tell() };
    this.#session.odd(at, 'xmpp_tls_unannounced');
    this.#startTls(at);
  }

  /** The stream goes on in TLS: nothing of it can be read but the handshake. */
  #startTls(at: Place): void {
    this.#signOn.finish(at);
    this.#ids.finish(this.#session, at);
    this.#tls = new TlsWatch(this.#session.seen[TO_SERVER]);
    this.#tlsAt = at;
  }

  #piece(at: Place, element: XmlElement, open: boolean): void {
    if (open) {
      if (element.ns !== NS.STREAMS) this.#session.odd(at, 'xmpp_wrong_namespace');
      onHeader(this.#session, at, element);
      return;
    }
    if (STANZA_NAMESPACES.has(element.ns) && this.#stanza(at, element)) return;
    if (this.#signOn.sasl(element, at)) return;
    const handler = STREAM_ELEMENTS.get(element.ns);
    if (handler) handler(this, at, element);
    else if (isStanzaName(element.name)) this.#session.odd(at, 'xmpp_wrong_namespace');
  }

  /** True where the element is a stanza, or else what a content namespace defines. */
  #stanza(at: Place, element: XmlElement): boolean {
    const session = this.#session;
    if (element.name === 'handshake') {
      this.#signOn.handshake(element, at);
      return true;
    }
    if (!isStanzaName(element.name)) return false;
    if (!isSignOnStep(element)) this.#signOn.passed(at);
    const stanza = session.stanza(element, at);
    this.#ids.look(session, stanza);
    if (element.name === 'iq') onIq(session, this.#signOn, stanza);
    else if (element.name === 'presence') onPresence(session, stanza);
    else onMessage(session, stanza);
    if (element.name !== 'presence') onSuggested(session, stanza);
    return true;
  }

  /** Elements of the stream's own namespace: an error closes it. */
  streamElement(at: Place, element: XmlElement): void {
    if (element.name !== 'error') return;
    const reason = onStreamError(this.#session, at, element);
    this.#signOn.finish(at, reason);
    this.#reason = reason;
    this.#closed(at, 'stream error');
  }

  tls(at: Place, element: XmlElement): void {
    if (element.name === 'starttls') this.#asked = 'tls';
    else if (element.name === 'proceed') this.#proceed(at);
    else if (element.name === 'failure') this.#asked = undefined;
  }

  #proceed(at: Place): void {
    this.#serverInTls = at.direction === TO_CLIENT;
    if (!this.#tls) this.#startTls(at);
  }

  compression(element: XmlElement): void {
    if (element.name === 'compress') this.#asked = 'zlib';
    else if (element.name === 'compressed') this.#compressing = true;
    else if (element.name === 'failure') this.#asked = undefined;
  }

  dialback(at: Place, element: XmlElement): void {
    onDialback(this.#session, at, element);
  }

  /** Stream management (XEP-0198): a resumed session has no resource binding. */
  management(at: Place, element: XmlElement): void {
    if (element.name === 'resumed') this.#signOn.settle(at);
  }

  /** The wrapper of BOSH (XEP-0124): its attributes are a header, its children the pieces of the stream. */
  boshBody(at: Place, body: XmlElement): void {
    if (body.name !== 'body') return;
    onHeader(this.#session, at, body);
    for (const child of body.children) {
      if (this.#stop) return;
      this.#piece(at, child, false);
    }
    if (body.attr('type') === 'terminate') this.#closed(at, body.attr('condition') || 'stream closed');
  }

  /** The stream's ends over WebSocket (RFC 7395). */
  framing(at: Place, element: XmlElement): void {
    if (element.name === 'open') onHeader(this.#session, at, element);
    else if (element.name === 'close') this.#closed(at, 'stream closed');
  }

  /** The stream is over at one side. */
  #closed(at: Place, how: string): void {
    this.#signOn.settle(at);
    this.#signOff(at, this.#reason ?? how);
  }

  #signOff(at: Place, reason: string): void {
    const session = this.#session;
    if (!session.signedOn || session.account === undefined || session.role === 'server') return;
    session.signedOn = false;
    const resource = session.resource;
    session.tell(at, {
      kind: 'logout',
      reason,
      ...(resource === undefined ? {} : { from_resource: resource }),
    });
  }
}

type StreamHandler = (dissector: XmppDissector, at: Place, element: XmlElement) => void;

/** What is not a stanza, by namespace. */
const STREAM_ELEMENTS: ReadonlyMap<string, StreamHandler> = new Map<string, StreamHandler>([
  [NS.STREAMS, (dissector, at, element) => dissector.streamElement(at, element)],
  [NS.TLS, (dissector, at, element) => dissector.tls(at, element)],
  [NS.COMPRESS, (dissector, _, element) => dissector.compression(element)],
  [NS.DIALBACK, (dissector, at, element) => dissector.dialback(at, element)],
  [NS.SM, (dissector, at, element) => dissector.management(at, element)],
  [NS.HTTPBIND, (dissector, at, element) => dissector.boshBody(at, element)],
  [NS.FRAMING, (dissector, at, element) => dissector.framing(at, element)],
]);

function isStanzaName(name: string): boolean {
  return name === 'message' || name === 'presence' || name === 'iq';
}
