/** Runs an ejabberd for recordings, in a network namespace, without Erlang's distribution: nothing but its HTTP port listens. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

export interface Site {
  readonly port: number;
  readonly domain: string;
  readonly names: readonly string[];
  readonly password: string;
}

/** An ejabberd (Debian's package) with accounts of these names, whose data are in `folder`. */
export async function ejabberd(folder: string, space: string, site: Site): Promise<ChildProcess> {
  const config = join(folder, 'ejabberd.yml');
  writeFileSync(
    config,
    `hosts: [${site.domain}]
loglevel: warning
auth_method: internal
listen:
  - port: ${site.port}
    ip: "0.0.0.0"
    module: ejabberd_http
    request_handlers:
      /http-bind: mod_bosh
      /xmpp-websocket: ejabberd_http_ws
modules:
  mod_bosh: {}
  mod_disco: {}
  mod_roster: {}
`,
  );
  const code = readdirSync(LIBRARIES)
    .filter((name) => name.startsWith('ejabberd-'))
    .flatMap((name) => ['-pa', join(LIBRARIES, name, 'ebin')]);
  const register = site.names
    .map((name) => `ejabberd_auth:try_register(<<"${name}">>, <<"${site.domain}">>, <<"${site.password}">>)`)
    .join(', ');
  const start = `application:ensure_all_started(ejabberd), ${register}, io:format("ready~n").`;
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', space, 'erl', '-noshell', '-noinput', ...code],
      ...['-mnesia', 'dir', `"${join(folder, 'db')}"`, '-eval', start],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, EJABBERD_CONFIG_PATH: config, EJABBERD_LOG_PATH: join(folder, 'log') },
    },
  );
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  for (let tries = 0; tries < 100 && !said.includes('ready'); tries++) await sleep(100);
  if (!said.includes('ready')) throw new Error(`ejabberd does not start: ${said}`);
  return child;
}
