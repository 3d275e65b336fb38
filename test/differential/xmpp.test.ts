import { describe, expect, jest, test } from '@jest/globals';
import type { EveEvent } from '../../src/event/eve.ts';
import { replayCapture } from '../golden/replay.ts';
import { all, dissect, texts, tsharkVersion } from './tshark.ts';

jest.setTimeout(300_000);

/** Frame and text of a message, where both find it. */
type Said = readonly [frame: number, text: string];

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** tshark leaves the five entities of XML as they are written. */
const unescape = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);

async function told(capture: string): Promise<Said[]> {
  const { lines } = await replayCapture(capture);
  return lines
    .map((line) => JSON.parse(line) as EveEvent)
    .filter((event) => event.im?.kind === 'message')
    .map((event) => [event.pcap_cnt ?? 0, event.im?.text ?? '']);
}

function shown(capture: string): Said[] {
  const packets = dissect(capture, ['frame', 'xmpp'], {
    decodeAs: ['tcp.port==1863,xmpp'],
    filter: 'xmpp.message.body',
  });
  return packets.flatMap((packet) => {
    const frame = Number(texts(packet, 'frame.number')[0]);
    const bodies = all(packet, 'xmpp.message.body');
    return bodies.flatMap((body) =>
      texts(body, 'xmpp.attribute').map((text): Said => [frame, unescape(text)]),
    );
  });
}

const withTshark = tsharkVersion() === undefined ? describe.skip : describe;

withTshark('XMPP messages, beside tshark (skipped where it is not installed)', () => {
  test.each(['plain-chat', 'port-1863', 'sasl-digest-md5'])(
    '%s: the same texts in the same frames',
    async (name) => {
      const theirs = shown(`captures/xmpp/${name}.pcap`);
      expect(theirs.length).toBeGreaterThan(5);
      expect(await told(`captures/xmpp/${name}.pcap`)).toEqual(theirs);
    },
  );

  test('a room: what tshark shows more is what the room sent back to its author, and the words of an invitation', async () => {
    const ours = await told('captures/xmpp/muc.pcap');
    const theirs = shown('captures/xmpp/muc.pcap');
    const key = ([frame, text]: Said): string => `${frame} ${text}`;
    const known = new Set(ours.map(key));
    expect(theirs.map(key)).toEqual(expect.arrayContaining([...known]));
    // The same words in an earlier frame; the invitation, written by the room, is told as one.
    const more = theirs.filter((one) => !known.has(key(one)));
    const invitations = more.filter(([, text]) => text.includes(' invited you to the room '));
    expect(invitations.map(([frame]) => frame)).toEqual([195]);
    for (const [frame, text] of more.filter((one) => !invitations.includes(one))) {
      expect(ours.some((one) => one[0] < frame && one[1] === text)).toBe(true);
    }
  });
});
