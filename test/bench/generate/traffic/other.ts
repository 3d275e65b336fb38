import { Block } from '../block.ts';
import { ByteWriter, encode } from '../byte-writer.ts';
import { CLIENT, SERVER, type Side } from '../path.ts';
import type { Random } from '../random.ts';
import { other, sendBlock, sendBytes, type Step } from '../step.ts';
import type { Pools } from './pools.ts';
import { label, sentence } from './words.ts';

const CIPHERS = 'chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes128-gcm@openssh.com';
const MACS = 'umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512';
const KEY_EXCHANGE = [
  'sntrup761x25519-sha512@openssh.com,curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group16-sha512',
  'ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256',
  ...[CIPHERS, CIPHERS, MACS, MACS],
  ...['none,zlib@openssh.com', 'none,zlib@openssh.com', '', ''],
];

const line = (from: Side, text: string, wait = 200): Step => sendBytes(from, encode(`${text}\r\n`), wait);

/** A mail delivery (RFC 5321). */
export function* smtp(random: Random, pools: Pools): Generator<Step, void> {
  const from = `${label(random)}@example.org`;
  yield line(SERVER, '220 mx.example.org ESMTP Postfix', 3000);
  yield line(CLIENT, `EHLO ${label(random)}.example.org`);
  yield line(SERVER, '250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME');
  yield line(CLIENT, `MAIL FROM:<${from}>`);
  yield line(SERVER, '250 2.1.0 Ok');
  yield line(CLIENT, `RCPT TO:<${label(random)}@example.net>`);
  yield line(SERVER, '250 2.1.5 Ok');
  yield line(CLIENT, 'DATA');
  yield line(SERVER, '354 End data with <CR><LF>.<CR><LF>');
  yield line(CLIENT, `From: ${from}\r\nSubject: ${sentence(random, 30)}\r\nMIME-Version: 1.0\r\n`);
  yield* pools.part(CLIENT, pools.text, random.pareto(600, 400_000, 1.1));
  yield line(CLIENT, '\r\n.');
  yield line(SERVER, `250 2.0.0 Ok: queued as ${random.hex(10).toUpperCase()}`, 20_000);
  yield line(CLIENT, 'QUIT');
  yield line(SERVER, '221 2.0.0 Bye');
}

/** A mailbox check (RFC 3501): its server's first byte is `*`, as a FLAP frame's is. */
export function* imap(random: Random, pools: Pools): Generator<Step, void> {
  yield line(SERVER, '* OK [CAPABILITY IMAP4rev1 IDLE STARTTLS] Dovecot ready.', 2000);
  yield line(CLIENT, `a1 LOGIN ${label(random)} ${random.hex(12)}`);
  yield line(SERVER, 'a1 OK Logged in');
  yield line(CLIENT, 'a2 SELECT INBOX');
  yield line(SERVER, `* ${random.below(4000)} EXISTS\r\n* 0 RECENT\r\na2 OK [READ-WRITE] Select completed`);
  for (let i = 3, last = random.between(3, 12); i < last; i++) {
    const size = random.pareto(500, 200_000, 1.1);
    yield line(
      CLIENT,
      `a${i} UID FETCH ${random.below(90_000)} BODY[]`,
      random.logNormal(60_000, 1, 2_000_000),
    );
    yield line(SERVER, `* ${i} FETCH (BODY[] {${size}}`, 2000);
    yield* pools.part(SERVER, pools.text, size);
    yield line(SERVER, `)\r\na${i} OK Fetch completed`);
  }
  yield line(CLIENT, 'a99 LOGOUT');
  yield line(SERVER, '* BYE Logging out');
}

/** A remote shell: banners in clear (RFC 4253), key exchange, then opaque keystrokes and output. */
export function* ssh(random: Random, pools: Pools): Generator<Step, void> {
  yield line(SERVER, 'SSH-2.0-OpenSSH_9.2p1 Debian-2', 2000);
  yield line(CLIENT, 'SSH-2.0-OpenSSH_9.5');
  for (const side of [CLIENT, SERVER] as const) yield sendBytes(side, keyExchange(random));
  for (let i = 0, count = random.pareto(6, 400, 1.1); i < count; i++) {
    yield* pools.part(CLIENT, pools.binary, 36, random.logNormal(90_000, 0.8, 2_000_000));
    yield* pools.part(SERVER, pools.binary, random.chance(0.1) ? random.between(400, 9000) : 44, 300);
  }
}

/** SSH_MSG_KEXINIT (RFC 4253, section 7.1) in its packet. */
function keyExchange(random: Random): Uint8Array {
  const out = new ByteWriter().u8(20).raw(random.bytes(16));
  for (const names of KEY_EXCHANGE) out.u32(names.length).text(names);
  const body = out.u8(0).u32(0).take();
  const padding = 16 - ((body.length + 5) % 8);
  out
    .u32(body.length + 1 + padding)
    .u8(padding)
    .raw(body);
  return out.raw(random.bytes(padding)).take();
}

/** A cache client (RESP): the first byte is `*` here too. */
export function* redis(random: Random): Generator<Step, void> {
  for (let i = 0, count = random.pareto(3, 300, 1.1); i < count; i++) {
    const key = `session:${random.hex(12)}`;
    const value = random.hex(random.logNormal(90, 1, 4000));
    const set = random.chance(0.4);
    const words = set ? ['SET', key, value] : ['GET', key];
    const command = words.map((word) => `$${word.length}\r\n${word}`).join('\r\n');
    yield line(CLIENT, `*${words.length}\r\n${command}`, random.logNormal(20_000, 1, 1_000_000));
    yield line(SERVER, set ? '+OK' : `$${value.length}\r\n${value}`, 100);
  }
}

/** A call: RTP (RFC 3550) both ways, 50 packets a second each. */
export function* rtp(random: Random): Generator<Step, void> {
  const sources = [random.bits(), random.bits()] as const;
  const voice = random.bytes(160);
  const start = random.below(0x10000);
  for (let i = 0, count = random.pareto(25, 2500, 1.1); i < count; i++) {
    for (const side of [CLIENT, SERVER] as const) {
      const out = new ByteWriter().u8(0x80).u8(i === 0 ? 0x80 : 0);
      out
        .u16(start + i)
        .u32((start + i) * 160)
        .u32(sources[side])
        .raw(voice);
      yield sendBytes(side, out.take(), 10_000);
    }
  }
}

/** A transfer of a protocol that nobody knows: any first byte is possible. */
export function* transfer(random: Random, pools: Pools, size: number): Generator<Step, void> {
  const sender = random.chance(0.2) ? CLIENT : SERVER;
  yield sendBlock(other(sender), new Block(random.bytes(random.between(20, 90))));
  yield* pools.part(sender, pools.binary, size, 4000);
}
