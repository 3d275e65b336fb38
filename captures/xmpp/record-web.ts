/**
 * Records XMPP over BOSH and WebSocket against a real server: `tsx captures/xmpp/record-web.ts prosody` or `... ejabberd`, as
 * root, with that server and tcpdump installed. Server and clients are in a network namespace each; the tap is the clients' end.
 * Writes the captures and what was said (`*.truth.json`) beside this file.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ejabberd } from './ejabberd.ts';
import { HttpConnection, XmppWebSocket } from './web-client.ts';
import type { Path } from './web-client.ts';

const here = dirname(fileURLToPath(import.meta.url));
const SPACE = 'imspan-record';
const SERVER = '10.77.20.10';
const DOMAIN = 'im.corp.test';
const PORT = 5280;
const PASSWORD = 'not-a-secret-1';
const ADDRESS = { alice: '10.77.20.101', bob: '10.77.20.102' } as const;
type Person = keyof typeof ADDRESS;

function run(command: string, ...args: string[]): void {
  const ran = spawnSync(command, args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stderr}`);
}

function network(): void {
  spawnSync('ip', ['netns', 'del', SPACE]);
  run('ip', 'netns', 'add', SPACE);
  run('ip', 'link', 'add', 'imrec0', 'type', 'veth', 'peer', 'name', 'imrec1', 'netns', SPACE);
  for (const address of Object.values(ADDRESS)) run('ip', 'addr', 'add', `${address}/24`, 'dev', 'imrec0');
  run('ip', 'link', 'set', 'imrec0', 'up');
  run('ip', '-n', SPACE, 'addr', 'add', `${SERVER}/24`, 'dev', 'imrec1');
  run('ip', '-n', SPACE, 'link', 'set', 'imrec1', 'up');
  run('ip', '-n', SPACE, 'link', 'set', 'lo', 'up');
  run('ethtool', '-K', 'imrec0', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off');
  run(
    'ip',
    'netns',
    'exec',
    SPACE,
    'ethtool',
    '-K',
    'imrec1',
    'tx',
    'off',
    'tso',
    'off',
    'gso',
    'off',
    'gro',
    'off',
  );
}

/** A prosody with two accounts, whose data are in `folder`. */
async function prosody(folder: string): Promise<ChildProcess> {
  const config = join(folder, 'prosody.cfg.lua');
  writeFileSync(
    config,
    `run_as_root = true
data_path = "${folder}"
pidfile = "${folder}/pid"
log = { warn = "${folder}/log" }
modules_enabled = { "roster", "saslauth", "presence", "message", "iq", "disco", "bosh", "websocket" }
modules_disabled = { "s2s", "tls", "posix" }
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
consider_bosh_secure = true
consider_websocket_secure = true
http_ports = { ${PORT} }
http_interfaces = { "*" }
https_ports = { }
c2s_ports = { }
VirtualHost "${DOMAIN}"
`,
  );
  for (const name of Object.keys(ADDRESS)) {
    run('prosodyctl', '--root', '--config', config, 'register', name, DOMAIN, PASSWORD);
  }
  const child = spawn('ip', ['netns', 'exec', SPACE, 'prosody', '--root', '--config', config, '-F'], {
    stdio: 'inherit',
  });
  for (let tries = 0; tries < 50; tries++) {
    const seen = spawnSync('ip', ['netns', 'exec', SPACE, 'ss', '-ltn'], { encoding: 'utf8' });
    if (seen.stdout.includes(`:${PORT}`)) return child;
    await sleep(200);
  }
  throw new Error('prosody does not listen');
}

/** One message that was sent and arrived. */
interface Said {
  readonly from: string;
  readonly to: string;
  readonly body: string;
}

const path = (person: Person): Path => ({ from: ADDRESS[person], to: SERVER, port: PORT });
const jid = (person: Person): string => `${person}@${DOMAIN}`;
const plain = (person: Person): string => Buffer.from(`\0${person}\0${PASSWORD}`).toString('base64');
const message = (to: Person, body: string): string =>
  `<message to='${jid(to)}' type='chat' xmlns='jabber:client'><body>${body}</body></message>`;

/** Quotes of attributes: XML allows both. */
type Quote = '"' | "'";

/** A BOSH session on two connections, which take turns. */
class Bosh {
  #rid = 1_000;
  #sid = '';
  readonly #connections: readonly [HttpConnection, HttpConnection];
  readonly #quote: Quote;
  heard = '';
  /** Requests without an answer; once signed on one is always kept open for the server to speak. */
  #open = 0;
  #live = false;

  private constructor(connections: [HttpConnection, HttpConnection], quote: Quote) {
    this.#connections = connections;
    this.#quote = quote;
  }

  static async signOn(person: Person, quote: Quote): Promise<Bosh> {
    const two = [await HttpConnection.open(path(person)), await HttpConnection.open(path(person))] as const;
    const bosh = new Bosh([...two], quote);
    const created = await bosh.say(
      '',
      `to='${DOMAIN}' ver='1.6' wait='60' hold='1' xml:lang='en' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'`,
    );
    bosh.#sid = /sid=['"]([^'"]+)/.exec(created)?.[1] ?? '';
    await bosh.say(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain(person)}</auth>`,
    );
    await bosh.say('', `to='${DOMAIN}' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'`);
    await bosh.say(
      `<iq type='set' id='b1' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>`,
    );
    bosh.#live = true;
    void bosh.say(`<presence xmlns='jabber:client'/>`);
    return bosh;
  }

  /** Sends a body on the connection whose turn it is. */
  say(stanzas: string, attributes = ''): Promise<string> {
    const rid = this.#rid++;
    return this.#send(rid, rid % 2 === 0 ? 0 : 1, stanzas, attributes);
  }

  /** Sends two bodies so that the later one is first on the wire, on the other connection. */
  async swapped(first: string, second: string): Promise<void> {
    const rid = this.#rid;
    this.#rid += 2;
    // One of the answers is kept back until there is something to say.
    void this.#send(rid + 1, (rid + 1) % 2 === 0 ? 0 : 1, second);
    await sleep(60);
    void this.#send(rid, rid % 2 === 0 ? 0 : 1, first);
  }

  end(): void {
    this.#live = false;
    void this.say('', `type='terminate'`);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #send(rid: number, connection: 0 | 1, stanzas: string, attributes = ''): Promise<string> {
    const sid = this.#sid === '' ? '' : ` sid='${this.#sid}'`;
    const tag = `<body rid='${rid}'${sid} ${attributes} xmlns='http://jabber.org/protocol/httpbind'>${stanzas}</body>`;
    const quoted = this.#quote === "'" ? tag : tag.replaceAll("'", '"');
    this.#open++;
    const answer = await this.#connections[connection].post(DOMAIN, '/http-bind', quoted);
    this.heard += answer;
    if (--this.#open === 0 && this.#live) void this.say('');
    return answer;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries++) await sleep(50);
  if (!holds()) throw new Error('what was said did not arrive');
}

/** Two people over BOSH, each with the other quotes; bodies that overtake each other. */
async function overBosh(): Promise<Said[]> {
  const alice = await Bosh.signOn('alice', "'");
  const bob = await Bosh.signOn('bob', '"');
  const said: Said[] = [];
  const keep = (from: Person, to: Person, body: string): string => {
    said.push({ from: jid(from), to: jid(to), body });
    return message(to, body);
  };
  await sleep(200);
  void alice.say(keep('alice', 'bob', 'on one connection'));
  await until(() => bob.heard.includes('on one connection'));
  await alice.swapped(keep('alice', 'bob', 'first by its number'), keep('alice', 'bob', 'first on the wire'));
  await until(() => bob.heard.includes('first on the wire') && bob.heard.includes('first by its number'));
  void bob.say(keep('bob', 'alice', 'heard you'));
  await until(() => alice.heard.includes('heard you'));
  alice.end();
  bob.end();
  await sleep(300);
  alice.close();
  bob.close();
  return said;
}

async function webSocket(person: Person): Promise<XmppWebSocket> {
  const ws = await XmppWebSocket.open(path(person), `${DOMAIN}:${PORT}`, '/xmpp-websocket');
  const start = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${DOMAIN}' version='1.0'/>`;
  ws.send(start);
  await ws.hears(/mechanisms/);
  ws.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain(person)}</auth>`);
  await ws.hears(/<success/);
  ws.send(start);
  await ws.hears(/xmpp-bind/);
  ws.send(
    `<iq type='set' id='b1' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>`,
  );
  await ws.hears(/<jid>/);
  ws.send(`<presence xmlns='jabber:client'/>`);
  return ws;
}

/** Two people over WebSocket. `fragments`: messages in three frames each, for which prosody 0.12.3 closes the connection. */
async function overWebSocket(fragments = 1): Promise<Said[]> {
  const alice = await webSocket('alice');
  const bob = await webSocket('bob');
  // Until he is available, what is said to him is refused.
  await bob.hears(/<presence/);
  const said: Said[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const [from, to, speaker, hearer] =
      turn % 2 === 0 ? (['alice', 'bob', alice, bob] as const) : (['bob', 'alice', bob, alice] as const);
    const body = `turn ${turn} of ${from}`;
    said.push({ from: jid(from), to: jid(to), body });
    speaker.send(message(to, body), fragments);
    await hearer.hears(new RegExp(body));
    await sleep(50);
  }
  for (const ws of [alice, bob]) ws.send(`<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>`);
  await sleep(300);
  alice.close();
  bob.close();
  return said;
}

async function record(name: string, server: string, talk: () => Promise<Said[]>): Promise<void> {
  const file = join(here, `${name}.pcap`);
  const tap = spawn('tcpdump', ['-i', 'imrec0', '-s', '0', '-U', '-w', file, 'tcp'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(tap.stderr, 'data');
  await sleep(300);
  const said = await talk();
  await sleep(500);
  tap.kill('SIGINT');
  await once(tap, 'exit');
  const truth = { server, clients: 'web-client.ts', messages: said };
  writeFileSync(join(here, `${name}.truth.json`), `${JSON.stringify(truth, null, 2)}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'imspan-record-'));
let server: ChildProcess | undefined;
try {
  network();
  if (process.argv[2] === 'ejabberd') {
    server = await ejabberd(folder, SPACE, {
      port: PORT,
      domain: DOMAIN,
      names: Object.keys(ADDRESS),
      password: PASSWORD,
    });
    await record('bosh-ejabberd', 'ejabberd 23.01', overBosh);
    await record('websocket-ejabberd', 'ejabberd 23.01', () => overWebSocket(3));
  } else {
    server = await prosody(folder);
    await record('bosh-two-connections', 'Prosody 0.12.3', overBosh);
    await record('websocket-chat', 'Prosody 0.12.3', overWebSocket);
  }
} finally {
  const pid = join(folder, 'pid');
  if (existsSync(pid)) spawnSync('sh', ['-c', `kill $(cat ${pid})`]);
  server?.kill();
  await sleep(500);
  spawnSync('ip', ['netns', 'del', SPACE]);
  rmSync(folder, { recursive: true, force: true });
}
