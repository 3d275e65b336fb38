import type { EveEvent, ImObject } from '../../event/eve.ts';
import { fitJson } from './fit.ts';
import { fileOf } from './pairs.ts';
import { lineOf } from './told.ts';
import type { EncodeContext } from './told.ts';

const ECS_VERSION = '8.11.0';

/** ECS `event.kind`, `event.category` and `event.type` of each event type. */
const KINDS: Readonly<Record<string, { kind: string; category: string[]; type: string[] }>> = {
  alert: { kind: 'alert', category: ['network', 'intrusion_detection'], type: ['info'] },
  im: { kind: 'event', category: ['network'], type: ['protocol'] },
  flow: { kind: 'event', category: ['network'], type: ['connection', 'end'] },
  fileinfo: { kind: 'event', category: ['network', 'file'], type: ['info'] },
  anomaly: { kind: 'event', category: ['network'], type: ['protocol'] },
  stats: { kind: 'metric', category: ['network'], type: ['info'] },
};

/**
 * The event in the fields of the Elastic Common Schema 8.11; what ECS has no field for is in `imspan`. Fitted into `room` like
 * EVE JSON: `imspan.reduced` says where something was left out.
 */
export function encodeEcs(event: EveEvent, room: number, context: EncodeContext): string {
  return fitJson(
    wholeOf(event, context),
    room,
    () => essenceOf(event, context),
    (reduced) => {
      reduced['imspan'] = { ...(reduced['imspan'] as object | undefined), reduced: true };
    },
  );
}

function wholeOf(event: EveEvent, context: EncodeContext): Record<string, unknown> {
  const { alert, im, event_type: type } = event;
  const kind = KINDS[type];
  return clean({
    '@timestamp': `${event.timestamp.slice(0, 26)}Z`,
    ecs: { version: ECS_VERSION },
    event: clean({
      ...kind,
      module: 'imspan',
      dataset: `imspan.${type}`,
      id: im?.id,
      action: im?.kind,
      code: alert && String(alert.signature_id),
      severity: alert?.severity,
    }),
    message: lineOf(event),
    observer: clean({
      ...{ vendor: 'imspan', product: 'imspan', type: 'ids', version: context.version },
      hostname: event.host ?? context.hostname,
    }),
    rule: alert && ruleOf(event),
    source: end(event.src_ip, event.src_port),
    destination: end(event.dest_ip, event.dest_port),
    network: clean({
      transport: event.proto?.toLowerCase(),
      protocol: event.app_proto,
      application: im?.service,
      community_id: event.community_id,
      vlan: event.vlan && { id: String(event.vlan[0]) },
    }),
    user: im?.account === undefined ? undefined : clean({ name: im.account, full_name: im.person }),
    threat: threatOf(event),
    file: fileFields(event),
    imspan: imspanOf(im, event),
  });
}

function ruleOf({ alert }: EveEvent): Record<string, unknown> {
  return clean({
    id: alert && String(alert.signature_id),
    name: alert?.signature,
    category: alert?.category,
    version: alert && String(alert.rev),
    reference: alert?.references?.[0],
    ruleset: 'imspan',
  });
}

function threatOf({ alert }: EveEvent): Record<string, unknown> | undefined {
  const techniques = alert?.metadata.mitre_technique_id;
  return techniques && { framework: 'MITRE ATT&CK', technique: { id: techniques } };
}

function fileFields(event: EveEvent): Record<string, unknown> | undefined {
  const { name, size, hash } = fileOf(event);
  if (name === undefined && hash === undefined) return undefined;
  return clean({ name, size, hash: hash === undefined ? undefined : { sha256: hash } });
}

/** What ECS has no place for: the `im` object without what stands elsewhere, and EVE's own parts. */
function imspanOf(im: ImObject | undefined, event: EveEvent): Record<string, unknown> {
  const { id: _id, account: _account, person: _person, ...rest } = im ?? ({} as Partial<ImObject>);
  return clean({
    ...rest,
    flow_id: event.flow_id,
    direction: event.direction,
    alert: event.alert && clean({ metadata: event.alert.metadata }),
    flow: event.flow,
    anomaly: event.anomaly,
    stats_eve: event.stats,
  });
}

function essenceOf(event: EveEvent, context: EncodeContext): Record<string, unknown> {
  const whole = wholeOf(event, context);
  const { ecs, rule, source, destination, network } = whole;
  const user = event.im?.account === undefined ? undefined : { name: event.im.account };
  const imspan = { reduced: true };
  return clean({
    event: whole['event'],
    '@timestamp': whole['@timestamp'],
    imspan,
    rule,
    ecs,
    observer: { hostname: event.host ?? context.hostname ?? 'unknown', product: 'imspan' },
    ...{ source, destination, user, network },
  });
}

function end(ip: string | undefined, port: number | undefined): Record<string, unknown> | undefined {
  return ip === undefined ? undefined : clean({ ip, port });
}

/** Without the fields that are not known. */
function clean(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
