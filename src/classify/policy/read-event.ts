import { isIP } from 'node:net';
import type { EveEvent } from '../../event/eve.ts';

type Fields = Record<string, unknown>;
/** What a field is to be: anything else is left out. */
type Shape = 'text' | 'number' | 'flag' | 'texts' | 'lists' | { readonly [field: string]: Shape };

const IM: Shape = {
  ...{ v: 'number', id: 'text', service: 'text', kind: 'text', session: 'text', account: 'text' },
  ...{ from: 'text', to: 'texts', sent: 'flag', op: 'text', members: 'texts', encrypted: 'text' },
  ...{ carrier: 'text', evidence: 'texts', confidence: 'text', finding: 'text', reason: 'text' },
  ...{ room: { id: 'text', name: 'text' }, call: { media: 'text', state: 'text' }, file: { state: 'text' } },
  client: { name: 'text', version: 'text', os: 'text', raw: 'text', masquerade: 'text', evidence: 'texts' },
  auth: { mechanism: 'text', result: 'text', exposed: 'text' },
  host: { mac: 'text', names: 'texts' },
  verdict: { protocol: 'text', confidence: 'text', evidence: 'texts' },
};

const EVENT: Shape = {
  ...{ timestamp: 'text', event_type: 'text', flow_id: 'number', community_id: 'text', proto: 'text' },
  ...{ src_ip: 'text', src_port: 'number', dest_ip: 'text', dest_port: 'number', app_proto: 'text' },
  ...{ pcap_filename: 'text', pcap_cnt: 'number', in_iface: 'text', host: 'text', direction: 'text' },
  tls: { sni: 'text' },
  flow: { start: 'text', end: 'text', state: 'text' },
  alert: { signature_id: 'number', signature: 'text', severity: 'number', metadata: 'lists' },
  im: IM,
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** Items of one list and characters of one text that are taken over. */
const MAX_ITEMS = 1_024;
const MAX_TEXT = 4_096;

/** An event of a log, with what can be read of it in the form that it is to have; undefined where it is none. */
export function readEvent(line: string): EveEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const read = shaped(value, EVENT) as Fields | undefined;
  if (read === undefined || typeof read.event_type !== 'string') return undefined;
  if (typeof read.timestamp !== 'string' || !TIME.test(read.timestamp)) return undefined;
  if (isIP(String(read.src_ip)) === 0) delete read.src_ip;
  if (isIP(String(read.dest_ip)) === 0) delete read.dest_ip;
  mend(read);
  return read as unknown as EveEvent;
}

/** Parts that are worth nothing without one of their fields. */
function mend(event: Fields): void {
  const im = event.im as Fields | undefined;
  if (im === undefined) return;
  im.id ??= '';
  im.v ??= 1;
  const needs: readonly (readonly [part: string, field: string])[] = [
    ...([
      ['client', 'name'],
      ['room', 'id'],
      ['call', 'media'],
      ['verdict', 'protocol'],
      ['auth', 'result'],
    ] as const),
  ];
  for (const [part, field] of needs) {
    const fields = im[part] as Fields | undefined;
    if (fields !== undefined && fields[field] === undefined) im[part] = undefined;
  }
  for (const part of ['client', 'verdict']) {
    const fields = im[part] as Fields | undefined;
    if (fields !== undefined) fields.evidence ??= [];
  }
}

function shaped(value: unknown, shape: Shape): unknown {
  if (typeof shape === 'object') return fields(value, shape);
  switch (shape) {
    case 'text':
      return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
    case 'number':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'texts':
      return texts(value);
    case 'lists':
      return lists(value);
  }
}

function fields(value: unknown, shape: { readonly [field: string]: Shape }): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const read: Fields = {};
  for (const [field, own] of Object.entries(shape)) {
    const found = Object.hasOwn(value, field) ? shaped((value as Fields)[field], own) : undefined;
    if (found !== undefined) read[field] = found;
  }
  return read;
}

function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value
    .slice(0, MAX_ITEMS)
    .filter((item) => typeof item === 'string')
    .map((item) => item.slice(0, MAX_TEXT));
}

function lists(value: unknown): Record<string, string[]> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const read: Record<string, string[]> = {};
  for (const key of ['policy', 'evidence', 'confidence']) {
    const list = Object.hasOwn(value, key) ? texts((value as Fields)[key]) : undefined;
    if (list !== undefined) read[key] = list;
  }
  return read;
}
