import type { ArchiveListing, Unlisted } from '../../event/file.ts';
import type { HashList } from './lists.ts';
import { isHarmlessExtension, judgeName } from './names.ts';
import type { NameVerdict } from './names.ts';
import { sighting } from './sighting.ts';
import type { Sighting } from './sighting.ts';

/** An archive that becomes so many times its size and so many bytes explodes. */
const BOMB_RATIO = 1_000;
const BOMB_BYTES = 100 * 1_048_576;
const BOMB_ENTRIES = 20_000;

const WHY: Readonly<Record<Exclude<Unlisted, 'encrypted'>, string>> = {
  packed: 'its list of names is packed',
  format: 'not listed',
  cut: 'not all of it is listed',
};

const PROGRAM = /executable|MS Windows shortcut|Java class/;
const ARCHIVE = /^(?:Zip archive|RAR archive|7-zip|ACE archive|ARJ archive|Microsoft Cabinet|Java archive)/;
/** Packed formats whose extensions are archives themselves, so that a ZIP under them is no disguise. */
const PACKED: ReadonlySet<string> = new Set(['zip', 'rar', 'docx', 'xlsx', 'pptx', 'doc', 'xls', 'ppt']);

/** What the name of an offered or sent file says. */
export function nameSightings(name: string, verdict: NameVerdict = judgeName(name)): Sighting[] {
  const found: Sighting[] = [];
  const { extension, executable, disguise, worm } = verdict;
  if (worm !== undefined) found.push(sighting('worm-file', name, `file ${name}: ${worm}`, { name }));
  if (disguise !== undefined)
    found.push(sighting('disguised-file', name, `file ${name}: ${disguise}`, { name }));
  else if (executable)
    found.push(
      sighting('executable-file', name, `file ${name}: a .${extension} runs when it is opened`, { name }),
    );
  return found;
}

/** `fileinfo`, as far as it is read here. */
export interface SentFile {
  readonly name: string;
  readonly magic: string | undefined;
  readonly sums: readonly string[];
  readonly archive: ArchiveListing | undefined;
}

/** What the bytes of a file that passed say. */
export function byteSightings(
  { name, magic, sums, archive }: SentFile,
  hashes: HashList | undefined,
): Sighting[] {
  const found: Sighting[] = [];
  const verdicts = hashes ? sums.map((sum) => hashes.verdictOf(sum)) : [];
  if (verdicts.includes('allow')) return found;
  const sum = sums.at(-1) ?? '';
  if (verdicts.includes('block'))
    found.push(sighting('blocked-file', sum, `file ${name}: SHA-256 ${sum} is on the block list`, { name }));
  const { extension, executable } = judgeName(name);
  if (magic !== undefined && PROGRAM.test(magic) && !executable && !isHarmlessExtension(extension)) {
    const what = `file ${name}: its bytes are "${magic}"`;
    found.push(sighting('executable-file', `${name} ${sum}`, what, { name }));
  }
  if (magic !== undefined && isHarmlessExtension(extension)) {
    const program = PROGRAM.test(magic);
    if (program || (ARCHIVE.test(magic) && !PACKED.has(extension)))
      found.push(
        sighting('type-mismatch', name, `file ${name}: its bytes are "${magic}"`, {
          name,
          confidence: program ? 'high' : 'medium',
        }),
      );
  }
  if (archive) addArchive(name, archive, found);
  return found;
}

function addArchive(name: string, archive: ArchiveListing, found: Sighting[]): void {
  const { format, entries, names, encrypted, packed, unpacked, unlisted } = archive;
  const inside = names.find((entry) => judgeName(entry).executable);
  if (inside !== undefined) {
    const { worm } = judgeName(inside);
    found.push(
      sighting('archive-executable', `${name} ${inside}`, `archive ${name} holds ${inside}`, { name }),
    );
    if (worm !== undefined)
      found.push(sighting('worm-file', inside, `archive ${name} holds ${inside}: ${worm}`, { name }));
  }
  if (unlisted === 'encrypted')
    found.push(sighting('archive-encrypted', name, `archive ${name}: its list of names, too`, { name }));
  else if (unlisted !== undefined)
    found.push(sighting('archive-unlisted', name, `archive ${name}: ${format}, ${WHY[unlisted]}`, { name }));
  if (encrypted > 0)
    found.push(
      sighting('archive-encrypted', name, `archive ${name}: ${encrypted} of ${entries} entries`, { name }),
    );
  const explodes = unpacked > BOMB_BYTES && unpacked > packed * BOMB_RATIO;
  if (explodes || entries > BOMB_ENTRIES)
    found.push(
      sighting(
        'archive-bomb',
        name,
        `archive ${name}: ${entries} entries, ${packed} bytes that become ${unpacked}`,
        { name },
      ),
    );
}
