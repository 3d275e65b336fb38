import { CONTENT_SIGNATURES as S } from '../signatures/content.ts';
import type { Signature } from '../signature.ts';

/** Classes of content findings by the name that a policy has for them. */
export const CONTENT_CLASSES = {
  'executable-link': S.executableLink,
  'raw-address': S.rawAddressLink,
  'look-alike': S.lookalikeLink,
  shortener: S.shortenedLink,
  'free-host': S.freeHostLink,
  'recipient-link': S.recipientLink,
  lure: S.lure,
  'worm-file': S.wormFile,
  'executable-file': S.executableFile,
  'disguised-file': S.disguisedFile,
  'type-mismatch': S.typeMismatch,
  'archive-executable': S.archiveExecutable,
  'archive-encrypted': S.archiveEncrypted,
  'archive-bomb': S.archiveBomb,
  'archive-unlisted': S.archiveUnlisted,
  'blocked-file': S.blockedFile,
  'blocked-domain': S.blockedDomain,
  exploit: S.exploit,
  'crackable-secret': S.crackableSecret,
  encryption: S.encryptedText,
  bot: S.bot,
  card: S.cardNumber,
  iban: S.bankAccount,
  ssn: S.socialSecurity,
  secret: S.secret,
  word: S.watchedWord,
  'source-code': S.sourceCode,
  'marked-document': S.markedDocument,
  document: S.document,
} as const satisfies Record<string, Signature>;

export type ContentClass = keyof typeof CONTENT_CLASSES;

export const CLASS_NAMES = Object.keys(CONTENT_CLASSES) as ContentClass[];

/** Off until a policy switches them on. */
export const OFF_BY_DEFAULT: readonly ContentClass[] = ['crackable-secret', 'encryption', 'archive-unlisted'];
