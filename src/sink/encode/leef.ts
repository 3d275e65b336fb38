import type { EveAlert, EveEvent, ImObject } from '../../event/eve.ts';
import { fileOf, joinPairs } from './pairs.ts';
import type { Pair } from './pairs.ts';
import { headlineOf, lineOf, millisOf, severityOfTen } from './told.ts';
import type { EncodeContext } from './told.ts';

/** Not a tab, the default: many collectors escape control characters. */
const DELIMITER = '^';

/**
 * IBM QRadar's Log Event Extended Format 2.0: `LEEF:2.0|imspan|imspan|VERSION|SID|^|` and attributes that `^` parts. LEEF knows
 * no escaping, so a stranger's `^`, and a `|` in the header, is written as a visible escape (`\x5e`, `\x7c`).
 */
export function encodeLeef(event: EveEvent, room: number, context: EncodeContext): string {
  const { id } = headlineOf(event);
  const fields = ['imspan', 'imspan', context.version, id].map(escapeAll);
  const header = `LEEF:2.0|${fields.join('|')}|${DELIMITER}|`;
  const body = room - Buffer.byteLength(header);
  return header + joinPairs(pairsOf(event, context), ['msg', lineOf(event)], body, DELIMITER, escapeAll);
}

function pairsOf(event: EveEvent, context: EncodeContext): Pair[] {
  const { alert } = event;
  const im: Partial<ImObject> = event.im ?? {};
  const file = fileOf(event);
  const { metadata = {} }: Partial<EveAlert> = alert ?? {};
  const { client, service, finding } = im;
  return [
    ['eventId', im.id],
    // Milliseconds since 1970 need no devTimeFormat.
    ['devTime', millisOf(event)],
    ['cat', alert?.category ?? event.event_type],
    ['sev', severityOfTen(event)],
    ['src', event.src_ip],
    ['srcPort', event.src_port],
    ['dst', event.dest_ip],
    ['dstPort', event.dest_port],
    ['proto', event.proto],
    ['usrName', im.from ?? im.account],
    ['toUser', im.to?.[0]],
    ['identHostName', event.host ?? context.hostname],
    ['signature', alert?.signature],
    ['service', service],
    ['appProto', event.app_proto],
    ['client', client?.name],
    ['clientVersion', client?.version],
    ['policy', metadata.policy?.[0]],
    ['mitre', metadata.mitre_technique_id?.join(',')],
    ['communityId', event.community_id],
    ['finding', finding],
    ['fileName', file.name],
    ['fileSize', file.size],
    ['fileHash', file.hash],
  ];
}

function escapeAll(text: string): string {
  return text.replace(/[\^|]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16)}`);
}
