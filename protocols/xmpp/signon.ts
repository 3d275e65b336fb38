import { TO_CLIENT, TO_SERVER, decodeBase64Strict } from '../../src/sdk/index.ts';
import type { Auth, XmlElement } from '../../src/sdk/index.ts';
import { clientSeen } from './client.ts';
import { errorCondition } from './errors.ts';
import { accountOf, parseJid } from './jid.ts';
import { mechanismReader } from './mechanisms.ts';
import type { Place, Stanza, XmppSession } from './session.ts';
import { softwareOfName, softwareOfResource } from './software.ts';
import { cutText } from './text.ts';
import { NS } from './wire.ts';

/** A sign-on that was begun and not told yet. */
interface Attempt {
  mechanism: string;
  account?: string;
  resource?: string;
  exposed?: NonNullable<Auth['exposed']>;
  /** The client's messages so far. */
  step: number;
  /** It succeeded; the event waits for the JID that the server binds to it. */
  succeeded: boolean;
  /** Bytes of the server's are missing since it began: the answer may be among them. */
  unanswered: boolean;
  /** Its event was told: an answer that comes yet tells no second one. */
  told: boolean;
}

/** What is not in view: the client's side of a SASL exchange. */
const UNSEEN_MECHANISM = 'SASL';

function newAttempt(mechanism: string): Attempt {
  return { mechanism, step: 0, succeeded: false, unanswered: false, told: false };
}

/**
 * Follows the ways to sign on (SASL, SASL2, jabber:iq:auth, component handshake) and tells one
 * `login` for each attempt, when its outcome is known. A success is told with the JID that the
 * server binds, which is the account's own spelling and has the resource.
 */
export class SignOn {
  readonly #session: XmppSession;
  #attempt: Attempt | undefined;
  /** SASL2's name of the client, told once its address is known. */
  #agent: string | undefined;

  constructor(session: XmppSession) {
    this.#session = session;
  }

  /** A top-level element of a SASL namespace. True where it was one of its messages. */
  sasl(element: XmlElement, at: Place): boolean {
    const handler = SASL_HANDLERS.get(element.name);
    if (!handler || (element.ns !== NS.SASL && element.ns !== NS.SASL2)) return false;
    handler(this, element, at);
    return true;
  }

  begin(at: Place, mechanism: string): void {
    if (this.#attempt) this.#tell(at, this.#attempt, this.#attempt.succeeded ? 'success' : 'unknown');
    this.#attempt = newAttempt(mechanism);
  }

  agent(software: string | undefined): void {
    this.#agent = software;
  }

  /** A message of the client's in the exchange, as base64. */
  response(text: string, at: Place): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    const bytes = decodeBase64Strict(text);
    if (!bytes) {
      this.#session.odd(at, 'xmpp_sasl_malformed');
      return;
    }
    const shown = mechanismReader(attempt.mechanism)(bytes, attempt.step++);
    const { user, realm, exposed } = shown;
    const account = user === undefined ? undefined : accountOf(user, this.#session.domain ?? realm);
    if (account !== undefined) attempt.account = account;
    if (exposed !== undefined) attempt.exposed = exposed;
  }

  success(): Attempt {
    const attempt = this.#attempt ?? newAttempt(UNSEEN_MECHANISM);
    attempt.succeeded = true;
    this.#attempt = attempt;
    const jid = parseJid(attempt.account);
    if (jid) this.#session.identify(jid);
    this.#session.signedOn = true;
    return attempt;
  }

  failure(at: Place, reason: string | undefined): void {
    const attempt = this.#attempt ?? newAttempt(UNSEEN_MECHANISM);
    this.#attempt = undefined;
    if (attempt.told) this.#disown(attempt);
    this.#tell(at, attempt, 'failure', reason);
  }

  /** The server bound the session to a JID. */
  bound(at: Place, text: string | undefined): void {
    const jid = parseJid(text);
    if (!jid) return;
    this.#session.account = undefined;
    this.#session.identify(jid);
    this.#session.signedOn = true;
    if (this.#attempt) this.#attempt.succeeded = true;
    this.settle(at);
    const software = jid.resource === undefined ? undefined : softwareOfResource(jid.resource);
    if (software) clientSeen(this.#session, at, jid, 'bind: resource', jid.resource ?? '', software);
    if (this.#agent !== undefined) {
      clientSeen(this.#session, at, jid, 'SASL2: user-agent', this.#agent, softwareOfName(this.#agent));
      this.#agent = undefined;
    }
  }

  /** Tells a success that waits for its JID: nothing more is to be expected. */
  settle(at: Place): void {
    const attempt = this.#attempt;
    if (!attempt?.succeeded) return;
    this.#attempt = undefined;
    this.#tell(at, attempt, 'success');
  }

  /** Bytes of the server's were lost. */
  missed(): void {
    if (this.#attempt) this.#attempt.unanswered = true;
  }

  /**
   * A stanza that is no step of signing on: a success waits no longer. The client goes on from an
   * attempt whose answer is not in the capture: that is told as unknown, and what follows is told
   * with the account that it named. While the server is in view its answer is waited for.
   */
  passed(at: Place): void {
    this.settle(at);
    const attempt = this.#attempt;
    if (!attempt || attempt.told || at.direction !== TO_SERVER) return;
    if (!attempt.unanswered && !this.#session.blind(TO_CLIENT)) return;
    this.#tell(at, attempt, 'unknown');
    const jid = parseJid(attempt.account);
    if (!jid || this.#session.signedOn) return;
    this.#session.identify(attempt.resource === undefined ? jid : { ...jid, resource: attempt.resource });
  }

  /** An attempt that was taken for a sign-on failed after all. */
  #disown(attempt: Attempt): void {
    const session = this.#session;
    if (session.signedOn || session.role !== 'client' || session.account !== attempt.account) return;
    session.account = undefined;
    session.resource = undefined;
  }

  /** The connection is over: an attempt without an outcome is told as such. */
  finish(at: Place, reason?: string): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    if (attempt.succeeded) this.settle(at);
    else if (reason !== undefined) this.failure(at, reason);
    else this.#tell(at, attempt, 'unknown');
    this.#attempt = undefined;
  }

  /** A request of jabber:iq:auth (XEP-0078): with a password or digest it is an attempt. */
  oldAuth(request: Stanza, query: XmlElement): void {
    const user = query.childText('username');
    const exposed = query.childText('password')
      ? 'password'
      : query.childText('digest') || query.childText('hash')
        ? 'hash'
        : undefined;
    if (request.type !== 'set' || user === undefined) return;
    this.begin(request, exposed === 'hash' ? 'jabber:iq:auth digest' : 'jabber:iq:auth');
    const attempt = this.#attempt;
    const account = accountOf(user, this.#session.domain ?? request.to?.domain);
    const resource = query.childText('resource');
    if (!attempt) return;
    if (account !== undefined) attempt.account = account;
    if (resource !== undefined) attempt.resource = resource;
    if (exposed !== undefined) attempt.exposed = exposed;
    this.#session.expect(request, (_, answer) => this.#oldAuthAnswer(answer));
  }

  #oldAuthAnswer(answer: Stanza): void {
    if (answer.type === 'error') {
      this.failure(answer, errorCondition(answer.element));
      return;
    }
    const { account, resource } = this.success();
    if (account === undefined) this.settle(answer);
    else this.bound(answer, resource === undefined ? account : `${account}/${resource}`);
  }

  /** The handshake of a component (XEP-0114): its hash, then the server's empty answer. */
  handshake(element: XmlElement, at: Place): void {
    if (element.text() !== '') {
      this.begin(at, 'XEP-0114 handshake');
      const attempt = this.#attempt;
      if (!attempt) return;
      attempt.exposed = 'hash';
      if (this.#session.domain !== undefined) attempt.account = this.#session.domain;
    } else {
      this.success();
      this.settle(at);
    }
  }

  #tell(at: Place, attempt: Attempt, result: Auth['result'], reason?: string): void {
    if (attempt.told) return;
    attempt.told = true;
    const auth: Auth = { mechanism: attempt.mechanism, result };
    if (reason !== undefined) auth.reason = reason;
    if (attempt.exposed !== undefined) auth.exposed = attempt.exposed;
    const session = this.#session;
    const signedOn = session.account;
    if (result !== 'success') session.account = attempt.account;
    const resource = result === 'success' ? session.resource : attempt.resource;
    session.tell(at, {
      kind: 'login',
      auth,
      ...(resource === undefined ? {} : { from_resource: resource }),
    });
    session.account = signedOn;
  }
}

type SaslHandler = (signOn: SignOn, element: XmlElement, at: Place) => void;

const SASL_HANDLERS: ReadonlyMap<string, SaslHandler> = new Map<string, SaslHandler>([
  ['auth', onAuth],
  ['authenticate', onAuth],
  ['response', (signOn, element, at) => signOn.response(element.text(), at)],
  ['challenge', () => undefined],
  ['continue', () => undefined],
  ['abort', () => undefined],
  ['success', onSuccess],
  ['failure', (signOn, element, at) => signOn.failure(at, errorCondition(element))],
]);

/** `<auth mechanism=''>initial</auth>`, or SASL2's `<authenticate>` with an `<initial-response>`. */
function onAuth(signOn: SignOn, element: XmlElement, at: Place): void {
  const mechanism = element.attr('mechanism')?.toUpperCase() || UNSEEN_MECHANISM;
  signOn.begin(at, cutText(mechanism, 40));
  signOn.agent(element.child('user-agent')?.childText('software'));
  const initial = element.ns === NS.SASL2 ? element.childText('initial-response') : element.text();
  if (initial !== undefined && initial.trim() !== '') signOn.response(initial, at);
}

/** SASL2's success names the account, and the JID where the session was bound in the same step. */
function onSuccess(signOn: SignOn, element: XmlElement, at: Place): void {
  signOn.success();
  const authorized = element.childText('authorization-identifier');
  if (authorized !== undefined && parseJid(authorized)?.resource !== undefined) signOn.bound(at, authorized);
}
