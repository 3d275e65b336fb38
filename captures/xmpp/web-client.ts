/** XMPP clients over BOSH and WebSocket for recordings: raw sockets, so that what is on the wire is theirs to choose. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** From where to where. */
export interface Path {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

async function open({ from, to, port }: Path): Promise<Socket> {
  const socket = connect({ host: to, port, localAddress: from });
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return socket;
}

/** A connection that answers requests of HTTP/1.1 in order. */
export class HttpConnection {
  readonly #socket: Socket;
  #text = '';
  readonly #waiting: ((body: string) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#read();
    });
  }

  static async open(path: Path): Promise<HttpConnection> {
    return new HttpConnection(await open(path));
  }

  /** Sends a body; its answer's body comes. With `gzip` the request is compressed. */
  post(host: string, path: string, body: string, gzip = false): Promise<string> {
    const bytes = gzip ? gzipSync(body) : Buffer.from(body);
    const encoding = gzip ? 'Content-Encoding: gzip\r\n' : '';
    const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/xml; charset=utf-8\r\n${encoding}Content-Length: ${bytes.length}\r\n\r\n`;
    this.#socket.write(Buffer.concat([Buffer.from(head), bytes]));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#socket.end();
  }

  #read(): void {
    for (;;) {
      const head = this.#text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(this.#text.slice(0, head))?.[1] ?? 0);
      const rest = Buffer.from(this.#text.slice(head + 4));
      if (rest.length < length) return;
      this.#text = rest.subarray(length).toString();
      this.#waiting.shift()?.(rest.subarray(0, length).toString());
    }
  }
}

/** Of a frame's first byte: it is the message's last, and it is text. */
const FINAL = 0x80;
const TEXT = 1;

/** A WebSocket of the subprotocol `xmpp`; messages of the server are gathered. */
export class XmppWebSocket {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #upgraded = false;
  readonly heard: string[] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#read();
    });
  }

  static async open(path: Path, host: string, target: string): Promise<XmppWebSocket> {
    const one = new XmppWebSocket(await open(path));
    const key = randomBytes(16).toString('base64');
    one.#socket.write(
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n`,
    );
    while (!one.#upgraded) await one.#more();
    return one;
  }

  /** Sends a message, in one frame or in several. */
  send(text: string, frames = 1): void {
    const payload = Buffer.from(text);
    const step = Math.ceil(payload.length / frames);
    for (let at = 0; at < payload.length; at += step) {
      const last = at + step >= payload.length;
      // The first frame says what it is, those after it go on (RFC 6455, 5.4).
      this.#frame((last ? FINAL : 0) | (at === 0 ? TEXT : 0), payload.subarray(at, at + step));
    }
  }

  #frame(first: number, payload: Buffer): void {
    const { length } = payload;
    const mask = randomBytes(4);
    const size = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 0xff];
    const masked = payload.map((byte, i) => byte ^ mask[i % 4]!);
    this.#socket.write(Buffer.concat([Buffer.from([first, ...size]), mask, masked]));
  }

  /** Waits until the server has said something that fits. */
  async hears(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.heard.find((text) => pattern.test(text));
      if (found !== undefined) return found;
      await this.#more();
    }
  }

  close(): void {
    this.#socket.end();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #read(): void {
    if (!this.#upgraded) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#bytes = this.#bytes.subarray(end + 4);
      this.#upgraded = true;
    }
    for (;;) {
      const [, second = 0] = this.#bytes;
      const short = second & 0x7f;
      const head = short < 126 ? 2 : 4;
      if (this.#bytes.length < head) break;
      const length = short < 126 ? short : this.#bytes.readUInt16BE(2);
      if (this.#bytes.length < head + length) break;
      this.heard.push(this.#bytes.subarray(head, head + length).toString());
      this.#bytes = this.#bytes.subarray(head + length);
    }
    this.#wake?.();
  }
}
