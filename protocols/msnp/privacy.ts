import { decodeGuess } from '../../src/sdk/index.ts';
import { tellProfile } from './presence.ts';
import type { Command } from './reader.ts';
import type { Handlers, Session } from './session.ts';
import { lookUp, parseId } from './text.ts';
import { elementText } from './xml.ts';

/** Who may write to the account, and what goes beside its conversations: pages to telephones, invitations by mail, its other places. */

/** `BLP`: what is done with those who are neither allowed nor blocked. */
const PRIVACY: Readonly<Record<string, string>> = { AL: 'permit all but blocked', BL: 'permit only allowed' };
/** `GTC`: what is done when somebody adds the account. */
const WHEN_ADDED: Readonly<Record<string, string>> = { A: 'ask', N: 'accept' };

/** `BLP TrID AL`, of the server also `BLP TrID serial AL` and `BLP AL`: told where it is news. */
function onPrivacy(session: Session, command: Command): void {
  tellSetting(session, command, 'privacy', lookUp(PRIVACY, command.args.at(-1) ?? ''));
}

/** `GTC TrID A`, in the same forms. */
function onWhenAdded(session: Session, command: Command): void {
  tellSetting(session, command, 'when_added', lookUp(WHEN_ADDED, command.args.at(-1) ?? ''));
}

function tellSetting(
  session: Session,
  command: Command,
  name: 'privacy' | 'when_added',
  value: string | undefined,
): void {
  if (value === undefined || session.settings[name] === value) return;
  session.settings[name] = value;
  tellProfile(session, command, { [name]: value });
}

/** `PGD TrID whom 1 length`, in older dialects `PAG`: a page to somebody's telephone, `<TEXT>` in it. */
export function onPage(session: Session, command: Command): void {
  if (command.direction !== 0) return;
  const whom = command.args[1] ?? '';
  const to = whom.startsWith('tel:') ? whom : parseId(whom);
  const text = elementText(decodeGuess(command.bytes, command.start, command.end), 'TEXT')?.trim();
  if (!to || !text) return;
  const facts = session.fact('message');
  if (session.account) facts.from = session.account;
  facts.to = [to];
  Object.assign(facts, {
    text,
    format: 'plain',
    sent: true,
    evidence: [`${command.name}: a page to a telephone`],
  });
  session.tell(command, facts);
}

/** `SDC TrID e-mail locale MSMSGR WindowsMessenger X X name length`: somebody is invited to the service by mail. */
export function onInvitation(session: Session, command: Command): void {
  const id = parseId(command.args[1]);
  if (!id || command.direction !== 0) return;
  const facts = session.fact('contact');
  if (session.account) facts.from = session.account;
  facts.contact = { op: 'request', id };
  const text = decodeGuess(command.bytes, command.start, command.end).trim();
  if (text) facts.text = text;
  facts.sent = true;
  session.tell(command, facts);
}

/** What an endpoint says to another one of its account, or to all, that is to sign off (MSNP16 and newer). */
const SIGN_OFF: Readonly<Record<string, string>> = {
  goawyplzthxbye: 'another place of the account is to sign off',
  gtfo: 'all other places of the account are to sign off',
};
const LONGEST_SIGN_OFF = 32;

/** `UUN TrID user type length` and `UBN user type length`: between clients; all but this is for programs. */
export function onClientNotice(session: Session, command: Command): void {
  const { bytes, start, end, args, direction } = command;
  if (end - start > LONGEST_SIGN_OFF) return;
  const text = lookUp(SIGN_OFF, decodeGuess(bytes, start, end).trim());
  const peer = parseId(args[direction === 0 ? 1 : 0]);
  if (text === undefined || !peer || (session.account && peer !== session.account)) return;
  const facts = session.fact('notice');
  facts.from = peer;
  facts.code = 'endpoint-sign-off';
  facts.text = text;
  facts.sent = direction === 0;
  session.tell(command, facts);
}

export const PRIVACY_HANDLERS: Handlers = { BLP: onPrivacy, GTC: onWhenAdded };
