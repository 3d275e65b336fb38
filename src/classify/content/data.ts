/**
 * What is known to be bad or telling, each row with its source and the date at which it was looked at. The sources are public
 * lists and the write-ups of the time; none was taken from a capture.
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
    'file types blocked by Outlook, list of the IT services of the University of Kassel',
    '2026-11-24',
    'pif scr exe com bat cmd vbs lnk cpl hta jar ps1 vbe jse wsf wsh msi msp msc reg scf shs chm gadget inf ins isp jnlp xll',
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
    'PeterDaveHello/url-shorteners (GitHub), file list',
    '2026-11-24',
    'cutt.ly rebrand.ly notlong.com shorl.com t.ly',
  ),
  ...rows(
    'PeterDaveHello/url-shorteners (GitHub), file inactive',
    '2026-11-24',
    'tr.im cli.gs snipurl.com snurl.com digbig.com decenturl.com minilien.com',
  ),
  ...rows('shorteners.js of Ayatii Limited, 2013 (GitHub)', '2026-11-24', 'moourl.com'),
];

/** Hosts on which anybody puts files without a name of their own. */
export const FREE_HOSTS: readonly NamedRow[] = [
  ...rows('"All Those Disappearing Free Web Hosts" (evrsoft.com)', '2026-11-24', 'geocities.com tripod.com'),
  ...rows(
    'article on free web hosting of estranky.cz, after Wikipedia',
    '2026-11-24',
    '50megs.com freewebs.com byethost.com',
  ),
  ...rows(
    'spam hosts of PukiWiki (spam.ini.php, GitHub)',
    '2026-11-24',
    '110mb.com bravehost.com freeservers.com 8m.com 8k.com 4t.com s5.com htmlplanet.com iwarp.com freewebpages.com',
  ),
  ...rows(
    'lists of free hosts in checks of links against phishing (GitHub)',
    '2026-11-24',
    'angelfire.com freehostia.com awardspace.com atspace.com x10hosting.com',
  ),
  ...rows('free_subdomain_hosts.txt of sublime-security (GitHub)', '2026-11-24', '000webhostapp.com'),
  ...rows('write-up of W32/Crog (McAfee, 2005-03), whose page it was', '2026-11-24', '0catch.com'),
  ...rows(
    'plug-in of WhatWeb for bots, 2010-10-15 (GitHub): bots were loaded from it',
    '2026-11-24',
    'fileave.com',
  ),
  ...rows(
    'report of attacks by remote inclusion on phpMyAgenda (gasteroprod.com, 2008)',
    '2026-11-24',
    't35.com',
  ),
];

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
    source: 'Kelvir, InformationWeek by messengersupportspace 2005-03-07',
    date: '2026-11-24',
  },
  {
    text: "lol! see it! u'll like it",
    distinct: true,
    source: 'Kelvir, TechSpot and IT Magazine 2005-03-08',
    date: '2026-11-24',
  },
  {
    text: 'Here are the new smiles for MSN, they are incredible!',
    distinct: true,
    source: 'Singworm, Emerging Threats 2007605 and 2007606',
    date: '2026-11-24',
  },
  {
    text: 'LOL LOOK AT HIM',
    distinct: false,
    source: 'Opanki, CNET News 2005-06-15 and Computer Weekly',
    date: '2026-11-24',
  },
  {
    text: 'hey check out this link',
    distinct: false,
    source: 'Opanki, CNET News 2005 ("Another worm hits AIM users")',
    date: '2026-11-24',
  },
  {
    text: 'hey would it be ok if I upload this picture of you to my blog?',
    distinct: false,
    source: 'Pipeline, FaceTime by ITS and Wesleying 2006-09-20',
    date: '2026-11-24',
  },
];

const names = (source: string, ...list: string[]): NamedRow[] =>
  list.map((name) => ({ name, source, date: '2026-11-24' }));

/** Names under which worms sent themselves. */
export const WORM_FILES: readonly NamedRow[] = [
  ...names('Choke, CNET 2001-08-14', 'choke.exe', 'ShootPresidentBUSH.exe', 'Hotmail.exe'),
  ...names('Goner, The Guardian 2001-12', 'GONE.SCR'),
  ...names(
    'Bropia, F-Secure and Messenger Plus forum 2005-01, Computerworld 2005-02',
    'Drunk_lol.pif',
    'Webcam_004.pif',
    'sexy_bedroom.pif',
    'naked_party.pif',
    'love_me.pif',
    'see_me.pif',
    'piccie_lol.pif',
    'webcam_015.pif',
  ),
  ...names('Kelvir, Techopedia and IT Magazine 2005-03-08', 'omg.pif'),
  ...names('Opanki, CNET News 2005-06-15', 'picture.pif'),
  ...names(
    'Serflog.A, Symantec 2005-03-07',
    'Annoying crazy frog getting killed.pif',
    'Crazy frog gets killed by train!.pif',
    'Fat Elvis! lol.pif',
    'LOL that ur pic!.pif',
    'Me on holiday!.pif',
    'The Cat And The Fan piccy.pif',
    'How a Blonde Eats a Banana...pif',
    'Mona Lisa Wants Her Smile Back.pif',
    'Topless in Mini Skirt! lol.pif',
  ),
  ...names('Serflog.C, Symantec 2005-03-15', 'Death of crazy frog!.pif'),
];

/** Names whose look-alikes ask for passwords: a label that reads like one of them and is another. */
export const IMITATED: readonly NamedRow[] = [
  ...rows(
    'Check Point, brands in phishing 2020 to 2022; Abnormal Security 2023',
    '2026-11-24',
    'paypal google microsoft facebook amazon apple linkedin instagram netflix whatsapp',
  ),
  ...rows("Vade, Phishers' Favorites 2020 (TechRadar)", '2026-11-24', 'ebay'),
];

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
export const BOT_COMMANDS: readonly NamedRow[] = [
  ...rows(
    'commands of Agobot, SDBot and UrXBot in a detector for IRC (GitHub)',
    '2026-11-24',
    'advscan asc synflood udpflood icmpflood tcpflood pingflood ddos.stop ddos.phatwonk ddos.phatsyn ddos.phaticmp ddos.synflood ddos.targa3 ddos.httpflood ddos.syn ddos.ack ddos.random scan.addnetrange scan.delnetrange scan.startall scan.stopall scan.start scan.stop scanall scanstats scanstop http.execute http.update ftp.execute ftp.update spam.setlist spam.settemplate spam.start spam.stop aolspam.start aolspam.stop sniffer.addstring carnivore clonestop',
  ),
  ...rows('sources of rBot (GitHub)', '2026-11-24', 'getcdkeys ddos.udpflood'),
];
