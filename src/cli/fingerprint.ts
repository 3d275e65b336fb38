import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { MAX_DOCUMENTS, MAX_PRINTS, writeDocuments } from '../classify/content/documents.ts';
import type { TakenDocument } from '../classify/content/documents.ts';
import { winnow } from '../classify/content/winnow.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';

/** A larger file is known again by its bytes as a whole only. */
const MAX_TEXT = 16 * 1_048_576;
const MAX_FILE = 1_073_741_824;

/** `imspan fingerprint`. */
export function fingerprintCommand(): Command {
  return new Command('fingerprint')
    .description(
      'write fingerprints of the documents in a folder, for --documents; their text is not in them',
    )
    .argument(
      '<folder>',
      'documents that are not to leave: text is known again by its passages, all else as a whole',
    )
    .action((folder: string) => {
      const documents = filesIn(folder).map((path) => taken(path, relative(folder, path)));
      const total = documents.reduce((sum, { prints }) => sum + prints.size, 0);
      if (documents.length > MAX_DOCUMENTS || total > MAX_PRINTS)
        throw new OperatorError(
          `${folder}: ${documents.length} documents with ${total} fingerprints are more than a list holds ` +
            `(${MAX_DOCUMENTS}, ${MAX_PRINTS}): choose those that matter`,
        );
      process.stdout.write(writeDocuments(documents));
      process.stderr.write(`imspan: ${documents.length} documents, ${total} fingerprints\n`);
    });
}

/** Regular files below the folder, in order; links are not followed. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => statSync(path).size <= MAX_FILE)
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    throw new OperatorError(
      `cannot read ${folder}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`,
      EXIT.IO,
    );
  }
}

function taken(path: string, name: string): TakenDocument {
  const bytes = readFileSync(path);
  const prints = new Set<number>();
  if (bytes.length <= MAX_TEXT) winnow(textOf(bytes) ?? '', (print) => prints.add(print));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: neutralise(name, 1_024), sha256, prints };
}

/** UTF-8 or UTF-16 with its mark; undefined where the bytes are no text. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
