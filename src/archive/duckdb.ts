import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, OperatorError } from '../core/errors.ts';

/** What we use of DuckDB's Node API. */
interface Connection {
  run(sql: string): Promise<unknown>;
  stream(sql: string): Promise<{ yieldRowsJson(): AsyncIterable<unknown[][]> }>;
  runAndReadAll(sql: string): Promise<{ getRowsJson(): unknown[][] }>;
  closeSync(): void;
}

interface DuckApi {
  DuckDBInstance: {
    create(
      path: string,
      options: Record<string, string>,
    ): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

const PACKAGE = '@duckdb/node-api';
/** The version that this was tried with. */
const VERSION = '1.5.6-r.1';

/** DuckDB in memory, within bounds: no file of its own but in a folder for temporary ones, no extension fetched. */
export class Duck {
  readonly #connection: Connection;
  readonly #close: () => void;

  private constructor(connection: Connection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  /** Throws an OperatorError with what to do where DuckDB is not installed. */
  static async open(): Promise<Duck> {
    const { DuckDBInstance } = await load();
    const temporary = mkdtempSync(join(tmpdir(), 'imspan-duckdb-'));
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '1GB',
      threads: '2',
      temp_directory: temporary,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    return new Duck(connection, () => {
      connection.closeSync();
      instance.closeSync();
      rmSync(temporary, { recursive: true, force: true });
    });
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson();
  }

  /** Hands on rows as they come; `take` says false to end. */
  async each(sql: string, take: (row: unknown[]) => boolean): Promise<void> {
    const result = await this.#connection.stream(sql);
    for await (const rows of result.yieldRowsJson()) {
      for (const row of rows) if (!take(row)) return;
    }
  }

  close(): void {
    this.#close();
  }
}

/** A text as SQL has it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`;
}

/** Where the module is looked for: with imspan, else in the folder that IMSPAN_DUCKDB names. */
async function load(): Promise<DuckApi> {
  const folder = process.env.IMSPAN_DUCKDB;
  try {
    if (folder === undefined || folder === '') return (await import(PACKAGE)) as DuckApi;
    const path = createRequire(join(resolve(folder), 'package.json')).resolve(PACKAGE);
    return ((await import(pathToFileURL(path).href)) as { default: DuckApi }).default;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new OperatorError(
      `DuckDB is not installed (70 MB, therefore apart): npm install --no-save ${PACKAGE}@${VERSION} in imspan's folder, ` +
        'or anywhere else and set IMSPAN_DUCKDB to that folder. Archives and event logs are searched without it',
      EXIT.USAGE,
    );
  }
}
