import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ALL_SIGNATURES } from '../signatures.ts';

/** Where each signature is shown to fire, and on its nearest benign twin not to: a test file and two of its titles. */
interface Shown {
  file: string;
  fires: string;
  twin: string;
}

const CLIENT: Shown = {
  file: '../clients.test.ts',
  fires: 'the network %s has signature %d',
  twin: 'what is allowed is not told, until new facts say otherwise',
};

/** The same for each of `count` ids. */
function rows(first: number, count: number, shown: Shown): Record<number, Shown> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [first + i, shown]));
}

const SHOWN: Readonly<Record<number, Shown>> = {
  9_000_001: CLIENT,
  9_000_002: CLIENT,
  9_000_003: CLIENT,
  9_000_004: CLIENT,
  9_000_005: CLIENT,
  9_000_006: CLIENT,
  9_000_007: CLIENT,
  9_000_019: CLIENT,
  9_000_020: {
    file: '../clients.test.ts',
    fires: 'is told once for each account and server, also where the policy allows the client',
    twin: 'is told at once where account and software are known, with who, where, what and why',
  },
  9_000_040: {
    file: '../clients.test.ts',
    fires: 'a notice is told as one, once, and is no alert',
    twin: 'what is allowed is not told, until new facts say otherwise',
  },
  9_000_041: {
    file: '../policy/uses.test.ts',
    fires: 'a use that the policy forbids is told once, another use and one that is refused are not',
    twin: 'a use that the policy forbids is told once, another use and one that is refused are not',
  },
  9_000_042: {
    file: '../policy/uses.test.ts',
    fires: 'a use of which the policy wants to hear is told, and is no alert',
    twin: 'a use of which the policy wants to hear is told, and is no alert',
  },
  9_000_043: {
    file: '../policy/uses.test.ts',
    fires: 'a client below the minimum version is told, that version itself is not',
    twin: 'a client below the minimum version is told, that version itself is not',
  },
  9_000_044: {
    file: '../policy/uses.test.ts',
    fires: 'what was allowed until some hour is told when it goes on, and not before',
    twin: 'what was allowed until some hour is told when it goes on, and not before',
  },
  9_000_045: {
    file: '../policy/uses.test.ts',
    fires: 'a wall that is crossed is told once for a pair, whoever speaks; others may talk',
    twin: 'a wall that is crossed is told once for a pair, whoever speaks; others may talk',
  },
  9_000_046: {
    file: '../policy/uses.test.ts',
    fires: 'a group that may not talk to the outside is told when it does, not when it talks inside',
    twin: 'a group that may not talk to the outside is told when it does, not when it talks inside',
  },
  9_000_060: {
    file: '../alerts/rules.test.ts',
    fires: 'is cut at so many alerts a minute, and at its end told with what was held back',
    twin: 'no minute within the cap is told, and the alert itself can be turned off',
  },
  9_000_070: { file: '../names/names.test.ts', fires: 'an unknown name', twin: 'a registered name is none' },
  9_000_071: { file: '../names/names.test.ts', fires: 'a rejected name', twin: 'a registered name is none' },
  9_000_072: {
    file: '../names/names.test.ts',
    fires: 'somebody who has left',
    twin: 'somebody who will leave is none',
  },
  9_000_073: {
    file: '../names/names.test.ts',
    fires: 'two machines in turn under one name; one after the other is none',
    twin: 'two machines in turn under one name; one after the other is none',
  },
  9_000_074: {
    file: '../names/names.test.ts',
    fires: 'one name of several people, by the leases; of one at one machine it is none',
    twin: 'one name of several people, by the leases; of one at one machine it is none',
  },
  9_000_075: {
    file: '../names/names.test.ts',
    fires: 'several names of one person',
    twin: 'several approved names of one person are none',
  },
  9_000_076: {
    file: '../names/names.test.ts',
    fires: 'a name with digits for letters',
    twin: 'a name that is two steps away is like none',
  },
  9_000_077: {
    file: '../names/names.test.ts',
    fires: 'an address of ours elsewhere',
    twin: 'an address of ours where it belongs',
  },
  9_000_078: {
    file: '../names/names.test.ts',
    fires: 'a client is new only after the time of learning',
    twin: 'a client is new only after the time of learning',
  },
  9_000_079: {
    file: '../names/names.test.ts',
    fires:
      'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
    twin: 'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
  },
  9_000_080: {
    file: '../names/names.test.ts',
    fires:
      'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
    twin: 'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
  },
  9_000_081: {
    file: '../names/names.test.ts',
    fires:
      'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
    twin: 'the port of another service, a proxy, TLS alone, a client that claims to be another; the usual port is none',
  },
  9_000_082: {
    file: '../names/names.test.ts',
    fires: 'three accounts at once at one address; three in turn are none',
    twin: 'three accounts at once at one address; three in turn are none',
  },
  ...rows(9_000_100, 29, {
    file: '../content/content.test.ts',
    fires: 'each class fires, and its nearest twin does not',
    twin: 'no class is without a case',
  }),
  9_000_140: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'precision and recall over the parameters of a worm',
    twin: 'people alone raise nothing',
  },
  9_000_141: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'precision and recall over the parameters of a worm',
    twin: 'people alone raise nothing',
  },
  9_000_142: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires:
      'a worm is told with the message that crosses the threshold, then as it doubles; the spread is a tree',
    twin: 'people alone raise nothing',
  },
  9_000_143: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
    twin: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
  },
  9_000_144: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
    twin: 'unsolicited links: one stranger to many, many strangers to one; not from contacts',
  },
  9_000_145: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'the directory is harvested, contacts are added in bulk; a person searches now and then',
    twin: 'the directory is harvested, contacts are added in bulk; a person searches now and then',
  },
  9_000_146: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'the volume of files sent; both legs of one file count once',
    twin: 'the volume of files sent; both legs of one file count once',
  },
  9_000_147: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'a room is flooded; a lively one of many people, seen by many members, is not',
    twin: 'a room is flooded; a lively one of many people, seen by many members, is not',
  },
  9_000_148: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'commands that a program obeys; not a robot that tells the weather, nor a person',
    twin: 'commands that a program obeys; not a robot that tells the weather, nor a person',
  },
  9_000_149: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'a beacon by the beat of a clock; a person who says the same now and then is none',
    twin: 'a beacon by the beat of a clock; a person who says the same now and then is none',
  },
  9_000_150: {
    file: '../../../test/behaviour/behaviour.test.ts',
    fires: 'coded blobs; not encryption known as such, nor hashes',
    twin: 'coded blobs; not encryption known as such, nor hashes',
  },
  9_000_155: {
    file: '../../sink/scan/scan.test.ts',
    fires: 'what clamd finds is an alert with the time of the file; a clean file is none',
    twin: 'what clamd finds is an alert with the time of the file; a clean file is none',
  },
};

test('every signature is listed with a test in which it fires and one in which its twin does not', () => {
  expect(Object.keys(SHOWN).map(Number)).toEqual(ALL_SIGNATURES.map(({ id }) => id));
});

test.each(Object.entries(SHOWN))(
  'the tests that are listed for %s are there',
  (_id, { file, fires, twin }) => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(text).toContain(`'${fires}'`);
    expect(text).toContain(`'${twin}'`);
  },
);
