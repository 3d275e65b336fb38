/** A real rsyslogd on loopback, with a configuration, a folder and a process of its own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why rsyslogd cannot be tested with here; undefined where it can. */
export function whyNoRsyslog(): string | undefined {
  const found = spawnSync('rsyslogd', ['-v'], { stdio: 'ignore' });
  return found.error === undefined ? undefined : 'rsyslogd is not installed (Debian: rsyslog)';
}

/** Whether this rsyslogd can do TLS (Debian: rsyslog-openssl). */
export function hasTls(): boolean {
  return ['/usr/lib', '/usr/lib64'].some(
    (base) =>
      existsSync(base) &&
      spawnSync('find', [base, '-name', 'lmnsd_ossl.so']).stdout.toString().includes('lmnsd_ossl'),
  );
}

/** A port of loopback on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** An authority, a certificate for `localhost` by it, and one for a client: made by openssl in `folder`. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...curve, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2'],
    ...['-subj', '/CN=imspan test authority'],
  );
  for (const [name, subject] of [
    ['server', 'localhost'],
    ['client', 'sensor'],
  ] as const) {
    openssl(
      'req',
      ...curve,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
      '-subj',
      `/CN=${subject}`,
    );
    writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${subject}\n`);
    openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`)],
    );
  }
  return {
    ...{ ca: at('ca.pem'), cert: at('server.pem'), key: at('server.key') },
    ...{ clientCert: at('client.pem'), clientKey: at('client.key') },
  };
}

export interface RsyslogPorts {
  readonly udp?: number;
  readonly tcp?: number;
  readonly tls?: number;
  /** A datagram socket, as /dev/log is one. */
  readonly socket?: string;
}

/** An rsyslogd with a given configuration. */
class Daemon {
  readonly output: string;
  readonly #folder: string;
  readonly #ports: RsyslogPorts;
  #child: ChildProcess | undefined;

  constructor(folder: string, ports: RsyslogPorts, output: string, configuration: string) {
    this.#folder = folder;
    this.#ports = ports;
    this.output = output;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rsyslog.conf'), configuration);
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const child = spawn(
      'rsyslogd',
      ['-n', '-f', join(this.#folder, 'rsyslog.conf'), '-i', join(this.#folder, 'rsyslog.pid')],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (said += text.toString()));
    this.#child = child;
    const port = this.#ports.tcp ?? this.#ports.tls;
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended: ${said}`);
      const isThere =
        port === undefined
          ? this.#ports.socket === undefined || existsSync(this.#ports.socket)
          : await listens(port);
      if (isThere && existsSync(join(this.#folder, 'rsyslog.pid'))) return;
      await sleep(25);
    }
    throw new Error(`rsyslogd does not listen: ${said}`);
  }

  /** Ends the process that `start` began. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const over = once(child, 'exit');
    child.kill(signal);
    await over;
  }

  /** The messages that it has written, until there are so many or `milliseconds` have passed. */
  async taken(least: number, milliseconds = 5_000): Promise<string[]> {
    const end = Date.now() + milliseconds;
    for (;;) {
      const text = existsSync(this.output) ? readFileSync(this.output, 'utf8') : '';
      const lines = text.split('\n').slice(0, -1);
      if (lines.length >= least || Date.now() > end) return lines;
      await sleep(25);
    }
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Writes each message that it takes, whole, as one line of `output`. */
export class Rsyslog extends Daemon {
  constructor(folder: string, ports: RsyslogPorts, certificates?: Certificates) {
    const output = join(folder, 'taken.log');
    super(folder, ports, output, configurationOf(folder, ports, output, certificates));
  }
}

/** A recipe of integrations/ with its port and its files moved to where a test has room. */
export class RsyslogRecipe extends Daemon {
  constructor(folder: string, recipe: string, port: number) {
    const moved = recipe
      .replaceAll('/var/log/imspan', folder)
      .replace('port="601"', `address="127.0.0.1" port="${port}"`);
    super(
      folder,
      { tcp: port },
      join(folder, 'collected.json'),
      `global(workDirectory="${folder}")\n${moved}`,
    );
  }
}

function configurationOf(
  folder: string,
  { udp, tcp, tls, socket }: RsyslogPorts,
  output: string,
  certificates: Certificates | undefined,
): string {
  const { ca, cert, key } = certificates ?? {};
  const address = 'address="127.0.0.1"';
  const files =
    ca === undefined
      ? ''
      : `defaultNetstreamDriverCAFile="${ca}" defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}"`;
  const checked = 'streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid"';
  const lines = [
    `global(workDirectory="${folder}" maxMessageSize="64k" ${files})`,
    'global(parser.escapeControlCharactersOnReceive="off")',
    'template(name="raw" type="string" string="%rawmsg%\\n")',
    ...(udp === undefined ? [] : ['module(load="imudp")', `input(type="imudp" ${address} port="${udp}")`]),
    ...(tcp === undefined && tls === undefined ? [] : ['module(load="imtcp")']),
    ...(tcp === undefined ? [] : [`input(type="imtcp" ${address} port="${tcp}")`]),
    ...(tls === undefined ? [] : [`input(type="imtcp" ${address} port="${tls}" ${checked})`]),
    ...(socket === undefined
      ? []
      : [
          'module(load="imuxsock" SysSock.Use="off")',
          `input(type="imuxsock" Socket="${socket}" CreatePath="on" RateLimit.Interval="0")`,
        ]),
    `action(type="omfile" file="${output}" template="raw" flushOnTXEnd="on" asyncWriting="off")`,
  ];
  return `${lines.join('\n')}\n`;
}
