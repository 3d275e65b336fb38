import { protocols } from '../../protocols/index.ts';
import irc from '../../protocols/irc/index.ts';
import quic from '../../protocols/quic/index.ts';
import { clientHello } from '../../protocols/tls/build.ts';
import { cryptoFrame, initialPacket, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { mutate } from './random.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

const HELLO = clientHello({ sni: 'web.whatsapp.com', alpns: ['h3', 'h2'] });
const SECRET = 'S3cretS3cret';
const COMMANDS = [
  'PRIVMSG',
  'NOTICE',
  'JOIN',
  'NICK',
  'USER',
  'PASS',
  'OPER',
  'NS',
  'AUTHENTICATE',
  '001',
  '353',
  '366',
  '433',
  '464',
  '670',
  'STARTTLS',
  'QUIT',
  'ERROR',
  'MONITOR',
  'KICK',
  'INVITE',
];
const WORDS = [
  '#room',
  'NickServ',
  'bob',
  '*',
  ':',
  ':a b',
  '@time=x',
  ':n!u@h',
  '\u0001DCC SEND x 1 2 3\u0001',
  '\u0001DCC CHAT chat 1 2\u0001',
  '\u0001VERSION x\u0001',
  ':IDENTIFY',
  '+',
  ',',
  '\u00034,5',
  'é',
  '',
];

/** Hellos in CRYPTO frames that were cut, mixed, doubled and damaged before they were sealed: what is inside is looked at, not refused by its seal. */
function quicTarget(): FuzzTarget {
  return {
    name: 'quic frames',
    claim: 'any frames in sealed packets: never throws, tells no name that was not sent',
    rounds: 600,
    run(random) {
      const intact = random.below(3) === 0;
      const hello = intact ? HELLO : mutate(HELLO, random);
      const frames = Array.from({ length: 1 + random.below(6) }, () => {
        const at = random.below(hello.length);
        const frame = cryptoFrame(at, hello.subarray(at, at + random.below(hello.length)));
        return intact || random.below(3) > 0 ? frame : mutate(frame, random);
      });
      if (random.below(2) === 0) frames.push(cryptoFrame(0, hello));
      const steps: Step[] = frames.map((frame, number) => {
        const bytes = initialPacket({ number, frames: [frame], size: 400 });
        return { direction: 0, bytes: random.below(8) === 0 ? mutate(bytes, random) : bytes };
      });
      const { facts } = runDissector(quic, steps);
      if (facts.length > 1) throw new Error(`${facts.length} events of one hello`);
      if (intact && facts.some(({ tls }) => tls?.sni !== 'web.whatsapp.com')) throw new Error('another name');
    },
  };
}

/** Lines of any words, in both directions. */
function ircTarget(): FuzzTarget {
  return {
    name: 'irc lines',
    claim:
      'any lines: never throws, never shows what is said to a robot behind IDENTIFY, or to the server as a password',
    run(random) {
      const steps: Step[] = Array.from({ length: 1 + random.below(8) }, () => {
        const words = Array.from({ length: random.below(6) }, () => random.of(WORDS));
        const secret = random.of([
          'PASS ',
          'OPER root ',
          'PRIVMSG NickServ :IDENTIFY ',
          'NS IDENTIFY ',
          'JOIN #room ',
          'PRIVMSG Q@CServe :AUTH a ',
        ]);
        const text = random.below(4) === 0 ? `${secret}${SECRET}` : [random.of(COMMANDS), ...words].join(' ');
        const secretly = text.endsWith(SECRET);
        return {
          direction: secretly ? 0 : (random.below(2) as 0 | 1),
          bytes: new TextEncoder().encode(`${text}\r\n`),
        };
      });
      const told = JSON.stringify(runDissector(irc, steps, { chunk: 1 + random.below(40) }).facts);
      if (told.includes(SECRET)) throw new Error('a secret is shown');
    },
  };
}

/** Datagrams and first segments that were damaged, before every detector's glance and look. */
function glanceTarget(seeds: readonly Uint8Array[]): FuzzTarget {
  return {
    name: 'glances',
    claim: 'any first bytes: no detector throws at a glance',
    rounds: 1_000,
    run(random: Random) {
      const bytes = mutate(random.of(seeds), random);
      const end = random.below(bytes.length + 1);
      for (const { detector } of protocols) detector.glance?.(bytes, Math.min(random.below(4), end), end);
    },
  };
}

export function appTargets(): FuzzTarget[] {
  const seeds = [
    initialPacket({ frames: [cryptoFrame(0, HELLO)] }),
    Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x74, 2, 0x6d, 0x65, 0, 0, 1, 0, 1]),
    Uint8Array.from([
      8,
      1,
      0,
      8,
      0x21,
      0x12,
      0xa4,
      0x42,
      ...new Array<number>(12).fill(1),
      0x40,
      0,
      0,
      4,
      1,
      2,
      3,
      4,
    ]),
    new TextEncoder().encode('WA\u0006\u0003\u0000\u0000\u0024\u0012'.padEnd(60)),
  ];
  return [quicTarget(), ircTarget(), glanceTarget(seeds)];
}
