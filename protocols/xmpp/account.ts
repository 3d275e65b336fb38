import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, XmlElement } from '../../src/sdk/index.ts';
import { errorCondition } from './errors.ts';
import { accountOf, parseJid } from './jid.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { NS } from './wire.ts';

/** In-band registration (XEP-0077): what was asked for, until the server answers. */
interface Registration {
  op: 'register' | 'change-password' | 'delete';
  account?: string;
  exposed: boolean;
}

/** A request of jabber:iq:register; told with its outcome. The password is looked at, never kept. */
export function onRegister(session: XmppSession, request: Stanza, query: XmlElement): void {
  if (request.type !== 'set' || request.direction !== TO_SERVER) return;
  // Only the account's own server registers accounts; other services (gateways) take registrations, too.
  if (request.to && session.domain !== undefined && request.to.bare !== session.domain) return;
  const registration = parseRegistration(session, query);
  if (!registration) return;
  session.expect(request, (_, answer) => tellRegistration(session, answer, registration));
}

function parseRegistration(session: XmppSession, query: XmlElement): Registration | undefined {
  const own = session.account;
  if (query.child('remove')) {
    return { op: 'delete', exposed: false, ...(own === undefined ? {} : { account: own }) };
  }
  const form = query.child('x', NS.DATA_FORM);
  const user = query.childText('username') ?? formValue(form, 'username');
  const exposed = (query.childText('password') ?? formValue(form, 'password')) !== undefined;
  if (user === undefined) return undefined;
  const account = accountOf(user, session.domain);
  const op = session.signedOn ? 'change-password' : 'register';
  return { op, exposed, ...(account === undefined ? {} : { account }) };
}

function tellRegistration(session: XmppSession, answer: Stanza, registration: Registration): void {
  const failed = answer.type === 'error';
  const auth: Auth = { mechanism: NS.REGISTER, result: failed ? 'failure' : 'success' };
  const reason = failed ? errorCondition(answer.element) : undefined;
  if (reason !== undefined) auth.reason = reason;
  if (registration.exposed) auth.exposed = 'password';
  const facts: Facts = { kind: 'account', op: registration.op, auth };
  if (registration.account !== undefined) facts.from = registration.account;
  session.tell(answer, facts);
}

/** The value of a field of a data form (XEP-0004). */
export function formValue(form: XmlElement | undefined, name: string): string | undefined {
  const field = form?.children.find((c) => c.name === 'field' && c.attr('var') === name);
  return field?.childText('value');
}

/** A search of a directory (XEP-0055): the fields that were filled in. */
export function onSearch(session: XmppSession, request: Stanza, query: XmlElement): void {
  if (request.type !== 'set') return;
  const asked: string[] = [];
  for (const child of query.children) {
    if (child.ns === NS.DATA_FORM) asked.push(...formFields(child));
    else if (child.text() !== '') asked.push(`${child.name}=${child.text()}`);
  }
  if (asked.length === 0) return;
  const facts: Facts = { kind: 'search', query: asked.join(' ') };
  const from = session.sender(request);
  if (from) facts.from = from.bare;
  if (request.to) facts.to = [request.to.bare];
  session.tell(request, facts);
}

function formFields(form: XmlElement): string[] {
  const out: string[] = [];
  for (const field of form.children) {
    const name = field.attr('var');
    const value = field.childText('value');
    if (name && name !== 'FORM_TYPE' && value !== undefined) out.push(`${name}=${value}`);
  }
  return out;
}

/** The answer to a resource binding request (RFC 6120, 7): the account's full JID. */
export function boundJid(bind: XmlElement): string | undefined {
  const text = bind.childText('jid');
  return parseJid(text) ? text : undefined;
}
