/** Events for tests and measurements of the archive: made from a number, the same for the same number. */
import type { EveEvent, ImObject } from '../../src/event/eve.ts';

/** A time as events have it, `i` milliseconds after the morning of 1 March 2026. */
export function timeAt(i: number): string {
  return `${new Date(Date.UTC(2026, 2, 1, 8) + i).toISOString().slice(0, 23)}000+0000`;
}

const hex = (i: number, digits: number): string => i.toString(16).padStart(digits, '0');

/** The message number `i` from one of `people` accounts to the next; `set` overwrites fields of `im`. */
export function message(i: number, people = 10, set: Partial<ImObject> = {}): EveEvent {
  const from = `user${i % people}@example.org`;
  const to = `user${(i + 1) % people}@example.org`;
  return {
    timestamp: timeAt(i * 7),
    flow_id: 1_000_000 + (i % people),
    event_type: 'im',
    src_ip: `10.1.${(i % people) >> 8}.${(i % people) & 255}`,
    src_port: 40_000 + (i % people),
    dest_ip: '192.0.2.1',
    dest_port: 5222,
    proto: 'TCP',
    app_proto: 'xmpp',
    community_id: `1:${hex(i % people, 26)}=`,
    direction: 'to_server',
    im: {
      ...{
        v: 1,
        id: hex(i, 32),
        kind: 'message',
        service: 'xmpp',
        account: from,
        from,
        to: [to],
        sent: true,
      },
      ...{ session: hex(i % people, 32), conversation: hex(i % people, 32) },
      ...{ text: `message number ${i} about the quarterly falcon report`, format: 'plain' },
      ...set,
    },
  };
}
