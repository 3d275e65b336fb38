/** What the tests use of the package, which brings no types of its own. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  /** Emits `packet`, `end` and `error`. */
  function parse(path: string): EventEmitter;
  const parser: { parse: typeof parse };
  export default parser;
}
