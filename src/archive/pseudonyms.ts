import { createHmac, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { createCipheriv, createDecipheriv, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { BoundedMap } from '../core/cache.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveAlert, EveEvent, ImObject } from '../event/eve.ts';
import { append, readText, writeWhole } from './files.ts';
import { plainFields } from './chained-log.ts';
import { archiveLimit } from './limits.ts';
import { plainName } from './names.ts';
import { readKey } from './keys.ts';

/**
 * Keyed pseudonyms: a name becomes `p<epoch>:` and 96 bits of an HMAC-SHA-256. Who has the key can try names; who has
 * not cannot. Ids and addresses, which could be guessed the same way, are made anew under the key, too.
 */
export class Pseudonyms {
  readonly #key: Buffer;
  readonly #epoch: number;
  readonly #known = new BoundedMap<string, string>(archiveLimit('archive_pseudonyms'));
  readonly #onNew: ((pseudonym: string, name: string) => void) | undefined;

  /** `onNew` is told of each name that was not remembered; it may be told of one again. */
  constructor(key: { epoch: number; key: Buffer }, onNew?: (pseudonym: string, name: string) => void) {
    this.#key = key.key;
    this.#epoch = key.epoch;
    this.#onNew = onNew;
  }

  #mac(kind: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${kind}\0${text}`).digest();
  }

  /** The pseudonym of an account, person or room of a network. */
  name(network: string, name: string): string {
    const subject = `${network}:${plainName(name)}`;
    const known = this.#known.get(subject);
    if (known !== undefined) return known;
    const made = `p${this.#epoch}:${this.#mac('name', subject).subarray(0, 12).toString('hex')}`;
    this.#known.set(subject, made);
    this.#onNew?.(made, subject);
    return made;
  }

  #id(id: string): string {
    return this.#mac('id', id).subarray(0, 16).toString('hex');
  }

  /** An address of a range that nobody else has (RFC 4193), so that what reads addresses still can. */
  #address(address: string): string {
    const bytes = this.#mac('address', address);
    bytes[0] = 0xfd;
    const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
    return groups.join(':');
  }

  /** The event without a name, text, address or id that could be traced without the key. Fields not known here go. */
  event(event: EveEvent): EveEvent {
    const { timestamp, event_type, host, in_iface, src_port, dest_port, proto, app_proto } = event;
    const kept: EveEvent = {
      ...set({ timestamp, event_type, host, in_iface }),
      ...(event.flow_id !== undefined && { flow_id: this.#flowId(event.flow_id) }),
      ...(event.src_ip !== undefined && { src_ip: this.#address(event.src_ip) }),
      ...(event.dest_ip !== undefined && {
        dest_ip: isInside(event.dest_ip) ? this.#address(event.dest_ip) : event.dest_ip,
      }),
      ...set({ src_port, dest_port, proto, app_proto, direction: event.direction }),
      ...set({ flow: event.flow, tcp: event.tcp, anomaly: event.anomaly, stats: event.stats }),
    } as EveEvent;
    if (event.alert !== undefined) kept.alert = bareAlert(event.alert);
    if (event.fileinfo !== undefined) {
      const { size, state, stored, gaps } = event.fileinfo;
      kept.fileinfo = set({ size, state, stored, gaps });
    }
    if (event.im !== undefined) kept.im = this.#im(event.im);
    return kept;
  }

  #flowId(id: number): number {
    return this.#mac('flow', String(id)).readUIntBE(0, 6);
  }

  #im(im: ImObject): ImObject {
    const network = im.service ?? '';
    const name = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : this.name(network, text);
    const id = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : this.#id(text);
    const { kind, service, sent, op, format, offline, auto, encrypted, truncated, copy, call, state } = im;
    const { text_length, carrier, seen, midstream, start, end, count, first_seen, last_seen, confidence } =
      im;
    return set({
      ...{ v: im.v, id: this.#id(im.id), kind, service },
      ...{ session: id(im.session), conversation: id(im.conversation), message_id: id(im.message_id) },
      ...{ second_leg_of: id(im.second_leg_of), finding: id(im.finding) },
      ...{ account: name(im.account), from: name(im.from), to: im.to?.map((to) => this.name(network, to)) },
      members: im.members?.map((member) => this.name(network, member)),
      person: im.person === undefined ? undefined : this.name('person', im.person),
      room: im.room && { id: this.name(network, im.room.id) },
      contact: im.contact && { op: im.contact.op, id: this.name(network, im.contact.id) },
      ...{ sent, op, format, offline, auto, encrypted, truncated, copy, call, state, text_length, carrier },
      ...{ seen, midstream, start, end, count, first_seen, last_seen, confidence },
      auth:
        im.auth && set({ mechanism: im.auth.mechanism, result: im.auth.result, exposed: im.auth.exposed }),
      client: im.client && set({ name: im.client.name, version: im.client.version, raw: '', evidence: [] }),
      status: im.status && { show: im.status.show },
      file:
        im.file &&
        set({ id: id(im.file.id), size: im.file.size, method: im.file.method, state: im.file.state }),
      stats: im.stats,
    }) as unknown as ImObject;
  }
}

/** The fields that are set. */
function set(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** An alert without the words that may name somebody. */
function bareAlert(alert: EveAlert): EveAlert {
  const { confidence, mitre_technique_id } = alert.metadata;
  const metadata = set({ confidence, mitre_technique_id }) as Record<string, string[]>;
  const { action, gid, signature_id, rev, signature, category, severity } = alert;
  return { action, gid, signature_id, rev, signature, category, severity, metadata };
}

const INSIDE =
  /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** Addresses of somebody's own network (RFC 1918, RFC 6598, RFC 4193, link-local). */
function isInside(address: string): boolean {
  return isIPv6(address) ? /^(f[cd]|fe[89ab])/i.test(address) : INSIDE.test(address);
}

/** Names behind pseudonyms, each sealed for two people (X25519): it opens with the keys of both only. */
export class TwoPersonBook {
  readonly #path: string;
  readonly #guardians: readonly [KeyObject, KeyObject];
  readonly #written = new Set<string>();

  constructor(path: string, guardians: readonly [KeyObject, KeyObject]) {
    this.#path = path;
    this.#guardians = guardians;
    for (const line of (readText(path) ?? '').split('\n')) {
      const { pseudonym } = plainFields(line) ?? {};
      if (typeof pseudonym === 'string') this.#written.add(pseudonym);
    }
  }

  /** Writes the name down, once; false where there are too many already. */
  add(pseudonym: string, name: string): boolean {
    if (this.#written.has(pseudonym)) return true;
    if (this.#written.size >= archiveLimit('archive_book')) return false;
    this.#written.add(pseudonym);
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const key = boxKey(this.#guardians.map((guardian) => diffieHellman({ privateKey, publicKey: guardian })));
    const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(Buffer.from(pseudonym));
    const bytes = Buffer.concat([cipher.update(name, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    const box = {
      pseudonym,
      key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      data: bytes.toString('base64'),
    };
    append(this.#path, `${JSON.stringify(box)}\n`);
    return true;
  }
}

/** One key for each name (it is made with a key pair of its own), so that the nonce may be all zeros. */
function boxKey(secrets: readonly Buffer[]): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.concat(secrets), '', 'imspan two people', 32));
}

/** Takes the names behind these pseudonyms out of the book: how many there were. */
export function forgetPseudonyms(path: string, pseudonyms: ReadonlySet<string>): number {
  const lines = (readText(path) ?? '').split('\n').filter((line) => line !== '');
  const kept = lines.filter((line) => !pseudonyms.has(String(plainFields(line)?.pseudonym)));
  if (kept.length < lines.length) writeWhole(path, kept.map((line) => `${line}\n`).join(''));
  return lines.length - kept.length;
}

/** The name behind a pseudonym, by the private keys of both people. Throws an OperatorError where that cannot be. */
export function openPseudonym(path: string, pseudonym: string, keyFiles: readonly [string, string]): string {
  const keys = keyFiles.map((file) => readKey(file, createPrivateKey, 'x25519'));
  for (const line of (readText(path) ?? '').split('\n')) {
    const box = plainFields(line);
    if (box?.pseudonym !== pseudonym) continue;
    for (const order of [keys, [...keys].reverse()]) {
      const name = openBox(box, pseudonym, order);
      if (name !== undefined) return name;
    }
    throw new OperatorError(`${pseudonym}: these are not the keys of both people`, EXIT.IO);
  }
  throw new OperatorError(`${pseudonym}: no name is kept for it (never, or erased)`, EXIT.IO);
}

function openBox(
  box: Record<string, unknown>,
  pseudonym: string,
  keys: readonly KeyObject[],
): string | undefined {
  try {
    const der = Buffer.from(String(box.key), 'base64');
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const key = boxKey(keys.map((privateKey) => diffieHellman({ privateKey, publicKey })));
    const bytes = Buffer.from(String(box.data), 'base64');
    const open = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(Buffer.from(pseudonym));
    open.setAuthTag(bytes.subarray(-16));
    return open.update(bytes.subarray(0, -16), undefined, 'utf8') + open.final('utf8');
  } catch {
    return undefined;
  }
}
