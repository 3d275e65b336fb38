import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import type { EveEvent, ImObject } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { placeOf } from '../alert.ts';
import type { Finding } from '../alert.ts';
import { packetSeconds } from '../clock.ts';
import type { Findings } from '../findings.ts';
import { matchGlob } from '../glob.ts';
import type { ClassifyLimits } from '../limits.ts';
import { cut, headerOf } from '../watch.ts';
import type { Watcher } from '../watcher.ts';
import { Beacons, isBlob } from './beacons.ts';
import { CONTENT_CLASSES } from './classes.ts';
import type { DocumentList } from './documents.ts';
import { EXPLOITS } from './exploits.ts';
import { byteSightings, nameSightings } from './file-sightings.ts';
import { documentSighting, leakSightings, leakingFile, passageSighting } from './leak-sightings.ts';
import { botCommand, linkSightings } from './link-sightings.ts';
import type { DomainList, HashList } from './lists.ts';
import { judgeName } from './names.ts';
import type { ContentSettings } from './settings.ts';
import { sighting } from './sighting.ts';
import type { Sighting } from './sighting.ts';

/** Lists of the operator's. */
export interface ContentLists {
  readonly hashes?: HashList;
  readonly domains?: DomainList;
  readonly documents?: DocumentList;
}

const NOTHING: readonly Sighting[] = [];
/** Kinds whose text is written by people, or put there by a program in their name. */
const TEXT_KINDS: ReadonlySet<string> = new Set(['message', 'room', 'attention', 'presence']);

/** States that the sender's side tells; an answer would be told of the one who answers. */
const SENDERS_STATES: ReadonlySet<string> = new Set(['offer', 'start', 'complete']);

/** Judges what messages, files and malformed traffic hold. Keeps no text. */
export class Content implements Watcher {
  #settings: ContentSettings;
  #lists: ContentLists;
  readonly #findings: Findings;
  readonly #limits: ClassifyLimits;
  readonly #beacons: Beacons;
  /** Flows of which something was told. */
  readonly #alerted: LRUCache<number, true>;

  constructor(settings: ContentSettings, lists: ContentLists, findings: Findings, limits: ClassifyLimits) {
    this.#settings = settings;
    this.#lists = lists;
    this.#findings = findings;
    this.#limits = limits;
    this.#beacons = new Beacons(limits.beacons);
    this.#alerted = boundedCache(limits.watched_flows, () => undefined);
  }

  /** Other settings and lists hold from the next event on. */
  reload(settings: ContentSettings, lists: ContentLists): void {
    this.#settings = settings;
    this.#lists = lists;
  }

  on(event: EveEvent): boolean {
    for (const seen of this.#sightings(event)) this.#tell(event, seen);
    return event.flow_id !== undefined && this.#alerted.size > 0 && this.#alerted.has(event.flow_id);
  }

  #sightings(event: EveEvent): readonly Sighting[] {
    const { event_type, im } = event;
    if (event_type === 'anomaly') return exploitOf(event);
    if (im === undefined || im.second_leg_of !== undefined) return NOTHING;
    if (event_type === 'fileinfo') return this.#file(event, im);
    if (event_type !== 'im' || im.kind === undefined) return NOTHING;
    if (im.kind === 'login') return crackable(im);
    if (im.kind === 'file') return this.#offer(event, im);
    // Told when it was written; a copy says nothing new.
    if (im.copy !== undefined && im.copy !== 'offline') return NOTHING;
    return TEXT_KINDS.has(im.kind) ? this.#text(event, im) : NOTHING;
  }

  #text(event: EveEvent, im: ImObject): readonly Sighting[] {
    const found: Sighting[] = [];
    if (im.encrypted !== undefined)
      found.push(sighting('encryption', im.encrypted, `message encrypted by ${im.encrypted}`));
    const whole = im.kind === 'presence' ? im.status?.text : im.text;
    if (whole === undefined || whole === '') return found;
    const most = this.#limits.content_text;
    const text = cut(whole, most);
    const html = im.html === undefined ? undefined : cut(im.html, most);
    found.push(...linkSightings(text, html, peopleOf(im), this.#lists.domains));
    if (im.kind === 'presence') return found;
    const command = botCommand(text);
    if (command) found.push(command);
    if (isBlob(text)) this.#beacon(event, im, found);
    if (this.#goesOut(event, im)) {
      found.push(...leakSightings(text, this.#settings));
      const passage = this.#lists.documents?.passageIn(text);
      if (passage) found.push(passageSighting(passage));
    }
    return found;
  }

  #beacon(event: EveEvent, im: ImObject, found: Sighting[]): void {
    const key = `${event.flow_id ?? 0} ${event.direction ?? ''} ${im.from ?? ''} ${im.to?.[0] ?? im.room?.id ?? ''}`;
    const rhythm = this.#beacons.sighted(key, packetSeconds(event.timestamp));
    if (rhythm)
      found.push(
        sighting(
          'bot',
          `beacon ${im.to?.[0] ?? ''}`,
          `${rhythm.count} blocks of code, one each ${rhythm.interval} s`,
          {
            confidence: 'medium',
          },
        ),
      );
  }

  /** True for what a host of ours sends. */
  #goesOut(event: EveEvent, im: ImObject): boolean {
    const { inside } = this.#settings;
    if (inside === undefined) return im.sent === true;
    const ip = im.sent === true ? event.src_ip : event.dest_ip;
    // What a server hands on was written elsewhere.
    const peer = event.app_proto === 'oft' || event.app_proto === 'msnp2p' || event.app_proto === 'msnftp';
    return (im.sent === true || peer) && ip !== undefined && inside.has(ip);
  }

  #offer(event: EveEvent, im: ImObject): readonly Sighting[] {
    const { file } = im;
    if (file?.name === undefined || !SENDERS_STATES.has(file.state ?? 'offer')) return NOTHING;
    const name = cut(file.name, this.#limits.alert_field);
    const verdict = judgeName(file.name);
    const found = nameSightings(name, verdict);
    if (file.url !== undefined)
      found.push(...linkSightings(file.url, undefined, peopleOf(im), this.#lists.domains));
    if (this.#goesOut(event, im)) found.push(...leakingFile(name, verdict.extension));
    return found;
  }

  #file(event: EveEvent, im: ImObject): readonly Sighting[] {
    const info = event.fileinfo ?? {};
    const full = text(info['filename']) ?? '';
    const name = cut(full, this.#limits.alert_field);
    const sums = [info['md5'], info['sha1'], info['sha256']].map(text).filter((sum) => sum !== undefined);
    const sent = { name, magic: text(info['magic']), sums, archive: im.file?.archive };
    const document = this.#lists.documents?.named(text(info['sha256']) ?? '');
    return [
      ...nameSightings(name, judgeName(full)),
      ...byteSightings(sent, this.#lists.hashes),
      ...(document === undefined ? [] : [documentSighting(name, document)]),
    ];
  }

  #tell(event: EveEvent, seen: Sighting): void {
    const { on, severities } = this.#settings;
    if (!on.has(seen.kind) || this.#isExcepted(event, seen)) return;
    const header = headerOf(event);
    if (header === undefined) return;
    const signature = CONTENT_CLASSES[seen.kind];
    const { im } = event;
    const service = im?.service ?? event.app_proto ?? 'im';
    const sender = im?.from ?? im?.account ?? header.src_ip;
    this.#alerted.set(header.flow_id, true);
    this.#findings.tell({
      signature,
      severity: severities.get(seen.kind) ?? signature.severity,
      header,
      place: placeOf(event),
      trigger: im?.id ?? header.community_id,
      finding: hash128('content', signature.id, service, sender, seen.key),
      evidence: [seen.evidence],
      confidence: seen.confidence,
      im: whoOf(im, service, this.#limits.alert_field),
    });
  }

  #isExcepted(event: EveEvent, { kind, name }: Sighting): boolean {
    const { im } = event;
    const people = [im?.account, im?.from].filter((id) => id !== undefined).map((id) => id.toLowerCase());
    const low = name?.toLowerCase();
    return this.#settings.exceptions.some(
      ({ classes, accounts, names, subnets }) =>
        (classes?.has(kind) ?? true) &&
        (accounts === undefined || people.some((id) => accounts.some((pattern) => matchGlob(pattern, id)))) &&
        (names === undefined || (low !== undefined && names.some((pattern) => matchGlob(pattern, low)))) &&
        (subnets === undefined || (event.src_ip !== undefined && subnets.has(event.src_ip))),
    );
  }
}

/** Who got the text. */
function peopleOf({ to, sent, account }: ImObject): readonly string[] {
  if (to !== undefined && to.length > 0) return to.slice(0, 16);
  return sent === false && account !== undefined ? [account] : [];
}

function exploitOf({ anomaly }: EveEvent): readonly Sighting[] {
  const code = anomaly?.event ?? '';
  const row = EXPLOITS.get(code);
  if (row === undefined) return NOTHING;
  const cve = row.cve === '' ? '' : ` (${row.cve})`;
  return [sighting('exploit', code, `${code}: ${row.what}${cve}`, { confidence: 'medium' })];
}

function crackable({ auth }: ImObject): readonly Sighting[] {
  if (auth?.exposed !== 'hash' && auth?.exposed !== 'token') return NOTHING;
  const what =
    auth.exposed === 'hash' ? 'a hash that can be guessed against' : 'a token that can be used again';
  return [sighting('crackable-secret', auth.mechanism, `sign-on by ${auth.mechanism}: ${what}`)];
}

function whoOf(im: ImObject | undefined, service: string, most: number): Finding['im'] {
  const { account, session, carrier } = im ?? {};
  return {
    service,
    ...(account === undefined ? {} : { account: cut(account, most) }),
    ...(session === undefined ? {} : { session }),
    ...(carrier === undefined ? {} : { carrier }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
