/** Sessions that are over leave their place in a connection that carries many, one after the other. */
import { expect, test } from '@jest/globals';
import { LIMITS } from '../core/limits.ts';
import { runPackets } from '../../test/support/engine.ts';
import { Conversation } from '../../test/support/packets.ts';

const MANY = 3 * LIMITS.carrier_streams.default;
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Switchboards over one connection to a proxy: each is opened, used and closed before the next. */
function switchboards(closes: boolean): Conversation {
  const line = new Conversation({
    client: { ip: '10.79.0.11', port: 40_000 },
    server: { ip: '10.79.0.9', port: 3128 },
  });
  line.open();
  for (let n = 0; n < MANY; n++) {
    const id = `${n}.77`;
    const ask = (query: string, body: string): Uint8Array =>
      latin1(
        `POST http://gateway.test/gateway/gateway.dll?${query} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    const answer = (body: string, last = false): Uint8Array =>
      latin1(
        `HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=${id}; GW-IP=10.0.0.1${last ? '; Session=close' : ''}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    const text = `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\ntext ${n}`;
    line.send(0, ask('Action=open&Server=SB&IP=10.0.0.2', `USR 1 ann@im.test 1.${n}\r\n`));
    line.send(1, answer('USR 1 OK ann@im.test Ann\r\n'));
    line.send(0, ask(`SessionID=${id}`, 'CAL 2 bob@im.test\r\n'));
    line.send(1, answer(`CAL 2 RINGING ${n}\r\nJOI bob@im.test Bob\r\n`));
    line.send(0, ask(`SessionID=${id}`, `MSG 3 N ${text.length}\r\n${text}`));
    line.send(1, answer('', closes));
  }
  return line.close();
}

test('all of them are read', () => {
  const { events } = runPackets(switchboards(true).packets);
  const texts = events.flatMap(({ im }) => (im?.kind === 'message' ? [im.text] : []));
  expect(texts).toEqual(Array.from({ length: MANY }, (_, n) => `text ${n}`));
  expect(events.filter((e) => e.event_type === 'anomaly')).toEqual([]);
});

test('of those that are not closed as many as the limit says', () => {
  const { events } = runPackets(switchboards(false).packets);
  expect(events.filter((e) => e.im?.kind === 'message')).toHaveLength(LIMITS.carrier_streams.default);
  expect(events.filter((e) => e.event_type === 'anomaly').map((e) => e.anomaly?.event)).toEqual([
    'carrier_streams_limit',
  ]);
});
