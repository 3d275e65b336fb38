import { OperatorError } from '../../core/errors.ts';

/** A way to a collector that is open. */
export interface Link {
  /** Hands messages to the system; resolves when it has taken them, rejects with a LinkError where it will not. */
  send(messages: readonly Buffer[]): Promise<void>;
  /** Whether it is known to be closed; what waits for something beside it is told then. */
  readonly broken: Breakable;
  /**
   * Whether the collector's system has said that it has all that was handed over; undefined where that cannot
   * be known, and the time that passes has to do.
   */
  acknowledged(): boolean | undefined;
  /** Messages that can never be sent, however often it is tried, until now. */
  readonly refused: number;
  /** Ends it in order: true where all has arrived as far as can be known. Rejects with a LinkError where it did not. */
  finish(): Promise<boolean>;
  /** Ends it at once. */
  destroy(): void;
}

/** Opens a way to a collector; rejects with a LinkError. `careful`: the last one failed, so the first message is to try it out. */
export type Connect = (careful: boolean) => Promise<Link>;

/** Why a collector cannot be reached, in words that say what to do. */
export class LinkError extends Error {
  constructor(error: unknown) {
    super(reasonOf(error));
    this.name = 'LinkError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host; check the name or give its address',
  EAI_AGAIN: 'its name cannot be resolved now; check the name service or give its address',
  ECONNREFUSED: 'nobody listens on that port; start the collector or check the port',
  ECONNRESET: 'the collector broke the connection off',
  EPIPE: 'the collector closed the connection',
  ETIMEDOUT: 'it does not answer; check the network',
  ENETUNREACH: 'there is no route to it; check the network',
  EHOSTUNREACH: 'it cannot be reached; check the network',
  EMSGSIZE: 'the message is too large for the network; give a smaller ?size=',
  EACCES: 'no permission to send there',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check both clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; name it with ?ca=FILE if you believe it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is of an authority that is not known here; name that with ?ca=FILE',
  UNABLE_TO_GET_ISSUER_CERT:
    'its certificate is of an authority that is not known here; name that with ?ca=FILE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is of an authority that is not known here; name that with ?ca=FILE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is of an authority that is not known here; name that with ?ca=FILE',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the authority of ?ca=FILE',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name; give the host by the name of the certificate, or that with ?name=',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of ours; give ?cert=FILE&key=FILE',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'it refused TLS; it may want a certificate of ours (?cert=FILE&key=FILE)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on that port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on that port',
};

function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof LinkError || error instanceof OperatorError) return error.message;
  const code = codeOf(error);
  return REASONS[code] ?? code;
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}

/**
 * Something that breaks once. A race against a promise that lives for months would keep every waiter that ever was; here each is
 * forgotten when it is over.
 */
export class Breakable {
  readonly #waiters = new Set<(error: LinkError) => void>();
  error: LinkError | undefined;

  break(error: unknown): void {
    if (this.error !== undefined) return;
    this.error = new LinkError(error);
    for (const reject of this.#waiters) reject(this.error);
    this.#waiters.clear();
  }

  /** What `promise` says; rejects with the LinkError where it breaks before. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.error !== undefined) {
        reject(this.error);
        promise.catch(() => undefined);
        return;
      }
      this.#waiters.add(reject);
      const over = (): boolean => this.#waiters.delete(reject);
      promise.then(
        (value) => {
          over();
          resolve(value);
        },
        (error: unknown) => {
          over();
          reject(error instanceof LinkError ? error : new LinkError(error));
        },
      );
    });
  }
}
