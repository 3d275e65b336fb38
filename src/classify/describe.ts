import type { EveAlert, EveEvent } from '../event/eve.ts';
import type { ClientSoftware } from '../event/im.ts';
import { CLIENT_SIGNATURES } from './signatures/clients.ts';

/** Makes wire text fit for where the line goes. */
export type Show = (text: string) => string;

const asIs: Show = (text) => text;

/**
 * An alert in one line: what, who and from which address, with what client, to which server, why.
 * An update tells what is new of it: its count. `show` is applied to every name that can be a stranger's text, `showReason` to the policy line or evidence.
 */
export function describeAlert(event: EveEvent, show: Show = asIs, showReason: Show = show): string {
  const { alert, src_ip, dest_ip, dest_port, im } = event;
  const title = show((alert?.signature ?? 'Alert').replace(/^IMSPAN /, ''));
  // What is about no connection is about nobody.
  if (im !== undefined && src_ip === undefined) return `${title}${describeReason(alert, showReason)}`;
  const from = src_ip === undefined ? '' : ` at ${src_ip}`;
  // The other end is then the proxy.
  const carrier = im?.carrier === undefined ? '' : ` (${show(im.carrier)})`;
  const to = dest_ip === undefined ? '' : ` to ${endpoint(dest_ip, dest_port)}${carrier}`;
  const who = `${title}: ${describePerson(event, show)}${from}`;
  if (im?.first_seen !== undefined && alert?.metadata.update !== undefined) {
    return `${who}${to}: seen ${im.count ?? 1} times since ${im.first_seen.slice(0, 19)}Z`;
  }
  return `${who}${describeSoftware(event, show)}${to}${describeReason(alert, showReason)}`;
}

/** With what: that it could not be told matters only where the client is what the alert is about. */
function describeSoftware({ alert, im }: EveEvent, show: Show): string {
  if (im?.client !== undefined) return ` with ${describeClient(im.client, show)}`;
  const isAboutClient = alert === undefined || ABOUT_CLIENTS.has(alert.signature_id);
  return isAboutClient ? ' with an unidentified client' : '';
}

const ABOUT_CLIENTS: ReadonlySet<number> = new Set(Object.values(CLIENT_SIGNATURES).map(({ id }) => id));

function describeReason(alert: EveAlert | undefined, show: Show): string {
  const why = alert?.metadata.policy?.[0] ?? alert?.metadata.evidence?.[0];
  return why === undefined ? '' : ` (${show(why)})`;
}

function describePerson(event: EveEvent, show: Show): string {
  const { account, person } = event.im ?? {};
  const name = account === undefined ? 'unknown account' : show(account);
  return person === undefined ? name : `${name} (${show(person)})`;
}

/** `Pidgin 2.10.11 on Linux, which claims to be AIM`. */
export function describeClient(client: ClientSoftware, show: Show = asIs): string {
  const version = client.version === undefined ? '' : ` ${show(client.version)}`;
  const os = client.os === undefined ? '' : ` on ${show(client.os)}`;
  const masquerade = client.masquerade === undefined ? '' : `, which claims to be ${show(client.masquerade)}`;
  return `${show(client.name)}${version}${os}${masquerade}`;
}

/** `192.0.2.1:5190`, `[2001:db8::1]:5222`. */
export function endpoint(ip: string, port: number | undefined): string {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return port === undefined ? host : `${host}:${port}`;
}
