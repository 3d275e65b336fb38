/** Sends MSN connections again through the HTTP gateway, for tests. */
import { joinBytes } from '../../src/core/bytes.ts';
import type { Conversation, Endpoint, Packet } from './packets.ts';
import { turnsOf, Wire } from './proxied.ts';
import type { TcpStream } from './proxied.ts';

const HOST = 'gateway.messenger.hotmail.com';

function request(query: string, whole: boolean, body: Uint8Array): Uint8Array {
  const path = `${whole ? `http://${HOST}` : ''}/gateway/gateway.dll?${query}`;
  const head = `POST ${path} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return joinBytes(Buffer.from(head), body);
}

function response(id: string, closes: boolean, body: Uint8Array): Uint8Array {
  const fields = `X-MSN-Messenger: SessionID=${id}; GW-IP=10.79.0.22${closes ? '; Session=close' : ''}`;
  const head = `HTTP/1.1 200 OK\r\n${fields}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return joinBytes(Buffer.from(head), body);
}

const NOTHING = new Uint8Array(0);

/**
 * MSN connections through the gateway: what the client says is a request with an empty response, what the server says is the
 * response to a poll. A client has two connections, and each exchange is on the other one. `whole`: targets as a proxy is asked for them.
 */
export function throughGateway(
  streams: readonly TcpStream[],
  options: { proxy?: Endpoint; client?: string; whole?: boolean } = {},
): Packet[] {
  const { proxy = { ip: '10.79.0.22', port: 80 }, whole = false } = options;
  const wire = new Wire();
  const lines = new Map<string, [Conversation, Conversation]>();
  const ids = new Map<TcpStream, string>();
  let count = 0;
  for (const turn of turnsOf(streams)) {
    const { at, stream, direction, bytes } = turn;
    wire.at(at);
    const ip = options.client ?? stream.client.ip;
    const own = lines.get(ip) ?? [wire.connect(ip, proxy), wire.connect(ip, proxy)];
    lines.set(ip, own);
    const line = own[count++ % 2 === 0 ? 0 : 1];
    const known = ids.get(stream);
    const id = known ?? `${1_000 + ids.size}.${stream.client.port}`;
    ids.set(stream, id);
    const opening = `Action=open&Server=${stream.server.port === 1863 ? 'NS' : 'SB'}&IP=${stream.server.ip}`;
    const query = known === undefined ? opening : `${direction === 1 ? 'Action=poll&' : ''}SessionID=${id}`;
    const last = turn === stream.turns.at(-1);
    wire.on(line, (c) => c.send(0, request(query, whole, direction === 0 ? bytes : NOTHING)));
    wire.on(line, (c) => c.send(1, response(id, last, direction === 1 ? bytes : NOTHING)));
  }
  for (const pair of lines.values()) for (const line of pair) wire.on(line, (c) => c.close());
  return wire.packets;
}
