/**
 * The floor: what reading a capture costs in one plain loop, with nothing of imspan in it. It reads
 * a pcap file in large pieces, decodes Ethernet, VLAN tags, IPv4, IPv6, TCP and UDP, looks each
 * packet's flow up in an open hash and counts there. `node test/bench/floor.mjs FILE` prints the totals.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const BUFFER = 4 << 20;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** A flow in 32-bit words: both addresses (4 each), both ports, protocol and family, packets, bytes. */
const WORDS = 12;
const PORTS = 8;
const KIND = 9;
const PACKETS = 10;
const BYTES = 11;

const TCP = 6;
const UDP = 17;

const totals = { packets: 0, bytes: 0, flows: 0, other: 0 };
let capacity = 1 << 16;
let table = new Int32Array(capacity * WORDS);
const key = new Int32Array(WORDS);

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node test/bench/floor.mjs FILE\n');
  process.exitCode = 2;
} else {
  read(path);
  process.stdout.write(`${JSON.stringify(totals)}\n`);
}

function read(file) {
  const fd = openSync(file, 'r');
  const bytes = new Uint8Array(BUFFER);
  let filled = readSync(fd, bytes, 0, BUFFER, null);
  if (filled < FILE_HEADER || u32le(bytes, 0) !== 0xa1b2c3d4)
    throw new Error('not a little-endian pcap file');
  let at = FILE_HEADER;
  while (filled > 0) {
    at = scan(bytes, at, filled);
    bytes.copyWithin(0, at, filled);
    const kept = filled - at;
    const more = readSync(fd, bytes, kept, BUFFER - kept, null);
    if (more === 0) break;
    filled = kept + more;
    at = 0;
  }
  closeSync(fd);
}

/** Reads the whole records of `[at, end)`; returns where the first cut one begins. */
function scan(bytes, at, end) {
  let place = at;
  while (place + RECORD_HEADER <= end) {
    const length = u32le(bytes, place + 8);
    const next = place + RECORD_HEADER + length;
    if (next > end) break;
    totals.packets++;
    totals.bytes += length;
    decode(bytes, place + RECORD_HEADER, next);
    place = next;
  }
  return place;
}

function decode(bytes, start, end) {
  let at = start + 12;
  let type = (bytes[at] << 8) | bytes[at + 1];
  while (type === 0x8100 || type === 0x88a8) {
    at += 4;
    type = (bytes[at] << 8) | bytes[at + 1];
  }
  at += 2;
  if (type === 0x0800 && at + 20 <= end) decodeIPv4(bytes, at, end);
  else if (type === 0x86dd && at + 40 <= end) decodeIPv6(bytes, at, end);
  else totals.other++;
}

function decodeIPv4(bytes, at, end) {
  const protocol = bytes[at + 9];
  const transport = at + ((bytes[at] & 15) << 2);
  const fragment = ((bytes[at + 6] & 0x1f) << 8) | bytes[at + 7];
  if ((protocol !== TCP && protocol !== UDP) || fragment !== 0 || transport + 8 > end) {
    totals.other++;
    return;
  }
  const source = u32(bytes, at + 12);
  const target = u32(bytes, at + 16);
  const sourcePort = (bytes[transport] << 8) | bytes[transport + 1];
  const targetPort = (bytes[transport + 2] << 8) | bytes[transport + 3];
  const length = (bytes[at + 2] << 8) | bytes[at + 3];
  if (source < target || (source === target && sourcePort < targetPort)) {
    count4(source, target, (sourcePort << 16) | targetPort, protocol, length);
  } else {
    count4(target, source, (targetPort << 16) | sourcePort, protocol, length);
  }
}

function count4(low, high, ports, kind, length) {
  const mask = capacity - 1;
  let slot = hash(low ^ Math.imul(high, 0x9e3779b1), ports ^ kind) & mask;
  for (;;) {
    const at = slot * WORDS;
    if (
      table[at + KIND] === kind &&
      table[at + PORTS] === ports &&
      table[at] === low &&
      table[at + 4] === high
    ) {
      table[at + PACKETS]++;
      table[at + BYTES] += length;
      return;
    }
    if (table[at + KIND] === 0) break;
    slot = (slot + 1) & mask;
  }
  key.fill(0);
  key[0] = low;
  key[4] = high;
  insert(slot, ports, kind, length);
}

function decodeIPv6(bytes, at, end) {
  const protocol = bytes[at + 6];
  const transport = at + 40;
  if ((protocol !== TCP && protocol !== UDP) || transport + 8 > end) {
    totals.other++;
    return;
  }
  const sourcePort = (bytes[transport] << 8) | bytes[transport + 1];
  const targetPort = (bytes[transport + 2] << 8) | bytes[transport + 3];
  const forward = order6(bytes, at, sourcePort, targetPort);
  const low = forward ? at + 8 : at + 24;
  const high = forward ? at + 24 : at + 8;
  for (let i = 0; i < 4; i++) {
    key[i] = u32(bytes, low + i * 4);
    key[i + 4] = u32(bytes, high + i * 4);
  }
  const ports = forward ? (sourcePort << 16) | targetPort : (targetPort << 16) | sourcePort;
  count6(ports, protocol | 0x100, 40 + ((bytes[at + 4] << 8) | bytes[at + 5]));
}

function order6(bytes, at, sourcePort, targetPort) {
  for (let i = 0; i < 16; i++) {
    const difference = bytes[at + 8 + i] - bytes[at + 24 + i];
    if (difference !== 0) return difference < 0;
  }
  return sourcePort < targetPort;
}

function count6(ports, kind, length) {
  const mask = capacity - 1;
  const folded = key[0] ^ Math.imul(key[1], 5) ^ Math.imul(key[2], 17) ^ Math.imul(key[3], 0x85ebca6b);
  const rest = key[4] ^ Math.imul(key[5], 5) ^ Math.imul(key[6], 17) ^ Math.imul(key[7], 0xc2b2ae35);
  let slot = hash(folded ^ Math.imul(rest, 0x9e3779b1), ports ^ kind) & mask;
  for (;;) {
    const at = slot * WORDS;
    if (table[at + KIND] === kind && table[at + PORTS] === ports && sameAddresses(at)) {
      table[at + PACKETS]++;
      table[at + BYTES] += length;
      return;
    }
    if (table[at + KIND] === 0) break;
    slot = (slot + 1) & mask;
  }
  insert(slot, ports, kind, length);
}

function sameAddresses(at) {
  for (let i = 0; i < 8; i++) if (table[at + i] !== key[i]) return false;
  return true;
}

function insert(slot, ports, kind, length) {
  key[PORTS] = ports;
  key[KIND] = kind;
  key[PACKETS] = 1;
  key[BYTES] = length;
  table.set(key, slot * WORDS);
  totals.flows++;
  if (totals.flows * 2 > capacity) grow();
}

function grow() {
  const old = table;
  capacity *= 2;
  table = new Int32Array(capacity * WORDS);
  const mask = capacity - 1;
  for (let at = 0; at < old.length; at += WORDS) {
    if (old[at + KIND] === 0) continue;
    let slot = rehash(old, at) & mask;
    while (table[slot * WORDS + KIND] !== 0) slot = (slot + 1) & mask;
    table.set(old.subarray(at, at + WORDS), slot * WORDS);
  }
}

function rehash(old, at) {
  const tail = old[at + PORTS] ^ old[at + KIND];
  if ((old[at + KIND] & 0x100) === 0) return hash(old[at] ^ Math.imul(old[at + 4], 0x9e3779b1), tail);
  const folded =
    old[at] ^ Math.imul(old[at + 1], 5) ^ Math.imul(old[at + 2], 17) ^ Math.imul(old[at + 3], 0x85ebca6b);
  const rest =
    old[at + 4] ^ Math.imul(old[at + 5], 5) ^ Math.imul(old[at + 6], 17) ^ Math.imul(old[at + 7], 0xc2b2ae35);
  return hash(folded ^ Math.imul(rest, 0x9e3779b1), tail);
}

function hash(a, b) {
  let h = Math.imul(a ^ (a >>> 15), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return h ^ (h >>> 15);
}

function u32(bytes, at) {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

function u32le(bytes, at) {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
