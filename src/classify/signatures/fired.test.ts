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
  9_000_060: {
    file: '../alerts/rules.test.ts',
    fires: 'is cut at so many alerts a minute, and at its end told with what was held back',
    twin: 'no minute within the cap is told, and the alert itself can be turned off',
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
