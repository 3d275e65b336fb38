import { MISC_ACTIVITY, PRIVACY_VIOLATION } from '../signature.ts';
import type { Signature } from '../signature.ts';

const MASQUERADING = { id: 'T1036', name: 'Masquerading' };
const IMPERSONATION = { id: 'T1656', name: 'Impersonation' };
const VALID_ACCOUNTS = { id: 'T1078', name: 'Valid Accounts' };

/** Findings about names (from 9000070 on), clients and machines (from 9000078 on). */
export const NAME_SIGNATURES = {
  nameUnknown: {
    id: 9_000_070,
    rev: 1,
    name: 'IMSPAN IM name without an owner',
    category: PRIVACY_VIOLATION,
    severity: 3,
    meaning:
      'An account signs on here that the registry of names does not know, or whose row does not hold at that time. It is told once for each account, and only where a registry is given.',
    evidence:
      'That no row fits, or which one does not hold any more; who was signed on at the machine, where a log of leases says so.',
    falsePositives: 'A name that was registered since, or under another network; a guest.',
    whatToDo:
      '`imspan names seen` lists all names without an owner, `imspan names propose` writes the rows that would settle them.',
  },
  nameRejected: {
    id: 9_000_071,
    rev: 1,
    name: 'IMSPAN Rejected IM name in use',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'An account signs on here whose row in the registry of names says "rejected". It is told once for each account and machine.',
    evidence: 'The row of the registry.',
    falsePositives: 'A stale registry. A pattern that is too wide.',
    whatToDo: 'Ask the person of the row, or who uses the machine.',
  },
  nameLeft: {
    id: 9_000_072,
    rev: 1,
    name: 'IMSPAN IM name of somebody who has left',
    category: 'Attempted User Privilege Gain',
    severity: 1,
    meaning:
      'An account signs on here whose owner has left the organisation, by the registry of names. It is told once for each account and machine.',
    evidence: 'The row of the registry.',
    falsePositives:
      'A stale registry; a person who came back; a shared machine on which an old client still signs on by itself.',
    whatToDo: 'Find out who uses the machine, and whether the former colleague has access.',
    mitre: [VALID_ACCOUNTS],
  },
  nameAtOnce: {
    id: 9_000_073,
    rev: 1,
    name: 'IMSPAN One IM name in use on several machines at once',
    category: 'Suspicious Username Detected',
    severity: 2,
    meaning:
      'Two machines act in turn under one account: the first goes on after the second has acted, in other sessions.',
    evidence: 'Both machines, and the order in which they acted.',
    falsePositives:
      'A person with two machines, where the network lets an account sign on twice (XMPP, later MSN and Yahoo). A machine that changes its address within a connection, behind a NAT that also gives the new one.',
    whatToDo: 'Ask the owner of the account whether both machines are his.',
    mitre: [VALID_ACCOUNTS],
  },
  nameShared: {
    id: 9_000_074,
    rev: 1,
    name: 'IMSPAN One IM name used by several people',
    category: 'Suspicious Username Detected',
    severity: 2,
    meaning:
      'One account was used at machines on which different people were signed on, by the log of leases. It is told once for each account.',
    evidence: 'The people and the addresses.',
    falsePositives: 'A helpdesk account, a meeting room; a log of leases that lags behind.',
    whatToDo: 'Have each person use an own account, or register the shared one.',
    mitre: [VALID_ACCOUNTS],
  },
  personManyNames: {
    id: 9_000_075,
    rev: 1,
    name: 'IMSPAN Several IM names of one person on one network',
    category: 'Suspicious Username Detected',
    severity: 3,
    meaning:
      'One person (by the registry, or by who was signed on at the machine) uses several accounts of one network, not all of which are approved. It is told once for each person and network.',
    evidence: 'The accounts.',
    falsePositives: 'A machine that several people use under one sign-on.',
    whatToDo: 'Register the accounts that are wanted; approved ones are not told.',
  },
  nameLookAlike: {
    id: 9_000_076,
    rev: 1,
    name: 'IMSPAN IM name that looks like an internal one',
    category: 'Suspicious Username Detected',
    severity: 1,
    meaning:
      'A name that is not registered signs on here, or writes to somebody here, and looks like a registered one: other case or separators, digits for letters or at an end, letters of another script, or one character that differs.',
    evidence: 'The registered name, its row, and in what they differ.',
    falsePositives:
      'Short and common names: many people are called alike. Names of four characters and more are compared, and of six where one may differ.',
    whatToDo:
      'Warn the person whose name it is like, and whom it wrote to. Register the name where it is harmless.',
    mitre: [IMPERSONATION],
  },
  nameOutside: {
    id: 9_000_077,
    rev: 1,
    name: 'IMSPAN Internal name on an outside network',
    category: 'Suspicious Username Detected',
    severity: 2,
    meaning:
      "An address of the organisation's own domain is used as an account on a network for which it is not registered, or a registered name of one network signs on here on another one. Told once for each account.",
    evidence: 'The row of the registry.',
    falsePositives:
      'A colleague who registered with the address of work. A name that is common (confidence low).',
    whatToDo: 'Ask the owner of the name; register the account or have it given up.',
    mitre: [IMPERSONATION],
  },
  clientNew: {
    id: 9_000_078,
    rev: 1,
    name: 'IMSPAN New IM client on this network',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'A client software of a network was seen here for the first time, after a time in which what is usual was learned (a day of packet time where no older sightings are known). Told once for each network and software.',
    evidence: 'How it was recognised, and since when sightings are known.',
    falsePositives: 'A seldom used client that was in use before.',
    whatToDo: 'Find out whether it is wanted; a policy that allows the client keeps it from being told.',
  },
  clientMasquerade: {
    id: 9_000_079,
    rev: 1,
    name: 'IMSPAN IM client that claims to be another',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'A client calls itself by the name of another one, and its bytes show that it is not. Told once for each machine, network and software; where the alert about the client tells of the connection at once, as evidence there (`also 9000079: ...`).',
    evidence: 'What it claims, what it is, and what shows it.',
    falsePositives:
      'Third-party clients have to claim to be the official one where the servers ask for it: the finding is true and often harmless.',
    whatToDo: 'Ask the user what he runs. A worm or a bot behaves so, too.',
    mitre: [MASQUERADING],
  },
  evasive: {
    id: 9_000_080,
    rev: 1,
    name: 'IMSPAN IM on a port or in a carrier that evades filters',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'A client that is not allowed speaks its protocol on the port of another service (80, 443, 53, 25, ...), or inside HTTP CONNECT, a SOCKS proxy, or an HTTP gateway. Told once for each client address, network and way; where the alert about the client tells of the connection at once, as evidence there (`also 9000080: ...`).',
    evidence: 'The port and whose it is, or the carrier.',
    falsePositives:
      'Where your own proxy is the only way out every client uses it. Servers of some networks listen on such ports so that clients get through.',
    whatToDo: 'Close the way, or allow the client in the policy.',
    mitre: [
      { id: 'T1571', name: 'Non-Standard Port' },
      { id: 'T1572', name: 'Protocol Tunneling' },
    ],
  },
  tlsOnly: {
    id: 9_000_081,
    rev: 1,
    name: 'IMSPAN IM seen through TLS only',
    category: PRIVACY_VIOLATION,
    severity: 3,
    meaning:
      'A machine reached a server of one of the networks through TLS, which the policy does not allow: who signs on with what, and what is said, cannot be seen. Told once for each machine and network, and only as evidence of the alert about the client (`also 9000081: ...`), where no other connection of the machine could be read before.',
    evidence: 'The server name, protocol or certificate of the handshake.',
    falsePositives: 'A web page or a mail program that reaches the same servers.',
    whatToDo: 'As for the client itself; ask the user what he runs.',
    mitre: [{ id: 'T1573', name: 'Encrypted Channel' }],
  },
  sharedAddress: {
    id: 9_000_082,
    rev: 1,
    name: 'IMSPAN Several IM users behind one address',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'So many accounts of one network are signed on from one address at once that several people (NAT, terminal server, proxy) or one person with many names are there. Counted by sign-ons and client software; told once for each address and network.',
    evidence: 'How many accounts and which client software.',
    falsePositives: 'A client that signs on several accounts of its user. Your own proxy or terminal server.',
    whatToDo: 'Where the address is an unknown NAT or proxy, find the machine.',
  },
} as const satisfies Record<string, Signature>;
