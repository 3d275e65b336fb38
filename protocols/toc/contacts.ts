import { messageText } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import type { ClientHandler, Place, ServerHandler, TocSession } from './session.ts';
import { displayed } from './session.ts';
import { decodeName } from './text.ts';
import type { Args } from './wire.ts';
import { normalizeName, splitFields } from './wire.ts';

/** The buddy list, its changes, and presence. */

type ContactOp = NonNullable<ImFacts['contact']>['op'];

function tellContact(
  session: TocSession,
  at: Place,
  op: ContactOp,
  rawName: string,
  group?: string,
  alias?: string,
): void {
  const shown = decodeName(rawName);
  const id = normalizeName(shown);
  if (id === '') return;
  const name = alias || (shown === id ? undefined : shown);
  session.tell(at, {
    kind: 'contact',
    contact: { op, id, ...(name !== undefined && { name }), ...(group && { groups: [group] }) },
  });
}

/**
 * The list as lines of a letter and a value: `g Work` and `b name` in TOC 1, `g:Work` and
 * `b:name:alias` in TOC 2. Deny entries are blocks, permit entries let somebody through; the mode says which of them count.
 */
function tellList(session: TocSession, at: Place, op: ContactOp, list: string): void {
  let group: string | undefined;
  for (const line of session.some(at, list.split('\n'))) {
    const start = /^[{ ]*([gbdpm])([: ])/.exec(line);
    if (start === null) continue;
    const value = line.slice(start[0].length);
    const [name = '', alias = ''] = start[2] === ':' ? splitFields(value, 3) : [value];
    if (start[1] === 'g') group = decodeName(value);
    else if (start[1] === 'b') tellContact(session, at, op, name, group, decodeName(alias));
    else if (start[1] === 'm') tellMode(session, at, value);
    else tellContact(session, at, start[1] === 'p' ? 'accept' : 'block', name);
  }
}

const MODES: ReadonlyMap<string, string> = new Map([
  ['1', 'permit all'],
  ['2', 'deny all'],
  ['3', 'permit some'],
  ['4', 'deny some'],
  ['5', 'permit contacts'],
]);

/** Whom the account lets through. */
function tellMode(session: TocSession, at: Place, mode: string): void {
  const privacy = MODES.get(mode.trim());
  if (privacy !== undefined) session.tell(at, { kind: 'profile', ...session.self(), profile: { privacy } });
}

/** Commands whose arguments are names. */
function names(op: ContactOp): ClientHandler {
  return (session, at, args) => {
    for (const name of session.some(at, args.all())) tellContact(session, at, op, name);
  };
}

/** toc2_remove_buddy: names, then their group. */
const onRemove2: ClientHandler = (session, at, args) => {
  const words = session.some(at, args.all());
  const group = words.length > 1 ? decodeName(words.pop() ?? '') : undefined;
  for (const name of words) tellContact(session, at, 'remove', name, group);
};

/** toc2_set_pdmode: the mode. */
const onSetMode: ClientHandler = (session, at, args) => tellMode(session, at, args.next() ?? '');

const onNewBuddies: ClientHandler = (session, at, args) => tellList(session, at, 'add', args.rest());
const onSetConfig: ClientHandler = (session, at, args) => tellList(session, at, 'list', args.rest());
const onConfig: ServerHandler = (session, at, line) => tellList(session, at, 'list', line);

/** NEW_BUDDY_REPLY2 confirms an addition: told from here where the client's command is not in view. */
const onAdded: ServerHandler = (session, at, line) => {
  if (!session.seen[0]) tellContact(session, at, 'add', splitFields(line, 2)[0] ?? '');
};

/** INSERTED2: another session of the account changed the list. `b:alias:name:group`, `d:name`. */
const onInserted: ServerHandler = (session, at, line) => {
  const [kind, first = '', name = '', group = ''] = splitFields(line, 4);
  if (kind === 'b') tellContact(session, at, 'add', name, decodeName(group), decodeName(first));
  else if (kind === 'd' || kind === 'p') tellContact(session, at, kind === 'd' ? 'block' : 'accept', first);
};

/** DELETED2: `b:name:group`, `d:name`. */
const onDeleted: ServerHandler = (session, at, line) => {
  const [kind, name = '', group = ''] = splitFields(line, 3);
  if (kind === 'b') tellContact(session, at, 'remove', name, decodeName(group));
  else if (kind === 'd' || kind === 'p') tellContact(session, at, kind === 'd' ? 'unblock' : 'deny', name);
};

/**
 * UPDATE_BUDDY: name, T where online, warning level, sign-on time, idle minutes, class of three
 * characters (the third is U where away). Repeated as it is: only changes are told.
 */
const onUpdate: ServerHandler = (session, at, line) => {
  const [name = '', online = '', , , idle = '', userClass = ''] = splitFields(line, 7);
  const { id, ...shown } = displayed(decodeName(name));
  if (id === '' || (online !== 'T' && online !== 'F')) {
    session.anomaly(at, 'toc_fields_missing');
    return;
  }
  const show =
    online === 'F' ? 'offline' : userClass[2] === 'U' ? 'away' : Number(idle) > 0 ? 'idle' : 'online';
  if (session.statusChanged(at, id, show)) {
    session.tell(at, { kind: 'presence', from: id, ...shown, status: { show } });
  }
};

function tellOwn(session: TocSession, at: Place, show: string, text?: string): void {
  session.tell(at, {
    kind: 'presence',
    ...session.self(),
    status: { show, ...(text !== undefined && { text }) },
    sent: true,
  });
}

/** toc_set_away: a text, or nothing to come back. */
const onAway: ClientHandler = (session, at, args) => {
  const text = messageText(session.read(at, args.next() ?? ''))?.text;
  tellOwn(session, at, text === undefined ? 'online' : 'away', text);
};

/** toc_set_idle: seconds, 0 to end it. */
const onIdle: ClientHandler = (session, at, args: Args) => {
  tellOwn(session, at, Number(args.next() ?? '0') > 0 ? 'idle' : 'online');
};

export const contactCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_add_buddy', names('add')],
  ['toc_remove_buddy', names('remove')],
  ['toc_add_permit', names('accept')],
  ['toc2_add_permit', names('accept')],
  ['toc2_remove_permit', names('deny')],
  ['toc2_set_pdmode', onSetMode],
  ['toc_add_deny', names('block')],
  ['toc2_add_deny', names('block')],
  ['toc2_remove_deny', names('unblock')],
  ['toc2_remove_buddy', onRemove2],
  ['toc2_new_buddies', onNewBuddies],
  ['toc_set_config', onSetConfig],
  ['toc_set_away', onAway],
  ['toc_set_idle', onIdle],
];

export const contactReplies: readonly (readonly [string, ServerHandler])[] = [
  ['CONFIG', onConfig],
  ['CONFIG2', onConfig],
  ['NEW_BUDDY_REPLY2', onAdded],
  ['INSERTED2', onInserted],
  ['DELETED2', onDeleted],
  ['UPDATE_BUDDY', onUpdate],
  ['UPDATE_BUDDY2', onUpdate],
];
