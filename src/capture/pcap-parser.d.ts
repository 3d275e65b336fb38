/** What the tests use of the package, which brings no types of its own. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  /** The emitter tells `packet`, `end` and `error`. */
  const parser: { parse(path: string): EventEmitter };
  export default parser;
}
