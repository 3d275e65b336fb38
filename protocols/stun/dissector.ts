import { ANSWER, askedEvidence, decodeLatin1, evidenceOf, rowOfText } from '../../src/sdk/index.ts';
import type { Confidence, Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { markOfAttribute, markOfType } from './marks.ts';
import type { Mark } from './marks.ts';
import { ATTRIBUTE, attributes, isMedia, isStun, LONGEST_TEXT, typeOf } from './wire.ts';

/** Datagrams within which STUN says whose it is. */
const MAX_UNKNOWN = 24;
/** Datagrams of media in one direction from which on it is a call, some second of voice. */
const CALL = 50;
/** Datagrams after which a flow without media is let go. */
const MAX_DATAGRAMS = 4_096;

/** Reads STUN until it shows a messenger, then counts voice and video until there is a call. */
export class StunDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #media: [number, number] = [0, 0];
  #datagrams = 0;
  #service: string | undefined;
  #confidence: Confidence = 'low';

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    const { bytes, pos, end } = cursor;
    const offset = cursor.tell();
    cursor.pos = end;
    this.#datagrams++;
    if (isStun(bytes, pos, end)) {
      if (this.#service === undefined) this.#read(direction, offset, bytes, pos, end);
    } else if (isMedia(bytes, pos, end)) this.#media[direction]++;
    if (this.#service === undefined) {
      if (this.#datagrams < MAX_UNKNOWN) return ANSWER.DONE;
      return this.#byName(direction, offset) ? ANSWER.DONE : ANSWER.BAD;
    }
    if (this.#media[0] >= CALL && this.#media[1] >= CALL) return this.#call(direction, offset, this.#service);
    return this.#datagrams < MAX_DATAGRAMS ? ANSWER.DONE : ANSWER.SKIP;
  }

  gap(): void {
    // Datagrams have no gaps.
  }

  end(direction: Direction): void {
    if (this.#service === undefined) this.#byName(direction, 0);
  }

  #read(direction: Direction, offset: number, bytes: Uint8Array, start: number, end: number): void {
    const type = typeOf(bytes, start);
    let mark = markOfType(type);
    let seen = `message type 0x${hex(type)}`;
    let realm = '';
    let software = '';
    attributes(bytes, start, end, (attribute, from, to) => {
      if (attribute === ATTRIBUTE.REALM) realm = text(bytes, from, to);
      else if (attribute === ATTRIBUTE.SOFTWARE) software = text(bytes, from, to);
      const own = mark ? undefined : markOfAttribute(attribute);
      if (!own) return;
      mark = own;
      seen = `attribute 0x${hex(attribute)}`;
    });
    if (realm !== '' && this.#byRealm(direction, offset, realm)) return;
    if (mark) this.#tell(direction, offset, mark, seen, software);
  }

  /** The realm of a relay is a name of its owner's. */
  #byRealm(direction: Direction, offset: number, realm: string): boolean {
    const row = rowOfText(realm);
    if (!row) return false;
    this.#emit(direction, offset, row.service, row.confidence, [`stun: realm ${realm}`, evidenceOf(row)]);
    return true;
  }

  /** Where STUN itself says nothing, the name by which the server was looked up may. */
  #byName(direction: Direction, offset: number): boolean {
    const asked = this.#flow.asked();
    const row = asked && rowOfText(asked.name);
    if (!row) return false;
    this.#emit(direction, offset, row.service, 'low', [
      'stun: nothing of a messenger',
      askedEvidence(asked),
      evidenceOf(row),
    ]);
    return true;
  }

  #tell(direction: Direction, offset: number, mark: Mark, seen: string, software: string): void {
    this.#emit(direction, offset, mark.service, mark.confidence, [
      `stun: ${seen}, ${mark.what} (${mark.source})`,
      ...(software === '' ? [] : [`stun: software ${software}`]),
    ]);
  }

  #emit(
    direction: Direction,
    offset: number,
    service: string,
    confidence: Confidence,
    evidence: string[],
  ): void {
    this.#service = service;
    this.#confidence = confidence;
    this.#flow.emit(direction, offset, { kind: 'service', service, confidence, evidence });
  }

  #call(direction: Direction, offset: number, service: string): number {
    this.#flow.emit(direction, offset, {
      ...{ kind: 'call', service, call: { media: 'voice or video', state: 'start' } },
      ...{ confidence: this.#confidence, evidence: [`stun: ${CALL} datagrams of media each way`] },
    });
    return ANSWER.SKIP;
  }
}

function hex(number: number): string {
  return number.toString(16).padStart(4, '0');
}

/** Printable ASCII without quotes and blanks at its ends; empty for anything else. */
function text(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > LONGEST_TEXT) return '';
  const told = decodeLatin1(bytes, from, to).replace(/^[\s"\0]+|[\s"\0]+$/g, '');
  return /^[\x20-\x7e]*$/.test(told) ? told : '';
}
