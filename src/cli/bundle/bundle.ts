import { generateKeyPairSync } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT, OperatorError } from '../../core/errors.ts';
import { neutralise } from '../../sink/neutralise.ts';
import { loadRulebook } from '../rulebook.ts';
import type { RulebookFlags } from '../rulebook.ts';
import { version } from '../version.ts';
import { bundleFile, packBundle, readKey, ROLES, unpackBundle } from './format.ts';
import type { Bundle, Role } from './format.ts';

type CreateFlags = Pick<RulebookFlags, Role> & { key: string; name: string; number: number };

interface VerifyFlags {
  key: string;
  into?: string;
  older?: boolean;
}

/** What a folder says of the bundle that its files are of. */
const INSTALLED = 'bundle.json';

/** `imspan bundle`. */
export function bundleCommand(): Command {
  return new Command('bundle')
    .description('one signed file with the policy and lists of many sensors')
    .addCommand(keygenCommand())
    .addCommand(createCommand())
    .addCommand(verifyCommand());
}

function keygenCommand(): Command {
  return new Command('keygen')
    .description('make a pair of Ed25519 keys: NAME.key signs and stays secret, NAME.pub goes to the sensors')
    .argument('<name>', 'path of the two files without their ends; nothing is overwritten')
    .action((name: string) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const write = (path: string, text: string | Buffer, mode: number): void => {
        writing(path, () => writeFileSync(path, text, { flag: 'wx', mode }));
        process.stdout.write(`${path}\n`);
      };
      write(`${name}.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
      write(`${name}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
    });
}

function createCommand(): Command {
  return new Command('create')
    .description('check the files and write a signed bundle of them')
    .argument('<bundle>', 'file to write')
    .requiredOption('--key <file>', 'private key (PEM) that signs it')
    .requiredOption('--number <n>', 'version of the bundle: higher than that of the one before', whole)
    .option('--name <name>', 'what it is called', 'imspan')
    .option('--policy <file>', 'policy (YAML)')
    .option('--names <file>', 'whose the screen names are')
    .option('--leases <file>', 'who had which address when')
    .option('--hashes <file>', 'checksums of files that are known to be bad or good')
    .option('--domains <file>', 'domains that are known to be bad or good')
    .action(async (path: string, flags: CreateFlags) => {
      const key = readKey(flags.key, 'private');
      const files = ROLES.flatMap((role) => {
        const file = flags[role];
        return file === undefined ? [] : [bundleFile(role, file)];
      });
      if (files.length === 0)
        throw new OperatorError(
          `nothing to put into the bundle; give one of ${ROLES.map((r) => `--${r}`).join(', ')}`,
        );
      // What a sensor could not use is not signed.
      await loadRulebook(flags);
      const bundle: Bundle = { name: flags.name, version: flags.number, imspan: version(), files };
      writing(path, () => replaceFile(path, packBundle(bundle, key)));
      process.stdout.write(describe(bundle));
    });
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('check the signature and the files of a bundle, and put them into a folder')
    .argument('<bundle>')
    .requiredOption('--key <file>', 'public key (PEM) of who signs')
    .option('--into <folder>', 'write its files there; an older bundle than the one there is refused')
    .option('--older', 'put an older bundle in place of a newer one all the same')
    .action((path: string, flags: VerifyFlags) => {
      const bundle = unpackBundle(path, readKey(flags.key, 'public'));
      if (flags.into !== undefined) install(bundle, flags.into, flags.older ?? false);
      process.stdout.write(describe(bundle));
    });
}

function install(bundle: Bundle, folder: string, older: boolean): void {
  const there = installedVersion(join(folder, INSTALLED));
  if (there !== undefined && bundle.version < there && !older)
    throw new OperatorError(
      `${folder} has version ${there}, which is newer than ${bundle.version}; --older puts the older one there`,
      EXIT.IO,
    );
  writing(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    for (const { name, bytes } of bundle.files) replaceFile(join(folder, name), bytes);
    const { name, version: number } = bundle;
    replaceFile(join(folder, INSTALLED), Buffer.from(`${JSON.stringify({ version: number, name })}\n`));
  });
}

function installedVersion(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OperatorError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? ''}`, EXIT.IO);
  }
  try {
    const { version: number } = JSON.parse(text) as { version?: unknown };
    if (Number.isSafeInteger(number)) return number as number;
  } catch {
    // Told below.
  }
  throw new OperatorError(`${path} is damaged: which bundle is there cannot be told; remove it`, EXIT.IO);
}

/** Whoever reads sees the old file or the new one; no link is followed. */
function replaceFile(path: string, bytes: Buffer): void {
  const part = `${path}.${process.pid}.part`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const fd = openSync(part, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o640);
  try {
    writeFileSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
  renameSync(part, path);
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      EXIT.IO,
    );
  }
}

function describe({ name, version: number, files }: Bundle): string {
  const list = files.map((file) => `${file.name} (${file.bytes.length} bytes)`).join(', ');
  return `${neutralise(name, 100)} version ${number}: ${list}\n`;
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number from 1 is needed');
  return value;
}
