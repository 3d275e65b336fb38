/**
 * Makes ordinary chat by a fixed rule from word lists of our own: small talk in many languages, dates, numbers, money, links,
 * addresses, names of files, pieces of code. Nothing in it should raise an alert. The same seed makes the same lines.
 */

/** A line and whether somebody at this side sent it. */
export interface ChatLine {
  readonly text: string;
  readonly sent: boolean;
}

/** Numerical Recipes' linear congruence: the same everywhere. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `n`. */
  roll(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 4_294_967_296) * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)]!;
  }

  digits(n: number): string {
    return Array.from({ length: n }, () => String(this.roll(10))).join('');
  }
}

const OPENERS = [
  'hey',
  'hi',
  'morning',
  'so',
  'ok',
  'well',
  'btw',
  'hm',
  'oh',
  'lol',
  'yes',
  'no',
  'wait',
  'thanks',
];
const SUBJECTS = [
  'the meeting',
  'lunch',
  'that report',
  'the printer',
  'our train',
  'the budget',
  'my cat',
  'the game',
  'your photo',
  'the new build',
  'the weather',
  'this film',
  'the confidential draft',
  'the secret santa list',
];
const VERBS = [
  'starts',
  'is late',
  'was great',
  'looks fine',
  'needs a fix',
  'moved',
  'is cancelled',
  'broke again',
  'is funny',
  'can wait',
  'is done',
  'costs too much',
];
const TAILS = [
  'today',
  'tomorrow',
  'after 5',
  'at noon',
  'again :)',
  'I think',
  'as usual',
  '!!!',
  '...',
  'sorry',
  'ok?',
  ':-P',
  'next week',
  '^^',
];
const LANGUAGES = [
  'Kommst du heute Abend mit ins Kino?',
  'Ich habe die Rechnung schon bezahlt.',
  'Der Zug hat zwanzig Minuten Versp\u00e4tung.',
  'On se voit demain \u00e0 la cantine ?',
  "J'ai oubli\u00e9 mon parapluie au bureau.",
  '\u00bfQuedamos a las ocho en la plaza?',
  'Ma\u00f1ana te mando las fotos de la boda.',
  'Ci vediamo domani in ufficio, va bene?',
  'Amanh\u00e3 n\u00e3o posso, fica para quinta.',
  'Zullen we vanmiddag even bellen?',
  'Jeg kommer lidt senere i dag.',
  'Vi ses p\u00e5 fredag d\u00e5!',
  'N\u00e4hd\u00e4\u00e4n huomenna kahvilla.',
  'Przy\u015bl\u0119 ci to jutro rano.',
  'U\u017e jsem doma, zavolej mi pros\u00edm.',
  '\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430? \u0414\u0430\u0432\u043d\u043e \u043d\u0435 \u0432\u0438\u0434\u0435\u043b\u0438\u0441\u044c.',
  '\u0421\u043e\u0432\u0435\u0449\u0430\u043d\u0438\u0435 \u043f\u0435\u0440\u0435\u043d\u0435\u0441\u043b\u0438 \u043d\u0430 \u0441\u0440\u0435\u0434\u0443.',
  '\u0394\u03b5\u03bd \u03bc\u03c0\u03bf\u03c1\u03ce \u03c3\u03ae\u03bc\u03b5\u03c1\u03b1, \u03b1\u03cd\u03c1\u03b9\u03bf \u03af\u03c3\u03c9\u03c2.',
  'Yar\u0131n sabah toplant\u0131 var m\u0131?',
  '\u05e0\u05d9\u05e4\u05d2\u05e9 \u05de\u05d7\u05e8 \u05d1\u05e6\u05d4\u05e8\u05d9\u05d9\u05dd?',
  '\u0645\u062a\u0649 \u0646\u0644\u062a\u0642\u064a \u063a\u062f\u0627\u061f',
  '\u660e\u5929\u4e0b\u5348\u4e09\u70b9\u5f00\u4f1a\uff0c\u522b\u5fd8\u4e86\u3002',
  '\u4eca\u65e5\u306f\u96e8\u3060\u304b\u3089\u3001\u5bb6\u3067\u4ed5\u4e8b\u3059\u308b\u3002',
  '\ub0b4\uc77c \uc810\uc2ec \uac19\uc774 \uba39\uc744\ub798?',
  '\u0e1e\u0e23\u0e38\u0e48\u0e07\u0e19\u0e35\u0e49\u0e40\u0e08\u0e2d\u0e01\u0e31\u0e19\u0e19\u0e30',
  'H\u1eb9n g\u1eb7p b\u1ea1n ng\u00e0y mai nh\u00e9!',
];
const HOSTS = [
  'www.example.org',
  'news.example.com',
  'en.wikipedia.org',
  'docs.example.net',
  'photos.example.com',
  'm\u00fcnchen.example',
  'wiki.example.test',
  'maps.example.org',
  'intranet',
  '10.1.2.3',
  '192.168.0.10:8080',
];
const PATHS = [
  '',
  '/',
  '/index.html',
  '/2005/03/08/story.html',
  '/wiki/Instant_messaging',
  '/album/holiday.jpg',
  '/search?q=train+times',
  '/page.php?id=1234',
  '/files/minutes.pdf',
  '/a/b/c?lang=en&user=7',
  '/video.wmv',
  '/watch?v=dQw4w9WgXcQ',
  '/w/index.php?title=Main&action=history',
  '/app.js',
  '/docs/a.com-guide/',
];
const FILES = [
  'report.doc',
  'holiday.jpg',
  'budget 2005.xls',
  'minutes.v2.pdf',
  'song.mp3',
  'archive.tar.gz',
  'notes.txt',
  'photo.of.us.png',
  'my.resume.final.doc',
];
const CODE = [
  'try `git status` first',
  'x = y + 1; that is all',
  'if (a == b) it works',
  'run ls -la /tmp',
  '<b>bold</b> does not show',
  'SELECT is slow here',
  'it says error 0x80070005',
  'NullPointerException again',
  'chmod 644 index.html',
  'the regex \\d{3}-\\d{4} is wrong',
  'npm install fails',
  '.profile is not read',
  '!important in css',
  'hash 3f786850e387550fdab836ed7e6dc881de23001b',
  'commit a94a8fe5ccb1',
  'ping 10.0.0.1 is fine',
];
const WORDS = [
  'omg this is funny',
  'hey check out this',
  'is that you in the photo?',
  'look at this',
  'see you',
  'A: 1. B: 2.',
  ':) :) :)',
  'ROFL!!!!!!',
  'BREAKING NEWS',
  'FYI ONLY',
  'brb',
  'afk',
  'k',
];

/** Numbers that people write: none of them is one to protect. */
function numberLine(dice: Dice): string {
  const two = (n: number): string => String(dice.roll(n) + 1).padStart(2, '0');
  const day = `${two(28)}.${two(12)}.20${two(25)}`;
  return dice.pick([
    () => `it is on ${day}`,
    () => `20${two(25)}-${two(12)}-${two(28)} ${two(23)}:${two(59)} works for me`,
    () => `call me: +49 89 ${dice.digits(3)} ${dice.digits(5)}`,
    () => `my number is ${dice.digits(3)}-${dice.digits(3)}-${dice.digits(4)}`,
    () => `(0${dice.digits(2)}) ${dice.digits(4)} ${dice.digits(4)} after six`,
    () => `order ${dice.digits(8)}`,
    () => `ticket #${dice.digits(6)} and #${dice.digits(6)}`,
    () => `that makes ${dice.digits(3)},${dice.digits(3)}.${dice.digits(2)} EUR`,
    () => `version ${dice.roll(9)}.${dice.roll(20)}.${dice.digits(4)}`,
    () => `parcel 1Z${dice.digits(16)}`,
    () => `tracking no ${dice.digits(12)}`,
    () => `invoice ${dice.digits(4)}-${dice.digits(5)}`,
    () => `ISBN 978-3-${dice.digits(2)}-${dice.digits(6)}-${dice.roll(10)}`,
    () => `the timestamp says 11102${dice.digits(5)}`,
    () => `in ms: 17${dice.digits(11)}`,
    () => `pi is 3.14159265358979${dice.digits(4)}`,
    () => `meeting id ${dice.digits(3)} ${dice.digits(3)} ${dice.digits(4)}`,
    () => `zip ${dice.digits(5)}-${dice.digits(4)}`,
    () => `serial ${dice.digits(4)}-${dice.digits(4)}-${dice.digits(4)}`,
    () => `account no ${dice.digits(16)}`,
    () => `lottery: ${two(49)} ${two(49)} ${two(49)} ${two(49)} ${two(49)} ${two(49)}`,
    () => `guid ${dice.digits(8)}-${dice.digits(4)}-4${dice.digits(3)}-9${dice.digits(3)}-${dice.digits(12)}`,
    () => `flight LH${dice.digits(3)} gate B${two(40)}, seat ${two(40)}C`,
    () => `DE12 sounds like a room, ours is GB29 N${dice.digits(2)}`,
    () => `MAC 00:1a:${dice.digits(2)}:${dice.digits(2)}:${dice.digits(2)}:ff`,
  ])();
}

function linkLine(dice: Dice): string {
  const scheme = dice.pick(['http://', 'https://', 'http://', '']);
  const host = dice.pick(scheme === '' ? HOSTS.slice(0, 2) : HOSTS);
  return `${dice.pick(['see', 'here:', 'from', 'it is on', 'found', 'omg this is funny, I mean'])} ${scheme}${host}${dice.pick(PATHS)}${dice.pick(['', '', ' :)', ', right?', '.'])}`;
}

function talk(dice: Dice): string {
  const line = `${dice.pick(OPENERS)} ${dice.pick(SUBJECTS)} ${dice.pick(VERBS)} ${dice.pick(TAILS)}`;
  return dice.roll(6) === 0 ? line.toUpperCase() : line;
}

/** So many lines of ordinary chat. */
export function* benignChat(lines: number, seed = 20_050_308): Generator<ChatLine> {
  const dice = new Dice(seed);
  for (let i = 0; i < lines; i++) {
    const text = dice.pick([
      () => talk(dice),
      () => talk(dice),
      () => dice.pick(LANGUAGES),
      () => numberLine(dice),
      () => numberLine(dice),
      () => linkLine(dice),
      () => dice.pick(CODE),
      () =>
        `${dice.pick(['sending', 'got', 'lost', 'did you open'])} ${dice.pick(FILES)}${dice.pick(['', '?', ' now'])}`,
      () => dice.pick(WORDS),
      () =>
        `mail ${dice.pick(['anna', 'bob', 'office', 'info'])}@${dice.pick(['example.com', 'example.org'])} ${dice.pick(TAILS)}`,
      () => `${talk(dice)}\n${talk(dice)}\n${dice.pick(LANGUAGES)}`,
    ])();
    yield { text, sent: dice.roll(2) === 0 };
  }
}
