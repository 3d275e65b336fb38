import { Command, Option } from 'commander';
import { writeWhole } from '../archive/files.ts';
import { archiveLimit } from '../archive/limits.ts';
import { TRANSCRIPT_FORMATS, renderTranscript } from '../archive/transcript-formats.ts';
import type { TranscriptFormat } from '../archive/transcript-formats.ts';
import { TranscriptMaker } from '../archive/transcript.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { queryOf, queryOptions, searchPlace } from './search.ts';
import type { QueryFlags } from './search.ts';
import { tellSearch } from './search-told.ts';

interface TranscriptFlags extends QueryFlags {
  format: TranscriptFormat;
  out?: string;
}

/** `imspan transcript`. */
export function transcriptCommand(): Command {
  const command = new Command('transcript')
    .description('write down a conversation from archives, lakes or event logs')
    .argument('<places...>', 'as for imspan search');
  return queryOptions(command)
    .addOption(new Option('--format <form>', 'its form').choices(TRANSCRIPT_FORMATS).default('text'))
    .option('--out <file>', 'to a file; else to standard output')
    .addHelpText('after', HELP)
    .action(async (places: string[], flags: TranscriptFlags) => {
      process.exitCode = await writeDown(places, flags);
    });
}

const HELP = `
Name the conversation (--conversation), or who took part (--name, --peer), and when.
What people wrote acts on nothing: HTML is shown as text, formulas of spreadsheets are defused.

Examples:
  imspan transcript /srv/archive --name alice@example.org --peer bob@example.net --from 2026-11-24
  imspan transcript events.jsonl --conversation 5d41402abc4b2a76 --format eml --out talk.eml`;

async function writeDown(places: readonly string[], flags: TranscriptFlags): Promise<number> {
  const { name, conversation } = flags;
  if (name.length === 0 && conversation === undefined)
    throw new OperatorError('name a conversation (--conversation) or who took part (--name)');
  const maker = new TranscriptMaker();
  let code: number = EXIT.OK;
  for (const place of places) {
    // One more than there is room for, so that it is known whether there are more.
    const options = { keys: flags.keys, limit: archiveLimit('archive_transcript') * 4 };
    const result = await searchPlace(place, queryOf(flags), options, (event) => maker.add(event));
    code = Math.max(code, tellSearch(result));
  }
  const transcript = maker.finish(places.join(', '));
  if (transcript.lines.length === 0) {
    process.stderr.write('imspan: nothing was said that fits\n');
    return Math.max(code, EXIT.OK);
  }
  const text = renderTranscript(transcript, flags.format);
  if (flags.out === undefined) process.stdout.write(text);
  else {
    writeWhole(flags.out, text);
    process.stderr.write(`imspan: ${transcript.lines.length} events in ${neutralise(flags.out, 500)}\n`);
  }
  return code;
}
