/** The commands of MSNP: which direction, which arguments, whether a payload follows. */

/** What a connection is for. */
export const ROLE = { UNKNOWN: 0, NOTIFICATION: 1, SWITCHBOARD: 2 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

/** Presence codes and what is told as `im.status.show`. */
export const PRESENCE: Readonly<Record<string, string>> = {
  NLN: 'online',
  BSY: 'busy',
  IDL: 'idle',
  BRB: 'brb',
  AWY: 'away',
  PHN: 'phone',
  LUN: 'lunch',
  HDN: 'invisible',
  FLN: 'offline',
};

/** Contact lists as bits of `LST`, `ADL` and `RML`: forward, allow, block, reverse, pending. */
export const LIST = { FL: 1, AL: 2, BL: 4, RL: 8, PL: 16 } as const;

/** Whether a payload follows: never, always, or where there are two arguments and the last is a number. */
export const PAYLOAD = { NONE: 0, ALWAYS: 1, OPTIONAL: 2 } as const;

export interface CommandSpec {
  /**
   * One letter an argument: `t` and `d` a number (TrID, digits), `u` a user, `a` host:port, `p` a
   * presence code, `m` how a message is acknowledged, `l` a list, `v` a dialect (or `0`), `n` no number, `*` anything. At the end
   * `+`: any more, `?`: one more at most.
   */
  readonly shape: string;
  readonly payload: 0 | 1 | 2;
  readonly role: Role;
  /** How much a line of this shape says about the stream: 0 nothing, 1 something, 2 a lot. */
  readonly weight: 0 | 1 | 2;
  /** What the payload begins with, the first four bytes; absent: anything. */
  readonly opens?: readonly string[];
}

/** The dialects that have a command: the first and the last. Commands that are not here are in all, or it is not known. */
const DIALECTS: Readonly<Record<string, readonly [number, number]>> = {
  INF: [2, 7],
  SYN: [2, 12],
  GTC: [2, 12],
  LSG: [5, 12],
  LST: [2, 12],
  ADD: [2, 9],
  REA: [2, 9],
  ADC: [10, 12],
  REM: [2, 12],
  ADG: [5, 12],
  RMG: [5, 12],
  REG: [5, 12],
  SBP: [10, 21],
  GCF: [9, 21],
  UUX: [11, 21],
  UBX: [11, 21],
  ADL: [13, 21],
  RML: [13, 21],
  FQY: [13, 21],
  UUN: [13, 21],
  UBN: [13, 21],
  UUM: [14, 21],
  UBM: [14, 21],
  PUT: [16, 21],
  DEL: [16, 21],
  NFY: [16, 21],
  SDG: [16, 21],
};

/** Whether a dialect has a command; true where the dialect is not known (0). */
export function isOfDialect(name: string, dialect: number): boolean {
  const range = dialect > 0 && Object.hasOwn(DIALECTS, name) ? DIALECTS[name] : undefined;
  return range === undefined || (dialect >= range[0] && dialect <= range[1]);
}

const { UNKNOWN, NOTIFICATION: NS, SWITCHBOARD: SB } = ROLE;
const MIME = ['MIME', 'Mess', 'Cont'];
const XML = ['<'];
const ROUTING = ['Rout'];

function line(shape: string, role: Role = UNKNOWN, weight: 0 | 1 | 2 = 0): CommandSpec {
  return { shape, payload: PAYLOAD.NONE, role, weight };
}

function payload(
  shape: string,
  opens: readonly string[] | undefined,
  role: Role,
  weight: 0 | 1 | 2,
  optional = false,
): CommandSpec {
  const kind = optional ? PAYLOAD.OPTIONAL : PAYLOAD.ALWAYS;
  return opens ? { shape, payload: kind, role, weight, opens } : { shape, payload: kind, role, weight };
}

/** Client to server, all dialects. `QRY`, `UUX` and `ADL` have a payload only in this direction (as requests). */
const FROM_CLIENT: Readonly<Record<string, CommandSpec>> = {
  VER: line('tv+', NS, 2),
  CVR: line('t******+', NS, 2),
  INF: line('t', NS, 1),
  USR: line('t**+', UNKNOWN, 1),
  SYN: line('t*+', NS, 1),
  CHG: line('tp+', NS, 2),
  ADD: line('tl*+', NS, 2),
  ADC: line('tl*+', NS, 2),
  REM: line('tl*+', NS, 2),
  ADG: line('t*+', NS),
  RMG: line('t*+', NS),
  REG: line('t**+', NS),
  REA: line('tu*', NS, 2),
  PRP: line('t*+', NS, 1),
  SBP: line('t**+', NS),
  BLP: line('t*', NS, 1),
  GTC: line('t*', NS, 1),
  GCF: line('t*+', NS),
  LST: line('tl', NS, 1),
  SND: line('t*+', NS),
  FND: line('t*+', NS),
  URL: line('t*+', NS),
  IMS: line('t*', NS),
  XFR: line('t*', NS, 1),
  PNG: line('', NS, 1),
  ADL: payload('td', XML, NS, 2),
  RML: payload('td', XML, NS, 2),
  FQY: payload('td', XML, NS, 2),
  UUX: payload('td', XML, NS, 2),
  QRY: payload('t*d', undefined, NS, 1),
  UUN: payload('t*+', undefined, NS, 1),
  UUM: payload('tu+', undefined, NS, 2),
  PUT: payload('td', ROUTING, NS, 2),
  DEL: payload('td', ROUTING, NS, 2),
  SDG: payload('td', ROUTING, NS, 2),
  PAG: payload('t*+', undefined, NS, 0),
  PGD: payload('t*+', XML, NS, 1),
  NOT: payload('*+', undefined, NS, 0),
  VAS: payload('t*+', undefined, NS, 0),
  SDC: payload('tu+', undefined, NS, 0),
  OUT: line('?', UNKNOWN, 1),
  ANS: line('tu**', SB, 2),
  CAL: line('tu', SB, 1),
  MSG: payload('tmd', MIME, SB, 2),
};

/** Server to client. `ADL 7 OK` has no payload, `ADL 0 70` has one; `QNG 48` has none (seconds), nor has `QRY 7`. */
const FROM_SERVER: Readonly<Record<string, CommandSpec>> = {
  VER: line('tv', NS, 2),
  CVR: line('t*+', NS, 1),
  INF: line('t*', NS, 1),
  USR: line('t*+', UNKNOWN, 1),
  SYN: line('t*+', NS, 1),
  GTC: line('*+', NS, 1),
  BLP: line('*+', NS, 1),
  PRP: line('*+', NS),
  BPR: line('*+', NS),
  LSG: line('*+', NS),
  LST: line('*+', NS),
  ADD: line('tl*+', NS, 2),
  ADC: line('tl*+', NS, 2),
  REM: line('tl*+', NS, 2),
  ADG: line('t*+', NS),
  RMG: line('t*+', NS),
  REG: line('t*+', NS),
  REA: line('t*u*', NS, 2),
  SBP: line('t*+', NS),
  CHG: line('tp+', NS, 2),
  ILN: line('tpu+', NS, 2),
  NLN: line('pu+', NS, 2),
  FLN: line('u+', NS, 1),
  RNG: line('*a**u+', NS, 2),
  XFR: line('t*a+', NS, 2),
  CHL: line('t*', NS, 1),
  QRY: line('t', NS),
  QNG: line('?', NS, 1),
  SBS: line('*+', NS),
  URL: line('t*+', NS),
  IMS: line('t*+', NS),
  SND: line('t*', NS),
  FND: line('t*+', NS),
  NOT: payload('d', XML, NS, 2),
  IPG: payload('d', XML, NS, 2),
  UBX: payload('ud+', XML, NS, 2),
  UBN: payload('u*+', undefined, NS, 1),
  UBM: payload('u*+', undefined, NS, 2),
  GCF: payload('t*+', XML, NS, 1, true),
  NFY: payload('*d', ROUTING, NS, 2),
  ADL: payload('t*+', XML, NS, 1, true),
  RML: payload('t*+', XML, NS, 1, true),
  FQY: payload('t*+', XML, NS, 1, true),
  UUX: payload('td', XML, NS, 1, true),
  PUT: payload('t*+', ROUTING, NS, 1, true),
  DEL: payload('t*+', ROUTING, NS, 1, true),
  SDG: payload('t*+', ROUTING, NS, 1, true),
  OUT: line('?', UNKNOWN, 1),
  MSG: payload('n*+', MIME, UNKNOWN, 2),
  JOI: line('u*+', SB, 2),
  IRO: line('tddu+', SB, 2),
  ANS: line('t*', SB, 1),
  CAL: line('t**', SB, 1),
  BYE: line('u+', SB, 1),
  ACK: line('t', SB, 1),
  NAK: line('t', SB, 1),
};

/** An error reply: three digits and the TrID; some of the 2xx carry an XML payload from MSNP13 on. */
export const ERROR: CommandSpec = payload('t?', XML, UNKNOWN, 1, true);

type Commands = Readonly<Record<string, CommandSpec>>;

/** Specifications by direction and name. */
export const COMMANDS: readonly [Commands, Commands] = [FROM_CLIENT, FROM_SERVER];
