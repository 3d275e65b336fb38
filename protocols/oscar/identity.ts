import { formatIPv4 } from '../../src/sdk/index.ts';
import type { ClientSoftware, Cursor } from '../../src/sdk/index.ts';
import { claimsOfficial, identifyByCapabilities, identifyByFutures, isReversed, unmask } from './client.ts';
import type { Conn, Facts, Handlers } from './conn.ts';
import { SNAC, USER_TLV } from './numbers.ts';
import { normalise } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** What shows who the software is and where it runs, beside its own words. */

/**
 * Tells software that something but its client string named. Where the string of this connection claims to be the
 * network's own client, that is a masquerade. ICQ's own editions are none.
 */
export function recognise(conn: Conn, found: ClientSoftware): void {
  if (conn.recognised === found.name) return;
  conn.recognised = found.name;
  const claimed = conn.client;
  if (claimed && claimsOfficial(claimed) && !found.name.startsWith('ICQ')) {
    const client = { ...claimed, evidence: [...claimed.evidence, ...found.evidence] };
    unmask(client, found.name, found.version);
    conn.client = client;
    conn.tell({ kind: 'client', client });
  } else if (claimed?.name !== found.name) conn.tell({ kind: 'client', client: found });
}

/** Capabilities of the own client: 02/04, TLV 5. */
export function recogniseCapabilities(conn: Conn, value: Cursor): void {
  const found = identifyByCapabilities(value.bytes, value.pos, value.end);
  if (found) recognise(conn, found);
}

/** 01/17: families with their versions, as the client wants them. Only a claim is put to the test by it. */
function onClientVersions(conn: Conn, body: Cursor): void {
  const asked: number[] = [];
  while (body.has(4)) {
    asked.push(body.u16());
    body.skip(2);
  }
  if (!conn.client || !claimsOfficial(conn.client) || !isReversed(conn.families, asked)) return;
  const evidence = ["01/17 families in the reverse of the server's order"];
  recognise(conn, { name: 'libpurple', raw: conn.client.raw, evidence });
}

/** DC info: how clients of ICQ reach each other. */
export interface DirectInfo {
  address: string | undefined;
  port: number;
  version: number;
  stamps: readonly [number, number, number];
}

/**
 * TLV 0C: address, port u32, type u8, version u16, cookie u32, web port u32, features u32, three stamps u32, one
 * unused u16. Undefined where it is shorter.
 */
export function readDirectInfo(value: Cursor): DirectInfo | undefined {
  const start = value.pos;
  const none = value.u32() === 0;
  const port = value.u32();
  value.skip(1);
  const version = value.u16();
  value.skip(12);
  const stamps = [value.u32(), value.u32(), value.u32()] as const;
  if (!value.ok) return undefined;
  return { address: none ? undefined : formatIPv4(value.bytes, start), port, version, stamps };
}

/**
 * Tells the addresses that a user-info block (or 01/1E) gives away: the one inside, which the client wrote into DC
 * info, and the one that the server sees. Once a person and connection, and again when they change.
 */
export function tellAddresses(conn: Conn, tlvs: TLVs, name: string, own: boolean): void {
  const profile: Record<string, unknown> = {};
  const direct = tlvs.has(USER_TLV.DC_INFO) ? readDirectInfo(tlvs.value(USER_TLV.DC_INFO)) : undefined;
  if (direct?.address !== undefined) profile.internal_ip = direct.address;
  if (direct?.address !== undefined && direct.port > 0 && direct.port <= 0xffff)
    profile.internal_port = direct.port;
  const external = tlvs.value(USER_TLV.EXTERNAL_IP);
  if (external.left === 4 && external.peek() !== 0)
    profile.external_ip = formatIPv4(external.bytes, external.pos);
  const said = Object.values(profile).join(' ');
  const who = normalise(name);
  const key = `address ${own ? '' : who}`;
  if (said === '' || conn.shown.get(key) === said) return;
  conn.shown.set(key, said);
  const facts: Facts = { kind: 'profile', profile };
  if (!own) conn.between(facts, name, false);
  else if (conn.account !== '') facts.from = conn.account;
  if (own) facts.sent = true;
  conn.tell(facts, who);
}

/** 01/1E: what its DC info says of the own client. */
export function recogniseDirectInfo(conn: Conn, tlvs: TLVs): void {
  if (!tlvs.has(USER_TLV.DC_INFO)) return;
  const direct = readDirectInfo(tlvs.value(USER_TLV.DC_INFO));
  const found = direct && identifyByFutures(...direct.stamps);
  if (found) recognise(conn, found);
}

export const IDENTITY_HANDLERS: Handlers = [[SNAC.OSERVICE_CLIENT_VERSIONS, 'client', onClientVersions]];
