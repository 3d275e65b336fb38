import { ownText } from '../../src/sdk/index.ts';

/** The HTTP gateway of MSN Messenger: `POST /gateway/gateway.dll?Action=open&Server=NS&IP=host`. */
export const PATH = '/gateway/gateway.dll?';
export const FIELD = 'x-msn-messenger';
export const PORTS: readonly number[] = [];

const SESSION = /[?&;\s]SessionID=([^&;\s]{1,128})/i;
const OPEN = /[?&]Action=open(?:&|$)/i;

/** The session that a request's target or a response's `X-MSN-Messenger` names. */
export function sessionIn(text: string): string | undefined {
  const id = SESSION.exec(` ${text}`)?.[1];
  return id === undefined ? undefined : ownText(id);
}

export function opens(target: string): boolean {
  return OPEN.test(target);
}

/** The gateway says that this was the session's last response. */
export function closes(value: string): boolean {
  return /Session=close/i.test(value);
}
