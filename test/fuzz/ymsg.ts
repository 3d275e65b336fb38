import { packet } from '../../protocols/ymsg/build.ts';
import type { Pair } from '../../protocols/ymsg/build.ts';
import ymsg from '../../protocols/ymsg/index.ts';
import { KEY, SERVICE, STATUS } from '../../protocols/ymsg/numbers.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { mutate } from './random.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

const SERVICES = Object.values(SERVICE);
const KEYS = Object.values(KEY);
const STATUSES = [...Object.values(STATUS), 0, 4, 99];
/** What is never told, whatever the service. */
const SECRET = 'S3cretS3cret';
const SECRETS = new Set<number>([
  KEY.CRYPT_RESPONSE,
  KEY.CRYPT_RESPONSE_2,
  KEY.CHALLENGE,
  KEY.COOKIE,
  KEY.COOKIE_Y,
  KEY.COOKIE_T,
  KEY.TOKEN_RESPONSE,
  KEY.PEER_FLAG,
  KEY.RELAY_TOKEN,
]);
const WORDS = [
  'alice',
  'bob@example.test',
  '0',
  '1',
  '2',
  '3',
  '99',
  '-1',
  '318',
  '319',
  '320',
  'FILEXFER',
  'PEERTOPEER',
  'IMVIRONMENT',
  'TYPING',
  'WEBCAMINVITE',
  'doodle;106',
  ';0',
  'Friends:a,b\nWork:c\n',
  '\u001b[1mbold\u001b[x1m <font size="9">text</font> <ding>',
  'MTE3Nzk0NjI0',
  'http://192.0.2.7:80/a/b.txt?x',
  '<ct fn="A" ln="B">',
  'é𝄞\u0000\r\n',
  '',
];
const EVENTS = 4_096;

/** Every service with any keys, in both directions: also what no shipped capture has. */
export function ymsgTarget(): FuzzTarget {
  return {
    name: 'ymsg',
    claim: 'any services and keys: bounded, the same however cut, no secret told',
    rounds: 1_500,
    run(random) {
      const steps = Array.from({ length: 1 + random.below(8) }, () => stepOf(random));
      const damaged = random.below(3) === 0;
      const fed = damaged ? steps.map((step) => damage(step, random)) : steps;
      const ends: Step[] = [
        { direction: 0, end: true },
        { direction: 1, end: true },
      ];
      const midstream = random.below(2) === 0;
      const whole = runDissector(ymsg, [...fed, ...ends], { midstream });
      const cut = runDissector(ymsg, [...fed, ...ends], { midstream, chunk: 1 + random.below(40) });
      const told = JSON.stringify(whole.events);
      // How soon a length that lies is found out depends on how its bytes come.
      if (!damaged && told !== JSON.stringify(cut.events)) throw new Error('told otherwise when it was cut');
      if (whole.events.length > EVENTS) throw new Error(`${whole.events.length} events`);
      // Damage may put a secret behind the key of a text. The test's own hash shows what it is of.
      const shown = JSON.stringify(whole.facts, (name, value: unknown) => (name === 'id' ? '' : value));
      if (!damaged && shown.includes(SECRET)) throw new Error(`a secret is told: ${shown}`);
    },
  };
}

function stepOf(random: Random): Step {
  const pairs = Array.from({ length: random.below(14) }, (): Pair => {
    const key = random.below(20) === 0 ? random.below(2_000) : random.of(KEYS);
    if (key === KEY.URL) return [key, `http://192.0.2.7:80/a/b.txt?${SECRET}`];
    return [key, SECRETS.has(key) ? `${SECRET}${random.below(9)}` : random.of(WORDS)];
  });
  const service = random.below(30) === 0 ? random.below(0x10000) : random.of(SERVICES);
  const options = {
    version: random.of([0, 9, 12, 16, 101]),
    vendor: random.of([0, 0, 100]),
    status: random.of(STATUSES),
  };
  // File data is the one value that hides what follows.
  const kept = pairs.filter(([key]) => key !== KEY.FILE_DATA);
  return { direction: random.below(2) === 0 ? 0 : 1, bytes: packet(service, kept, options) };
}

function damage(step: Step, random: Random): Step {
  return 'bytes' in step && random.below(2) === 0 ? { ...step, bytes: mutate(step.bytes, random) } : step;
}
