import { describe, expect, jest, test } from '@jest/globals';
import type { EveEvent } from '../../src/event/eve.ts';
import { replayCapture } from '../golden/replay.ts';
import { all, bytes, dissect, texts, tsharkVersion } from './tshark.ts';
import type { Part } from './tshark.ts';

jest.setTimeout(300_000);

/** A text and the frame that completed it: where both find it. */
interface Said {
  frame: number;
  text: string;
}

function frameOf(packet: Part): number {
  return Number(texts(packet, 'frame.number')[0]);
}

/** What imspan tells as messages, as it was written on the wire: with its markup where it had any. */
async function told(capture: string): Promise<Said[]> {
  const { lines } = await replayCapture(capture);
  return lines
    .map((line) => JSON.parse(line) as EveEvent)
    .filter((event) => event.im?.kind === 'message')
    .map((event) => ({ frame: event.pcap_cnt ?? 0, text: event.im?.html ?? event.im?.text ?? '' }));
}

function sorted(said: readonly Said[]): Said[] {
  return [...said].sort((a, b) => a.frame - b.frame || (a.text < b.text ? -1 : 1));
}

const version = tsharkVersion();
const withTshark = version === undefined ? describe.skip : describe;

withTshark('OSCAR messages, beside tshark (skipped where it is not installed)', () => {
  /** Charsets of a message block (ICBM TLV 0x0101): ASCII, UCS-2 in network order, ISO 8859-1. */
  const decoders: Readonly<Record<number, (block: Buffer) => string>> = {
    0: (block) => block.toString('ascii'),
    2: (block) => Buffer.from(block).swap16().toString('utf16le'),
    3: (block) => block.toString('latin1'),
  };

  test.each([
    'captures/oscar/aim-basic.pcap',
    'captures/oscar/icq-basic.pcap',
    'captures/oscar/aim-roasted-scripted.pcap',
    'captures/oscar/aim-identities-scripted.pcap',
    'captures/oscar/aim-warning-scripted.pcap',
    'captures/oscar/aim-twisted-away.pcap',
    'captures/oscar/icq-userinfo.pcap',
  ])('%s', async (path) => {
    const packets = dissect(path, ['frame', 'aim_messaging'], {
      decodeAs: ['tcp.port==5190,aim'],
      filter: 'aim.messageblock.message',
    });
    // tshark shows every block as if it were UTF-8, so ISO 8859-1 and UCS-2 are wrong in its `message`
    // field: its raw bytes are taken, and decoded by the charset that it read.
    const theirs = packets.flatMap((packet) => {
      const charsets = bytes(packet, 'aim.messageblock.charset').map((b) => b.readUInt16BE(0));
      return bytes(packet, 'aim.messageblock.message').map((block, i) => ({
        frame: frameOf(packet),
        text: decoders[charsets[i] ?? 0]?.(block) ?? '',
      }));
    });
    expect(theirs.length).toBeGreaterThan(0);
    expect(sorted(await told(path))).toEqual(sorted(theirs));
  });

  /** Names as ids: case and spaces do not count. */
  const idOf = (name: string): string => name.replaceAll(' ', '').toLowerCase();

  test.each([
    'captures/oscar/aim-basic.pcap',
    'captures/oscar/icq-basic.pcap',
    'captures/oscar/aim-contacts.pcap',
    'captures/oscar/aim-warning-scripted.pcap',
    'captures/oscar/aim-twisted-away.pcap',
    'captures/oscar/aim-login-failures.pcap',
  ])('%s: every screen name that tshark shows is told', async (path) => {
    const options = { decodeAs: ['tcp.port==5190,aim'], filter: 'aim' };
    const packets = dissect(
      path,
      ['aim', 'aim_messaging', 'aim_buddylist', 'aim_ssi', 'aim_signon'],
      options,
    );
    const theirs = new Set(
      packets.flatMap((packet) =>
        ['aim.buddyname', 'aim_ssi.buddyname'].flatMap((f) => texts(packet, f)).map(idOf),
      ),
    );
    theirs.delete('');
    const { lines } = await replayCapture(path);
    const ours = new Set<string>();
    for (const line of lines) {
      const { im } = JSON.parse(line) as EveEvent;
      for (const name of [im?.account, im?.from, ...(im?.to ?? []), im?.contact?.id])
        if (name) ours.add(name);
      for (const group of im?.contact?.groups ?? []) ours.add(idOf(group));
    }
    expect(theirs.size).toBeGreaterThan(1);
    expect([...theirs].filter((name) => !ours.has(name))).toEqual([]);
  });
});

withTshark('YMSG messages, beside tshark (skipped where it is not installed)', () => {
  /** YMSG keys and services of what is a message: MESSAGE and CONFMSG, and its text. */
  const SERVICES = new Set(['6', '29']);
  const TEXT_KEY = '14';

  test.each(['captures/yahoo/basic-ymsg12.pcap', 'captures/yahoo/conference-ymsg12.pcap'])(
    '%s',
    async (path) => {
      const theirs: Said[] = [];
      for (const packet of dissect(path, ['frame', 'ymsg'], { filter: 'ymsg' })) {
        const services = texts(packet, 'ymsg.service');
        if (!services.some((service) => SERVICES.has(service))) continue;
        const keys = texts(packet, 'ymsg.content-line.key');
        const values = bytes(packet, 'ymsg.content-line.value').map((value) => value.toString());
        keys.forEach((key, i) => {
          if (key === TEXT_KEY) theirs.push({ frame: frameOf(packet), text: values[i] ?? '' });
        });
      }
      expect(theirs.length).toBeGreaterThan(8);
      expect(sorted(await told(path))).toEqual(sorted(theirs));
    },
  );
});

withTshark('XMPP messages, beside tshark (skipped where it is not installed)', () => {
  const ENTITIES: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&apos;': "'",
    '&amp;': '&',
  };

  /** tshark leaves the entities of XML as they are written. */
  const unescaped = (text: string): string =>
    text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);

  test.each([
    ['captures/xmpp/plain-chat.pcap', []],
    ['captures/xmpp/muc.pcap', []],
    ['captures/xmpp/port-1863.pcap', ['tcp.port==1863,xmpp']],
  ])('%s', async (path, decodeAs) => {
    const packets = dissect(path, ['frame', 'tcp', 'xmpp'], { decodeAs, filter: 'xmpp.message.body' });
    const theirs: Said[] = [];
    const seen = new Set<string>();
    for (const packet of packets) {
      for (const message of all(packet, 'xmpp.message')) {
        const text = all(message, 'xmpp.message.body').flatMap((body) =>
          texts(body, 'xmpp.attribute').slice(-1),
        )[0];
        // The body of an invitation is a wording for old clients: imspan tells the invitation.
        if (text === undefined || all(message, 'xmpp.muc-user-x.invite').length > 0) continue;
        // A room sends what one says back to oneself (XEP-0045, 7.4): tshark shows both, imspan tells it once.
        const once = `${texts(packet, 'tcp.stream')[0]} ${texts(message, 'xmpp.id')[0]} ${text}`;
        if (seen.has(once)) continue;
        seen.add(once);
        theirs.push({ frame: frameOf(packet), text: unescaped(text) });
      }
    }
    expect(theirs.length).toBeGreaterThan(3);
    expect(sorted(await told(path))).toEqual(sorted(theirs));
  });
});
