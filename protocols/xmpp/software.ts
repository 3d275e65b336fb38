/** What a piece of software is called, as far as one piece of evidence says. */
export interface Software {
  name: string;
  version?: string;
  os?: string;
}

/**
 * Nodes of entity capabilities (XEP-0115), without scheme, `www.` and what follows `#`, by the
 * beginning that identifies the client.
 */
const CAPS_NODES: readonly (readonly [string, string])[] = [
  ['adium.im', 'Adium'],
  ['android.com/gtalk/client', 'Google Talk for Android'],
  ['apple.com/ichat/caps', 'iChat'],
  ['bitlbee.org', 'BitlBee'],
  ['bombus-im.org', 'Bombus'],
  ['camaya.net/gloox', 'gloox'],
  ['chatsecure.org', 'ChatSecure'],
  ['coccinella.sourceforge.net', 'Coccinella'],
  ['conversations.im', 'Conversations'],
  ['conversejs.org', 'Converse.js'],
  ['dino.im', 'Dino'],
  ['exodus.jabberstudio.org', 'Exodus'],
  ['gajim.org', 'Gajim'],
  ['google.com/xmpp/client', 'Google Talk'],
  ['mail.google.com/xmpp/client', 'Gmail chat'],
  ['talkgadget.google.com/client', 'Google Talk gadget'],
  ['igniterealtime.org/projects/smack', 'Smack'],
  ['igniterealtime.org/projects/spark', 'Spark'],
  ['jajc.jrudevels.org', 'JAJC'],
  ['kopete.kde.org', 'Kopete'],
  ['mcabber.com', 'mcabber'],
  ['miranda-im.org', 'Miranda IM'],
  ['miranda-ng.org', 'Miranda NG'],
  ['monal.im', 'Monal'],
  ['pidgin.im', 'libpurple (Pidgin, Finch)'],
  ['poez.io', 'Poezio'],
  ['profanity-im.github.io', 'Profanity'],
  ['profanity.im', 'Profanity'],
  ['psi-dev.googlecode.com', 'Psi+'],
  ['psi-plus.com', 'Psi+'],
  ['psi-im.org', 'Psi'],
  ['qip.ru', 'QIP'],
  ['slixmpp.com', 'slixmpp'],
  ['swift.im', 'Swift'],
  ['telepathy.freedesktop.org', 'Telepathy'],
  ['tkabber.jabber.ru', 'Tkabber'],
  ['trillian.im', 'Trillian'],
];

/** Nodes of servers and of the rooms that they host. */
const SERVER_NODES: readonly string[] = [
  'igniterealtime.org/projects/openfire',
  'process-one.net/en/ejabberd',
  'prosody.im',
  'tigase.org',
];

/** Resources that a client takes when its user sets none, up to the first byte that is no letter. */
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ['adium', 'Adium'],
  ['bitlbee', 'BitlBee'],
  ['conversations', 'Conversations'],
  ['dino', 'Dino'],
  ['exodus', 'Exodus'],
  ['finch', 'Finch'],
  ['gajim', 'Gajim'],
  ['gloox', 'gloox'],
  ['gmail', 'Gmail chat'],
  ['ichat', 'iChat'],
  ['kopete', 'Kopete'],
  ['mcabber', 'mcabber'],
  ['miranda', 'Miranda IM'],
  ['monal', 'Monal'],
  ['pidgin', 'Pidgin'],
  ['poezio', 'Poezio'],
  ['profanity', 'Profanity'],
  ['psi', 'Psi'],
  ['qip', 'QIP'],
  ['sendxmpp', 'sendxmpp'],
  ['spark', 'Spark'],
  ['talk', 'Google Talk'],
  ['tkabber', 'Tkabber'],
  ['trillian', 'Trillian'],
]);

/** How libraries number their stanzas: hard to change, so it also unmasks a client that names itself otherwise. */
const STANZA_IDS: readonly (readonly [RegExp, string])[] = [
  [/^netjabber-\d+$/, 'Net::XMPP (Perl)'],
  [/^purple[0-9a-f]{8}$/, 'libpurple'],
  [/^BeeC[A-Za-z0-9+/]+$/, 'BitlBee'],
  [/^_(?:bind|session)_auth_\d*$/, 'strophe.js'],
];

export function isServerNode(node: string): boolean {
  const plain = plainNode(node).toLowerCase();
  return SERVER_NODES.some((start) => plain.startsWith(start));
}

function plainNode(node: string): string {
  return (node.split('#')[0] ?? '').replace(/^[a-z]+:\/\/(?:www\.)?/i, '').replace(/\/+$/, '');
}

/** What a capabilities node says; a node that is not in the table names the client by itself. */
export function softwareOfNode(node: string, version: string | undefined): Software {
  const plain = plainNode(node);
  const known = CAPS_NODES.find(([start]) => plain.toLowerCase().startsWith(start))?.[1];
  const inNode = /\/(\d+(?:\.\d+)+\w*)$/.exec(plain)?.[1];
  return withVersion(known ?? (plain || node), version ?? inNode);
}

/** A name that ends in a version, as identities of service discovery often do: `Profanity 0.13.1`. */
export function softwareOfName(text: string): Software {
  const match = /^(.{1,80}?)[ /]v?(\d[\w.+-]*)$/.exec(text);
  return match ? withVersion(match[1] ?? text, match[2]) : { name: text };
}

export function softwareOfResource(resource: string): Software | undefined {
  const word = /^[a-z]+/i.exec(resource)?.[0].toLowerCase() ?? '';
  const name = RESOURCES.get(word);
  return name === undefined ? undefined : { name };
}

export function softwareOfStanzaId(id: string): Software | undefined {
  if (id.length > 64) return undefined;
  const name = STANZA_IDS.find(([form]) => form.test(id))?.[1];
  return name === undefined ? undefined : { name };
}

export function withVersion(name: string, version: string | undefined, os?: string): Software {
  const software: Software = { name };
  if (version !== undefined && version !== '') software.version = version;
  if (os !== undefined && os !== '') software.os = os;
  return software;
}
