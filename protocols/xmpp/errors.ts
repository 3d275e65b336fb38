import type { XmlElement } from '../../src/sdk/index.ts';
import { parties } from './address.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/** A bounced message or presence: why; its text was told when it was sent. */
export function onError(session: XmppSession, stanza: Stanza): void {
  const condition = errorCondition(stanza.element);
  const words = stanza.element.children
    .find((c) => c.name === 'error')
    ?.child('text', NS.STANZA_ERRORS)
    ?.text();
  const facts: Facts = { kind: 'notice', ...parties(session, stanza) };
  if (condition !== undefined) facts.code = condition;
  if (words) facts.text = words;
  if (stanza.id !== undefined) facts.ref = stanza.id;
  if (condition !== undefined || words) session.tell(stanza, facts);
}

/** Steps of the sign-on tell their own errors. */
const OF_SIGN_ON: ReadonlySet<string> = new Set([NS.BIND, NS.AUTH, NS.SESSION]);
const LONGEST_NAMESPACE = 128;

/**
 * A request that nobody follows was refused: why, and in what namespace it was, where the answer repeats it. Clients ask every contact
 * the same, so each refusal is told once a person and connection.
 */
export function onIqError(session: XmppSession, stanza: Stanza, namespace: string | undefined): void {
  const condition = errorCondition(stanza.element);
  const signsOn = session.role === 'client' && !session.signedOn;
  if (condition === undefined || signsOn || (namespace !== undefined && OF_SIGN_ON.has(namespace))) return;
  const people = refusers(session, stanza);
  const about = cutText(namespace ?? '', LONGEST_NAMESPACE);
  if (!session.news(`iq-error ${people.from ?? ''} ${people.to?.[0] ?? ''} ${about}`, condition)) return;
  const facts: Facts = { kind: 'notice', ...people, code: condition };
  const error = stanza.element.children.find((c) => c.name === 'error');
  const words = error?.child('text', NS.STANZA_ERRORS)?.text();
  if (words) facts.text = words;
  if (about !== '') facts.evidence = [`iq: ${about} was refused`];
  session.tell(stanza, facts);
}

/** Who refuses it to whom; the account's own server speaks without an address. */
function refusers(session: XmppSession, stanza: Stanza): ReturnType<typeof parties> {
  const people = parties(session, stanza);
  if (!stanza.from && session.role === 'client') delete people.from;
  return people;
}

/** The defined condition of an error: the first child of `<error>` (or of the element itself) that is not text. */
export function errorCondition(element: XmlElement): string | undefined {
  const holder = element.children.find((c) => c.name === 'error') ?? element;
  const condition = holder.children.find((c) => c.name !== 'text' && CONDITION_NAMESPACES.has(c.ns));
  return condition?.name ?? holder.attr('code');
}

const CONDITION_NAMESPACES: ReadonlySet<string> = new Set([
  NS.SASL,
  NS.SASL2,
  NS.STANZA_ERRORS,
  NS.STREAM_ERRORS,
]);
