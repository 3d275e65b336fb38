import type { EveAlert, EveEvent, ImObject } from '../../event/eve.ts';
import { fileOf, joinPairs } from './pairs.ts';
import type { Pair } from './pairs.ts';
import { headlineOf, lineOf, millisOf, severityOfTen } from './told.ts';
import type { EncodeContext } from './told.ts';

/**
 * ArcSight's Common Event Format, version 0: `CEF:0|imspan|imspan|VERSION|SID|NAME|SEVERITY|EXTENSION`. Header fields
 * escape `\` and `|`, extension values `\` and `=`; there are no line ends to escape, for they are visible escapes by then.
 */
export function encodeCef(event: EveEvent, room: number, context: EncodeContext): string {
  const { id, name } = headlineOf(event);
  const fields = ['imspan', 'imspan', context.version, id, name, String(severityOfTen(event))];
  const header = `CEF:0|${fields.map(escapeField).join('|')}|`;
  const body = room - Buffer.byteLength(header);
  return header + joinPairs(pairsOf(event, context), ['msg', lineOf(event)], body, ' ', escapeValue);
}

function pairsOf(event: EveEvent, context: EncodeContext): Pair[] {
  const { alert } = event;
  const im: Partial<ImObject> = event.im ?? {};
  const { client } = im;
  const metadata = alert?.metadata ?? {};
  const custom = (n: number, label: string, value: string | undefined): Pair[] =>
    value === undefined
      ? []
      : [
          [`cs${n}Label`, label],
          [`cs${n}`, value],
        ];
  return [
    ['externalId', im.id],
    ['rt', millisOf(event)],
    ['src', v4(event.src_ip)],
    ['spt', event.src_port],
    ['dst', v4(event.dest_ip)],
    ['dpt', event.dest_port],
    ['c6a2', v6(event.src_ip)],
    ['c6a3', v6(event.dest_ip)],
    ['proto', event.proto],
    ['app', event.app_proto],
    ['suser', im.from ?? im.account],
    ['duser', im.to?.[0]],
    ...whatOf(alert, event),
    ['dvchost', event.host ?? context.hostname],
    ['requestClientApplication', client?.name],
    ...filePairs(event),
    ...custom(1, 'service', im.service),
    ...custom(2, 'policy', metadata.policy?.[0]),
    ...custom(3, 'communityId', event.community_id),
    ...custom(4, 'finding', im.finding),
    ...custom(5, 'mitre', metadata.mitre_technique_id?.join(',')),
    ...custom(6, 'clientVersion', client?.version),
  ];
}

function whatOf(alert: EveAlert | undefined, { event_type: type }: EveEvent): Pair[] {
  return [
    ['cat', alert?.category ?? type],
    ['act', alert?.action],
  ];
}

function filePairs(event: EveEvent): Pair[] {
  const { name, size, hash } = fileOf(event);
  return [
    ['fname', name],
    ['fsize', size],
    ['fileHash', hash],
  ];
}

/** `src` and `dst` of CEF are IPv4; IPv6 has keys of its own. */
function v4(ip: string | undefined): string | undefined {
  return ip?.includes(':') === true ? undefined : ip;
}

function v6(ip: string | undefined): string | undefined {
  return ip?.includes(':') === true ? ip : undefined;
}

function escapeField(text: string): string {
  return text.replace(/[\\|]/g, '\\$&');
}

function escapeValue(text: string): string {
  return text.replace(/[\\=]/g, '\\$&');
}
