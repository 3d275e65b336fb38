/**
 * `npm run image`: runs the steps of packaging/Dockerfile in a chroot that debootstrap makes (no Docker daemon is needed),
 * then asks what came of it: the program runs as its user, its configuration is good, only tcpdump has a capability.
 * Needs root and debootstrap; Node.js is the one that runs this. Exit code 0: all steps ran; 1: one failed; 3: not run.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSteps } from './dockerfile.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SUITE = 'bookworm';

/** Asked of the image when all steps have run, as its user: a command, and what its output has. */
const QUESTIONS: readonly (readonly [string, RegExp])[] = [
  ['id -un', /^imspan$/m],
  ['/usr/bin/imspan --version', /^\d+\.\d+\.\d+/m],
  ['/usr/bin/imspan config check', /good; \d+ settings/],
  ['/usr/bin/imspan policy check /etc/imspan/policy.yaml', /good;/],
  ['/sbin/getcap /usr/bin/tcpdump', /cap_net_raw=ep/],
  ['/sbin/getcap "$(readlink -f "$(command -v node)")"; echo none', /^none$/m],
  ['find / -xdev -perm -4000 -path "*imspan*" 2>/dev/null | wc -l', /^0$/m],
  [
    'touch /var/lib/imspan/a /var/log/imspan/a && rm /var/lib/imspan/a /var/log/imspan/a && echo can',
    /^can$/m,
  ],
];

/** A certificate of this machine's way out, where it has one. */
const EXTRA = process.env['NODE_EXTRA_CA_CERTS'] ?? '';
const CERTIFICATES = existsSync(EXTRA) ? ['NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem'] : [];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a shell line inside; its status and all it printed. */
function inside(
  folder: string,
  line: string,
  workdir: string,
  user?: string,
): { status: number; text: string } {
  const become = user === undefined ? [] : ['--userspec', `${user}:${user}`];
  const path = 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';
  const script = `cd '${workdir}' && ${line}`;
  const done = spawnSync(
    'chroot',
    [
      ...become,
      folder,
      '/usr/bin/env',
      '-i',
      path,
      'HOME=/tmp',
      'LANG=C.UTF-8',
      ...CERTIFICATES,
      '/bin/sh',
      '-ec',
      script,
    ],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  );
  return { status: done.status ?? 1, text: `${done.stdout}${done.stderr}` };
}

/** Debian, with this Node.js where the base image has it, and the network and registry settings of this machine. */
function makeBase(folder: string): boolean {
  const made = spawnSync('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (made.status !== 0) return false;
  const prefix = dirname(dirname(process.execPath));
  cpSync(process.execPath, join(folder, 'usr/local/bin/node'), { dereference: true });
  mkdirSync(join(folder, 'usr/local/lib/node_modules'), { recursive: true });
  cpSync(join(prefix, 'lib/node_modules/npm'), join(folder, 'usr/local/lib/node_modules/npm'), {
    recursive: true,
  });
  inside(folder, 'ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm', '/');
  for (const path of [
    '/etc/resolv.conf',
    '/etc/hosts',
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/apt/apt.conf.d',
    '/etc/apt/sources.list',
    '/etc/apt/sources.list.d',
    '/root/.npmrc',
  ])
    if (existsSync(path))
      cpSync(path, join(folder, path === '/root/.npmrc' ? '/tmp/.npmrc' : path), {
        recursive: true,
        dereference: true,
      });
  if (existsSync(EXTRA)) cpSync(EXTRA, join(folder, 'etc/ssl/extra.pem'), { dereference: true });
  return true;
}

function runSteps(folder: string): boolean {
  let workdir = '/';
  for (const { name, rest } of readSteps(readFileSync(join(ROOT, 'packaging/Dockerfile'), 'utf8'))) {
    say(`${name} ${rest.slice(0, 100)}`);
    if (name === 'WORKDIR') {
      workdir = rest;
      mkdirSync(join(folder, workdir), { recursive: true });
    } else if (name === 'COPY') {
      const words = rest.split(/\s+/);
      const to = words.pop() ?? '.';
      for (const from of words) {
        const target = to.endsWith('/') || words.length > 1 ? join(to, from) : to;
        cpSync(join(ROOT, from), join(folder, workdir, target), { recursive: true, dereference: true });
      }
    } else if (name === 'RUN') {
      const { status, text } = inside(folder, rest, workdir);
      if (status !== 0) {
        say(`  failed with ${status}:\n${text.slice(-2_000)}`);
        return false;
      }
    }
  }
  return true;
}

function main(): number {
  const has = spawnSync('debootstrap', ['--version']).error === undefined;
  if (process.getuid?.() !== 0 || !has || !existsSync(join(ROOT, 'dist'))) {
    process.stderr.write('image: not run: it needs root, debootstrap, and dist/ (npm run build)\n');
    return 3;
  }
  const folder = mkdtempSync(join(tmpdir(), 'imspan-image-'));
  try {
    if (!makeBase(folder)) {
      process.stderr.write('image: not run: debootstrap failed\n');
      return 3;
    }
    if (!runSteps(folder)) return 1;
    let wrong = 0;
    for (const [line, expected] of QUESTIONS) {
      const { text } = inside(folder, line, '/var/lib/imspan', 'imspan');
      const right = expected.test(text);
      if (!right) wrong++;
      say(`${right ? 'right' : 'WRONG'}: ${line}: ${text.trim().slice(0, 200)}`);
    }
    return wrong === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main();
