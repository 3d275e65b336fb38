import { PRIVACY_VIOLATION } from '../signature.ts';
import type { Severity } from '../policy.ts';
import type { Signature } from '../signature.ts';

const TROJAN = 'A Network Trojan was detected';
const BAD = 'Potentially Bad Traffic';
const LEAK = 'Sensitive Data was Transmitted Across the Network';
const ATTACK = 'Attempted User Privilege Gain';
const LINK = { id: 'T1566.002', name: 'Phishing: Spearphishing Link' };
const RUN_LINK = { id: 'T1204.001', name: 'User Execution: Malicious Link' };
const RUN_FILE = { id: 'T1204.002', name: 'User Execution: Malicious File' };
const MASQUERADE = { id: 'T1036', name: 'Masquerading' };
const OUT = { id: 'T1048', name: 'Exfiltration Over Alternative Protocol' };

type Words = Omit<Signature, 'id' | 'rev' | 'name' | 'category' | 'severity'>;

const of = (id: number, name: string, category: string, severity: Severity, words: Words): Signature => ({
  id,
  rev: 1,
  name: `IMSPAN ${name}`,
  category,
  severity,
  ...words,
});

const HOST_ONLY = 'The host of the link and what is odd about it; never the text.';
const LOOK_AT_LINK =
  'Block the host at the proxy, look in its log who went there, and look at the machine of whoever did.';
const LOOK_AT_FILE =
  'Find out whether the file was run; have it scanned; look at the machine of the sender, too: a worm sends itself.';
const MASKED = 'The kind of what was sent and its last characters; the rest is masked and the text left out.';
const ASK = 'Ask the sender; where it was a mistake, treat what was sent as known to others.';

/** What people and programs send: 9000100 to 9000139. */
export const CONTENT_SIGNATURES = {
  executableLink: of(9_000_100, 'Link to an executable file in a message', TROJAN, 1, {
    meaning: 'A message links to a program. Most worms of instant messaging spread so.',
    evidence: HOST_ONLY,
    falsePositives:
      'People who send each other the address of an installer: allow its domain (`--domains`, a row with `!`).',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK, RUN_LINK],
  }),
  rawAddressLink: of(9_000_101, 'Link to a bare IP address in a message', BAD, 2, {
    meaning:
      'A message links to an address of the public network rather than a name: a machine that somebody took over, or one that is to leave no name behind.',
    evidence: HOST_ONLY,
    falsePositives:
      'Administrators and players who name a server by its address. Private addresses are left out.',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK],
  }),
  lookalikeLink: of(9_000_102, 'Link with a look-alike host name in a message', BAD, 2, {
    meaning:
      'A link reads like a known name and leads elsewhere: letters of other scripts, digits for letters, a host before an @.',
    evidence: HOST_ONLY,
    falsePositives:
      'Names in other languages are told only where every letter looks like a Latin one, or scripts are mixed.',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK, MASQUERADE],
  }),
  shortenedLink: of(9_000_103, 'Link through a shortener in a message', BAD, 3, {
    meaning: 'A link does not show where it leads.',
    evidence: HOST_ONLY,
    falsePositives:
      'Many: shorteners are in ordinary use. Switch the class `shortener` off where it says nothing to you.',
    whatToDo: 'Read it together with other alerts of the same sender.',
    mitre: [LINK],
  }),
  freeHostLink: of(9_000_104, 'Link to free web space in a message', BAD, 3, {
    meaning: 'A link leads to a host where anybody puts files under no name.',
    evidence: HOST_ONLY,
    falsePositives: 'Private pages of people. Switch the class `free-host` off where it says nothing to you.',
    whatToDo: 'Read it together with other alerts of the same sender.',
    mitre: [LINK],
  }),
  recipientLink: of(9_000_105, 'Link that carries its recipient in a message', TROJAN, 1, {
    meaning:
      "A link's query names the one to whom it was sent: worms put the address of each contact in, so that the page knows who came.",
    evidence: HOST_ONLY,
    falsePositives: 'A personal link that the service itself sends.',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK, RUN_LINK],
  }),
  lure: of(9_000_106, 'Message with the words of a known worm and a link', TROJAN, 1, {
    meaning: 'A message is, its link apart, what a known worm writes.',
    evidence: 'Which worm is known for the words, and the host of the link.',
    falsePositives:
      'Somebody who quotes it. Short phrases that people use, too, are told only with a link that is suspicious of itself.',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK, RUN_LINK],
  }),
  wormFile: of(9_000_107, 'File with the name of a known worm', TROJAN, 1, {
    meaning: 'A file was offered or sent under a name that a worm is known for.',
    evidence: 'The name, and who knows it.',
    falsePositives: 'Hardly any.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE],
  }),
  executableFile: of(9_000_108, 'Executable file offered or sent', BAD, 2, {
    meaning: 'A file was offered or sent that Windows runs when it is opened, or whose bytes are a program.',
    evidence: 'Its name, or what its first bytes are where the name says nothing.',
    falsePositives: 'Developers and helpers who send programs on purpose: ignore them by account or subnet.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE],
  }),
  disguisedFile: of(9_000_109, 'File whose name hides its type', TROJAN, 1, {
    meaning:
      'The name of a program looks like that of a picture or a text: two extensions, spaces before the last one, or a mark that turns the reading direction.',
    evidence: 'The name and how it hides.',
    falsePositives: 'Hardly any.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE, { id: 'T1036.007', name: 'Masquerading: Double File Extension' }],
  }),
  typeMismatch: of(9_000_110, 'File whose content is not what its name says', TROJAN, 1, {
    meaning:
      'The bytes of a file are a program or an archive, and its name is that of a picture, a text or music.',
    evidence: 'The name and what the first bytes are.',
    falsePositives: 'Wrongly named archives.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE, { id: 'T1036.008', name: 'Masquerading: Masquerade File Type' }],
  }),
  archiveExecutable: of(9_000_111, 'Archive that holds an executable file', BAD, 2, {
    meaning:
      'An archive (ZIP, RAR, 7z, tar, gzip, cabinet) lists a program. No file is unpacked; the names are those of its list, one level deep.',
    evidence: 'The name of the archive and of the program.',
    falsePositives: 'Software that is passed on in an archive.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE],
  }),
  archiveEncrypted: of(9_000_112, 'Archive that needs a password', BAD, 3, {
    meaning: 'Entries of an archive, or its list of names, are encrypted: no scanner sees what they are.',
    evidence: 'The name of the archive and how many of its entries.',
    falsePositives: 'People who protect what they send.',
    whatToDo: 'Ask the sender; with a program inside (9000111) treat it as hostile.',
    mitre: [{ id: 'T1027.013', name: 'Obfuscated Files or Information: Encrypted/Encoded File' }],
  }),
  archiveBomb: of(9_000_113, 'Archive that would explode', 'Attempted Denial of Service', 2, {
    meaning:
      'An archive claims to become more than 1,000 times its size and more than 100 MiB, or names more than 20,000 entries.',
    evidence: 'The name of the archive and its numbers.',
    falsePositives: 'Images of empty disks, dumps of zeros.',
    whatToDo: 'Keep scanners from unpacking it.',
    mitre: [{ id: 'T1499', name: 'Endpoint Denial of Service' }],
  }),
  blockedFile: of(9_000_114, 'File of the block list', TROJAN, 1, {
    meaning: 'A checksum of a file that passed is on the list of `--hashes`.',
    evidence: 'The name and the SHA-256 of the file.',
    falsePositives: 'Those of the list.',
    whatToDo: LOOK_AT_FILE,
    mitre: [RUN_FILE],
  }),
  blockedDomain: of(9_000_115, 'Link to a domain of the block list', TROJAN, 1, {
    meaning: 'A message links to a host on the list of `--domains`.',
    evidence: HOST_ONLY,
    falsePositives: 'Those of the list.',
    whatToDo: LOOK_AT_LINK,
    mitre: [LINK],
  }),
  exploit: of(9_000_116, 'Traffic in the shape of an attack on an IM client', ATTACK, 1, {
    meaning:
      'What passed contradicts the protocol in the way in which attacks on clients do; it is told by structure, whatever the bytes that were to run.',
    evidence: 'The anomaly (docs/ANOMALIES.md) and the vulnerability whose shape it has.',
    falsePositives: 'Broken software, now and then; a scanner or a test.',
    whatToDo:
      'See who sent it and whether the receiving client is of a version that has the hole; look at its machine.',
    mitre: [{ id: 'T1203', name: 'Exploitation for Client Execution' }],
  }),
  crackableSecret: of(9_000_117, 'Crackable secret exposed in IM sign-on', PRIVACY_VIOLATION, 3, {
    meaning:
      'A sign-on showed a hash from which the password can be guessed, or a token that can be used again. Off by default: most older protocols sign on so.',
    evidence: 'The mechanism. The hash or token itself is never shown, stored or logged.',
    falsePositives: 'None.',
    whatToDo: 'Have long passwords, or sign on through TLS.',
    mitre: [{ id: 'T1040', name: 'Network Sniffing' }],
  }),
  encryptedText: of(9_000_118, 'Encrypted message that the policy forbids', PRIVACY_VIOLATION, 3, {
    meaning:
      'A message is encrypted from end to end, and the policy switched the class `encryption` on. Off by default.',
    evidence: 'The kind of encryption.',
    falsePositives: 'None: the policy asked for it.',
    whatToDo: 'Ask the sender.',
    mitre: [{ id: 'T1573', name: 'Encrypted Channel' }],
  }),
  bot: of(9_000_119, 'Command or beacon of a bot over IM', TROJAN, 1, {
    meaning:
      'A message is a command that a family of bots takes, or one side sends blocks of code without words at even intervals.',
    evidence: 'The word of the command, or the interval and the number of beacons.',
    falsePositives: 'People who talk about a bot by quoting its commands; status robots for beacons.',
    whatToDo: 'Look at the machines of both ends.',
    mitre: [{ id: 'T1102.002', name: 'Web Service: Bidirectional Communication' }],
  }),
  cardNumber: of(9_000_120, 'Payment card number sent out', LEAK, 2, {
    meaning: "A number of an issuer's range and length with a right check digit (Luhn) was sent.",
    evidence: MASKED,
    falsePositives: 'One number in ten of such a range has a right check digit by chance.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  bankAccount: of(9_000_121, 'Bank account number (IBAN) sent out', LEAK, 3, {
    meaning: 'An IBAN of a right length for its country and with right check digits was sent.',
    evidence: MASKED,
    falsePositives: 'People who give their own account on purpose.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  socialSecurity: of(9_000_122, 'US social security number sent out', LEAK, 2, {
    meaning: 'A number in the form of a US social security number was sent.',
    evidence: MASKED,
    falsePositives: 'Other numbers that are written 3-2-4.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  secret: of(9_000_123, 'Key or token sent out', LEAK, 1, {
    meaning: 'A private key, or a key or token of a service, was sent in a message.',
    evidence: 'Its kind. The key itself is never shown.',
    falsePositives: 'Examples of documentation.',
    whatToDo: 'Have it revoked and replaced.',
    mitre: [{ id: 'T1552', name: 'Unsecured Credentials' }],
  }),
  watchedWord: of(9_000_124, "Word of the operator's list sent out", LEAK, 2, {
    meaning:
      'A message that was sent holds a word or fits an expression of the policy (`content: words`, `expressions`).',
    evidence: "The name of the expression or the policy's own word; of what fits an expression nothing.",
    falsePositives: 'Those of the list.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  sourceCode: of(9_000_125, 'Source code sent out', LEAK, 3, {
    meaning:
      'Several lines of a message are a piece of a program, or a file that was sent is one by its name.',
    evidence: 'How many lines, or the name of the file.',
    falsePositives: 'Developers who help each other: ignore them by subnet.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  markedDocument: of(9_000_126, 'Marked document sent out', LEAK, 2, {
    meaning: 'A text, or the name of a file, bears the mark of a document that is not to leave.',
    evidence: 'The mark.',
    falsePositives: 'People who talk about such a mark in capitals.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
  archiveUnlisted: of(9_000_127, 'Archive whose names cannot be seen', BAD, 3, {
    meaning:
      'An archive was sent of which it is not known what it holds: its list is packed (7z as it is usually made), its format is one that is not listed (bzip2, xz, zstd, ARJ, ACE, LZH), or bytes of it did not pass. Off until a policy switches the class `archive-unlisted` on.',
    evidence: 'The name of the archive, its format, and why it is not listed.',
    falsePositives: 'Whoever packs with such programs.',
    whatToDo: 'Have a scanner look at the file (`--extract`, `--scan-clamd`).',
    mitre: [{ id: 'T1027', name: 'Obfuscated Files or Information' }],
  }),
  document: of(9_000_128, "Document of the operator's sent out", LEAK, 1, {
    meaning:
      'A text that was sent holds a passage of a document of `--documents`, or a file has the bytes of one. Passages of some 60 letters are known again, whatever their case and punctuation.',
    evidence: "The document's name, and how many of its fingerprints the text has. Nothing of the text.",
    falsePositives: 'Words that stand elsewhere, too: laws, licences, notices.',
    whatToDo: ASK,
    mitre: [OUT],
  }),
} as const satisfies Record<string, Signature>;
