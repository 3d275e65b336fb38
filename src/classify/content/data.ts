/**
 * What is known to be bad or telling, each row with its source and the date at which it was looked at. `threats`: the
 * project's table of threats, which quotes the write-ups named; `memory`: well known, no document at hand. None was
 * taken from a capture.
 */

interface Row {
  readonly source: string;
  readonly date: string;
}

interface NamedRow extends Row {
  readonly name: string;
}

const rows = (source: string, date: string, names: string): NamedRow[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, source, date }));

/** Extensions that Windows runs when the file is opened. */
export const EXECUTABLE_EXTENSIONS: readonly NamedRow[] = [
  ...rows(
    'threats: payload classes, row 91',
    '2026-11-24',
    'pif scr exe com bat cmd vbs lnk cpl hta jar ps1',
  ),
  ...rows(
    'memory: attachments that Outlook blocks (Microsoft)',
    '2026-11-24',
    'vbe js jse wsf wsh msi msp msc reg scf shs chm gadget inf ins isp jnlp xll application',
  ),
];

/** Hosts that stand for another address, which the text does not show. */
export const SHORTENERS: readonly NamedRow[] = [
  ...rows(
    'lists of huyld/url-revealer and NinoDiscord/actions (GitHub)',
    '2026-11-24',
    'bit.ly tinyurl.com goo.gl ow.ly is.gd buff.ly adf.ly bl.ink tiny.cc shorturl.at v.gd rb.gy budurl.com bit.do shorte.st bc.vc soo.gd tny.im alturl.com tighturl.com urlcut.com xrl.us doiop.com chilp.it',
  ),
  ...rows(
    'memory: shorteners open to everybody',
    '2026-11-24',
    'cutt.ly rebrand.ly tr.im cli.gs snipurl.com snurl.com notlong.com shorl.com moourl.com t.ly',
  ),
];

/** Hosts on which anybody puts files without a name of their own. */
export const FREE_HOSTS: readonly NamedRow[] = rows(
  'memory: free web space of the time',
  '2026-11-24',
  'geocities.com tripod.com angelfire.com freewebs.com 50megs.com 0catch.com 110mb.com 100free.com t35.com 5gbfree.com awardspace.com freehostia.com 000webhostapp.com freewebhostingarea.com ripway.com fileave.com angelcities.com bravehost.com',
);

export interface Lure extends Row {
  /** As people see it; compared in small letters without marks, links left out. */
  readonly text: string;
  /** Said by worms only: the text and any link are enough. Else the link has to be suspicious of itself. */
  readonly distinct: boolean;
}

/** What worms write beside their link. */
export const LURES: readonly Lure[] = [
  {
    text: 'omg this is funny',
    distinct: true,
    source: 'threats: Kelvir, PandaLabs 2005-03',
    date: '2026-11-24',
  },
  {
    text: "lol! see it! u'll like it",
    distinct: true,
    source: 'threats: Kelvir, PandaLabs 2005-03',
    date: '2026-11-24',
  },
  {
    text: 'Here are the new smiles for MSN, they are incredible!',
    distinct: true,
    source: 'threats: Singworm, Emerging Threats 2007605 and 2007606',
    date: '2026-11-24',
  },
  {
    text: 'hey check out this',
    distinct: false,
    source: 'threats: Opanki (memory)',
    date: '2026-11-24',
  },
];

const names = (source: string, ...list: string[]): NamedRow[] =>
  list.map((name) => ({ name, source, date: '2026-11-24' }));

/** Names under which worms sent themselves. */
export const WORM_FILES: readonly NamedRow[] = [
  ...names('threats: Choke, CNET 2001-08-14', 'choke.exe', 'ShootPresidentBUSH.exe', 'Hotmail.exe'),
  ...names('threats: Goner, 2001-12', 'GONE.SCR'),
  ...names(
    'threats: Bropia, Computerworld 2005-02',
    'Drunk_lol.pif',
    'Webcam_004.pif',
    'sexy_bedroom.pif',
    'naked_party.pif',
    'love_me.pif',
  ),
  ...names(
    'threats: Serflog, PandaLabs 2005-03',
    'Annoying crazy frog getting killed.pif',
    'Crazy frog gets killed by train!.pif',
    'Fat Elvis! lol.pif',
  ),
];

/** Names whose look-alikes ask for passwords: a label that reads like one of them and is another. */
export const IMITATED: readonly NamedRow[] = rows(
  'memory: sign-on pages and shops that are imitated most',
  '2026-11-24',
  'paypal google microsoft hotmail yahoo facebook myspace ebay amazon apple skype icloud outlook live gmail linkedin instagram twitter netflix whatsapp telegram',
);

/** Letters of other scripts that look like Latin ones (Unicode UTS 39, confusables; the common few). */
export const CONFUSABLES: ReadonlyMap<string, string> = new Map(
  [
    ...'аa еe оo рp сc уy хx ѕs іi јj ӏl ԛq ԝw ћh ԁd һh ɡg ɩi ь6 кk мm тt нh вb гr',
    ...' αa οo νv ρp τt υu ιi κk εe ηn χx γy',
  ]
    .join('')
    .split(' ')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
);

/** Commands of bots that are led by chat: the word behind the `.` or `!`. */
export const BOT_COMMANDS: readonly NamedRow[] = rows(
  'threats: Rbot, Agobot (memory of their commands)',
  '2026-11-24',
  'advscan asc synflood udpflood icmpflood tcpflood pingflood ddos.syn ddos.udp ddos.http ddos.ack ddos.random httpflood keylog findpass getcdkeys cvar.get bot.execute bot.remove bot.download scan.start scan.stop scanall netsend rootkit pstore socks4 spam.start',
);
