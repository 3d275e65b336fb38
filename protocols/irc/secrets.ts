import { fold } from './wire.ts';

/** Robots of a network that people tell passwords: Anope and atheme (`...serv`), Q of QuakeNet, X of Undernet. */
const SERVICE = /^(?:[a-z]+serv|q|x|authserv)(?:@.*)?$/;

/** Words behind which such a robot is told a password, or the like. */
const WORDS =
  /^(?:identify|id|auth|login|register|reg|ghost|recover|release|regain|setpass|newpass|password|pass|group|set|saset|confirm|verify|sidentify|logout|drop|cert)\b/i;

/** Words by which somebody signs on to an account. */
const SIGN_ON = /^(?:identify|id|auth|login|sidentify)\b/i;

/** What a text to a robot is: it is not told then, for it holds a secret. */
export interface Told {
  /** The account is signed on to. */
  readonly signsOn: boolean;
  /** The account that was named, where one was. */
  readonly account?: string;
}

/** A text to a network's robot that may hold a password; undefined where the text may be told. */
export function secretTold(target: string, text: string): Told | undefined {
  if (!SERVICE.test(fold(target))) return undefined;
  const words = text.trim().split(/ +/);
  // Some take the word behind a slash, some behind the name of the robot again.
  const first = words[0]?.replace(/^[/!.]/, '') ?? '';
  if (!WORDS.test(first)) return undefined;
  const signsOn = SIGN_ON.test(first) && words.length > 1;
  const account = signsOn && words.length > 2 ? words[1] : undefined;
  return { signsOn, ...(account === undefined ? {} : { account: fold(account) }) };
}
